"""The far end of a line: a TCP server or a pty on which a simulated device speaks and fails on demand.

A device is a subclass that says what it answers (`heard`) and what it says unasked (`say`). One thread owns the sockets;
the public methods may be called from any thread. Faults that every line has:

    silent       takes bytes, says nothing (switched off)
    slow         says everything in small pieces, 20 ms apart
    one_byte     says everything one byte at a time
    echo         its peer's bytes come back before the answer (a single-wire bus)
    half_close   has ended its half of the connection; TCP only
    unplugged    the cable is out: TCP refuses, a pty is gone, until it is mended at the same place

A pty is reached by a link that stays when the pty is made anew, as /dev/serial/by-path does for a real device.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import tempfile
import threading
import time
import tty
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devices.place import Place

LINE_FAULTS = ("silent", "slow", "one_byte", "echo", "half_close", "unplugged")
PEERS = 4  # connections at once; a device has one
PENDING = 1_048_576  # bytes waiting to be said; beyond it the peer is not reading and the rest is lost
SLOW_S = 0.02


class Peer:
    """One connection, or the pty. `sock` is None for a pty."""

    def __init__(self, fd: int, sock: socket.socket | None) -> None:
        self.fd, self.sock = fd, sock
        self.out = bytearray()
        self.next_at = 0.0
        self.ended = False
        self.hang_up = False  # once everything is said


class FarEnd:
    """`where` is tcp://127.0.0.1:port (0 = any free one) or "pty:"."""

    faults: tuple[str, ...] = LINE_FAULTS
    slow_bytes = 16

    def __init__(self, id: str, where: str) -> None:
        self.id = id
        url = urlsplit(where)
        self._host = url.hostname or "" if url.scheme == "tcp" else ""
        self._place = Place(self._host, (url.port or 0) if self._host else 0)
        self._folder: Path | None = None
        self._server: socket.socket | None = None
        self._slave = -1
        self._peers: dict[int, Peer] = {}
        self._unsaid: deque[tuple[Peer | None, bytes]] = deque(maxlen=1024)
        self._faults: set[str] = set()
        self._changed = threading.Condition()
        self._posed = self._done = 0
        self._bell = -1
        self._stopping = False
        self._thread: threading.Thread | None = None

    # --- for a subclass --------------------------------------------------------------------------------------------

    def heard(self, peer: Peer, data: bytes) -> bytes:
        """What the device answers to bytes from its peer; called on the thread of the line."""
        return b""

    def greeting(self) -> bytes:
        """What the device says to a connection that has just been made; never on a pty."""
        return b""

    def gone(self, peer: Peer) -> None:
        """A connection ended."""

    def shown(self) -> Any:
        return None

    # --- for everybody ---------------------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """What a driver's `where` must be to reach this."""
        if self._host:
            return f"tcp://{self._host}:{self._place.port}"
        return f"serial://{self._folder}/tty?baud=115200" if self._folder else "pty:"

    def start(self) -> None:
        self._stopping = False
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        if not self._host:
            self._folder = Path(tempfile.mkdtemp(prefix="far-end-"))
        self._plug()
        self._thread = threading.Thread(target=self._run, name=f"far-end-{self.id}", daemon=True)
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
            return tuple(sorted(self._faults))

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        """In force when this returns. "" mends everything."""
        if fault and fault not in self.faults:
            raise ValueError(f"unknown fault {fault!r}: one of {', '.join(self.faults)}")
        with self._changed:
            if not fault:
                self._faults.clear()
            elif on:
                self._faults.add(fault)
            else:
                self._faults.discard(fault)
            if self._thread is None:
                return
            self._posed += 1
            os.eventfd_write(self._bell, 1)
            self._changed.wait_for(lambda: self._done >= self._posed, timeout=5.0)

    def say(self, data: bytes, peer: Peer | None = None) -> None:
        """Send to `peer`, or to all who listen; nothing is kept for those who come later."""
        with self._changed:
            self._unsaid.append((peer, data))
            if self._thread is not None:
                os.eventfd_write(self._bell, 1)

    def has(self, fault: str) -> bool:
        return fault in self._faults

    def wait_peer(self, timeout_s: float = 5.0) -> bool:
        """Until somebody is connected."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._peers), timeout_s)

    # --- the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            poller = select.poll()
            poller.register(self._bell, select.POLLIN)
            if self._server is not None:
                poller.register(self._server.fileno(), select.POLLIN)
            for peer in self._peers.values():
                due = bool(peer.out) and time.monotonic() >= peer.next_at
                poller.register(peer.fd, select.POLLIN | (select.POLLOUT if due else 0))
            for fd, events in poller.poll(self._pause_ms()):
                self._serve(fd, events)
            self._distribute()
        self._unplug()

    def _serve(self, fd: int, events: int) -> None:
        if fd == self._bell:
            os.eventfd_read(fd)
            self._apply_faults()
        elif self._server is not None and fd == self._server.fileno():
            self._accept(self._server)
        elif fd in self._peers:
            if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                self._read(self._peers[fd])
            if events & select.POLLOUT and fd in self._peers:
                self._write(self._peers[fd])

    def _pause_ms(self) -> float | None:
        due = [peer.next_at for peer in self._peers.values() if peer.out]
        return max(0.0, min(due) - time.monotonic()) * 1000 if due else None

    def _apply_faults(self) -> None:
        with self._changed:
            faults, asked = set(self._faults), self._posed
        if "unplugged" in faults:
            self._unplug()
        else:
            self._plug()
        for peer in list(self._peers.values()):
            if "half_close" in faults and peer.sock is not None and not peer.ended:
                peer.ended = True
                with contextlib.suppress(OSError):  # the peer may have gone a moment ago
                    peer.sock.shutdown(socket.SHUT_WR)
        with self._changed:
            self._done = asked
            self._changed.notify_all()

    def _plug(self) -> None:
        if self._host:
            if self._server is None:
                self._server = self._place.listen(PEERS)
        elif not self._peers and self._folder is not None:
            master, self._slave = os.openpty()  # the other end stays open here, or a driver's close would end the pty
            tty.setraw(self._slave)
            os.set_blocking(master, False)
            link = self._folder / "tty"
            link.unlink(missing_ok=True)
            link.symlink_to(os.ttyname(self._slave))
            self._peers[master] = Peer(master, None)

    def _unplug(self) -> None:
        for peer in list(self._peers.values()):
            self._drop(peer)
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def _accept(self, server: socket.socket) -> None:
        client, _ = server.accept()
        if len(self._peers) >= PEERS:
            client.close()
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = Peer(client.fileno(), client)
        with self._changed:
            self._peers[peer.fd] = peer
            self._changed.notify_all()
        if hello := self.greeting():
            self.say(hello, peer)

    def _drop(self, peer: Peer) -> None:
        with self._changed:
            del self._peers[peer.fd]
            self._changed.notify_all()
        self.gone(peer)
        if peer.sock is not None:
            peer.sock.close()
        else:
            os.close(peer.fd)

    def _read(self, peer: Peer) -> None:
        try:
            data = os.read(peer.fd, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        if self.has("echo"):
            self.say(data, peer)
        if not self.has("silent") and (answer := self.heard(peer, data)):
            self.say(answer, peer)

    def _distribute(self) -> None:
        while True:
            with self._changed:
                if not self._unsaid:
                    return
                to, data = self._unsaid.popleft()
            for peer in list(self._peers.values()):
                if (to is None or to is peer) and not self.has("silent"):
                    peer.out += data[: PENDING - len(peer.out)]

    def _write(self, peer: Peer) -> None:
        n = 1 if self.has("one_byte") else self.slow_bytes if self.has("slow") else len(peer.out)
        try:
            n = os.write(peer.fd, peer.out[:n])
        except BlockingIOError:
            return
        except OSError:
            self._drop(peer)
            return
        del peer.out[:n]
        peer.next_at = time.monotonic() + (SLOW_S if self.has("slow") else 0.0)
        if peer.hang_up and not peer.out:
            self._drop(peer)
