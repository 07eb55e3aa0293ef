"""What a supervisor is given: its clock, its limits, and how long it waits before it tries again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from devices.ports import Outcome

BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
WANTED_S = 2.0  # while somebody waits for the device it is tried this often, however long it was away
STEADY_S = 10.0  # a device that stayed that long begins its next backoff at the first step again
WORKING = ("ready", "degraded")


class Clock(Protocol):
    """Seconds that never go back, and sleeping on a condition; a test brings its own."""

    def now(self) -> float: ...

    def wait(self, condition: threading.Condition, timeout_s: float) -> None: ...


class MonotonicClock:
    def now(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, timeout_s: float) -> None:
        condition.wait(timeout_s)


def half_to_whole(step_s: float) -> float:
    """Backoff with jitter, so that ten kiosks do not knock at one device in step."""
    return step_s * random.uniform(0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """queue: jobs waiting at most; keys: addresses kept at most; max_age_s: how long a job may wait; probe_s: idle asking."""

    queue: int = 50
    keys: int = 256
    max_age_s: float = 30.0
    probe_s: float = 3.0


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


NORMAL = Limits()


@dataclass(frozen=True, slots=True)
class Errand:
    """A technician's job: runs in turn with the others and is answered to whoever brought it. `work` must be bounded."""

    work: Callable[[Any], Outcome]
    on_done: Callable[[Outcome], None]
