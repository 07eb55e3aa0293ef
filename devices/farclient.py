"""One connection to the far end of a line (devices.farend), and what is still to be said to it. Used by the line's thread."""

from __future__ import annotations

import contextlib
import os
import socket
from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class Saying:
    """What is being said: from `at` on (seconds of the line's clock), `size` bytes at once, `gap_s` apart."""

    at: float
    data: bytes
    size: int
    gap_s: float
    said: int = 0


class Client:
    """A connection, or the pty, whose `sock` is None."""

    def __init__(self, fd: int, sock: socket.socket | None) -> None:
        self.fd, self.sock = fd, sock
        self.out: deque[Saying] = deque()
        self.pending = 0  # bytes in `out`
        self.full = False  # it does not read; nothing more is written before it does
        self._ended = False  # we said goodbye

    def put(self, saying: Saying) -> None:
        """Placed by when it is due, never into the middle of what has begun; nothing after our goodbye."""
        if self._ended or not saying.data:
            return
        place = len(self.out)
        while place and self.out[place - 1].at > saying.at and not self.out[place - 1].said:
            place -= 1
        self.out.insert(place, saying)
        self.pending += len(saying.data)

    def due(self) -> float | None:
        """When there is something to write."""
        return self.out[0].at if self.out and not self.full else None

    def flush(self, now: float) -> bool:
        """Write what is due. False when it has gone."""
        while self.out and not self.full and self.out[0].at <= now:
            saying = self.out[0]
            try:
                n = os.write(self.fd, saying.data[saying.said : saying.said + saying.size])
            except BlockingIOError:
                self.full = True
                break
            except OSError:
                return False
            self.pending -= n
            saying.said += n
            saying.at += saying.gap_s
            if saying.said == len(saying.data):
                self.out.popleft()
                if self.out:
                    self.out[0].at = max(self.out[0].at, saying.at)
        return True

    def say_goodbye(self) -> None:
        """End our half of it; twice is once. A pty has no halves."""
        if self.sock is not None and not self._ended:
            self._ended = True
            self.out.clear()
            with contextlib.suppress(OSError):  # it may have gone a moment ago
                self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        else:
            os.close(self.fd)
