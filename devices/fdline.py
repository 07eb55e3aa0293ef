"""The line that stands on a file descriptor: TCP, a serial port, a pty, a device file. Made by `devices.transport`."""

from __future__ import annotations

import errno
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from devices.line import INBOX_LIMIT, PIECE, InboxLine, LineClosed
from devices.wirelog import WireLog

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


class FdLine(InboxLine):
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
        super().__init__(where)
        self._fd = fd
        self._closer: Callable[[], None] | None = closer
        self._closing = self._in_use = False
        self._eof_is_closed = eof_is_closed
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
            self._check_taken(sent, len(data), deadline)

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

    def _fill(self, deadline: float, *, wakeable: bool) -> bool:
        readable, _ = self._wait(0.0 if wakeable and self._woken else deadline)
        return readable and bool(self._take())

    def _gone(self, error: Exception, written: int) -> NoReturn:
        known = isinstance(error, OSError) and error.errno in _GONE
        what = "the other end went away 对方已断开" if known else "the line failed 线路故障"
        raise LineClosed(
            self.where, f"{what} ({error})", "check the cable and the power 请检查线缆和电源", written
        ) from error
