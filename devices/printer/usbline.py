"""One open line over two bulk endpoints of a USB device, with the law of every line (devices.line).

No transfer without a timeout (0 would mean "for ever" to libusb) and none longer than SLICE_S, so that wake() and close()
are noticed; libusb cannot be interrupted from another thread. A stalled OUT endpoint ends the line: how much of the piece
the printer took nobody says, so it is never sent again. A stalled IN endpoint is cleared: asking again does no harm.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import usb.core  # type: ignore[import-untyped]

from devices.line import INBOX_LIMIT, PIECE, InboxLine, LineClosed, LineError
from devices.wirelog import WireLog

SLICE_S = 0.05
EMPTY_S = 0.02  # pause after an IN transfer that brought nothing, which some printers answer at once
IN_SIZE = 512  # a multiple of every packet size up to high speed, else libusb reports an overflow


class NoLibusb(LineError):
    reason = "config"


class UsbLine(InboxLine):
    """`release` frees the device. Made by `open_usb`."""

    def __init__(
        self, where: str, device: Any, number: int, out: Any, into: Any, release: Callable[[], None], log: WireLog
    ) -> None:
        super().__init__(where)
        self._device, self._number, self._out, self._in = device, number, out, into
        self._release: Callable[[], None] | None = release
        self._log = log
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._in_use = self._closing = False

    @property
    def closed(self) -> bool:
        return self._closing

    def write(self, data: bytes, deadline: float) -> None:
        sent = 0
        with self._use():
            self._forget_wake()
            while sent < len(data):
                self._check_open(sent)
                sent += self._put(data[sent : sent + PIECE], deadline, sent)
                self._check_taken(sent, len(data), deadline)

    def drain_input(self) -> bytes:
        with self._use():
            self._forget_wake()
            while len(self._inbox) < INBOX_LIMIT and self._take(0.0):
                continue
        return self._pop(len(self._inbox))

    def wake(self) -> None:
        self._woken = True
        self._bell.set()

    def close(self) -> None:
        with self._lock:
            self._closing = True
            self._bell.set()
            # A handle freed under a running transfer takes libusb down with it.
            release = None if self._in_use else self._release
            if release is not None:
                self._release = None
        if release is not None:
            with ours(self.where):
                release()

    def hex_log(self) -> list[str]:
        return self._log.lines()

    # --- one transfer each, never longer than SLICE_S ----------------------------------------------------------------

    @contextmanager
    def _use(self) -> Iterator[None]:
        with self._lock:
            self._check_open()
            self._in_use = True
        try:
            with ours(self.where):
                yield
        finally:
            with self._lock:
                self._in_use = False
            if self._closing:
                self.close()

    def _check_open(self, written: int = 0) -> None:
        if self._closing:
            raise LineClosed(self.where, "this end is closed 本端已关闭", "open it again 请重新打开", written)

    def _forget_wake(self) -> None:
        super()._forget_wake()
        if not self._closing:
            self._bell.clear()

    def _put(self, piece: bytes, deadline: float, written: int) -> int:
        try:
            n: int = self._out.write(piece, _milliseconds(deadline))
        except usb.core.USBTimeoutError:
            return 0
        except usb.core.USBError as error:
            if error.errno == errno.EPIPE:
                self._clear_halt(self._out, written)
            raise gone(self.where, error, written) from error
        if n:
            self._log.note(">", piece[:n])
        return n

    def _fill(self, deadline: float, *, wakeable: bool) -> bool:
        return bool(self._take(0.0 if wakeable and self._woken else deadline))

    def _take(self, deadline: float) -> int:
        """One IN transfer into the inbox; the number of bytes. Raises LineClosed."""
        self._check_open()
        try:
            data = bytes(self._in.read(IN_SIZE, _milliseconds(deadline)))
        except usb.core.USBTimeoutError:
            return 0
        except usb.core.USBError as error:
            if error.errno != errno.EPIPE:
                raise gone(self.where, error) from error
            self._clear_halt(self._in)  # asking again does no harm
            data = b""
        if not data:
            self._bell.wait(min(EMPTY_S, max(0.0, deadline - time.monotonic())))
            return 0
        self._inbox += data[: INBOX_LIMIT - len(self._inbox)]
        self._log.note("<", data)
        return len(data)

    def _clear_halt(self, end: Any, written: int = 0) -> None:
        try:
            end.clear_halt()
        except usb.core.USBError as error:
            raise gone(self.where, error, written) from error


def _milliseconds(deadline: float) -> int:
    """For libusb: 0 would be "for ever"."""
    return max(1, round(1000 * min(SLICE_S, deadline - time.monotonic())))


@contextmanager
def ours(where: str) -> Iterator[None]:
    """What the library raises ends here: NoLibusb or LineClosed."""
    try:
        yield
    except usb.core.NoBackendError as error:
        raise NoLibusb(
            where, "libusb is not installed 未安装 libusb", "install it 请安装: apt install libusb-1.0-0"
        ) from error
    except usb.core.USBError as error:
        raise gone(where, error) from error


def gone(where: str, error: usb.core.USBError, written: int = 0) -> LineClosed:
    what, mend = {
        errno.EACCES: ("not allowed 没有权限", "give the device to this user by a udev rule 请添加 udev 规则授予权限"),
        errno.EBUSY: (
            "another program has it 被其他程序占用",
            "stop that program, such as a queue of CUPS 请停用该程序",
        ),
        errno.EPIPE: ("the endpoint stalled 端点停滞", "switch the printer off and on 请关机再开机"),
    }.get(error.errno or 0, ("the device went away 设备已断开", "check the cable and the power 请检查线缆和电源"))
    return LineClosed(where, f"{what} ({error})", mend, written)
