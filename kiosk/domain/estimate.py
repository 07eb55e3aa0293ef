"""How long until a number is called: one deterministic pass of the queue's own rule over the counters that are really
open, times the learned ratio of actual to predicted waits.

Silent (None) when no open counter serves the service. Service times: the mean of the latest ones (at least five), else
the configured minutes. Ratios: quantiles of the latest ones (at least ten), else a spread measured on no hall: 0.5 to 1.6.
"""

from __future__ import annotations

from bisect import bisect_left
from heapq import heapify, heappop, heappush, heapreplace

from kiosk.domain.facts import Promise
from kiosk.domain.hall import Hall
from kiosk.domain.line import Place

ENOUGH_MINUTES = 5
ENOUGH_RATIOS = 10
SPREAD = (0.5, 1.0, 1.6)


def service_minutes(hall: Hall, service: str) -> float:
    learned = hall.minutes.get(service)
    if learned and len(learned) >= ENOUGH_MINUTES:
        return max(0.5, sum(learned) / len(learned))
    planned = hall.plan.service(service)
    return planned.minutes if planned else 5.0


def free_in(hall: Hall, at: int) -> dict[int, float]:
    """Open counter -> minutes until it can call its next ticket."""
    now = hall.time_ms(at)
    free: dict[int, float] = {}
    for desk in hall.desks.values():
        if desk.state != "open":
            continue
        ticket = hall.ticket_at(desk.id)
        if ticket is None:
            free[desk.id] = 0.0
            continue
        mean = service_minutes(hall, ticket.service)
        spent = (now - (ticket.started_ms or ticket.called_ms)) / 60_000
        # A visit that has outlasted the mean is expected to end within a quarter of it.
        free[desk.id] = max(mean - max(0.0, spent), mean / 4)
    return free


def wait_minutes(hall: Hall, at: int, before: Place | None = None) -> dict[str, float]:
    """service -> minutes until a ticket at place `before` (None: behind everyone) would be called."""
    free = free_in(hall, at)
    serves = {counter: hall.serves(counter) for counter in free}
    for counter in free:
        for place in hall.line.reserved.get(counter, ()):
            free[counter] += service_minutes(hall, hall.tickets[place.ticket].service)
    line = hall.line.in_order(hall.plan.service_ids)
    if before is not None:
        del line[bisect_left(line, (before,)) :]
    queue = [service for _, service in line]
    means = {service: service_minutes(hall, service) for service in hall.plan.service_ids}
    if len(set(serves.values())) == 1:
        return _pooled(free, next(iter(serves.values())), queue, means)
    return _skilled(free, serves, queue, means)


def _pooled(
    free: dict[int, float], served: tuple[str, ...], queue: list[str], means: dict[str, float]
) -> dict[str, float]:
    """All open counters serve the same: one line, the earliest free counter takes the next."""
    known = set(served)
    heap = list(free.values())
    heapify(heap)
    for service in queue:
        if service in known:
            heapreplace(heap, heap[0] + means[service])
    return dict.fromkeys(served, heap[0])


def _skilled(
    free: dict[int, float], serves: dict[int, tuple[str, ...]], queue: list[str], means: dict[str, float]
) -> dict[str, float]:
    """Counters differ: each ticket in order takes the earliest free counter among those that serve it."""
    heap = [(minutes, counter) for counter, minutes in free.items()]
    heapify(heap)
    for service in queue:
        aside = []
        while heap:
            minutes, counter = heappop(heap)
            if service in serves[counter]:
                heappush(heap, (minutes + means[service], counter))
                break
            aside.append((minutes, counter))
        for item in aside:
            heappush(heap, item)
    waits: dict[str, float] = {}
    for minutes, counter in heap:
        for service in serves[counter]:
            waits[service] = min(minutes, waits.get(service, minutes))
    return waits


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
