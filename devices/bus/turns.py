"""Whose the wire is: turns of several devices on one bus, in order, with those that a person waits for before mere polling.

    free ──take──> held ──give──> free
                   held, and left alone for HOLD_S ──take of another──> held by that one

Law: at most one has the wire. Who waits as "polling" comes after all others, and only when those have let the wire rest for
LINGER_S (the next frame of a repaint comes that soon), but never waits longer than PATIENCE_S behind them. Who reads without
having asked only listens in: everybody else goes before, and calls it away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

HOLD_S = 0.03  # a turn that was not given back ends this long after its last call
LINGER_S = 0.005
PATIENCE_S = 0.25

Taken = Literal["no", "new", "kept"]
URGENT, POLLING, LISTENING = 0, 1, 2


class Holder(Protocol):
    def call_away(self) -> None:
        """Give the wire back soon; called with the lock held, from any thread."""


@dataclass(slots=True, eq=False)
class _Place:
    who: Holder
    rank: int
    since: float = field(default_factory=time.monotonic)


class Turns:
    """`lock` is shared with the bus, so that a loss of the line is noticed by those who wait for a turn."""

    def __init__(self, lock: threading.Condition) -> None:
        self._lock = lock
        self._places: list[_Place] = []
        self._holder: Holder | None = None
        self._rank = URGENT
        self._left_at: float | None = None  # the holder is in no call since then, and did not say that it will be back
        self._urgent_at = 0.0  # an urgent turn ended then

    def holds(self, who: Holder) -> bool:
        with self._lock:
            return self._holder is who

    @property
    def free(self) -> bool:
        with self._lock:
            return self._holder is None and not self._places

    def take(
        self,
        who: Holder,
        deadline: float,
        rank: int,
        over: Callable[[], bool],
        hurried: Callable[[], bool] = lambda: False,
    ) -> Taken:
        """Wait for the wire; "no" when the deadline passed, or `over` says there is no use. While `hurried`, a wire that is free
        is taken, but not waited for. Both are asked with the lock held."""
        with self._lock:
            if self._holder is who:
                self._left_at = None
                if rank < self._rank:
                    self._rank = rank
                return "kept"
            place = _Place(who, rank)
            self._places.append(place)
            try:
                while not over():
                    wait = self._wait_for(place)
                    if wait <= 0.0:
                        self._holder, self._rank, self._left_at = who, rank, None
                        return "new"
                    left = deadline - time.monotonic()
                    if left <= 0.0 or hurried():
                        return "no"
                    self._lock.wait(min(wait, left))
                return "no"
            finally:
                self._places.remove(place)
                self._lock.notify_all()

    def leave(self, who: Holder) -> None:
        """A call ended, the next one may follow at once: the wire stays kept for HOLD_S."""
        with self._lock:
            if self._holder is who:
                self._left_at = time.monotonic()
                self._lock.notify_all()

    def give(self, who: Holder) -> None:
        with self._lock:
            if self._holder is who:
                self._end()
                self._lock.notify_all()

    def _end(self) -> None:
        if self._rank == URGENT:
            self._urgent_at = time.monotonic()
        self._holder = self._left_at = None

    def _wait_for(self, place: _Place) -> float:
        """Seconds until `place` should look again; 0.0 when the wire is its own now."""
        now = time.monotonic()
        if self._holder is not None:
            if self._rank == LISTENING and place.rank < LISTENING:
                self._holder.call_away()
            if self._left_at is None:
                return 3600.0  # until it is given back
            if (held := self._left_at + HOLD_S - now) > 0.0:
                return held
            self._end()
        first = min(self._places, key=lambda p: (self._effective(p, now), p.since))
        if first is not place:
            return 3600.0
        if self._effective(place, now) == URGENT:
            return 0.0
        return max(0.0, self._urgent_at + LINGER_S - now)

    def _effective(self, place: _Place, now: float) -> int:
        """Polling that waited long enough is as urgent as the others."""
        if place.rank == POLLING and now - place.since >= PATIENCE_S:
            return URGENT
        return place.rank
