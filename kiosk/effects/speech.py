"""The spoken call. Under load it shortens by rule: first one language, then number and counter only; the board always
shows what was not spoken in full."""

from __future__ import annotations

from devices.ports import Speech, Utterance
from kiosk.domain.ticket import Ticket

DIGITS = {
    "zh": "零一二三四五六七八九",
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


def spoken_number(number: str, lang: str) -> str:
    """A012 -> "A零一二" or "A, zero one two": digit by digit, as halls call them."""
    letters = "".join(c for c in number if not c.isdigit())
    digits = [DIGITS[lang][int(c)] for c in number if c.isdigit()]
    return letters + "".join(digits) if lang == "zh" else f"{' '.join(letters)}, {' '.join(digits)}"


def call_utterance(ticket: Ticket, counter: int, nth: int, waiting: int = 0) -> tuple[Utterance, bool]:
    """-> (what to say, whether it was shortened). `waiting`: announcements that wait in the same zone already."""
    job = f"{ticket.id}-{counter}-{nth}"
    zh = Speech("zh", f"请 {spoken_number(ticket.number, 'zh')} 号到 {counter} 号窗口")
    en = Speech("en", f"Number {spoken_number(ticket.number, 'en')}, please go to counter {counter}")
    clips = {"zh": _clips("zh", ticket.number, counter), "en": _clips("en", ticket.number, counter)}
    if waiting < 2:
        return Utterance(job, (zh, en), (clips["zh"], clips["en"])), False
    if waiting < 4:
        one = zh if ticket.lang != "en" else en
        return Utterance(job, (one,), (clips[one.lang],)), True
    short = Speech("zh", f"{spoken_number(ticket.number, 'zh')} 号,{counter} 号窗口")
    return Utterance(job, (short,), ((),), chime=False), True


def _clips(lang: str, number: str, counter: int) -> tuple[str, ...]:
    letters = tuple(f"letters/{c}" if c.isalpha() else f"digits/{c}" for c in number)
    where = tuple(f"digits/{c}" for c in str(counter))
    if lang == "zh":
        return ("words/please", *letters, "words/number-to", *where, "words/counter")
    return ("words/number", *letters, "words/go-to-counter", *where)
