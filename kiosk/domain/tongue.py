"""A text that says everything twice, as drivers do: "cover open 上盖打开; close it 请合上" -> each language by itself.

The convention of `devices`: each clause in one language, a blank, the same in the other, to the clause's end. What stands in one
language only, such as an address, or a system's own message in brackets at the end, belongs to both.
"""

from __future__ import annotations

import re

from kiosk.domain.facts import Lines

LONGEST = (
    2_000  # characters; no driver says more. Looking costs as many steps: each piece is searched, never matched anew
)
_CLAUSES = re.compile(r"(; |;$|[；。])")
_PARTS = re.compile(r"(: )")
_HAN = re.compile(r"[\u2e80-\u9fff]")
_LETTER = re.compile(r"[A-Za-z]")
_LAST_HAN = re.compile(r".*[\u2e80-\u9fff]", re.DOTALL)
_LAST_WORD = re.compile(r".*(?=[A-Za-z]{2})", re.DOTALL)


def lines(text: str) -> Lines:
    """-> the text in Chinese and in English; the same twice when it is in one language only."""
    if len(text) > LONGEST:
        return Lines(zh=text, en=text)
    said = [part for clause in _CLAUSES.split(text) for part in _parts(clause)]
    return Lines(zh="".join(zh for zh, _ in said), en="".join(en for _, en in said))


def _parts(clause: str) -> list[tuple[str, str]]:
    """-> (Chinese, English) of each part of the clause; after Chinese the English may hold a colon."""
    if not _HAN.search(clause) or not _LETTER.search(clause):
        return [(clause, clause)]
    if twice := _chinese_first(clause):
        return [twice]
    return [_english_first(part) or (part, part) for part in _PARTS.split(clause)]


def _chinese_first(text: str) -> tuple[str, str] | None:
    """Chinese to the last Han character, or to a bracket or quotation mark that closes after it; a blank; an English word."""
    han, last, word = _HAN.search(text), _LAST_HAN.match(text), _LAST_WORD.match(text)
    if han is None or last is None or word is None or text[: han.start()] not in ("", "“"):
        return None
    line = len(text.partition("\n")[0])
    for end in range(min(word.end(), line - 1), last.end() - 1, -1):
        if text[end] == " " and (end == last.end() or text[end - 1] in "）”"):
            return text[:end], text[end:].lstrip(" ")
    return None


def _english_first(text: str) -> tuple[str, str] | None:
    """English to the blank before the first Han character, or before its quotation mark; then Chinese. A bracket at the end
    without Chinese in it belongs to both."""
    han, last = _HAN.search(text), _LAST_HAN.match(text)
    if han is None or last is None:
        return None
    begin = han.start() - text.startswith("“", max(0, han.start() - 1))
    en = text[:begin].rstrip(" ")
    if len(en) == begin or not _LETTER.search(en, en.rfind("“") + 1):
        return None
    end = len(text.rstrip(" "))
    bracket = text.find(" (", last.end()) if text[:end].endswith(")") else -1
    end = end if bracket < 0 else bracket
    if "\n" in text[begin:end]:
        return None
    return text[begin:], en + text[end:]
