"""Text as a Chinese receipt printer holds it: which bytes, how many columns, where a line may break. Pure.

Law: in kanji mode (FS &) a byte from 0x81 on begins a double-byte character, so a single byte is only ever ASCII. Every
character becomes one ASCII byte (1 column of 12 dots) or one GBK / GB18030 code (2 columns of 24 dots): the width *is* read
off the bytes. What the charset cannot hold becomes □, never a question mark and never nothing.

In "utf8" the same characters go as UTF-8: only what a Chinese font holds, at the widths it has there (`profiles.UTF8_MODES`
has the font asked first), so that one sheet looks the same on every model.

Why not python-escpos' text(): it sends GB18030 only for strings with a Han character in U+4E00–9FA5, so that "￥10.00",
"，。" and "〇" become "?", and it sends "ü" as 0x81, half of "乴" in kanji mode (magicencode.py 3.1, measured).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

Charset = Literal["gb18030", "gbk", "utf8", "raster"]

SUBSTITUTE = "□"  # A1F5: in every GBK font
# Characters that have a sign of the same meaning in every GBK font, or in ASCII.
SAME_MEANING = dict(zip("¥•‐‑−⁄øØłŁđĐı", "￥·---/oOlLdDi", strict=True)) | {
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "©": "(C)",
    "®": "(R)",
    "™": "(TM)",
    "€": "EUR",
}
TYPOGRAPHIC = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "…": "..."}  # wide in GBK: ASCII between Latin letters
NOT_FIRST = frozenset("，。、；：？！）》」』】〕〉”’％…—·,.;:?!)]}%°℃")
NOT_LAST = frozenset("（《「『【〔〈“‘￥([{$")


def encode(text: str, charset: Charset) -> bytes:
    """The bytes of one line in kanji mode (in UTF-8 mode for "utf8"); control characters are dropped."""
    code = b"".join(_bytes_of(ch, charset) for ch in clean(text))
    return code.decode("gb18030").encode() if charset == "utf8" else code


def width(text: str, charset: Charset) -> int:
    """Columns of 12 dots at scale 1."""
    return sum(_columns(ch, charset) for ch in clean(text))


def clean(text: str) -> str:
    """NFC, one kind of space, no control or invisible characters, and straight quotes within Latin words."""
    text = unicodedata.normalize("NFC", text)
    out: list[str] = []
    for i, ch in enumerate(text):
        kind = unicodedata.category(ch)
        if ch in "\t\n\r" or kind == "Zs":
            out.append("　" if ch == "　" else " ")
        elif kind in ("Cc", "Cf", "Zl", "Zp") or 0xFE00 <= ord(ch) <= 0xFE0F:
            continue
        elif ch in TYPOGRAPHIC and _latin_around(text, i):
            out.append(TYPOGRAPHIC[ch])
        else:
            out.append(ch)
    return "".join(out)


def wrap(text: str, columns: int, charset: Charset) -> list[str]:
    """Lines of at most `columns`: Chinese breaks between any two characters save before ，。） and after （《; English at
    spaces; a word longer than a line is cut. A newline in `text` begins a new line. At least one line."""
    if columns < 2:
        raise ValueError(f"columns: expected 2 or more, got {columns}")
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_one(clean(paragraph), columns, charset)
    return lines


def pair(left: str, right: str, columns: int, charset: Charset) -> list[str]:
    """`left` and `right` pushed to the edges of one line; below one another, right one at the right, when they do not fit."""
    room = columns - width(left, charset) - width(right, charset)
    if room >= 1 and "\n" not in left + right:
        return [clean(left) + " " * room + clean(right)]
    lines = wrap(left, columns, charset) if left else []
    return lines + [" " * (columns - width(line, charset)) + line for line in wrap(right, columns, charset)]


# --- one character -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _bytes_of(ch: str, charset: Charset) -> bytes:
    if ch.isascii():
        return ch.encode("ascii")
    codec = "gbk" if charset == "gbk" else "gb18030"
    code = _try(ch, codec)
    if len(code) == 2:
        return code
    # Rather a letter without its accent than a four-byte code, for which few printers have a font (ñ: 81 30 8A 39).
    near = SAME_MEANING.get(ch) or unicodedata.normalize("NFKD", ch)
    near = "".join(SAME_MEANING.get(c, c) for c in near if not unicodedata.combining(c))
    if near and near != ch and near.isprintable():
        codes = [_try(c, codec) for c in near]
        if all(len(c) in (1, 2) for c in codes):
            return b"".join(codes)
    return code or SUBSTITUTE.encode("gbk")


def _try(ch: str, codec: str) -> bytes:
    try:
        code = ch.encode(codec)
    except UnicodeEncodeError:
        return b""
    # U+E000 … are codes of the user-defined area: no printer has a glyph there. Emoji are four bytes that nobody has a font for.
    blank = unicodedata.category(ch) in ("Co", "Cn", "So") and len(code) == 4
    return b"" if blank or unicodedata.category(ch) == "Co" else code


@lru_cache(maxsize=8192)
def _columns(ch: str, charset: Charset) -> int:
    code = _bytes_of(ch, charset)
    columns = at = 0
    while at < len(code):
        step = 1 if code[at] < 0x80 else 4 if 0x30 <= code[at + 1] <= 0x39 else 2
        columns += 1 if step == 1 else 2
        at += step
    return columns


# --- breaking ----------------------------------------------------------------------------------------------------


def _latin_around(text: str, at: int) -> bool:
    around = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
    return any(c.isascii() and c.isalnum() for c in around) and not any(_ideographic(c) for c in around)


def _ideographic(ch: str) -> bool:
    return unicodedata.east_asian_width(ch) in "WF" or ord(ch) >= 0x2E80


def _pieces(text: str) -> list[str]:
    """What must not be broken: a word, a run of spaces, a Han character with the punctuation that clings to it."""
    pieces: list[str] = []
    for ch in text:
        last = pieces[-1] if pieces else ""
        joins = (
            bool(last)
            and not last.isspace()
            and ch != " "
            and (ch in NOT_FIRST or last[-1] in NOT_LAST or not (_ideographic(ch) or _ideographic(last[-1])))
        )
        if joins or (last.isspace() and ch == " "):
            pieces[-1] += ch
        else:
            pieces.append(ch)
    return pieces


def _wrap_one(text: str, columns: int, charset: Charset) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if width(line + piece, charset) <= columns:
            line += piece
            continue
        if piece.isspace():
            continue  # a space at the break is the break
        if line:
            lines.append(line.rstrip(" "))
        *full, line = _cut(piece, columns, charset)
        lines += full
    lines.append(line.rstrip(" "))
    return lines


def _cut(piece: str, columns: int, charset: Charset) -> list[str]:
    parts = [""]
    for ch in piece:
        if parts[-1] and width(parts[-1] + ch, charset) > columns:
            parts.append("")
        parts[-1] += ch
    return parts
