"""When a device that is away is tried again, so that it comes back soon and nobody knocks at it in vain all the time.

Law: after each failure in a row the wait grows by BACKOFF_S, less some jitter. While somebody waits for the device it is tried
every WANTED_S, however long it was away. One that stayed for STEADY_S begins at the first step again.

Not for several threads: the supervisor holds its lock where another thread may ask. Moments are seconds on its clock.
"""

from __future__ import annotations

import random
from collections.abc import Callable

BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
WANTED_S = 2.0
STEADY_S = 10.0


def half_to_whole(step_s: float) -> float:
    """Backoff with jitter, so that ten kiosks do not knock at one device in step."""
    return step_s * random.uniform(0.5, 1.0)


class Retry:
    """`at`: the moment of the next try."""

    def __init__(self, jitter: Callable[[float], float]) -> None:
        self._jitter = jitter
        self._failures = 0
        self._failed_at = self._opened_at = 0.0
        self.at = 0.0

    def afresh(self, now: float) -> None:
        """At once, and what failed before is forgotten: something was plugged in, or a person asked for it."""
        self._failures = 0
        self.at = now

    def wanted(self) -> None:
        """Who asks for a device that was mended a moment ago does not wait for the end of a long backoff."""
        self.at = min(self.at, self._failed_at + WANTED_S)

    def failed(self, now: float, wanted: bool) -> None:
        """It could not be opened, or was lost; `wanted`: somebody waits for it."""
        step = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1
        self._failed_at = now
        self.at = now + self._jitter(min(step, WANTED_S) if wanted else step)

    def opened(self, now: float) -> None:
        self._opened_at = now

    def answers(self, now: float) -> None:
        """It is open and can be asked how it is."""
        if now - self._opened_at >= STEADY_S:
            self._failures = 0
