"""A visit told step by step: `Story().tap("start").tap("service:enquiry").answered()` and what was asked of the station."""

from __future__ import annotations

from kiosk.flows.pages import ViewModel
from kiosk.flows.seen import HallSeen, Problem, Ticket
from kiosk.flows.state import (
    Answered,
    Ask,
    Drop,
    Event,
    Intent,
    Link,
    Refused,
    Send,
    Setup,
    Tap,
    Tick,
    TicketSeen,
    Visit,
)
from kiosk.flows.view import view
from kiosk.flows.visit import step
from tests.flows.hall_of import MORNING_MS, SETUP, hall, ticket


class Story:
    """Time moves one second before each tap; the station is there from the start."""

    def __init__(self, setup: Setup = SETUP) -> None:
        self.setup = setup
        self.at = 1000.0
        self.visit = Visit(at=self.at)
        self.intents: list[Intent] = []
        self.taps = 0
        self.hall: HallSeen = hall()
        self.happens(Link(True, self.at))

    def happens(self, event: Event) -> Story:
        self.visit, intents = step(self.visit, event, self.setup)
        self.intents += intents
        return self

    def tap(self, id: str, after: float = 1.0) -> Story:
        """A touch, only on what the picture offers."""
        assert id in self.buttons(), f"{id} is not on the screen: {sorted(self.buttons())}"
        self.at += after
        self.taps += 1
        return self.happens(Tap(id, self.at, f"key-{self.taps}"))

    def passes(self, seconds: float) -> Story:
        self.at += seconds
        return self.happens(Tick(self.at, f"tick-{self.at}"))

    def answered(self, number: Ticket | None = None) -> Story:
        ask = self.visit.asks[-1]
        got = (number or ticket(service=str(ask.body["service"]), number="B004")) if ask.kind == "ticket" else None
        return self.happens(Answered(ask.key, self.at, got))

    def refused(self, problem: Problem) -> Story:
        return self.happens(Refused(self.visit.asks[-1].key, problem, self.at))

    def news(self, **changes: object) -> Story:
        return self.happens(TicketSeen(ticket(**changes), self.at))

    def link(self, up: bool) -> Story:
        return self.happens(Link(up, self.at))

    @property
    def seen(self) -> ViewModel:
        return view(self.visit, self.setup, self.hall, MORNING_MS)

    def buttons(self) -> set[str]:
        return {b.id for b in self.seen.buttons()}

    @property
    def sent(self) -> list[Ask]:
        return [i.ask for i in self.intents if isinstance(i, Send)]

    @property
    def dropped(self) -> list[str]:
        return [i.key for i in self.intents if isinstance(i, Drop)]
