"""The spoken call. Under load it shortens by rule: first one language, then number and counter only; the board always
shows what was not spoken in full. Numbers are written as they are read (A001); the voice says them digit by digit."""

from __future__ import annotations

from devices.ports import Speech, Utterance
from kiosk.domain.ticket import Ticket


def call_utterance(ticket: Ticket, counter: int, nth: int, waiting: int = 0) -> tuple[Utterance, bool]:
    """-> (what to say, whether it was shortened). `waiting`: announcements that wait in the same zone already."""
    job = f"{ticket.id}-{counter}-{nth}"
    zh = Speech("zh", f"请 {ticket.number} 号到 {counter} 号窗口")
    en = Speech("en", f"Number {ticket.number}, please go to counter {counter}")
    clips = {"zh": _clips("zh", ticket.number, counter), "en": _clips("en", ticket.number, counter)}
    if waiting < 2:
        return Utterance(job, (zh, en), (clips["zh"], clips["en"])), False
    if waiting < 4:
        one = zh if ticket.lang != "en" else en
        return Utterance(job, (one,), (clips[one.lang],)), True
    short = Speech("zh", f"{ticket.number} 号，{counter} 号窗口")
    return Utterance(job, (short,), ((),), chime=False), True


def _clips(lang: str, number: str, counter: int) -> tuple[str, ...]:
    """The recorded clips of the sentence, by the names of a pack: words/, letters/, digits/, numbers/."""
    figures = tuple(f"{'digits' if c.isdigit() else 'letters'}/{c}" for c in number)
    if lang == "zh":
        return ("words/please", *figures, "words/to", f"numbers/{counter}", "words/counter")
    return ("words/number", *figures, "words/please", "words/counter", f"numbers/{counter}")
