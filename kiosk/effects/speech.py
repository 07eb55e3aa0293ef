"""The spoken call. Under load it shortens by rule: first one language, then number and counter only; the board always
shows what was not spoken in full. Numbers are written as they are read (A001); the voice says them digit by digit.

A dialect is the voice's own affair: it says the Chinese sentence once more, and nothing when the call is shortened.
"""

from __future__ import annotations

from devices.ports import Lang, Speech, Utterance
from kiosk.domain.plan import HallPlan
from kiosk.domain.ticket import Ticket

LANGS: tuple[Lang, ...] = ("zh", "en")
FOLDERS = ("words", "letters", "digits", "numbers")


def call_utterance(ticket: Ticket, counter: int, nth: int, waiting: int = 0) -> tuple[Utterance, bool]:
    """-> (what to say, whether it was shortened). `waiting`: announcements that wait in the same zone already."""
    langs: tuple[Lang, ...] = LANGS if waiting < 2 else ("en",) if ticket.lang == "en" else ("zh",)
    said = spoken_call(f"{ticket.id}-{counter}-{nth}", ticket.number, counter, langs, short=waiting >= 4)
    return said, waiting >= 2


def spoken_call(
    job: str, number: str, counter: int, langs: tuple[Lang, ...] = LANGS, *, short: bool = False
) -> Utterance:
    """`short`: number and counter only, without the chime."""
    sentence, clips = (_short, _short_clips) if short else (_full, _full_clips)
    parts = tuple(Speech(lang, sentence(lang, number, counter)) for lang in langs)
    return Utterance(job, parts, tuple(clips(lang, number, counter) for lang in langs), chime=not short)


def clips_needed(plan: HallPlan) -> dict[Lang, tuple[str, ...]]:
    """The recorded clips that say every call of this hall, by the names of a pack; for `kiosk voice record` and `check`."""
    found: dict[Lang, tuple[str, ...]] = {}
    for lang in LANGS:
        names: dict[str, None] = {}
        for number in (service.series + "0123456789" for service in plan.services):
            for counter in (counter.id for counter in plan.counters):
                names.update(dict.fromkeys(_full_clips(lang, number, counter) + _short_clips(lang, number, counter)))
        found[lang] = tuple(name for folder in FOLDERS for name in names if name.startswith(f"{folder}/"))
    return found


def _full(lang: Lang, number: str, counter: int) -> str:
    return f"请 {number} 号到 {counter} 号窗口" if lang == "zh" else f"Number {number}, please go to counter {counter}"


def _short(lang: Lang, number: str, counter: int) -> str:
    return f"{number} 号，{counter} 号窗口" if lang == "zh" else f"Number {number}, counter {counter}"


def _full_clips(lang: Lang, number: str, counter: int) -> tuple[str, ...]:
    if lang == "zh":
        return ("words/please", *_figures(number), "words/to", f"numbers/{counter}", "words/counter")
    return ("words/number", *_figures(number), "words/please", "words/counter", f"numbers/{counter}")


def _short_clips(lang: Lang, number: str, counter: int) -> tuple[str, ...]:
    if lang == "zh":
        return (*_figures(number), "words/ticket", f"numbers/{counter}", "words/counter")
    return ("words/number", *_figures(number), "words/counter", f"numbers/{counter}")


def _figures(number: str) -> tuple[str, ...]:
    return tuple(f"{'digits' if char.isdigit() else 'letters'}/{char}" for char in number)
