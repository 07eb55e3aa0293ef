"""Every fact of the journal, one frozen struct each, and its bytes.

The law: a fact's fields are only ever added, with defaults; a kind is never renamed or reused; a journal of every
release (`tests/golden/`) folds for ever. A kind this release does not know is kept raw as `Unknown` and passed on.

Times are milliseconds. `at` of a recorded fact is what the wall clock said, for people; order is `seq`, and durations
are taken on the hall's own time axis (`at` less the steps that `ClockStepped` recorded).
"""

from __future__ import annotations

from typing import Literal

import msgspec

TicketId = str
CounterId = int
Outcome = Literal["normal", "no_show", "by_customer", "by_staff", "by_reset", "to_queue", "to_counter"]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened."""


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """Expected wait in whole seconds, as it was told to the customer."""

    p10_s: int
    p50_s: int
    p90_s: int


class CallReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why this ticket and no other: the rule that chose it and the numbers it was chosen by."""

    rule: Literal["reserved", "longest_wait"]
    wait_s: int
    head_start_s: int
    waiting: int  # tickets this counter could have called


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """A text people read, in both languages."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


# --- day and clock -------------------------------------------------------------------------------------------------


class PinState(msgspec.Struct, frozen=True, kw_only=True):
    failures: int
    locked_until: int  # hall time, ms


class Carry(msgspec.Struct, frozen=True, kw_only=True):
    """What a new day takes over from the old one, so that a fold may start here."""

    guide_calls: dict[str, GuideCalled] = {}
    took: dict[str, int] = {}
    pins: dict[str, PinState] = {}
    minutes: dict[str, list[float]] = {}  # service -> latest service times
    ratios: list[float] = []  # actual wait ÷ predicted wait, latest last
    notices: dict[str, NoticePublished] = {}
    config: str = ""
    stepped_ms: int = 0
    devices: dict[str, DeviceChanged] = {}


class DayOpened(Fact, frozen=True, kw_only=True):
    """A business day begins: numbers start anew, whatever was open has been closed by facts before this one."""

    ordinal: int
    label: str  # 2026-11-22; the hall's local date
    by: str  # "clock", "start" or the role of a person
    carry: Carry


class DayRelabelled(Fact, frozen=True, kw_only=True):
    """The open day gets the date a mended clock shows; numbers go on."""

    label: str


class ClockStepped(Fact, frozen=True, kw_only=True):
    """The wall clock jumped by this much against the monotonic one."""

    by_ms: int


# --- tickets -------------------------------------------------------------------------------------------------------


class TicketIssued(Fact, frozen=True, kw_only=True):
    ticket: TicketId
    number: str  # A001
    series: str
    ordinal: int
    service: str
    klass: str
    lang: str
    answers: dict[str, str] = {}  # triage node -> option
    station: str = ""
    ahead: int = 0
    promise: Promise | None = None
    trial: bool = False  # a technician's test: no customer's, so it is in no figure and nothing is learned from it


class TicketCalled(Fact, frozen=True, kw_only=True):
    ticket: TicketId
    counter: CounterId
    reason: CallReason


class TicketRecalled(Fact, frozen=True, kw_only=True):
    ticket: TicketId
    counter: CounterId
    nth: int


class TicketStarted(Fact, frozen=True, kw_only=True):
    ticket: TicketId
    counter: CounterId


class TicketFinished(Fact, frozen=True, kw_only=True):
    ticket: TicketId
    counter: CounterId
    outcome: Outcome = "normal"


class TicketMissed(Fact, frozen=True, kw_only=True):
    """No-show. `final` when the ticket may not return any more."""

    ticket: TicketId
    counter: CounterId
    final: bool


class TicketReturned(Fact, frozen=True, kw_only=True):
    """A no-show is back and waits again, with its original time and the head start of class `returning`."""

    ticket: TicketId


class TicketTransferred(Fact, frozen=True, kw_only=True):
    """To another service's queue (`service`) or to one counter (`to_counter`); number, class and original time stay."""

    ticket: TicketId
    counter: CounterId
    service: str
    to_counter: CounterId | None = None


class TicketReleased(Fact, frozen=True, kw_only=True):
    """Reserved for a counter that has closed: back in its service's queue."""

    ticket: TicketId
    counter: CounterId
    service: str


class TicketCancelled(Fact, frozen=True, kw_only=True):
    ticket: TicketId
    by: Outcome


class TicketExpired(Fact, frozen=True, kw_only=True):
    ticket: TicketId


# --- counters ------------------------------------------------------------------------------------------------------


class CounterOpened(Fact, frozen=True, kw_only=True):
    counter: CounterId
    clerk: str = ""


class CounterPaused(Fact, frozen=True, kw_only=True):
    counter: CounterId
    reason: str = ""


class CounterClosed(Fact, frozen=True, kw_only=True):
    counter: CounterId


# --- people --------------------------------------------------------------------------------------------------------


