"""A pair of wires to be stood on: one host at this end, any number of device simulators at the other, who all hear every byte.

The host reaches it over TCP or a pty; the simulators are reached where they listen (TCP or pty), as if by a cable. What any of
them answers comes back to the host; answers at the same time get mixed up, as they do on the wire.

Faults: unplugged (the host's adapter is pulled out: TCP refuses until it is mended), silent (the wire is cut behind the adapter),
echo (the adapter hears itself), one_byte (what comes back comes byte by byte).
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
import tty
from dataclasses import dataclass
from urllib.parse import urlsplit

from devices.place import Place

FAULTS = ("unplugged", "silent", "echo", "one_byte")
TICK_S = 0.002  # between single bytes
DIAL_S = 0.2  # how often a simulator that is not there is tried
MEMBERS = 64
PENDING = 1 << 16  # bytes for the host that does not read


@dataclass(slots=True)
class _Member:
    where: str
    fd: int = -1
    try_at: float = 0.0


class BusSimulator:
    """`where`: tcp://127.0.0.1:port (0 = any), or "pty:". `attach` may be called before and after start()."""

    kind = "bus"
    faults: tuple[str, ...] = FAULTS

    def __init__(self, id: str = "bus", where: str = "tcp://127.0.0.1:0", *, echo: bool = False) -> None:
        self.id = id
        self._pty = where.startswith("pty:")
        url = urlsplit(where)
        self._place = Place(url.hostname or "127.0.0.1", 0 if self._pty else url.port or 0)
        self._echo = echo
        self._lock = threading.Condition()
        self._faults: set[str] = set()
        self._members: list[_Member] = []
        self._asked = self._done = 0
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._bell = -1
        self._server: socket.socket | None = None
        self._near, self._slave = -1, -1
        self._pty_path = ""
        self._pending = bytearray()
        self._to, self._from = 0, 0

    @property
    def where(self) -> str:
        return f"serial://{self._pty_path}?baud=9600" if self._pty else f"tcp://{self._place.host}:{self._place.port}"

    def attach(self, where: str) -> None:
        """A device simulator that listens at `where` hangs on the wire from now on; in force when this returns."""
        with self._lock:
            if len(self._members) >= MEMBERS:
                raise ValueError(f"more than {MEMBERS} devices on one bus")
            self._members.append(_Member(where))
        self._settle()

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError("the bus simulator is already started")
        self._stopping = False
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._plug()
        self._thread = threading.Thread(target=self._main, name="bus-simulator", daemon=True)
        self._thread.start()
        self._settle()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping = True
            os.eventfd_write(self._bell, 1)
            thread.join(5.0)
            os.close(self._bell)
            self._place.free()

    def active(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(fault for fault in FAULTS if fault in self._faults)

    def set_fault(self, fault: str, *, on: bool = True, address: int = 0) -> None:
        if fault not in ("", *FAULTS):
            raise ValueError(f"unknown fault {fault!r}: one of {', '.join(FAULTS)}")
        with self._lock:
            if not fault:
                self._faults.clear()
            elif on:
                self._faults.add(fault)
            else:
                self._faults.discard(fault)
        self._settle()

    def shown(self) -> dict[str, object]:
        with self._lock:
            return {
                "host": self._near >= 0,
                "members": {m.where: m.fd >= 0 for m in self._members},
                "to_devices": self._to,
                "to_host": self._from,
            }

    def _settle(self) -> None:
        """Wait until the thread has seen what was changed."""
        with self._lock:
            if self._thread is None:
                return
            self._asked += 1
            os.eventfd_write(self._bell, 1)
            asked = self._asked
            self._lock.wait_for(lambda: self._done >= asked, 5.0)

    # --- the thread --------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            while not self._stopping:
                self._keep_up()
                self._turn()
        finally:
            self._unplug()
            for member in self._members:
                self._hang_up(member)

    def _keep_up(self) -> None:
        """What should be there is there: the host's end, and everybody on the wire."""
        with self._lock:
            asked, faults, members = self._asked, set(self._faults), list(self._members)
        if "unplugged" in faults:
            self._unplug()
        else:
            self._plug()
        now = time.monotonic()
        for member in members:
            if member.fd < 0 and now >= member.try_at:
                member.fd = _dial(member.where)
                member.try_at = now + DIAL_S
        with self._lock:
            self._done = asked
            self._lock.notify_all()

    def _turn(self) -> None:
        poller = select.poll()
        poller.register(self._bell, select.POLLIN)
        if self._server is not None:
            poller.register(self._server, select.POLLIN)
        if self._near >= 0:
            poller.register(self._near, select.POLLIN)
        by_fd = {member.fd: member for member in self._members if member.fd >= 0}
        for fd in by_fd:
            poller.register(fd, select.POLLIN)
        away = any(member.fd < 0 for member in self._members)
        pause = TICK_S if self._pending else DIAL_S if away else 60.0
        for fd, _ in poller.poll(pause * 1000):
            if fd == self._bell:
                os.eventfd_read(self._bell)
            elif self._server is not None and fd == self._server.fileno():
                self._accept(self._server)
            elif fd == self._near:
                self._from_host()
            elif fd in by_fd:
                self._from_member(by_fd[fd])
        self._to_host()

    def _from_host(self) -> None:
        data = _read(self._near)
        if not data:
            if not self._pty:
                os.close(self._near)
                self._near = -1
            return
        active = self.active()
        if self._echo or "echo" in active:
            self._say(data)
        if "silent" in active:
            return
        self._to += len(data)
        for member in self._members:
            if member.fd >= 0 and not _write(member.fd, data):
                self._hang_up(member)

    def _from_member(self, member: _Member) -> None:
        data = _read(member.fd)
        if not data:
            self._hang_up(member)
        elif "silent" not in self.active():
            self._from += len(data)
            self._say(data)

    def _say(self, data: bytes) -> None:
        if len(self._pending) + len(data) <= PENDING:
            self._pending += data

    def _to_host(self) -> None:
        if self._near < 0:
            self._pending.clear()
        if self._pending:
            n = 1 if "one_byte" in self.active() else len(self._pending)
            _write(self._near, bytes(self._pending[:n]))
            del self._pending[:n]

    def _hang_up(self, member: _Member) -> None:
        if member.fd >= 0:
            os.close(member.fd)
            member.fd, member.try_at = -1, time.monotonic() + DIAL_S

    # --- the host's end ----------------------------------------------------------------------------------------------

    def _plug(self) -> None:
        if self._pty and self._near < 0:
            self._near, self._slave = os.openpty()
            tty.setraw(self._slave)  # kept open here too: else a driver's close would end the pty
            os.set_blocking(self._near, False)
            self._pty_path = os.ttyname(self._slave)
        elif not self._pty and self._server is None:
            self._server = self._place.listen(4)

    def _unplug(self) -> None:
        for fd in (self._near, self._slave):
            if fd >= 0:
                os.close(fd)
        self._near = self._slave = -1
        if self._server is not None:
            self._server.close()
            self._server = None

    def _accept(self, server: socket.socket) -> None:
        client = server.accept()[0]
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # One host, the newest wins: the old one may be a connection that died unnoticed.
        if self._near >= 0:
            os.close(self._near)
        self._near = client.detach()


def _dial(where: str) -> int:
    """A descriptor to the simulator at `where`, or -1 when it is not there (it is tried again)."""
    url = urlsplit(where)
    try:
        if url.scheme == "tcp":
            sock = socket.create_connection((url.hostname or "", url.port or 0), timeout=1.0)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock.detach()
        return os.open(url.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return -1


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""


def _write(fd: int, data: bytes) -> bool:
    """False when nobody is there; what a full buffer does not take is lost, as on a wire."""
    try:
        os.write(fd, data)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True
