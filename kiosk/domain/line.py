"""Who is next, and why.

The law: next = the largest wait + head start among what the counter serves, after what is reserved for it; ties in issue
order. Since wait + head start = now - (issued - head start), that is the smallest *key* = issued - head start, a value
that never changes while a ticket waits. So each (service, class) is a list in key order, and a call looks only at heads.

Among tickets of one service chosen by this rule, none is overtaken by one issued more than the largest head start later.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """A ticket's place in its queue: `key_ms` on the hall's time axis, then issue order, which no two tickets share.
    A tuple, because an issue compares hundreds of places and only tuples are compared without running Python."""

    key_ms: int
    order: int
    ticket: str


QueueId = tuple[str, str]  # (service, class)


@dataclass(slots=True)
class Line:
    queues: dict[QueueId, list[Place]] = field(default_factory=dict)
    by_service: dict[str, dict[str, list[Place]]] = field(default_factory=dict)
    reserved: dict[int, list[Place]] = field(default_factory=dict)

    def join(self, service: str, klass: str, place: Place) -> None:
        queue = self.queues.get((service, klass))
        if queue is None:
            queue = self.queues[(service, klass)] = []
            self.by_service.setdefault(service, {})[klass] = queue
        insort(queue, place)

    def reserve(self, counter: int, place: Place) -> None:
        insort(self.reserved.setdefault(counter, []), place)

    def leave(self, service: str, klass: str, counter: int | None, place: Place) -> None:
        queue = self.queues[(service, klass)] if counter is None else self.reserved[counter]
        del queue[bisect_left(queue, place)]

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
        """All places of these services as (place, service), next one first. Sorting queues that are in order already is
        linear."""
        line: list[tuple[Place, str]] = []
        for service in services:
            for queue in self.by_service.get(service, {}).values():
                line += [(place, service) for place in queue]
        line.sort()
        return line
