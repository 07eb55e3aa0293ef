"""The only opener of lines: TCP, serial (also a pty) and device files, all as one bounded, logged `Line`.

    DeviceError
    └── LineError           where, what happened, how to mend it; `reason` is the word for programs, `written` the bytes that left
        ├── BadAddress      the `where` of the configuration cannot be understood
        ├── LineClosed      nobody at the other end, or it went away          reason "unplugged"
        └── LineTimeout     it is there, but did not take or give in time     reason "silent"

Law of a line: no call outlives its deadline; at most 512 bytes go out at once, so that a peer that stops reading is noticed;
while writing it also listens, because the first write to a TCP peer that has closed succeeds (the loss shows only in the
read side); every byte is kept for a while in a hex log for the person who has to mend it.

A deadline is a moment on `time.monotonic()`, not a duration: `deadline_in(2.0)`.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import SplitResult, parse_qsl, urlsplit

import serial

from devices.ports import DeviceError

PIECE = 512  # bytes per write: about half a second at 9600 baud
SLICE_S = 0.1  # longest sleep inside a call: how soon another thread's close() is noticed
CONNECT_S = 3.0
INBOX_LIMIT = 65_536  # bytes not yet read; a peer that sends more without being asked is out of order
LOG_ENTRIES = 256
SERIAL_OPTIONS = {"baud": "9600", "parity": "N", "bits": "8", "stop": "1", "flow": "none"}
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


class Line:
    """One open line over a non-blocking file descriptor. One thread uses it; any thread may close() it."""

    def __init__(self, where: str, fd: int, closer: Callable[[], None], *, eof_is_closed: bool = True) -> None:
        self.where = where
        self._fd = fd
        self._closer: Callable[[], None] | None = closer
        self._closing = False
        self._in_use = False
        self._eof_is_closed = eof_is_closed
        self._inbox = bytearray()
        self._log: deque[tuple[float, str, bytes]] = deque(maxlen=LOG_ENTRIES)
        self._lock = threading.Lock()

    def write(self, data: bytes, deadline: float) -> None:
        """All of `data`, or LineTimeout/LineClosed whose `.written` says how many bytes the line had taken."""
        with self._use():
            self._write(data, deadline)

    def _write(self, data: bytes, deadline: float) -> None:
        sent = 0
        while sent < len(data):
            self._check_open(sent)
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
        """Exactly `n` bytes, or LineTimeout; what had come stays in the line."""
        with self._use():
            while len(self._inbox) < n:
                if not self._await_bytes(deadline):
                    raise LineTimeout(
                        self.where,
                        f"gave {len(self._inbox)} of {n} bytes in time 只答复了 {len(self._inbox)}/{n} 字节",
                        "look whether the device is switched on 请检查设备是否开机",
                    )
        return self._pop(n)

    def read_some(self, deadline: float, limit: int = PIECE) -> bytes:
        """At least one byte and at most `limit`; empty when the deadline passes in silence."""
        with self._use():
            if not self._inbox and not self._await_bytes(deadline):
                return b""
        return self._pop(limit)

    def drain_input(self) -> bytes:
        """Throw away (and return) what came unasked, so that an old answer is not taken for the next one."""
        with self._use():
            while len(self._inbox) < INBOX_LIMIT and self._wait(0.0, writing=False)[0]:
                if not self._take():
                    break
        return self._pop(len(self._inbox))

    def close(self) -> None:
        """Free the descriptor; a call that runs in another thread ends with LineClosed within SLICE_S. Twice is once."""
        with self._lock:
            self._closing = True
            # Freeing it under a running call would let that call write to whatever gets the number next.
            closer = None if self._in_use else self._closer
            if closer is not None:
                self._closer = None
        if closer is not None:
            closer()

    @property
    def closed(self) -> bool:
        return self._closing

    def hex_log(self) -> list[str]:
        """The last pieces on the wire, oldest first: "12.345 > 1B 40 1C 26" (> to the device, < from it)."""
        with self._lock:
            entries = list(self._log)
        return [f"{at:.3f} {way} {data.hex(' ').upper()}" for at, way, data in entries]

    # --- below: one step each, never longer than SLICE_S -----------------------------------------------------------

    @contextmanager
    def _use(self) -> Iterator[None]:
        with self._lock:
            self._in_use = True
        try:
            self._check_open()
            yield
        finally:
            self._in_use = False
            if self._closing:
                self.close()

    def _check_open(self, written: int = 0) -> None:
        if self.closed:
            raise LineClosed(self.where, "this end is closed 本端已关闭", "open it again 请重新打开", written)

    def _wait(self, deadline: float, *, writing: bool, written: int = 0) -> tuple[bool, bool]:
        self._check_open(written)
        pause = min(SLICE_S, max(0.0, deadline - time.monotonic()))
        poller = select.poll()  # select.select refuses descriptors from 1024 on
        try:
            # A full inbox is not listened to: its bytes would have nowhere to go.
            listening = select.POLLIN if len(self._inbox) < INBOX_LIMIT else 0
            poller.register(self._fd, listening | (select.POLLOUT if writing else 0))
            found = poller.poll(pause * 1000)
        except (OSError, ValueError) as error:
            self._gone(error, written)
        events = found[0][1] if found else 0
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
        self._note(">", piece[:n])
        return n

    def _take(self, written: int = 0) -> int:
        """Move what came into the inbox; the number of bytes, 0 when there was nothing after all."""
        try:
            data = os.read(self._fd, max(1, min(4096, INBOX_LIMIT - len(self._inbox))))
        except BlockingIOError:
            return 0
        except OSError as error:
            self._gone(error, written)
        if not data:
            if self._eof_is_closed:
                self._gone(OSError(errno.EPIPE, "closed by the other end"), written)
            # usblp says "readable, nothing there": without this pause the wait would spin.
            time.sleep(SLICE_S / 5)
        self._inbox += data
        if data:
            self._note("<", data)
        return len(data)

    def _await_bytes(self, deadline: float) -> bool:
        while True:
            self._check_open()
            readable, _ = self._wait(deadline, writing=False)
            if readable and self._take():
                return True
            if time.monotonic() >= deadline:
                return False

    def _pop(self, n: int) -> bytes:
        data = bytes(self._inbox[:n])
        del self._inbox[:n]
        return data

    def _note(self, way: str, data: bytes) -> None:
        with self._lock:
            self._log.append((time.monotonic(), way, data[:PIECE]))

    def _gone(self, error: Exception, written: int) -> NoReturn:
        known = isinstance(error, OSError) and error.errno in _GONE
        what = "the other end went away 对方已断开" if known else "the line failed 线路故障"
        raise LineClosed(
            self.where, f"{what} ({error})", "check the cable and the power 请检查线缆和电源", written
        ) from error


# --- opening -----------------------------------------------------------------------------------------------------


def open_line(where: str) -> Line:
    """Open "tcp://host:port", "serial:///dev/…?baud=9600&parity=N&bits=8&stop=1&flow=none" or "file:///dev/usb/lp0".

    Raises BadAddress for a `where` nobody can mean, LineClosed or LineTimeout when nobody answers there. Bounded by CONNECT_S.
    """
    opener, url = _parse(where)
    return opener(where, url)


def check_where(where: str) -> None:
    """Raise BadAddress when `where` cannot be understood; opens nothing (for `kiosk config check`)."""
    opener, url = _parse(where)
    if opener is _open_serial:
        _serial_options(where, url)


def _parse(where: str) -> tuple[Callable[[str, SplitResult], Line], SplitResult]:
    mend = "write tcp://host:port, serial:///dev/…?baud=9600 or file:///dev/usb/lp0 请按此格式填写"
    url = urlsplit(where)
    openers = {"tcp": _open_tcp, "serial": _open_serial, "file": _open_file}
    if url.scheme not in openers:
        raise BadAddress(where, f"unknown kind of line {url.scheme!r} 未知的线路类型", mend)
    if url.scheme == "tcp":
        try:
            port = url.port
        except ValueError as error:
            raise BadAddress(where, f"{error} 端口号有误", mend) from error
        if not url.hostname or not port or url.path or url.query:
            raise BadAddress(where, "tcp needs exactly a host and a port 需要且只需要主机和端口", mend)
    elif url.netloc or not url.path.startswith("/") or url.path == "/":
        raise BadAddress(where, f"{url.scheme} needs a path after three slashes 三个斜杠后需要设备路径", mend)
    if url.query and url.scheme == "file":
        raise BadAddress(where, f"file takes no options, not {url.query!r} 不接受参数", mend)
    return openers[url.scheme], url


def _open_tcp(where: str, url: SplitResult) -> Line:
    try:
        sock = socket.create_connection((url.hostname or "", url.port or 0), timeout=CONNECT_S)
    except TimeoutError as error:
        raise LineTimeout(where, "no answer to the connection 连接无应答", "check the network 请检查网络") from error
    except OSError as error:
        raise _not_there(where, error) from error
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A cable pulled out says nothing: let the kernel give up on bytes nobody acknowledged for 10 s, and ask in silence.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 10_000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return Line(where, sock.fileno(), sock.close)


def _serial_options(where: str, url: SplitResult) -> dict[str, str]:
    options = dict(SERIAL_OPTIONS)
    mend = "known are baud, parity N|E|O, bits 7|8, stop 1|2, flow none|xonxoff|rtscts 请改用这些取值"
    try:
        given = parse_qsl(url.query, strict_parsing=True, keep_blank_values=True) if url.query else []
    except ValueError as error:
        raise BadAddress(where, f"options cannot be read ({error}) 参数无法识别", mend) from error
    for key, value in given:
        if key not in options:
            raise BadAddress(where, f"unknown option {key!r} 未知参数", mend)
        options[key] = value
    allowed = {"parity": "NEO", "bits": "78", "stop": "12"}
    wrong = [k for k, values in allowed.items() if len(options[k]) != 1 or options[k] not in values]
    if not options["baud"].isascii() or not options["baud"].isdigit() or not 50 <= int(options["baud"]) <= 4_000_000:
        wrong.append("baud")
    if options["flow"] not in ("none", "xonxoff", "rtscts"):
        wrong.append("flow")
    if wrong:
        raise BadAddress(where, f"impossible value of {', '.join(wrong)} 参数取值不对", mend)
    return options


def _open_serial(where: str, url: SplitResult) -> Line:
    options = _serial_options(where, url)
    try:
        port = serial.Serial(
            url.path,
            baudrate=int(options["baud"]),
            bytesize=int(options["bits"]),
            parity=options["parity"],
            stopbits=int(options["stop"]),
            timeout=0,
            write_timeout=0,
            xonxoff=options["flow"] == "xonxoff",
            rtscts=options["flow"] == "rtscts",
            exclusive=True,
        )
        fd = port.fileno()
    except (serial.SerialException, OSError, ValueError, termios.error) as error:
        raise _not_there(where, error) from error
    return Line(where, fd, port.close)


def _open_file(where: str, url: SplitResult) -> Line:
    try:
        fd = os.open(url.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise _not_there(where, error) from error
    return Line(where, fd, lambda: os.close(fd), eof_is_closed=False)


def _not_there(where: str, error: Exception) -> LineClosed:
    return LineClosed(
        where,
        f"cannot be opened 无法打开 ({error})",
        "check the cable, the power and the address 请检查线缆、电源和地址",
    )
