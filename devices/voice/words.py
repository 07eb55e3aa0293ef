"""How a ticket number is spoken, and which clips say it. Pure.

A number is spoken figure by figure ("A001" is A, zero, zero, one, never "A one"), a counter's number as a number.
Letters: espeak-ng 1.51 `cmn-latn-pinyin` says A to Z the way Chinese speakers do (A 'ei51, B p'i51, W ta35pliou33).
"""

from __future__ import annotations

import re

from devices.ports import Lang

ZH = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
EN = dict(
    zip("0123456789", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), strict=True)
)
# One or two letters and three or four figures: a ticket's number wherever it stands in a sentence. Nothing else looks like it.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2})([0-9]{3,4})(?![A-Za-z0-9])")


def spoken_number(number: str, lang: Lang) -> str:
    """ "A001" → "A 零零一" or "A, zero zero one"; a number without a letter has only its figures."""
    letters = "".join(char for char in number if not char.isdigit())
    figures = [char for char in number if char in ZH]
    if lang == "zh":
        return " ".join(filter(None, (letters, "".join(ZH[figure] for figure in figures))))
    return ", ".join(filter(None, (letters, " ".join(EN[figure] for figure in figures))))


def speakable(text: str, lang: Lang) -> str:
    """A sentence as it must be given to a synthesiser: every ticket number in it figure by figure. Twice is once."""
    if lang == "zh":
        return _NUMBER.sub(lambda found: f" {spoken_number(found[0], 'zh')} ", text)
    return _NUMBER.sub(lambda found: f"{spoken_number(found[0], 'en')},", text).replace(",,", ",")
