"""How a ticket number is spoken, and which clips say it. Pure.

A number is spoken figure by figure ("A001" is A, zero, zero, one, never "A one"), a counter's number as a number.
Letters: espeak-ng 1.51 `cmn-latn-pinyin` says A to Z the way Chinese speakers do (A 'ei51, B p'i51, W ta35pliou33).
"""

from __future__ import annotations

import re

ZH = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
EN = dict(
    zip("0123456789", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), strict=True)
)
# One or two letters and three or four figures: a ticket's number wherever it stands in a sentence. Nothing else looks like it.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2})([0-9]{3,4})(?![A-Za-z0-9])")


def spoken_number(number: str, lang: str) -> str:
    """ "A001" → "A 零零一" or "A, zero zero one"; a number without a letter has only its figures."""
    letters = "".join(char for char in number if not char.isdigit())
    figures = [char for char in number if char in ZH]
    if lang == "en":
        return ", ".join(filter(None, (letters, " ".join(EN[figure] for figure in figures))))
    return " ".join(filter(None, (letters, "".join(ZH[figure] for figure in figures))))


def speakable(text: str, lang: str) -> str:
    """A sentence as it must be given to a synthesiser: every ticket number in it figure by figure. Twice is once."""
    if lang == "en":
        return _NUMBER.sub(lambda found: f"{spoken_number(found[0], 'en')},", text).replace(",,", ",")
    return _NUMBER.sub(lambda found: f" {spoken_number(found[0], lang)} ", text)


# --- what a recorded clip says -----------------------------------------------------------------------------------------

# The words of the announcements in a pack's words/; a dialect says the Chinese ones its own way.
WORDS: dict[str, dict[str, str]] = {
    "zh": {"please": "请", "to": "号到", "ticket": "号", "counter": "号窗口"},
    "en": {"number": "number", "please": "please go to", "counter": "counter"},
}
_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")


def clip_says(name: str, lang: str) -> str:
    """What to say for the clip "words/please", "letters/A", "digits/0" or "numbers/12". Raises KeyError for no clip of ours."""
    folder, _, what = name.partition("/")
    english = lang == "en"
    if folder == "words":
        return WORDS["en" if english else "zh"][what]
    if folder == "digits":
        return (EN if english else ZH)[what]
    if folder == "numbers" and what.isascii() and what.isdigit() and len(what) <= 3:
        return english_number(int(what)) if english else chinese_number(int(what))
    if folder == "letters" and len(what) == 1:
        return what
    raise KeyError(name)


def chinese_number(n: int) -> str:
    """0 to 999 as a counter's number is read: 12 is 十二, 20 二十, 105 一百零五, 110 一百一十."""
    hundreds, tens, ones = n // 100, n // 10 % 10, n % 10
    said = ZH[str(hundreds)] + "百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else ZH[str(tens)]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (ZH[str(ones)] if ones or not n else "")


def english_number(n: int) -> str:
    """0 to 999."""
    if n >= 100:
        rest = f" and {english_number(n % 100)}" if n % 100 else ""
        return f"{EN[str(n // 100)]} hundred{rest}"
    if n >= 20:
        return _TENS[n // 10] + (f" {EN[str(n % 10)]}" if n % 10 else "")
    return _TEENS[n - 10] if n >= 10 else EN[str(n)]
