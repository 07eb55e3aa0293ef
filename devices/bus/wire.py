"""The wire itself: how long a character takes, the silence between frames, and one's own echo.

An RS-485 pair is half duplex. Between two frames there must be silence, at least 3.5 characters (MODBUS over Serial Line V1.02,
2.5.1.1: 1.75 ms above 19,200 baud), or a receiver takes both for one. Many adapters hear what they send.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from devices.line import Line, LineError, LineTimeout

GAP_CHARACTERS = 3.5
GAP_FLOOR_S = 0.00175
ECHO_S = 0.1  # an adapter's own delay: USB hands over every 16 ms, a serial server when it likes
SURE = 3  # times in a row until it is said that there is no echo, or that there is one


@dataclass(frozen=True, slots=True)
class Timing:
    """`character_s`: seconds of one character with start, parity and stop bits; `gap_s`: silence between frames."""

    character_s: float
    gap_s: float


def timing(baud: int, bits: int = 8, parity: str = "N", stop: int = 1, gap_ms: float = 0.0) -> Timing:
    """`gap_ms` 0 = as the rule says."""
    character_s = (1 + bits + (parity != "N") + stop) / baud
    return Timing(character_s, gap_ms / 1000 if gap_ms else max(GAP_CHARACTERS * character_s, GAP_FLOOR_S))


class HalfDuplex:
    """One frame at a time on `line`. Used by whoever has the turn; `lock` is the bus's, `over` says that there is no use."""

    def __init__(
        self, line: Line, timing: Timing, echo: bool, lock: threading.Condition, over: Callable[[], bool]
    ) -> None:
        self.line, self._timing, self._echo = line, timing, echo
        self._lock, self._over = lock, over
        self._quiet_at = 0.0  # when the last byte, either way, has passed
        self._missing = 0  # frames in a row without the echo they should have
        self._unasked = 0  # exchanges in a row that began with an echo nobody spoke of
        self._sent = self._heard = b""

    def send(self, frame: bytes, deadline: float) -> bytes:
        """One frame, after the gap; returns when its last bit is out. -> bytes that came in place of the echo.

        Raises LineError, whose `.written` counts what the line took."""
        self._wait_until(self._quiet_at + self._timing.gap_s, deadline)
        begin = time.monotonic()
        try:
            self.line.write(frame, deadline)
            written = len(frame)
        except LineError as error:
            written = error.written
            raise
        finally:
            self._quiet_at = max(begin + written * self._timing.character_s, time.monotonic())
            self._sent, self._heard = frame, b""
        with self._lock:
            self._lock.wait_for(self._over, min(self._quiet_at, deadline) - time.monotonic())
        return self._take_echo(frame, deadline) if self._echo else b""

    def heard(self, piece: bytes) -> None:
        """What came from the others; looks for an echo that the configuration does not know of."""
        self._quiet_at = max(self._quiet_at, time.monotonic())
        if self._echo or not self._sent or len(self._heard) > len(self._sent):
            return
        self._heard = (self._heard + piece)[: len(self._sent) + 1]
        if len(self._heard) > len(self._sent):
            # Only the own frame and then more is sure: a device may answer by repeating what it was told.
            self._unasked = self._unasked + 1 if self._heard.startswith(self._sent) else 0

    @property
    def doubts(self) -> tuple[str, ...]:
        """ "echo": there is one and the configuration says no; "no_echo": the other way round."""
        found = (("echo", self._unasked), ("no_echo", self._missing))
        return tuple(word for word, times in found if times >= SURE)

    def _take_echo(self, frame: bytes, deadline: float) -> bytes:
        wait_s = ECHO_S if self._missing < SURE else 0.0
        end = min(deadline, max(self._quiet_at, time.monotonic()) + wait_s)
        heard = b""
        while len(heard) < len(frame) and not self._over():
            piece = self.line.read_some(end, len(frame) - len(heard))
            heard += piece
            if not piece and time.monotonic() >= end:
                break
        self._missing = 0 if heard == frame else self._missing + 1
        return b"" if heard == frame else heard

    def _wait_until(self, moment: float, deadline: float) -> None:
        pause = moment - time.monotonic()
        if pause > 0:
            with self._lock:
                self._lock.wait_for(self._over, min(pause, max(0.0, deadline - time.monotonic())))
        if moment > time.monotonic() >= deadline:
            raise LineTimeout(
                self.line.where,
                "the wire was not silent in time 线路未及时空闲",
                "look what speaks on it 请检查是否有设备一直占线",
            )
