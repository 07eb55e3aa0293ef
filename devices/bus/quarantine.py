"""Dead addresses on a bus: asked ever more seldom, so that they do not slow those that live.

For drivers that speak to several addresses: ask `may_ask` before an exchange, and tell how it ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

AFTER = 3  # times in a row an address does not answer until it is left alone
PAUSES_S = (5.0, 10.0, 20.0, 40.0, 60.0)


@dataclass(slots=True)
class _Silence:
    times: int = 0
    until: float = 0.0


class Quarantine:
    """`after` unanswered questions in a row put an address in quarantine for the first of `pauses_s`; each further one for the
    next, the last for ever. One answer ends it. Any thread."""

    def __init__(
        self,
        after: int = AFTER,
        pauses_s: tuple[float, ...] = PAUSES_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._after, self._pauses_s, self._clock = after, pauses_s, clock
        self._silent: dict[int, _Silence] = {}
        self._lock = threading.Lock()

    def may_ask(self, address: int) -> bool:
        """Whether it is worth a question now: it answers, or its pause is over."""
        return self.pause_s(address) <= 0.0

    def pause_s(self, address: int) -> float:
        """Seconds until it may be asked again; 0.0 when it may be asked now."""
        with self._lock:
            silence = self._silent.get(address)
            return max(0.0, silence.until - self._clock()) if silence else 0.0

    def answered(self, address: int) -> None:
        with self._lock:
            self._silent.pop(address, None)

    def silent(self, address: int) -> None:
        """It did not answer one question (with all the tries that belong to it)."""
        with self._lock:
            silence = self._silent.setdefault(address, _Silence())
            silence.times += 1
            nth = silence.times - self._after
            if nth >= 0:
                silence.until = self._clock() + self._pauses_s[min(nth, len(self._pauses_s) - 1)]

    def clear(self) -> None:
        """The line was opened anew: everybody gets a chance."""
        with self._lock:
            self._silent.clear()

    @property
    def resting(self) -> tuple[int, ...]:
        """The addresses in quarantine, in order; also while they may be asked once more."""
        with self._lock:
            return tuple(sorted(a for a, s in self._silent.items() if s.times >= self._after))
