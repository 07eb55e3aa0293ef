"""A hall for stories: four all-in-one counters, three services, a clock that is told."""

from __future__ import annotations

from itertools import count
from typing import Any

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.decide import decide
from kiosk.domain.facts import Fact, Lines, Recorded, decode, encode
from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.domain.plan import Choice, Class, Counter, HallPlan, Node, Service

MORNING = 1_795_311_000_000  # 2026-11-22 09:30 in China


def lines(text: str) -> Lines:
    return Lines(zh=text, en=text)


def service(id: str, series: str, minutes: float = 5, **more: Any) -> Service:
    return Service(id=id, name=lines(id), hint=lines(id), series=series, icon="pay", minutes=minutes, **more)


PLAN = HallPlan(
    name=lines("hall"),
    services=(service("pay", "A", triage="how"), service("ask", "B", 6), service("new", "C", 12)),
    counters=tuple(Counter(id=n, name=lines(f"{n}")) for n in (1, 2, 3, 4)),
    classes=(
        Class(id="ordinary", name=lines("ordinary")),
        Class(id="elderly", name=lines("elderly"), head_start_min=20, ask=True),
        Class(id="returning", name=lines("returning"), head_start_min=10),
    ),
    nodes=(
        Node(
            id="how",
            kind="question",
            title=lines("how"),
            choices=(
                Choice(id="cash", text=lines("cash"), goto="cash"),
                Choice(id="help", text=lines("help"), goto="guide"),
            ),
        ),
        Node(id="cash", kind="number", title=lines("cash"), service="pay", papers=(lines("bill"),)),
        Node(id="guide", kind="guide", title=lines("guide"), service="pay"),
    ),
)


class Story:
    """Tells commands to a hall and keeps its facts; every fact goes through its bytes, as in the journal."""

    def __init__(self, plan: HallPlan = PLAN, at: int = MORNING, *, open_day: bool = True) -> None:
        self.hall = Hall(plan)
        self.at = at
        self.facts: list[Recorded] = []
        self._ids = count(1)
        if open_day:
            self.tell(c.Tick())

    def tell(self, command: c.Command) -> tuple[Fact, ...]:
        facts = decide(self.hall, command, self.at)
        self.record(*facts)
        return facts

    def record(self, *facts: Fact) -> None:
        for fact in facts:
            recorded = Recorded(self.hall.seq + 1, self.at, decode(*encode(fact)))
            self.facts.append(recorded)
            apply(self.hall, recorded)

    def after(self, *, minutes: float = 0, seconds: float = 0) -> Story:
        self.at += int(minutes * 60_000 + seconds * 1000)
        return self

    def step_clock(self, by_ms: int) -> None:
        """The wall clock jumps; the station notices at its next look."""
        self.at += by_ms
        self.record(f.ClockStepped(by_ms=by_ms))

    def take(self, service: str = "pay", klass: str = "ordinary") -> str:
        """-> number"""
        id = f"t{next(self._ids)}"
        self.tell(c.Issue(ticket=id, service=service, klass=klass))
        return self.hall.tickets[id].number

    def open(self, *counters: int) -> Story:
        for counter in counters:
            self.tell(c.OpenCounter(counter=counter))
        return self

    def next(self, counter: int) -> str | None:
        """Press next with what the counter really holds -> number now held."""
        self.tell(c.Next(counter=counter, holding=self.at_counter(counter)))
        return self.at_counter(counter)

    def at_counter(self, counter: int) -> str | None:
        ticket = self.hall.ticket_at(counter)
        return ticket.number if ticket else None

    def state(self, number: str) -> str:
        return self.hall.tickets[self.hall.numbers[number]].state

    def id(self, number: str) -> str:
        return self.hall.numbers[number]

    def refold(self) -> Hall:
        """The hall as a restart would see it: from the last DayOpened."""
        start = max(i for i, r in enumerate(self.facts) if isinstance(r.fact, f.DayOpened))
        hall = Hall(self.hall.plan)
        for recorded in self.facts[start:]:
            apply(hall, recorded)
        return hall
