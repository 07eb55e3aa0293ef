"""A ticket and the law of its states.

    waiting -> called -> serving -> done
    side: no_show (may come back once), cancelled, expired; a transfer puts a called or served ticket back to waiting

The state is changed by facts alone, by the table below; a pair that is not in it is a bug of ours or a damaged journal,
and raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.domain import facts as f
from kiosk.domain.line import Place

State = Literal["waiting", "called", "serving", "done", "no_show", "cancelled", "expired"]

TRANSITIONS: dict[tuple[State, type[f.Fact]], State] = {
    ("waiting", f.TicketCalled): "called",
    ("waiting", f.TicketCancelled): "cancelled",
    ("waiting", f.TicketExpired): "expired",
    ("waiting", f.TicketReleased): "waiting",  # only one reserved for a counter
    ("called", f.TicketRecalled): "called",
    ("called", f.TicketStarted): "serving",
    ("called", f.TicketFinished): "done",
    ("called", f.TicketMissed): "no_show",
    ("called", f.TicketTransferred): "waiting",
    ("called", f.TicketCancelled): "cancelled",
    ("called", f.TicketExpired): "expired",
    ("serving", f.TicketFinished): "done",
    ("serving", f.TicketTransferred): "waiting",
    ("serving", f.TicketExpired): "expired",
    ("no_show", f.TicketReturned): "waiting",
    ("no_show", f.TicketExpired): "expired",
}

OPEN: frozenset[State] = frozenset({"waiting", "called", "serving"})


class IllegalFact(Exception):
    """A fact that cannot follow what is known of the hall."""


@dataclass(slots=True)
class Ticket:
    """Times ending in `_ms` are on the hall's own axis (see `facts`); `issued_at` is the wall clock's, for people."""

    id: str
    number: str
    service: str
    klass: str
    lang: str
    answers: dict[str, str]
    station: str
    order: int
    issued_ms: int
    issued_at: int
    head_start_ms: int
    promise: f.Promise | None
    state: State = "waiting"
    counter: int | None = None  # where it is called or served, or reserved for while it waits
    called_ms: int = 0
    started_ms: int = 0
    calls: int = 0  # spoken calls asked for at this counter: the first and every recall
    unheard: int = 0  # of those, calls that were not spoken
    missed_ms: int = 0
    misses: int = 0
    print: str = "none"
    trial: bool = False  # a technician's test
    score: int = 0  # the customer's judgement, 1 to 5; 0: none

    @property
    def place(self) -> Place:
        return Place(self.issued_ms - self.head_start_ms, self.order, self.id)

    def move(self, fact: f.Fact) -> None:
        state = TRANSITIONS.get((self.state, type(fact)))
        if state is None:
            raise IllegalFact(f"{type(fact).__name__} cannot happen to {self.number}, which is {self.state}")
        self.state = state


def number(series: str, ordinal: int) -> str:
    """A001 … A999, A1000: at least three digits, never wrapped."""
    return f"{series}{ordinal:03d}"
