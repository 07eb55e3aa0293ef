"""What a hall is set up as: services, counters, classes, triage. Frozen values, read from `config/` by `kiosk.config`
and handed to the domain, the flows and the screen alike (they also travel as JSON in `GET /kiosk`)."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import msgspec

from kiosk.domain.facts import Lines


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """A class of customer and its head start in the queue. `ask`: offered on the screen's priority page."""

    id: str
    name: Lines
    head_start_min: int = 0
    ask: bool = False
    hint: Lines | None = None


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One queue. `minutes` is the usual desk time, used until the hall has learned its own; `triage` is the node a
    touch on the tile leads to (none: straight to a number)."""

    id: str
    name: Lines
    hint: Lines
    series: str
    icon: str
    minutes: float
    triage: str = ""
    day_cap: int = 9999


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A counter; `serves` empty means every service (一台清). `sign` is "device:address" of its LED caller. `zone`: the part of
    the hall whose voices call its customers; "" = all of them."""

    id: int
    name: Lines
    serves: tuple[str, ...] = ()
    sign: str = ""
    zone: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a question: `goto` names the next node."""

    id: str
    text: Lines
    goto: str
    hint: Lines | None = None
    icon: str = ""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A step of triage. `question` has `choices` (2 to 6); the others end the triage:

    number        a counter number of `service`; `papers` are printed on the ticket
    self_service  you can do this right here: `title`, `body`, and a way on to a number of `service`
    papers        bring these papers first: `papers`, printed on request, and a way on to a number of `service`
    guide         a guide comes to you
    """

    id: str
    kind: Literal["question", "number", "self_service", "papers", "guide"]
    title: Lines
    body: Lines | None = None
    service: str = ""
    papers: tuple[Lines, ...] = ()
    choices: tuple[Choice, ...] = ()


class HallPlan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The whole hall. Ids are unique; every reference is checked by `kiosk.config` before this is built."""

    name: Lines
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    classes: tuple[Class, ...]
    nodes: tuple[Node, ...] = ()
    reset_hour: int = 4  # local hour at which a new business day may open
    utc_offset_min: int = 480
    recall_limit: int = 3
    return_window_min: int = 60  # a no-show may come back this long
    voice: bool = True  # a device says the calls aloud

    @cached_property
    def _services(self) -> dict[str, Service]:
        return {s.id: s for s in self.services}

    @cached_property
    def _counters(self) -> dict[int, Counter]:
        return {c.id: c for c in self.counters}

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        return {n.id: n for n in self.nodes}

    @cached_property
    def _classes(self) -> dict[str, Class]:
        return {k.id: k for k in self.classes}

    @cached_property
    def service_ids(self) -> tuple[str, ...]:
        return tuple(self._services)

    @cached_property
    def reach(self) -> dict[str, tuple[str, ...]]:
        """service -> all services that share a counter with it, itself included."""
        reach: dict[str, dict[str, None]] = {id: {id: None} for id in self.service_ids}
        for counter in self.counters:
            serves = counter.serves or self.service_ids
            for service in serves:
                reach[service].update(dict.fromkeys(serves))
        return {service: tuple(others) for service, others in reach.items()}

    def service(self, id: str) -> Service | None:
        return self._services.get(id)

    def counter(self, id: int) -> Counter | None:
        return self._counters.get(id)

    def node(self, id: str) -> Node | None:
        return self._nodes.get(id)

    def klass(self, id: str) -> Class | None:
        return self._classes.get(id)
