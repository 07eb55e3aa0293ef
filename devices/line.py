"""One open line to a device: what every line can do, and how it is read.

    DeviceError
    └── LineError           where, what happened, how to mend it; `reason` is the word for programs, `written` the bytes that left
        ├── BadAddress      the `where` of the configuration cannot be understood
        ├── LineClosed      nobody at the other end, or it went away          reason "unplugged"
        └── LineTimeout     it is there, but did not take or give in time     reason "silent"

Law of a line: no call outlives its deadline; close() from another thread ends a running call at once; at most 512 bytes go out
at once, so that a peer that stops reading is noticed; while writing it also listens, because the first write to a TCP peer
that has closed succeeds (the loss shows only in the read side); waiting costs nothing; every byte is kept for a while in a
hex log for the person who has to mend it.

A deadline is a moment on `time.monotonic()`, not a duration: `deadline_in(2.0)`.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from devices.ports import DeviceError
from devices.wirelog import WireLog

PIECE = 512  # bytes per write: about half a second at 9600 baud
INBOX_LIMIT = 65_536  # bytes not yet read; a peer that sends more without being asked is out of order


class LineError(DeviceError):
    """`reason` is a stable word for programs; `written` counts the bytes of this call that the line took."""

    reason = "line"

    def __init__(self, where: str, what: str, mend: str, written: int = 0) -> None:
        super().__init__(f"{where}: {what}; {mend}")
        self.where = where
        self.written = written


class BadAddress(LineError):
    reason = "config"


class LineClosed(LineError):
    reason = "unplugged"


class LineTimeout(LineError):
    reason = "silent"


def deadline_in(seconds: float) -> float:
    """The moment on the monotonic clock `seconds` from now."""
    return time.monotonic() + seconds


class Line(Protocol):
    """One thread uses it; any thread may close() or wake() it. Made by an opener (`devices.transport`)."""

    where: str
    _log: WireLog

    @property
    def private(self) -> bool:
        """Set by a driver whose bytes are personal: the log then says how many there were, never which."""
        return self._log.private

    @private.setter
    def private(self, private: bool) -> None:
        self._log.private = private

    @property
    @abstractmethod
    def closed(self) -> bool: ...

    @abstractmethod
    def write(self, data: bytes, deadline: float) -> None:
        """All of `data`, or LineTimeout/LineClosed whose `.written` says how many bytes the line had taken."""

    @abstractmethod
    def read(self, n: int, deadline: float) -> bytes:
        """Exactly `n` bytes, or LineTimeout; what had come stays in the line."""

    @abstractmethod
    def read_some(self, deadline: float, limit: int = PIECE) -> bytes:
        """At least one byte and at most `limit`; empty when the deadline passes in silence, or wake() was called."""

    @abstractmethod
    def drain_input(self) -> bytes:
        """Throw away (and return) what came unasked, so that an old answer is not taken for the next one."""

    @abstractmethod
    def wake(self) -> None:
        """Have the read_some that runs now return b"" at once, or the next one if none runs. Bytes that are there go first; a
        write() or drain_input() forgets it: the answer to a question is never cut short by a call that came before it."""

    @abstractmethod
    def close(self) -> None:
        """Free everything; a call that runs in another thread ends with LineClosed. Twice is once."""

    @abstractmethod
    def hex_log(self) -> list[str]:
        """The last pieces on the wire, oldest first: "08:15:02.345 > 1B 40 1C 26" (> to the device, < from it)."""

    def turn(self, deadline: float, *, polling: bool = False) -> AbstractContextManager[None]:
        """Hold the wire for one exchange: question and answer. Only on a bus are there others to keep off (devices.bus);
        `polling` lets exchanges that a person waits for go first. Raises LineTimeout when the turn does not come in time."""
        return nullcontext()


class InboxLine(Line):
    """A line that keeps what has come until it is read. It says how it waits for more (`_fill`), and reads by that."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._inbox = bytearray()
        self._woken = False

    def read(self, n: int, deadline: float) -> bytes:
        with self._use():
            while len(self._inbox) < n:
                if not self._fill(deadline, wakeable=False) and time.monotonic() >= deadline:
                    raise LineTimeout(
                        self.where,
                        f"gave {len(self._inbox)} of {n} bytes in time 只答复了 {len(self._inbox)}/{n} 字节",
                        "look whether the device is switched on 请检查设备是否开机",
                    )
        return self._pop(n)

    def read_some(self, deadline: float, limit: int = PIECE) -> bytes:
        with self._use():
            while not self._inbox and not self._fill(deadline, wakeable=True):
                if self._woken or time.monotonic() >= deadline:
                    self._forget_wake()
                    return b""
        return self._pop(limit)

    @abstractmethod
    def _fill(self, deadline: float, *, wakeable: bool) -> bool:
        """Wait for bytes and put them into the inbox; False at the deadline, at wake() if `wakeable` (one that was called before
        counts), and now and then before. Raises LineClosed."""

    def _use(self) -> AbstractContextManager[None]:
        """Around a call that reads."""
        return nullcontext()

    def _forget_wake(self) -> None:
        self._woken = False

    def _pop(self, n: int) -> bytes:
        data = bytes(self._inbox[:n])
        del self._inbox[:n]
        return data

    def _check_taken(self, sent: int, of: int, deadline: float) -> None:
        """For a write() piece by piece. Raises LineTimeout when it is too late for the rest."""
        if sent < of and time.monotonic() >= deadline:
            raise LineTimeout(
                self.where,
                f"took {sent} of {of} bytes in time 只收下了 {sent}/{of} 字节",
                "look whether the device is switched on and not stopped 请检查设备是否开机、是否停机",
                written=sent,
            )
