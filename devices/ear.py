"""How a supervisor listens to a device that tells something by itself, and is called away from it."""

from __future__ import annotations

import threading
import time

from devices.line import deadline_in
from devices.ports import Event, Listener
from devices.supervising import Clock

TURN_S = 0.5  # while job follows job, a listener is heard this often
OVERHEAR_S = 0.05  # and for so long
REST_S = 0.05  # a listener that is back too soon, again and again, is not gone round with
AGAIN_S = 0.5


class Ear:
    """`lock` is the supervisor's: who calls it away does so under the lock, so a wake() is always meant for the listening that
    runs or is about to begin, never for an exchange that comes after it."""

    def __init__(self, listener: Listener, lock: threading.Condition, clock: Clock) -> None:
        self._listener, self._lock, self._clock = listener, lock, clock
        self._listening = self._rung = False
        self._early_at = 0.0
        self.heard_at = 0.0

    def attend(self) -> None:
        """About to listen."""
        with self._lock:
            self._listening, self._rung = True, False

    def ring(self) -> None:
        """Call it away; the lock is held."""
        if self._listening:
            self._rung = True
            self._listener.wake()

    def listen(self, pause_s: float) -> tuple[Event | None, bool]:
        """After attend(). The next event, or None after `pause_s` or when rung; and whether it came back early with nothing: a
        device whose state has changed (a printer with automatic status back) says so that way."""
        until = deadline_in(pause_s)
        try:
            event = self._listener.listen(until)
        finally:
            with self._lock:
                self._listening = False
        self.heard_at = self._clock.now()
        now = time.monotonic()
        if event is not None or self._rung or now >= until:
            return event, False
        if now - self._early_at < AGAIN_S:
            with self._lock:
                if not self._rung:
                    self._clock.wait(self._lock, REST_S)
        self._early_at = now
        return None, True
