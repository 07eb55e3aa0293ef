"""The values of a visit at the touchscreen: where it stands, what happens to it, what it asks of the station.

All times are seconds of one monotonic clock; ids and keys come in with the events. Nothing here changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.domain.plan import HallPlan
from kiosk.flows.seen import Lang, Problem, Ticket, Timing

Step = Literal["attract", "home", "priority", "question", "self_service", "papers", "wait", "number", "guide", "sorry"]
Overlay = Literal["", "still_there", "staff"]
AskKind = Literal["ticket", "guide_call", "triage_end", "guide_end", "papers"]
PapersJob = Literal["", "asked", "done", "failed"]

DEBOUNCE_S = 0.4  # a second touch this soon is the same touch
SPINNER_S = 0.3  # a wait shorter than this shows nothing
MESSAGE_S = 2.0  # a wait longer than this says so
GIVE_UP_S = 60.0  # then the customer is sent to a counter
STAFF_FAILS_S = 6.0  # a call to staff that nobody took by then has failed
STAFF_SHOWN_S = 12.0  # the confirmation closes by itself
STAFF_AGAIN_S = 60.0  # a second touch within this repeats the confirmation, not the call
PAPER_TROUBLE_FACTOR = 2.5  # without paper a number is shown this much longer: it has to be noted
ASKS_MAX = 4


class Misstep(Exception):
    """A touch that this place does not have: a bug of the screen, which shows only what `TABLE` allows."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a visit runs on: the hall's plan and the panel's time-outs."""

    plan: HallPlan
    timing: Timing = field(default_factory=Timing)


@dataclass(frozen=True, slots=True)
class Ask:
    """Something asked of the station, with the one key it keeps however often it is sent."""

    key: str
    kind: AskKind
    path: str
    body: dict[str, object]
    since: float


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer's visit, or nobody's. Everything but `up` and the times is wiped at its end."""

    step: Step = "attract"
    lang: Lang = "zh"
    klass: str = ""  # "" = not asked for
    service: str = ""
    node: str = ""
    trail: tuple[str, ...] = ()  # question nodes behind us
    answers: tuple[tuple[str, str], ...] = ()  # (node, choice)
    after_priority: Step = "home"
    ticket: Ticket | None = None
    problem: Problem | None = None
    papers: PapersJob = ""
    big: bool = False  # large text, fewer things a page, doubled time-outs
    low: bool = False  # everything to touch in the lower half of an upright screen
    leaf: int = 0  # which page of the tiles or choices; counts on, `paging` turns it round
    asks: tuple[Ask, ...] = ()
    overlay: Overlay = ""
    staff_called_at: float | None = None
    staff_failed: bool = False
    fresh: bool = True  # nobody has touched anything since the last wipe
    up: bool = False  # the station answers
    at: float = 0.0
    entered_at: float = 0.0
    overlay_at: float = 0.0
    touched_at: float = 0.0
    tapped_at: float = -1.0

    def pending(self, *kinds: AskKind) -> Ask | None:
        return next((a for a in self.asks if a.kind in kinds), None)


# --- events --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """A finished touch on the button `id` ("word" or "word:argument"); `key` is fresh for every tap."""

    id: str
    at: float
    key: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A finger anywhere: somebody is there."""

    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; `key` is fresh, for what a time-out may tell the station."""

    at: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The station began or ceased to answer."""

    up: bool
    at: float


@dataclass(frozen=True, slots=True)
class Answered:
    """The station did what was asked; `ticket` only for a ticket."""

    key: str
    at: float
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    key: str
    problem: Problem
    at: float


@dataclass(frozen=True, slots=True)
class TicketSeen:
    """News of the ticket on the screen: its paper, its place."""

    ticket: Ticket
    at: float


Event = Tap | Touched | Tick | Link | Answered | Refused | TicketSeen


# --- intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    """Send this, and again with the same key until the station answers."""

    ask: Ask


@dataclass(frozen=True, slots=True)
class Drop:
    """Nobody waits for this answer any more."""

    key: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Tell news of this ticket; "" = of none."""

    ticket: str


Intent = Send | Drop | Watch
