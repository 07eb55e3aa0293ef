"""How long until a number is called: one deterministic pass of the queue's own rule over the counters that are really
open, times the learned ratio of actual to predicted waits. The pass is kept in the line and goes on where it ended
while nobody has left, been called or come in between.

Silent (None) when no open counter serves the service. Service times: the mean of the latest ones (at least five), else
the configured minutes. Ratios: quantiles of the latest ones (at least ten), else a spread measured on no hall: 0.5 to 1.6.
"""

from __future__ import annotations

from bisect import bisect_left
from heapq import heapify, heappop, heappush, heappushpop
from typing import Any

from kiosk.domain.facts import Promise
from kiosk.domain.hall import Hall
from kiosk.domain.line import Place, Walk

ENOUGH_MINUTES = 5
ENOUGH_RATIOS = 10
SPREAD = (0.5, 1.0, 1.6)

Row = tuple[Place, str]  # of the line: (place, service)


def service_minutes(hall: Hall, service: str) -> float:
    learned = hall.minutes.get(service)
    if learned and len(learned) >= ENOUGH_MINUTES:
        return max(0.5, sum(learned) / len(learned))
    planned = hall.plan.service(service)
    return planned.minutes if planned else 5.0


class _Means(dict[str, float]):
    """service -> minutes of a visit, each reckoned when it is first asked for."""

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self._hall = hall

    def __missing__(self, service: str) -> float:
        minutes = self[service] = service_minutes(self._hall, service)
        return minutes


def free_in(hall: Hall, at: int, means: dict[str, float]) -> dict[int, float]:
    """Open counter -> minutes until it can call who waits for any counter; `means`: service -> minutes of a visit. By
    the whole second, so that all who ask within one share a walk."""
    now = hall.time_ms(at) // 1000 * 1000
    free: dict[int, float] = {}
    for desk in hall.desks.values():
        if desk.state != "open":
            continue
        minutes = 0.0
        if desk.ticket is not None:
            ticket = hall.tickets[desk.ticket]
            mean = means[ticket.service]
            spent = (now - (ticket.started_ms or ticket.called_ms)) / 60_000
            # A visit that has outlasted the mean is expected to end within a quarter of it.
            minutes = max(mean - max(0.0, spent), mean / 4)
        for place in hall.line.reserved.get(desk.id, ()):
            minutes += means[hall.tickets[place.ticket].service]
        free[desk.id] = minutes
    return free


def wait_minutes(hall: Hall, at: int, before: Place | None = None) -> dict[str, float]:
    """service -> minutes until a ticket at place `before` (None: behind everyone) would be called."""
    means = _Means(hall)
    free = free_in(hall, at, means)
    if not free:
        return {}
    line = hall.line
    upto = len(line.order) if before is None else bisect_left(line.order, (before,))
    made_from = (line.changed, free)
    walk = line.walk
    if walk is None or walk.made_from != made_from:
        walk = line.walk = _begin(hall, made_from, free)
    elif walk.upto > upto:
        walk = _begin(hall, made_from, free)  # for one in the midst of the line; the long one is kept
    rows = line.order[walk.upto : upto]
    walk.upto = upto
    if walk.alike is not None:
        _take_turns(walk.heap, rows, means, walk.alike)
        return dict.fromkeys(walk.alike, walk.heap[0])
    _take_theirs(walk.heap, rows, means, walk.serves)
    waits: dict[str, float] = {}
    for minutes, counter in walk.heap:
        for service in walk.serves[counter]:
            waits[service] = min(minutes, waits.get(service, minutes))
    return waits


def _begin(hall: Hall, made_from: tuple[object, ...], free: dict[int, float]) -> Walk:
    serves = {counter: hall.serves(counter) for counter in free}
    sets = set(map(frozenset, serves.values()))
    alike = sets.pop() if len(sets) == 1 else None
    heap: list[Any] = (
        list(free.values()) if alike is not None else [(minutes, counter) for counter, minutes in free.items()]
    )
    heapify(heap)
    return Walk(made_from, serves, alike, heap)


def _take_turns(heap: list[float], rows: list[Row], means: dict[str, float], alike: frozenset[str]) -> None:
    """All open counters serve the same: one line, the earliest free counter takes the next. That counter is kept out of the
    heap: one call a ticket puts it back and takes the next one out."""
    earliest = heappop(heap)
    for _, service in rows:
        if service in alike:
            earliest = heappushpop(heap, earliest + means[service])
    heappush(heap, earliest)


def _take_theirs(
    heap: list[tuple[float, int]], rows: list[Row], means: dict[str, float], serves: dict[int, tuple[str, ...]]
) -> None:
    """Counters differ: each ticket in order takes the earliest free counter among those that serve it."""
    for _, service in rows:
        aside = []
        while heap:
            minutes, counter = heappop(heap)
            if service in serves[counter]:
                heappush(heap, (minutes + means[service], counter))
                break
            aside.append((minutes, counter))
        for item in aside:
            heappush(heap, item)


def promise(hall: Hall, minutes: float | None) -> Promise | None:
    """Expected minutes -> the range that is told, in seconds."""
    if minutes is None:
        return None
    low, middle, high = SPREAD
    if len(hall.ratios) >= ENOUGH_RATIOS:
        ratios = sorted(hall.ratios)
        low, middle, high = (ratios[round(q * (len(ratios) - 1))] for q in (0.1, 0.5, 0.9))
    return Promise(
        p10_s=round(minutes * low * 60), p50_s=round(minutes * middle * 60), p90_s=round(minutes * high * 60)
    )
