"""What a device can do, in the words of a hall: a port is two or three idempotent intents, and the values they take.

A driver implements a port over a `devices.transport` line; `devices.supervisor` alone opens it, gives it jobs and reads
its health. Nothing here does I/O.

Every intent ends in one of three outcomes. UNKNOWN is an answer, not an error: the bytes left, nobody said what became
of them, so it is never retried blindly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Lang = Literal["zh", "en"]
OutcomeKind = Literal["done", "not_done", "unknown"]
State = Literal["absent", "starting", "ready", "busy", "degraded", "fault", "backoff"]


class DeviceError(Exception):
    """A device or its line did not do what it must; the text says what, where and how to mend it."""


class NotReady(DeviceError):
    """The line is there but the device cannot work now; the supervisor tries again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: OutcomeKind
    detail: str = ""


DONE = Outcome("done")


def not_done(detail: str) -> Outcome:
    return Outcome("not_done", detail)


def unknown(detail: str) -> Outcome:
    return Outcome("unknown", detail)


@dataclass(frozen=True, slots=True)
class Health:
    """`reasons` are stable words for programs (paper_low, paper_end, cover_open, cutter, silent, unplugged, no_sound …);
    `detail` is for people."""

    state: State
    reasons: tuple[str, ...] = ()
    detail: str = ""


class Driver(Protocol):
    """Opened and closed by its supervisor only. `open` raises NotReady or DeviceError; `probe` is cheap and bounded."""

    def open(self) -> None: ...

    def probe(self) -> Health: ...

    def close(self) -> None: ...


# --- printer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph. `scale` multiplies width and height, 1 to 8."""

    text: str
    align: Literal["left", "center", "right"] = "left"
    scale: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """`left` and `right` on one line, pushed apart; wrapped below one another when they do not fit."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True, slots=True)
class QRCode:
    """`module` is the width of one module in printer dots, 3 to 8."""

    data: str
    module: int = 5


PaperItem = Text | Columns | Rule | Feed | QRCode


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet: printed top to bottom, then cut. `job` names it in logs and outcomes."""

    job: str
    items: tuple[PaperItem, ...]


class Printer(Driver, Protocol):
    def print(self, paper: Paper, deadline_s: float) -> Outcome: ...


# --- LED sign ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignText:
    """What the sign at `address` shows from now on. Showing the same twice changes nothing."""

    address: int
    text: str
    blink: bool = False


class Sign(Driver, Protocol):
    def show(self, text: SignText, deadline_s: float) -> Outcome: ...


# --- voice ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Speech:
    lang: Lang
    text: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """A chime, then the parts in order, as one sound. `clips` names recorded clips in order (digits/1, letters/A,
    words/please …) for the part of the same index; an empty tuple means the part is only ever synthesised."""

    job: str
    parts: tuple[Speech, ...]
    clips: tuple[tuple[str, ...], ...] = ()
    chime: bool = True


class Voice(Driver, Protocol):
    def prepare(self, utterance: Utterance) -> None:
        """Have the sound ready before it is needed; raises DeviceError if it cannot be made."""

    def say(self, utterance: Utterance, deadline_s: float) -> Outcome: ...