class GuideCalled(Fact, frozen=True, kw_only=True):
    """A customer asks for a person. `where` is the screen's step, `station` the kiosk."""

    call: str
    station: str
    where: str
    lang: str


class GuideAnswered(Fact, frozen=True, kw_only=True):
    call: str


class TriageEnded(Fact, frozen=True, kw_only=True):
    """A triage that ended without a number: what was shown instead."""

    outcome: Literal["self_service", "papers", "guide"]
    node: str
    service: str
    answers: dict[str, str] = {}
    station: str = ""


class PinTried(Fact, frozen=True, kw_only=True):
    """`who` is a role, or role and counter: guide, tech, counter:3."""

    who: str
    ok: bool


# --- devices and effects -------------------------------------------------------------------------------------------


class DeviceChanged(Fact, frozen=True, kw_only=True):
    """Lost, back, or wanting something: told at most once a minute for each device; `more` changes before it were not told."""

    device: str
    state: str
    reasons: tuple[str, ...] = ()
    detail: str = ""
    more: int = 0


class ContactChanged(Fact, frozen=True, kw_only=True):
    """A door or drawer was opened or closed, a button pressed or let go."""

    device: str
    name: str
    means: Literal["door", "drawer", "button"]
    active: bool


class Rated(Fact, frozen=True, kw_only=True):
    """A customer's judgement of the service just given: 1 (bad) to 5 (very good). A second touch replaces the first."""

    counter: CounterId
    ticket: TicketId
    score: int


class TechActed(Fact, frozen=True, kw_only=True):
    """A technician did something to the box. `what`: test, restart, volume, brightness, config_tried, config_confirmed,
    config_rolled_back, paired, calibrated, wizard_started, accepted …; never a personal value."""

    what: str
    device: str = ""
    detail: str = ""


class PrintAsked(Fact, frozen=True, kw_only=True):
    """Written before the printer gets its first byte. `what`: ticket, or papers (the list of what to bring)."""

    job: str
    device: str
    what: Literal["ticket", "papers"]
    subject: str  # ticket id, or triage node
    lang: str
    copy: bool = False


class PrintEnded(Fact, frozen=True, kw_only=True):
    """`device`: the printer that stood in, when it was not the one that was asked."""

    job: str
    outcome: Literal["done", "not_done", "unknown"]
    detail: str = ""
    device: str = ""


class Announced(Fact, frozen=True, kw_only=True):
    """What became of the spoken call; one that was not heard does not count towards a no-show."""

    ticket: TicketId
    counter: CounterId
    nth: int
    outcome: Literal["done", "not_done", "unknown"]
    shortened: bool = False
    detail: str = ""


# --- sync ----------------------------------------------------------------------------------------------------------


class TookFrom(Fact, frozen=True, kw_only=True):
    """This store has taken in another store's facts up to `seq`."""

    store: str
    seq: int


class ConfigAdopted(Fact, frozen=True, kw_only=True):
    version: str
    digest: str


class NoticePublished(Fact, frozen=True, kw_only=True):
    notice: str
    text: Lines
    until: str = ""  # local date, inclusive


class NoticeWithdrawn(Fact, frozen=True, kw_only=True):
    notice: str


class Unknown(Fact, frozen=True, kw_only=True):
    """A fact of a kind a newer release wrote."""

    kind: str
    body: bytes


KINDS: dict[str, type[Fact]] = {
    kind.__name__: kind
    for kind in (
        DayOpened,
        DayRelabelled,
        ClockStepped,
        TicketIssued,
        TicketCalled,
        TicketRecalled,
        TicketStarted,
        TicketFinished,
        TicketMissed,
        TicketReturned,
        TicketTransferred,
        TicketReleased,
        TicketCancelled,
        TicketExpired,
        CounterOpened,
        CounterPaused,
        CounterClosed,
        GuideCalled,
        GuideAnswered,
        TriageEnded,
        PinTried,
        DeviceChanged,
        ContactChanged,
        Rated,
        TechActed,
        PrintAsked,
        PrintEnded,
        Announced,
        TookFrom,
        ConfigAdopted,
        NoticePublished,
        NoticeWithdrawn,
    )
}


class Recorded(msgspec.Struct, frozen=True):
    """A fact in its place: `seq` in its own store, `at` in wall-clock milliseconds since 1970 UTC."""

    seq: int
    at: int
    fact: Fact


class BadFact(Exception):
    """A known kind whose body does not fit its struct."""


_encoder = msgspec.json.Encoder()
_decoders = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}


def encode(fact: Fact) -> tuple[str, bytes]:
    """-> (kind, JSON body)."""
    if isinstance(fact, Unknown):
        return fact.kind, fact.body
    return type(fact).__name__, _encoder.encode(fact)


def decode(kind: str, body: bytes) -> Fact:
    """The inverse of `encode`; raises BadFact."""
    decoder = _decoders.get(kind)
    if decoder is None:
        return Unknown(kind=kind, body=body)
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise BadFact(
            f"a fact of kind {kind} does not fit: {error}; it was written by another release or is damaged"
        ) from error
