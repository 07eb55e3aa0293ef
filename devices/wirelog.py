"""What went over one wire, for the person who has to mend it: a bounded hex log that can be read, or followed live."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Literal

ENTRIES = 256
ENTRY_BYTES = 512  # of one piece, the rest is left out

Way = Literal[">", "<"]  # to the device, from it
_Entry = tuple[float, Way, bytes | int]


class WireLog:
    """Bounded to ENTRIES pieces of ENTRY_BYTES each. Any thread may write and read it; it outlives the lines that write to it."""

    def __init__(self) -> None:
        self._entries: deque[_Entry] = deque(maxlen=ENTRIES)
        self._count = 0
        self.private = False  # from now on keep how many bytes there were, never which: they are personal
        self._news = threading.Condition()

    def note(self, way: Way, data: bytes) -> None:
        with self._news:
            kept = len(data) if self.private else data[:ENTRY_BYTES]
            self._entries.append((time.monotonic(), way, kept))
            self._count += 1
            self._news.notify_all()

    def lines(self) -> list[str]:
        """Oldest first: "12.345 > 1B 40 1C 26" (seconds on the monotonic clock, way, bytes)."""
        with self._news:
            entries = list(self._entries)
        return [_line(entry) for entry in entries]

    def follow(self, after: int, timeout_s: float) -> tuple[int, list[str]]:
        """What came after the first `after` pieces (0 = all that is kept), waiting for it up to `timeout_s`.

        -> the number to ask with next, and the lines; what fell out of the log meanwhile is left out."""
        with self._news:
            self._news.wait_for(lambda: self._count > after, timeout_s)
            fresh = min(max(0, self._count - after), len(self._entries))
            entries = list(self._entries)[len(self._entries) - fresh :]
            count = self._count
        return count, [_line(entry) for entry in entries]


def _line(entry: _Entry) -> str:
    at, way, data = entry
    if isinstance(data, int):
        return f"{at:.3f} {way} [{data} bytes, personal 个人信息]"
    return f"{at:.3f} {way} {data.hex(' ').upper()}"
