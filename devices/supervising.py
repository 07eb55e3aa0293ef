"""What a supervisor is given (clock, limits, a technician's errands), and how it judges what a driver gives back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from devices.line import LineError
from devices.ports import DeviceError, Driver, Health, Outcome

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


def asked(driver: Driver) -> Health:
    """How it is. Raises TypeError for a driver that says something else; and what its probe() raises."""
    health: object = driver.probe()
    if not isinstance(health, Health):
        raise TypeError(f"probe() must return a Health, not {health!r}")
    return health


def done(work: Callable[[], object]) -> Outcome:
    """How a job ended. Raises TypeError when it ended in something else; and what it raises."""
    outcome = work()
    if not isinstance(outcome, Outcome):
        raise TypeError(f"a job must end in an Outcome, not {outcome!r}")
    return outcome


def words(error: Exception) -> str:
    """The text of an error; of one that nobody meant also its kind."""
    return str(error) if isinstance(error, DeviceError) else f"{type(error).__name__}: {error}"


def verdict(error: Exception, closing: str = "") -> Health:
    """What an exception of a driver means: a DeviceError that it is away, any other that it has a bug. `closing`: what went
    wrong then too."""
    detail = words(error) + closing
    if not isinstance(error, DeviceError):
        return Health("fault", ("bug",), detail)
    return Health("backoff", (error.reason if isinstance(error, LineError) else "not_ready",), detail)
