"""The far end of a line, for simulators: a TCP port or a pty, its one thread, and the faults that every wire can have.

A device is a subclass that says what it answers (`answer`) and what it says unasked (`say`). One thread owns the sockets (or the
pty); the public methods may be called from any thread and are in force when they return. Faults, each until mended:

    silent      powered off: takes bytes, says nothing
    slow        says everything `slow_s` late; with `slow_bytes`, in pieces of so many, SLOW_S apart
    one_byte    says everything one byte at a time, `byte_s` apart
    echo        its peer's bytes come back before the answer (a single-wire bus)
    half_close  says goodbye and goes on taking, a later connection's in place of the first answer; TCP only
    unplugged   the line is cut: TCP refuses, a pty is gone, until it is mended at the same place

A pty is reached by a link that stays when the pty is made anew, as /dev/serial/by-path does for a real device.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import tempfile
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from devices.farclient import Client, Saying
from devices.place import Place

LINE_FAULTS = ("silent", "slow", "one_byte", "echo", "half_close", "unplugged")
SLOW_S = 0.02


class FarEnd:
    """`where` is tcp://127.0.0.1:port (0 = any free one) or "pty:"."""

    faults: tuple[str, ...] = LINE_FAULTS
    one_fault = False  # a fault takes the place of the one before
    hosts = 4  # connections at once, one more is refused; of 1 the newest wins
    out_limit = 1_048_576  # bytes waiting to be said; beyond it the peer is not reading and the rest is lost
    slow_s = 0.0
    slow_bytes = 0
    byte_s = 0.0
    baud = 9600  # what `where` says of a pty

    def __init__(self, id: str, where: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.id, self._clock = id, clock
        url = urlsplit(where)
        self._tcp = url.scheme == "tcp"
        self._place = Place(url.hostname or "127.0.0.1", url.port or 0 if self._tcp else 0)
        self.faults = tuple(f for f in self.faults if self._tcp or f != "half_close")
        self._folder: Path | None = None
        self._server: socket.socket | None = None
        self._slave = -1
        self._clients: dict[int, Client] = {}
        self._active: dict[str, int] = {}
        self._changed = threading.Condition()
        self._errands: list[Callable[[], None]] = []
        self._posed = self._done = 0
        self._bell = -1
        self._stopping = False
        self._thread: threading.Thread | None = None

    # --- for a subclass; all of it is called on the thread of the line -----------------------------------------------

    def answer(self, client: Client, data: bytes) -> bytes:
        """What the device answers to bytes from its peer; not asked while it is silent."""
        return b""

    def greeting(self) -> bytes:
        """What the device says to a connection that has just been made; never on a pty."""
        return b""

    def gone(self, client: Client) -> None:
        """A connection ended."""

    def tick(self) -> None:
        """After whatever happened, and not later than `next_tick` says."""

    def next_tick(self) -> float | None:
        """When something is due, by the clock."""
        return None

    # --- for everybody -----------------------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """What a driver's `where` must be to reach this; for port 0 and a pty known after start()."""
        if self._tcp:
            return f"tcp://{self._place.host}:{self._place.port}"
        return f"serial://{self._folder}/tty?baud={self.baud}" if self._folder else "pty:"

    def start(self) -> None:
        """Listens when this returns. Raises OSError when somebody else has the port."""
        if self._thread is not None:
            raise RuntimeError(f"{self.id} is already started")
        self._stopping = False
        if not self._tcp:
            self._folder = Path(tempfile.mkdtemp(prefix="far-end-"))
        self._plug()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._main, name=f"far-end-{self.id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        os.eventfd_write(self._bell, 1)
        thread.join(timeout=5)
        os.close(self._bell)
        self._place.free()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def active(self) -> tuple[str, ...]:
        with self._changed:
            return tuple(fault for fault in self.faults if fault in self._active)

    def has(self, fault: str, address: int | None = None) -> bool:
        """Whether it is on for this address; without one, whether it is on at all."""
        its = self._active.get(fault)
        return its is not None and (address is None or its in (0, address))

    def set_fault(self, fault: str = "", *, on: bool = True, address: int = 0) -> None:
        """ "" mends everything. `address` 0 = all of them. Raises ValueError for a fault it has not."""
        if fault and fault not in self.faults:
            raise ValueError(f'unknown fault {fault!r}: one of {", ".join(self.faults)}, or "" to mend it')
        with self._changed:
            if not fault or self.one_fault:
                self._active.clear()
            if fault and on:
                self._active[fault] = address
            else:
                self._active.pop(fault, None)
        self.on_thread(self._plug)

    def say(self, data: bytes, client: Client | None = None, address: int | None = None) -> None:
        """Send to `client`, or to all who listen; nothing is kept for those who come later. `address`: whose words they are."""
        self.on_thread(lambda: self._say(data, client, address))

    def wait_peer(self, timeout_s: float = 5.0) -> bool:
        """Until somebody is connected."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._clients), timeout_s)

    def on_thread(self, what: Callable[[], None]) -> None:
        """Have the thread do it, and wait until it has; nothing before start() and after stop()."""
        if self._thread is threading.current_thread():
            what()
            return
        with self._changed:
            if self._thread is None:
                return
            self._errands.append(what)
            self._posed += 1
            mine = self._posed
            os.eventfd_write(self._bell, 1)
            self._changed.wait_for(lambda: self._done >= mine, timeout=5.0)

    # --- the thread --------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._unplug()
            with self._changed:
                self._done = self._posed
                self._changed.notify_all()

    def _turn(self) -> None:
        poller = select.poll()
        poller.register(self._bell, select.POLLIN)
        if self._server is not None:
            poller.register(self._server, select.POLLIN)
        for client in self._clients.values():
            poller.register(client.fd, select.POLLIN | (select.POLLOUT if client.full else 0))
        rung = False
        for fd, events in poller.poll(self._pause_ms()):
            if fd == self._bell:
                rung = True
            elif self._server is not None and fd == self._server.fileno():
                self._welcome(self._server)
            elif fd in self._clients:
                self._clients[fd].full &= not events & select.POLLOUT
                if events & ~select.POLLOUT:
                    self._read(self._clients[fd])
        if rung:  # last: who connected before the errand was given is let in first, and hears what it says
            os.eventfd_read(self._bell)
            self._run_errands()
        self.tick()
        for client in list(self._clients.values()):
            self._flush(client)

    def _pause_ms(self) -> float | None:
        """Nothing to say and nothing due: sleep until something comes."""
        due = [at for at in (self.next_tick(), *(client.due() for client in self._clients.values())) if at is not None]
        return max(0.0, min(due) - self._clock()) * 1000 if due else None

    def _run_errands(self) -> None:
        with self._changed:
            errands, self._errands = self._errands, []
        for errand in errands:
            errand()
        with self._changed:
            self._done += len(errands)
            self._changed.notify_all()

    def _read(self, client: Client) -> None:
        try:
            data = os.read(client.fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        if self.has("echo"):
            self._say(data, client)
        self._take(client, data)

    def _take(self, client: Client, data: bytes) -> None:
        if not self.has("silent") and (said := self.answer(client, data)):
            self._say(said, client)

    def _say(self, data: bytes, client: Client | None = None, address: int | None = None) -> None:
        """As the faults have it. What somebody does not fetch, and what comes after our goodbye, is lost."""
        if not data or self.has("silent", address):
            return
        late = self.slow_s if self.has("slow", address) else 0.0
        size, gap_s = len(data), 0.0
        if self.has("one_byte", address):
            size, gap_s = 1, self.byte_s
        elif self.slow_bytes and self.has("slow", address):
            size, gap_s = self.slow_bytes, SLOW_S
        for each in list(self._clients.values()) if client is None else [client]:
            if self.has("half_close"):
                each.say_goodbye()
            if self._clients.get(each.fd) is each:
                each.put(Saying(self._clock() + late, data[: self.out_limit - each.pending], size, gap_s))
                self._flush(each)

    def _flush(self, client: Client) -> None:
        if not client.flush(self._clock()):
            self._drop(client)

    # --- plugging and unplugging -------------------------------------------------------------------------------------

    def _plug(self) -> None:
        """Cut the line or put it back, as the faults have it."""
        if self.has("unplugged"):
            self._unplug()
        elif self._tcp and self._server is None:
            self._server = self._place.listen(self.hosts)
            self._server.setblocking(False)
        elif not self._tcp and not self._clients:
            self._open_pty()
        if self.has("half_close"):
            for client in self._clients.values():
                client.say_goodbye()

    def _open_pty(self) -> None:
        assert self._folder is not None
        self._unplug()  # a pty that was lost has left its link and its other end behind
        master, self._slave = os.openpty()  # the other end stays open here, or a driver's close would end the pty
        tty.setraw(self._slave)
        os.set_blocking(master, False)
        (self._folder / "tty").symlink_to(os.ttyname(self._slave))
        self._come(Client(master, None))

    def _unplug(self) -> None:
        # First no new ones: who notices at once that it was cut off must not be let in again.
        if self._server is not None:
            self._server.close()
            self._server = None
        elif self._folder is not None:
            (self._folder / "tty").unlink(missing_ok=True)
        for client in list(self._clients.values()):
            self._drop(client)
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def _welcome(self, server: socket.socket) -> None:
        try:
            sock, _ = server.accept()
        except OSError:
            return  # it went before it was let in
        if self.hosts == 1:
            # The newest wins: the old one may be a connection that nobody told us had died.
            for old in list(self._clients.values()):
                self._drop(old)
        elif len(self._clients) >= self.hosts:
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = Client(sock.fileno(), sock)
        self._come(client)
        self._say(self.greeting(), client)

    def _come(self, client: Client) -> None:
        with self._changed:
            self._clients[client.fd] = client
            self._changed.notify_all()

    def _drop(self, client: Client) -> None:
        if self._clients.get(client.fd) is not client:
            return
        with self._changed:
            del self._clients[client.fd]
            self._changed.notify_all()
        self.gone(client)
        client.close()
