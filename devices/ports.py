"""What a device can do, in the words of a hall: a port is two or three idempotent intents, and the values they take.

A driver implements a port over a `devices.transport` line; `devices.supervisor` alone opens it, gives it jobs and reads
its health. Nothing here does I/O.

Every intent ends in one of three outcomes. UNKNOWN is an answer, not an error: the bytes left, nobody said what became
of them, so it is never retried blindly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

Lang = Literal["zh", "en"]
# The classes of device. Those that take money are named here, so that they fit; their drivers come later.
Klass = Literal[
    "printer",
    "sign",
    "voice",
    "keypad",
    "rating",
    "scanner",
    "idcard",
    "camera",
    "contact",
    "bus",
    "notes",
    "coins",
    "card",
]
OutcomeKind = Literal["done", "not_done", "unknown"]
State = Literal["absent", "starting", "ready", "busy", "degraded", "fault", "backoff"]


class DeviceError(Exception):
    """A device or its line did not do what it must; the text says what, where and how to mend it."""


class NotReady(DeviceError):
    """The line is there but the device cannot work now; the supervisor tries again."""


DETAIL_MAX = 500


def _words(owner: object, detail: object) -> None:
    """A detail goes into the journal: what is no text is the driver's mistake, found where it is made; text is made storable."""
    if not isinstance(detail, str):
        raise TypeError(f"{type(owner).__name__}.detail must be text, not {type(detail).__name__}")
    object.__setattr__(owner, "detail", detail.encode("utf-8", "replace").decode()[:DETAIL_MAX])


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: OutcomeKind
    detail: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(OutcomeKind):
            raise TypeError(f"Outcome.kind must be one of {', '.join(get_args(OutcomeKind))}, not {self.kind!r}")
        _words(self, self.detail)


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

    def __post_init__(self) -> None:
        if self.state not in get_args(State):
            raise TypeError(f"Health.state must be one of {', '.join(get_args(State))}, not {self.state!r}")
        if not isinstance(self.reasons, tuple) or not all(isinstance(reason, str) for reason in self.reasons):
            raise TypeError(f"Health.reasons must be a tuple of words, not {self.reasons!r}")
        _words(self, self.detail)


class Driver(Protocol):
    """Opened and closed by its supervisor only. `open` raises NotReady or DeviceError; `probe` is cheap and bounded."""

    def open(self) -> None: ...

    def probe(self) -> Health: ...

    def close(self) -> None: ...


class Listener(Driver, Protocol):
    """A device that tells something by itself. `listen` returns at the first event, or None when `deadline` (a moment on
    time.monotonic()) passes in silence or `wake` was called from another thread; it never loses an event between calls."""

    def listen(self, deadline: float) -> Event | None: ...

    def wake(self) -> None: ...


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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, such as the company's logo: PNG bytes, printed in black and white, at most as wide as the paper."""

    png: bytes
    align: Literal["left", "center", "right"] = "center"


PaperItem = Text | Columns | Rule | Feed | QRCode | Picture


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


@dataclass(frozen=True, slots=True)
class SignRows:
    """What a hall sign of several rows at `address` shows from now on, top to bottom; rows not given are dark."""

    address: int
    rows: tuple[str, ...]


class Sign(Driver, Protocol):
    def show(self, text: SignText | SignRows, deadline_s: float) -> Outcome: ...

    def dim(self, level: int, deadline_s: float) -> Outcome:
        """Brightness from now on, 0 to 100; not_done for signs that cannot."""


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

    def set_volume(self, volume: int) -> None:
        """0 to 100, from the next utterance on."""


# --- keypads and rating pads -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeypadText:
    """What the display of the keypad at `address` shows: the ticket it holds ("" = none) and how many wait."""

    address: int
    number: str
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key of a counter's keypad. `holding` is the number its display had last acknowledged: what the clerk saw while
    pressing, never what we meant to show. `press` tells a retransmission from a second press: the same press has the
    same word."""

    address: int
    key: Literal["next", "recall", "start", "finish", "no_show", "open", "pause", "close"]
    holding: str
    press: str


class Keypad(Listener, Protocol):
    def show(self, text: KeypadText, deadline_s: float) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Rated:
    """A customer's touch on the rating pad at `address`: 1 (bad) to 5 (very good)."""

    address: int
    score: int
    press: str


class RatingPad(Listener, Protocol):
    def ask(self, address: int, deadline_s: float) -> Outcome:
        """Invite the customer at `address` to rate now."""


# --- scanners, card readers, camera, contacts --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scanned:
    """One code as it was read, without its suffix. May hold personal data: shown and used, never logged or journaled."""

    text: str
    symbology: str = ""


class Scanner(Listener, Protocol):
    pass


@dataclass(frozen=True, slots=True)
class IdCard:
    """What an identity card says. Personal: goes to the vault or nowhere; repr shows none of it."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    sex: str = field(default="", repr=False)
    born: str = field(default="", repr=False)  # YYYY-MM-DD
    address: str = field(default="", repr=False)
    valid_until: str = field(default="", repr=False)  # YYYY-MM-DD, or "long" for a card without end


class IdCardReader(Listener, Protocol):
    pass


class Camera(Driver, Protocol):
    def photo(self, deadline_s: float) -> bytes:
        """One JPEG. Raises DeviceError."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A door, drawer or button changed: `name` of the configuration, and whether it is open or pressed now."""

    name: str
    active: bool


class Contacts(Listener, Protocol):
    def active(self) -> dict[str, bool]:
        """name -> open or pressed, now. Raises DeviceError."""


Event = Pressed | Rated | Scanned | IdCard | Contact


# --- money (ports only; their drivers come later) --------------------------------------------------------------------
# Credit only on the device's final event. The counter is the device's own count of final events: after a crash or a lost line,
# what the counter says beyond the journal's is what happened meanwhile.


@dataclass(frozen=True, slots=True)
class NoteHeld:
    """A note in escrow: not money yet. Answered by `take` or `give_back`."""

    value_fen: int


@dataclass(frozen=True, slots=True)
class MoneyIn:
    """Final: the device has swallowed it. `counter` as the device counts."""

    value_fen: int
    counter: int


MoneyEvent = NoteHeld | MoneyIn


class CashAcceptor(Driver, Protocol):
    """Notes or coins. A coin acceptor has no escrow: `take` and `give_back` are not_done there."""

    def accept(self, on: bool, deadline_s: float) -> Outcome: ...

    def take(self, deadline_s: float) -> Outcome: ...

    def give_back(self, deadline_s: float) -> Outcome: ...

    def counter(self, deadline_s: float) -> int:
        """The device's count of final events, for recovery. Raises DeviceError."""


@dataclass(frozen=True, slots=True)
class CardResult:
    """`trace` is ours and the same for every question about one payment; UNKNOWN is resolved by `last`, never by paying again."""

    trace: str
    outcome: OutcomeKind
    approval: str = ""
    detail: str = ""


class CardTerminal(Driver, Protocol):
    def pay(self, trace: str, amount_fen: int, deadline_s: float) -> CardResult: ...

    def last(self, deadline_s: float) -> CardResult: ...

    def reverse(self, trace: str, deadline_s: float) -> CardResult: ...
