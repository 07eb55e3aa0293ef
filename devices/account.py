"""How a device's time was spent since it was started: for utilisation, fault minutes, and "since when"."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from devices.ports import State

Column = Literal["ready", "busy", "degraded", "fault"]
_COLUMNS: dict[State, Column] = {"ready": "ready", "busy": "busy", "degraded": "degraded"}


@dataclass(frozen=True, slots=True)
class Account:
    """Seconds since start() by what they were spent with: idle and well, at work, working but in want of attention, not able
    to work (fault, backoff, starting). `lost`: how often an open device went away. `since_ms`: wall clock, milliseconds, when the
    present state began; a job in between does not make a ready device ready anew."""

    ready_s: float = 0.0
    busy_s: float = 0.0
    degraded_s: float = 0.0
    fault_s: float = 0.0
    lost: int = 0
    since_ms: int = 0

    @property
    def total_s(self) -> float:
        return self.ready_s + self.busy_s + self.degraded_s + self.fault_s

    @property
    def utilisation(self) -> float:
        """The share of the time it was at work, 0 to 1."""
        return self.busy_s / self.total_s if self.total_s else 0.0


class Ledger:
    """Written by the device's thread, read by any. `now_s` on a clock that never goes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[Column, float] = {"ready": 0.0, "busy": 0.0, "degraded": 0.0, "fault": 0.0}
        self._column: Column | None = None  # None: not started, nothing is counted
        self._at = 0.0
        self._lost = 0
        self._steady: State = "absent"
        self._since_ms = 0

    def start(self, now_s: float, wall_ms: int) -> None:
        """Begin anew, in the state "starting"."""
        with self._lock:
            self._seconds = dict.fromkeys(self._seconds, 0.0)
            self._lost = 0
            self._enter("starting", now_s, wall_ms)

    def enter(self, state: State, now_s: float, wall_ms: int) -> None:
        with self._lock:
            self._enter(state, now_s, wall_ms)

    def lose(self) -> None:
        with self._lock:
            self._lost += 1

    def stop(self, now_s: float, wall_ms: int) -> None:
        """Absent because nobody wants it: no fault."""
        with self._lock:
            self._enter("absent", now_s, wall_ms)
            self._column = None

    def read(self, now_s: float) -> Account:
        with self._lock:
            seconds = dict(self._seconds)
            if self._column is not None:
                seconds[self._column] += max(0.0, now_s - self._at)
            return Account(
                seconds["ready"], seconds["busy"], seconds["degraded"], seconds["fault"], self._lost, self._since_ms
            )

    def _enter(self, state: State, now_s: float, wall_ms: int) -> None:
        if self._column is not None:
            self._seconds[self._column] += max(0.0, now_s - self._at)
        self._column, self._at = _COLUMNS.get(state, "fault"), now_s
        if state not in ("busy", self._steady):
            self._steady, self._since_ms = state, wall_ms
