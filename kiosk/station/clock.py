"""The station's clock: what the wall says, and by how much it jumped against the monotonic clock since the last look."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP_MS = 2_000
# Between two runs only the wall clock tells how long the box was off; more than this is taken for a wrong clock.
LONGEST_OFF_MS = 31 * 86_400_000


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Clock:
    def __init__(self, wall: Callable[[], int] = wall_ms, monotonic: Callable[[], int] = monotonic_ms) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._last: tuple[int, int] | None = None

    def resume(self, last_at: int) -> int:
        """After a start: the step (ms) from the last fact of the journal that cannot be time that passed; 0 = none."""
        now = self._wall()
        self._last = (now, self._monotonic())
        passed = now - last_at
        return 0 if not last_at or 0 <= passed <= LONGEST_OFF_MS else passed

    def look(self) -> tuple[int, int]:
        """-> (wall clock now, step in ms since the last look; 0 = none)."""
        now, mono = self._wall(), self._monotonic()
        if self._last is None:
            self._last = (now, mono)
            return now, 0
        step = (now - self._last[0]) - (mono - self._last[1])
        self._last = (now, mono)
        return now, step if abs(step) > STEP_MS else 0
