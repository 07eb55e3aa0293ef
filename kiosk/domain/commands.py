"""What people and devices ask of the hall: one frozen struct each, with the ids they need already made (the domain has no
randomness). `kiosk.domain.decide.decide` turns one into facts, or raises `Refused`."""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk.domain.facts import Lines


class Refused(Exception):
    """A command that cannot be carried out; nothing changed. Says what, where (`field`) and how to mend it, in both
    languages. `code` is a stable word for programs."""

    def __init__(self, code: str, what: Lines, remedy: Lines, field: str = "", status: int = 409) -> None:
        super().__init__(f"{code}: {what.en} {remedy.en}")
        self.code = code
        self.what = what
        self.remedy = remedy
        self.field = field
        self.status = status


class Command(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Issue(Command, frozen=True, kw_only=True):
    """Give a number. `ticket` and `job` are fresh random ids; `printer` "" means the hall has none."""

    ticket: str
    service: str
    answers: dict[str, str] = {}
    klass: str = "ordinary"
    lang: str = "zh"
    station: str = ""
    printer: str = ""
    job: str = ""
    trial: bool = False


class Cancel(Command, frozen=True, kw_only=True):
    ticket: str
    by: Literal["by_customer", "by_staff"] = "by_customer"


class Return(Command, frozen=True, kw_only=True):
    """A no-show is back."""

    ticket: str


class OpenCounter(Command, frozen=True, kw_only=True):
    counter: int
    clerk: str = ""


class PauseCounter(Command, frozen=True, kw_only=True):
    counter: int
    reason: str = ""


class CloseCounter(Command, frozen=True, kw_only=True):
    counter: int


class Next(Command, frozen=True, kw_only=True):
    """End the current ticket and call the next. `holding` is the number the counter believes it holds: when that is not
    so (a second tab, a bouncing key), nobody is called and the answer shows what is true."""

    counter: int
    holding: str | None


class Recall(Command, frozen=True, kw_only=True):
    counter: int


class Start(Command, frozen=True, kw_only=True):
    counter: int


class Finish(Command, frozen=True, kw_only=True):
    counter: int


class NoShow(Command, frozen=True, kw_only=True):
    counter: int


class Transfer(Command, frozen=True, kw_only=True):
    """To another service's queue, or to one counter; give one of the two."""

    counter: int
    service: str = ""
    to_counter: int | None = None


class Rate(Command, frozen=True, kw_only=True):
    """A touch on the rating pad of a counter: of whom it serves, or of its last customer while that is fresh."""

    counter: int
    score: int


class CallGuide(Command, frozen=True, kw_only=True):
    call: str
    station: str
    where: str
    lang: str = "zh"


class AnswerGuide(Command, frozen=True, kw_only=True):
    call: str


class EndTriage(Command, frozen=True, kw_only=True):
    """A triage that ended without a number; the outcome `guide` also calls the guide (`call` is that call's id)."""

    outcome: Literal["self_service", "papers", "guide"]
    node: str
    answers: dict[str, str] = {}
    station: str = ""
    lang: str = "zh"
    call: str = ""


class PrintPapers(Command, frozen=True, kw_only=True):
    job: str
    printer: str
    node: str
    lang: str = "zh"


class PrintCopy(Command, frozen=True, kw_only=True):
    job: str
    printer: str
    ticket: str


class Publish(Command, frozen=True, kw_only=True):
    """A notice for screens and boards; the same id again replaces it."""

    notice: str
    text: Lines
    until: str = ""


class Withdraw(Command, frozen=True, kw_only=True):
    notice: str


class OpenDay(Command, frozen=True, kw_only=True):
    """A person opens the business day `label` (2026-11-22), whatever the clock says."""

    label: str
    by: str


class Tick(Command, frozen=True, kw_only=True):
    """Time has passed: the hall looks whether a new business day is due."""
