"""The simulator's end of a wire: a TCP server for one host at a time, or the master of a pty. Both can be unplugged."""

from __future__ import annotations

import os
import select
import socket
import tempfile
import tty
from pathlib import Path
from typing import Protocol

from devices.place import Place


class Wire(Protocol):
    """Used by the simulator's thread; only wake() may be called from another one. plug() and unplug() twice are once."""

    @property
    def where(self) -> str: ...

    @property
    def connected(self) -> bool: ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def half_close(self) -> bool:
        """Say no more, but go on reading; False where a wire cannot. Twice is once."""

    def wait(self, timeout_s: float, *, reading: bool) -> int:
        """Sleep until bytes can be read (POLLIN), somebody calls wake(), or the time is over."""

    def read(self, limit: int) -> bytes:
        """What is there; empty when nothing is or the host has gone."""

    def write(self, data: bytes) -> int:
        """How many bytes were taken; all of them when nobody is there to take them."""

    def wake(self) -> None: ...

    def close(self) -> None: ...


class _Bell:
    """Wakes a poll() from another thread."""

    def __init__(self) -> None:
        self._ends: tuple[int, int] | None = None

    def fd(self) -> int:
        if self._ends is None:
            read, write = os.pipe()
            os.set_blocking(read, False)
            os.set_blocking(write, False)
            self._ends = (read, write)
        return self._ends[0]

    def ring(self) -> None:
        if self._ends is not None:
            try:
                os.write(self._ends[1], b"!")
            except BlockingIOError:
                return  # it rings already

    def hush(self) -> None:
        try:
            os.read(self.fd(), 4096)
        except BlockingIOError:
            return

    def close(self) -> None:
        ends, self._ends = self._ends, None
        for fd in ends or ():
            os.close(fd)


class TcpWire:
    def __init__(self, host: str, port: int) -> None:
        self._place = Place(host, port)
        self._listener: socket.socket | None = None
        self._host_end: socket.socket | None = None
        self._half = False
        self._bell = _Bell()

    @property
    def where(self) -> str:
        return f"tcp://{self._place.host}:{self._place.port}"

    @property
    def connected(self) -> bool:
        return self._host_end is not None

    def plug(self) -> None:
        if self._listener is None:
            self._bell.fd()
            self._listener = self._place.listen(4)
            self._listener.setblocking(False)

    def unplug(self) -> None:
        # First no new ones: who notices at once that it was cut off must not be let in again.
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        self._hang_up()

    def half_close(self) -> bool:
        if self._host_end is not None and not self._half:
            self._half = True
            try:
                self._host_end.shutdown(socket.SHUT_WR)
            except OSError:
                self._hang_up()
        return True

    def wait(self, timeout_s: float, *, reading: bool) -> int:
        poll = select.poll()
        poll.register(self._bell.fd(), select.POLLIN)
        if self._listener is not None:
            poll.register(self._listener, select.POLLIN)
        if self._host_end is not None and reading:
            poll.register(self._host_end, select.POLLIN)
        found = dict(poll.poll(timeout_s * 1000))
        if self._bell.fd() in found:
            self._bell.hush()
        if self._listener is not None and self._listener.fileno() in found:
            self._accept()
            return 0
        ready = self._host_end is not None and self._host_end.fileno() in found
        return select.POLLIN if ready else 0

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            host_end = self._listener.accept()[0]
        except OSError:
            return  # it went before it was let in
        # One host at a time, the newest wins: the old one may be a connection that nobody told us had died.
        self._hang_up()
        host_end.setblocking(False)
        host_end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an answer is one byte and waits for nothing
        self._host_end = host_end

    def read(self, limit: int) -> bytes:
        if self._host_end is None:
            return b""
        try:
            data = self._host_end.recv(limit)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def write(self, data: bytes) -> int:
        if self._host_end is None or self._half:
            return len(data)
        try:
            return self._host_end.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._hang_up()
            return len(data)

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        self.unplug()
        self._bell.close()
        self._place.free()

    def _hang_up(self) -> None:
        host_end, self._host_end = self._host_end, None
        self._half = False
        if host_end is not None:
            host_end.close()


class PtyWire:
    """The host opens a link in a folder of our own, which points to the pty of the moment."""

    def __init__(self, baud: int = 9600) -> None:
        self._baud = baud
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._ends: tuple[int, int] | None = None
        self._bell = _Bell()

    @property
    def where(self) -> str:
        return f"serial://{self._link()}?baud={self._baud}"

    @property
    def connected(self) -> bool:
        return self._ends is not None  # a serial line does not tell whether somebody listens

    def plug(self) -> None:
        if self._ends is None:
            self._bell.fd()
            master, slave = os.openpty()
            # Our own slave end stays open: else the master reads EIO whenever the host closes.
            tty.setraw(slave)
            os.set_blocking(master, False)
            self._ends = (master, slave)
            self._link().symlink_to(os.ttyname(slave))

    def unplug(self) -> None:
        ends, self._ends = self._ends, None
        if ends is not None:
            self._link().unlink(missing_ok=True)
            for fd in ends:
                os.close(fd)

    def half_close(self) -> bool:
        return False

    def wait(self, timeout_s: float, *, reading: bool) -> int:
        poll = select.poll()
        poll.register(self._bell.fd(), select.POLLIN)
        if self._ends is not None and reading:
            poll.register(self._ends[0], select.POLLIN)
        found = dict(poll.poll(timeout_s * 1000))
        if self._bell.fd() in found:
            self._bell.hush()
        return select.POLLIN if self._ends is not None and self._ends[0] in found else 0

    def read(self, limit: int) -> bytes:
        if self._ends is None:
            return b""
        try:
            return os.read(self._ends[0], limit)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        if self._ends is None:
            return len(data)
        try:
            return os.write(self._ends[0], data)
        except BlockingIOError:
            return 0

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        self.unplug()
        self._bell.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def _link(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="printer-")
        return Path(self._folder.name) / "tty"
