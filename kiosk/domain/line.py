"""Who is next, and why.

The law: next = the largest wait + head start among what the counter serves, after what is reserved for it; ties in issue
order. Since wait + head start = now - (issued - head start), that is the smallest *key* = issued - head start, a value
that never changes while a ticket waits. So each (service, class) is a list in key order, and a call looks only at heads.
The same places stand once more in one list of all, also in key order, for the estimate, which walks through everyone;
who comes behind all of them, as most do, only makes its last walk longer (`Walk`).

Among tickets of one service chosen by this rule, none is overtaken by one issued more than the largest head start later.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A ticket's place in its queue: `key_ms` on the hall's time axis, then issue order, which no two tickets share.
    A tuple, because an issue compares hundreds of places and only tuples are compared without running Python."""

    key_ms: int
    order: int
    ticket: str


QueueId = tuple[str, str]  # (service, class)


@dataclass(slots=True)
class Walk:
    """How far an estimate has walked through the line, and what it found there: `heap` is when each counter gets free after
    the first `upto`. Good as long as all it was `made_from` is the same, and no service time has been learned."""

    made_from: tuple[object, ...]
    serves: dict[int, tuple[str, ...]]  # open counter -> services
    alike: frozenset[str] | None  # what every open counter serves; None where they differ
    heap: list[Any]  # minutes, or (minutes, counter) where they differ
    upto: int = 0


@dataclass(slots=True)
class Line:
    queues: dict[QueueId, list[Place]] = field(default_factory=dict)
    by_service: dict[str, dict[str, list[Place]]] = field(default_factory=dict)
    reserved: dict[int, list[Place]] = field(default_factory=dict)
    order: list[tuple[Place, str]] = field(default_factory=list)  # (place, service) of all queues, next one first
    changed: int = field(default=0, compare=False)  # how often, but for those who joined behind everyone
    walk: Walk | None = field(default=None, compare=False, repr=False)  # the latest; it only saves work

    def join(self, service: str, klass: str, place: Place) -> None:
        queue = self.queues.get((service, klass))
        if queue is None:
            queue = self.queues[(service, klass)] = []
            self.by_service.setdefault(service, {})[klass] = queue
        insort(queue, place)
        row = (place, service)
        if self.order and row < self.order[-1]:
            self.changed += 1
        insort(self.order, row)

    def reserve(self, counter: int, place: Place) -> None:
        insort(self.reserved.setdefault(counter, []), place)

    def leave(self, service: str, klass: str, counter: int | None, place: Place) -> None:
        queue = self.queues[(service, klass)] if counter is None else self.reserved[counter]
        del queue[bisect_left(queue, place)]
        if counter is None:
            self.changed += 1
            del self.order[bisect_left(self.order, (place, service))]

    def head(self, services: Collection[str]) -> Place | None:
        """The place that is next for a counter that serves `services`."""
        best: Place | None = None
        for service in services:
            for queue in self.by_service.get(service, {}).values():
                if queue and (best is None or queue[0] < best):
                    best = queue[0]
        return best

    def waiting(self, service: str) -> int:
        return sum(map(len, self.by_service.get(service, {}).values()))

    def ahead(self, services: Collection[str], place: Place) -> int:
        """How many places of these services come before `place`."""
        return sum(
            bisect_left(queue, place) for service in services for queue in self.by_service.get(service, {}).values()
        )

    def in_order(self, services: Collection[str]) -> list[tuple[Place, str]]:
        """All places of these services as (place, service), next one first."""
        return [row for row in self.order if row[1] in services]
