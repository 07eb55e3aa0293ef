"""Setting text: the right marks for the script, and lines broken where a reader expects. Pure; widths come in.

Kivy breaks Chinese between any two characters, so a full stop may open a line; here a line never begins with a closing mark
nor ends with an opening one (避头尾), words in letters stay whole, and the lines of a paragraph are about equally long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Measure = Callable[[str], float]

CLOSING = "。，、；：？！）」』”’》…·,.;:?!)%"
OPENING = "（「『“‘《("
WIDE = str.maketrans(",;:?!", "，；：？！")
STRAIGHT = str.maketrans("“”‘’", "\"\"''")
HAN = "\u3400-\u9fff\uf900-\ufaff"
MARK_BY_HAN = re.compile(rf"(?<=[{HAN}”）])[,;:?!]|[,;:?!](?=[{HAN}“（])")


def is_han(char: str) -> bool:
    return "\u3000" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"


def tidy(text: str) -> str:
    """Full-width marks beside Chinese; straight quotes in a text of letters (the font's curly ones are as wide as a 字)."""
    if re.search(f"[{HAN}]", text):
        return MARK_BY_HAN.sub(lambda m: m[0].translate(WIDE), text)
    return text.translate(STRAIGHT)


def pieces(text: str) -> list[str]:
    """What a line may be broken between; a space ends its piece."""
    found: list[str] = []
    glue = False
    for char in text:
        joins = bool(found) and (
            glue
            or char in CLOSING + " "
            or not (is_han(char) or is_han(found[-1][-1]) or char in OPENING or found[-1][-1] == " ")
        )
        if joins:
            found[-1] += char
        else:
            found.append(char)
        glue = char in OPENING
    return found


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of `text`, none wider than `width` unless a single piece is; explicit newlines stay."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if measure(paragraph) <= width:
            lines.append(paragraph)
            continue
        parts = pieces(paragraph)
        widths = [measure(p) for p in parts]
        least = len(_fill(parts, widths, width))
        low, high = width / 2, width
        if least > 1:  # as narrow as the same number of lines allows: lines of about equal length
            for _ in range(7):
                middle = (low + high) / 2
                if len(_fill(parts, widths, middle)) == least:
                    high = middle
                else:
                    low = middle
        lines += _fill(parts, widths, high)
    return lines


def _fill(parts: Sequence[str], widths: Sequence[float], width: float) -> list[str]:
    lines, used = [""], 0.0
    for part, part_width in zip(parts, widths, strict=True):
        if lines[-1] and used + part_width > width:
            lines.append("")
            used = 0.0
        lines[-1] += part
        used += part_width
    return [line.rstrip() for line in lines]


def widest_piece(text: str, measure: Measure) -> float:
    return max((measure(p.rstrip()) for p in pieces(text.replace("\n", " "))), default=0.0)
