"""The hall's state. Only `kiosk.domain.fold` changes it: what is here are values, and what can be asked of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from kiosk.domain import facts as f
from kiosk.domain.line import Line
from kiosk.domain.plan import HallPlan
from kiosk.domain.ticket import Ticket

CounterState = Literal["closed", "open", "paused"]

LEARNED = 30  # service times and waits remembered for the estimate
CALLS_SHOWN = 8


@dataclass(slots=True)
class Desk:
    """A counter's state; `ticket` is the one it has called or serves, `last` the one it finished last, at `last_ms`."""

    id: int
    state: CounterState = "closed"
    clerk: str = ""
    reason: str = ""
    ticket: str | None = None
    last: str | None = None
    last_ms: int = 0


@dataclass(slots=True, frozen=True)
class Call:
    number: str
    counter: int
    at: int
    nth: int
    ticket: str


@dataclass(slots=True, frozen=True)
class GuideCall:
    fact: f.GuideCalled
    at: int


@dataclass(slots=True)
class Hall:
    plan: HallPlan
    seq: int = 0
    ordinal: int = 0  # of the open business day; 0: none has ever been opened
    label: str = ""
    first_label: str = ""  # the label the day was opened with
    day_opened_ms: int = 0
    stepped_ms: int = 0  # sum of all steps of the wall clock
    stepped_today_ms: int = 0
    last_at: int = 0
    series: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    line: Line = field(default_factory=Line)
    desks: dict[int, Desk] = field(default_factory=dict)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_SHOWN))
    minutes: dict[str, deque[float]] = field(default_factory=dict)
    ratios: deque[float] = field(default_factory=lambda: deque(maxlen=LEARNED))
    guide_calls: dict[str, GuideCall] = field(default_factory=dict)
    notices: dict[str, f.NoticePublished] = field(default_factory=dict)
    devices: dict[str, f.DeviceChanged] = field(default_factory=dict)
    # As the station sees them this moment. Not of the fold: the journal hears of a device at most once a minute.
    live: dict[str, f.DeviceChanged] = field(default_factory=dict)
    jobs: dict[str, f.PrintAsked] = field(default_factory=dict)  # asked, outcome not yet known
    pins: dict[str, f.PinState] = field(default_factory=dict)
    took: dict[str, int] = field(default_factory=dict)
    config: str = ""

    def time_ms(self, at: int) -> int:
        """Wall-clock milliseconds -> the hall's own axis, which no step of the clock moves."""
        return at - self.stepped_ms

    def desk(self, counter: int) -> Desk:
        return self.desks.setdefault(counter, Desk(counter))

    def serves(self, counter: int) -> tuple[str, ...]:
        """Service ids of a counter, in plan order."""
        planned = self.plan.counter(counter)
        return (planned.serves if planned else ()) or self.plan.service_ids

    def head_start_ms(self, klass: str) -> int:
        known = self.plan.klass(klass)
        return known.head_start_min * 60_000 if known else 0

    def ticket_at(self, counter: int) -> Ticket | None:
        id = self.desk(counter).ticket
        return self.tickets[id] if id else None

    def devices_now(self) -> dict[str, f.DeviceChanged]:
        """For people: what is seen this moment, else what is on record."""
        return self.devices | self.live

    def reach(self, service: str) -> tuple[str, ...]:
        """Services that share a counter with this one: whose tickets can come before its own."""
        return self.plan.reach.get(service, (service,))
