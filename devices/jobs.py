"""What a device has still to do: jobs in order, each until its own age; and per key the latest, kept until it is done.

Not for several threads: the supervisor holds its lock around every call. Moments are seconds on the supervisor's clock.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from devices.ports import Outcome

J = TypeVar("J")


@dataclass(slots=True)
class Kept(Generic[J]):
    job: J
    due_at: float | None  # None: it is shown
    told: Outcome | None = None


class Jobs(Generic[J]):
    """At most `queue` jobs and `keys` kept."""

    def __init__(self, queue: int, keys: int) -> None:
        self._limit, self._keys = queue, keys
        self._queue: deque[tuple[J, float]] = deque()  # job, the moment it is too late
        self._kept: OrderedDict[Hashable, Kept[J]] = OrderedDict()

    @property
    def waiting(self) -> bool:
        return bool(self._queue)

    def add(self, job: J, until: float) -> bool:
        """False when the queue is full."""
        if len(self._queue) >= self._limit:
            return False
        self._queue.append((job, until))
        return True

    def keep(self, key: Hashable, job: J, now: float) -> bool | None:
        """The latest job of `key`. None when that is what it was; False when there are too many keys."""
        old = self._kept.get(key)
        if old is None and len(self._kept) >= self._keys:
            return False
        if old is not None and old.job == job:
            return None
        self._kept[key] = Kept(job, now)
        return True

    def again(self, now: float) -> None:
        """The device was away and has forgotten all: everything kept is due."""
        for kept in self._kept.values():
            kept.due_at = now

    def take_late(self, now: float) -> list[J]:
        """Only the front is run, but ages differ."""
        late = [job for job, until in self._queue if now >= until]
        if late:
            self._queue = deque((job, until) for job, until in self._queue if now < until)
        return late

    def take_first(self) -> tuple[J] | None:
        return (self._queue.popleft()[0],) if self._queue else None

    def take_kept(self, now: float) -> Kept[J] | None:
        kept = next((k for k in self._kept.values() if k.due_at is not None and k.due_at <= now), None)
        if kept is not None:
            kept.due_at = None
        return kept

    def withdraw(self, mine: Callable[[J], bool]) -> list[J]:
        """Those that are `mine`, in order; the others stay."""
        taken = [job for job, _ in self._queue if mine(job)]
        self._queue = deque((job, until) for job, until in self._queue if not mine(job))
        return taken

    def take_all(self) -> list[J]:
        jobs = [job for job, _ in self._queue]
        self._queue.clear()
        return jobs

    def ages(self) -> list[float]:
        """The moments at which a waiting job grows too old."""
        return [until for _, until in self._queue]

    def dues(self) -> list[float]:
        """The moments at which something kept is due."""
        return [kept.due_at for kept in self._kept.values() if kept.due_at is not None]
