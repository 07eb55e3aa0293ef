"""A text that says everything twice, as drivers do: "cover open 上盖打开; close it 请合上" -> each language by itself.

The convention of `devices`: each clause in one language, a blank, the same in the other, to the clause's end. What stands in one
language only, such as an address, or a system's own message in brackets at the end, belongs to both.
"""

from __future__ import annotations

import re

from kiosk.domain.facts import Lines

LONGEST = 2_000  # characters; no driver says more, and looking costs their square
_CLAUSES = re.compile(r"(; |;$|[；。])")
_PARTS = re.compile(r"(: )")
_NO_HAN, _HAN = r"[^\u2e80-\u9fff]", r"[\u2e80-\u9fff]"
_ENGLISH_FIRST = re.compile(
    rf"(?P<en>{_NO_HAN}*[A-Za-z](?:(?![“「《]){_NO_HAN})*?) +(?P<zh>[“「《]?{_HAN}.*?)(?P<both>(?: \({_NO_HAN}*\))? *)"
)
_CHINESE_FIRST = re.compile(
    rf"(?P<zh>[“「《]?{_HAN}(?:.*[\u2e80-\u9fff）」”》])?) +(?P<en>{_NO_HAN}*[A-Za-z]{{2}}{_NO_HAN}*)"
)


def lines(text: str) -> Lines:
    """-> the text in Chinese and in English; the same twice when it is in one language only."""
    if len(text) > LONGEST:
        return Lines(zh=text, en=text)
    said = [part for clause in _CLAUSES.split(text) for part in _parts(clause)]
    return Lines(zh="".join(zh for zh, _ in said), en="".join(en for _, en in said))


def _parts(clause: str) -> list[tuple[str, str]]:
    """-> (Chinese, English) of each part of the clause; after Chinese the English may hold a colon."""
    if twice := _CHINESE_FIRST.fullmatch(clause):
        return [(twice["zh"], twice["en"])]
    parts = [(part, _ENGLISH_FIRST.fullmatch(part)) for part in _PARTS.split(clause)]
    return [(m["zh"] + m["both"], m["en"] + m["both"]) if m else (part, part) for part, m in parts]
