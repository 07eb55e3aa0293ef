"""One open line to a device: what every line can do, and the one that stands on a file descriptor.

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

import errno
import os
import select
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NoReturn, Protocol

from devices.ports import DeviceError
from devices.wirelog import WireLog

PIECE = 512  # bytes per write: about half a second at 9600 baud
INBOX_LIMIT = 65_536  # bytes not yet read; a peer that sends more without being asked is out of order
EMPTY_S = 0.02  # pause after a device file said "readable" and had nothing
_GONE = {
    errno.EIO,
    errno.EPIPE,
    errno.ECONNRESET,
    errno.ENODEV,
    errno.ENXIO,
    errno.EBADF,
    errno.ESHUTDOWN,
    errno.ETIMEDOUT,
}


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
        """The last pieces on the wire, oldest first: "12.345 > 1B 40 1C 26" (> to the device, < from it)."""

    def turn(self, deadline: float, *, polling: bool = False) -> AbstractContextManager[None]:
        """Hold the wire for one exchange: question and answer. Only on a bus are there others to keep off (devices.bus);
        `polling` lets exchanges that a person waits for go first. Raises LineTimeout when the turn does not come in time."""
        return nullcontext()


class FdLine(Line):
    """A line over a non-blocking file descriptor, which it owns from here on: `closer` frees it."""

    def __init__(
        self,
        where: str,
        fd: int,
        closer: Callable[[], None],
        *,
        eof_is_closed: bool = True,
        log: WireLog | None = None,
    ) -> None:
        self.where = where
        self._fd = fd
        self._closer: Callable[[], None] | None = closer
        self._closing = self._woken = False
        self._in_use = False
        self._eof_is_closed = eof_is_closed
        self._inbox = bytearray()
        self._log = log or WireLog()
        self._lock = threading.Lock()
        try:
            # Rung by close() and wake(), so that a waiting call need not look every now and then.
            self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        except OSError:
            closer()
            raise

    def write(self, data: bytes, deadline: float) -> None:
        with self._use():
            self._woken = False
            self._write(data, deadline)

    def _write(self, data: bytes, deadline: float) -> None:
        sent = 0
        while sent < len(data):
            readable, writable = self._wait(deadline, writing=True, written=sent)
            if readable:
                self._take(written=sent)
            if writable:
                sent += self._put(data[sent : sent + PIECE], sent)
            if sent < len(data) and time.monotonic() >= deadline:
                raise LineTimeout(
                    self.where,
                    f"took {sent} of {len(data)} bytes in time 只收下了 {sent}/{len(data)} 字节",
                    "look whether the device is switched on and not stopped 请检查设备是否开机、是否停机",
                    written=sent,
                )

    def read(self, n: int, deadline: float) -> bytes:
        with self._use():
            while len(self._inbox) < n:
                if not self._await_bytes(deadline, wakeable=False):
                    raise LineTimeout(
                        self.where,
                        f"gave {len(self._inbox)} of {n} bytes in time 只答复了 {len(self._inbox)}/{n} 字节",
                        "look whether the device is switched on 请检查设备是否开机",
                    )
        return self._pop(n)

    def read_some(self, deadline: float, limit: int = PIECE) -> bytes:
        with self._use():
            if not self._inbox and not self._await_bytes(deadline, wakeable=True):
                return b""
        return self._pop(limit)

    def drain_input(self) -> bytes:
        with self._use():
            self._woken = False
            while len(self._inbox) < INBOX_LIMIT and self._wait(0.0)[0]:
                if not self._take():
                    break
        return self._pop(len(self._inbox))

    def wake(self) -> None:
        with self._lock:
            self._woken = True
            if not self._closing:
                os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        with self._lock:
            ringing = self._in_use and not self._closing
            self._closing = True
            if ringing:
                os.eventfd_write(self._bell, 1)
            # Freeing it under a running call would let that call write to whatever gets the number next.
            closer = None if self._in_use else self._closer
            if closer is not None:
                self._closer = None
        if closer is not None:
            os.close(self._bell)
            closer()

    @property
    def closed(self) -> bool:
        return self._closing

    def hex_log(self) -> list[str]:
        return self._log.lines()

    # --- below: one step each --------------------------------------------------------------------------------------

    @contextmanager
    def _use(self) -> Iterator[None]:
        with self._lock:
            self._check_open()
            self._in_use = True
        try:
            yield
        finally:
            with self._lock:
                self._in_use = False
            if self._closing:
                self.close()

    def _check_open(self, written: int = 0) -> None:
        if self._closing:
            raise LineClosed(self.where, "this end is closed 本端已关闭", "open it again 请重新打开", written)

    def _wait(self, deadline: float, *, writing: bool = False, written: int = 0) -> tuple[bool, bool]:
        """Whether it can be read and written; both False at the deadline, and when somebody rang. Raises LineClosed."""
        self._check_open(written)
        pause = max(0.0, deadline - time.monotonic())
        poller = select.poll()  # select.select refuses descriptors from 1024 on
        # A full inbox is not listened to: its bytes would have nowhere to go.
        listening = select.POLLIN if len(self._inbox) < INBOX_LIMIT else 0
        try:
            poller.register(self._bell, select.POLLIN)
            poller.register(self._fd, listening | (select.POLLOUT if writing else 0))
            found = dict(poller.poll(min(pause, 86_400.0) * 1000))
        except (OSError, ValueError) as error:
            self._gone(error, written)
        if self._bell in found:
            os.eventfd_read(self._bell)
            self._check_open(written)
        events = found.get(self._fd, 0)
        if events & select.POLLNVAL:
            self._gone(OSError(errno.EBADF, "descriptor closed"), written)
        return bool(events & (select.POLLIN | select.POLLHUP | select.POLLERR)), bool(events & select.POLLOUT)

    def _put(self, piece: bytes, written: int) -> int:
        try:
            n = os.write(self._fd, piece)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._gone(error, written)
        self._log.note(">", piece[:n])
        return n

    def _take(self, written: int = 0) -> int:
        """Move what came into the inbox; the number of bytes, 0 when there was nothing after all."""
        room = INBOX_LIMIT - len(self._inbox)
        try:
            # With a full inbox only "gone" brings us here; a byte more is the price of hearing it.
            data = os.read(self._fd, max(1, min(4096, room)))
        except BlockingIOError:
            return 0
        except OSError as error:
            self._gone(error, written)
        if not data:
            if self._eof_is_closed:
                self._gone(OSError(errno.EPIPE, "closed by the other end"), written)
            # usblp says "readable, nothing there": without this pause the wait would spin. The bell ends it.
            self._pause(EMPTY_S)
        self._inbox += data
        if data:
            self._log.note("<", data)
        return len(data)

    def _pause(self, seconds: float) -> None:
        poller = select.poll()
        poller.register(self._bell, select.POLLIN)
        poller.poll(seconds * 1000)

    def _await_bytes(self, deadline: float, *, wakeable: bool) -> bool:
        """False at the deadline, or (if `wakeable`) when wake() was called and no byte had come."""
        while True:
            readable, _ = self._wait(0.0 if wakeable and self._woken else deadline)
            if readable and self._take():
                return True
            if wakeable and self._woken:
                self._woken = False
                return False
            if time.monotonic() >= deadline:
                return False

    def _pop(self, n: int) -> bytes:
        data = bytes(self._inbox[:n])
        del self._inbox[:n]
        return data

    def _gone(self, error: Exception, written: int) -> NoReturn:
        known = isinstance(error, OSError) and error.errno in _GONE
        what = "the other end went away 对方已断开" if known else "the line failed 线路故障"
        raise LineClosed(
            self.where, f"{what} ({error})", "check the cable and the power 请检查线缆和电源", written
        ) from error
