"""The other end of a line, for simulators: a TCP port or a pty, its one thread, and the faults that every wire can have.

One thread owns the sockets (or the pty) and everything that happens on them; the public methods may be called from any
thread and are in force when they return. What is read is handed to `_received`; `_send` answers as the fault says:

    silent          powered off: takes bytes, does nothing        one_byte     answers one byte at a time
    slow            answers after `slow_s`                        echo         our own bytes come back first
    wrong_checksum  answers with one byte wrong                   half_close   TCP: says goodbye, goes on taking
    unplugged       the line is cut; TCP refuses until it is mended
"""

from __future__ import annotations

import heapq
import os
import select
import socket
import threading
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from devices.place import Place

WIRE_FAULTS = ("silent", "slow", "one_byte", "wrong_checksum", "echo", "half_close", "unplugged")
OLD_WORDS = {"unplug": "unplugged", "bad_ack": "wrong_checksum"}
GAP_S = 0.3  # a silence this long inside a frame means its rest will not come
BYTE_S = 0.002  # from byte to byte under one_byte
CLIENTS = 4
IN_FLIGHT = 4096  # answers waiting to be sent at most

R = TypeVar("R")  # a reader: what keeps the bytes of one client until they are a frame


class FarEnd(ABC, Generic[R]):
    """`host` "" = a pty instead of TCP; `port` 0 = any. `faults` of a subclass beyond the wire's stand in `own_faults`."""

    own_faults: tuple[str, ...] = ()

    def __init__(self, host: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._host, self._place, self._clock = host, Place(host, port), clock
        self.slow_s = 0.2
        self._changed = threading.Condition()
        self._fault, self._fault_address = "", 0
        self._asked = self._done = 0
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._server: socket.socket | None = None
        self._clients: dict[int, tuple[socket.socket | None, R]] = {}
        self._quiet: dict[int, float] = {}
        self._outgoing: list[tuple[float, int, int, bytes]] = []
        self._sent = 0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._todo: list[Callable[[], None]] = []
        self._slave = -1
        self._wake: tuple[int, int] = (-1, -1)
        self._pty_path = ""

    # --- what a subclass is ----------------------------------------------------------------------------------------

    @abstractmethod
    def _new_reader(self) -> R: ...

    @abstractmethod
    def _received(self, fd: int, reader: R, data: bytes) -> None:
        """Called on the thread."""

    def _paused(self, fd: int, reader: R) -> None:
        """The client has been silent for GAP_S."""

    # --- for the owner, from any thread ----------------------------------------------------------------------------

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(f for f in (*self.own_faults, *WIRE_FAULTS) if self._host or f != "half_close")

    @property
    def where(self) -> str:
        """What a driver's `where` must be to reach this."""
        return f"serial://{self._pty_path}?baud=9600" if not self._host else f"tcp://{self._host}:{self._place.port}"

    def start(self) -> None:
        self._stopping = False
        self._wake = os.pipe()
        if self._host:
            self._listen()
        else:
            self._open_pty()
        self._thread = threading.Thread(target=self._run, name="far-end", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        os.write(self._wake[1], b"x")
        thread.join(timeout=5)
        self._place.free()
        for fd in self._wake:
            os.close(fd)

    def set_fault(self, fault: str = "", address: int = 0) -> None:
        """The empty word clears. `address` 0 = all of them. Raises ValueError for a fault it has not."""
        fault = OLD_WORDS.get(fault, fault)
        if fault and fault not in self.faults:
            raise ValueError(f"unknown fault {fault!r}: one of {', '.join(self.faults)}")
        with self._changed:
            self._fault, self._fault_address = fault, address
        self._on_thread(self._plug)

    def _on_thread(self, what: Callable[[], None]) -> None:
        """Have the thread do it, and wait until it has."""
        with self._changed:
            if self._thread is None:
                return
            self._todo.append(what)
            self._asked += 1
            mine = self._asked
            os.write(self._wake[1], b"f")
            self._changed.wait_for(lambda: self._done >= mine or self._thread is None, timeout=5.0)

    # --- faults ----------------------------------------------------------------------------------------------------

    def _has(self, fault: str, address: int = 0) -> bool:
        return self._fault == fault and (not address or self._fault_address in (0, address))

    def _send(self, fd: int, data: bytes, address: int = 0) -> None:
        """Answer, as the fault lets it. On the thread."""
        if not data or self._has("silent", address) or len(self._outgoing) > IN_FLIGHT:
            return
        if self._has("wrong_checksum", address):
            middle = len(data) // 2
            data = data[:middle] + bytes((data[middle] ^ 0x01,)) + data[middle + 1 :]
        at = self._clock() + (self.slow_s if self._has("slow", address) else 0.0)
        pieces = [data[i : i + 1] for i in range(len(data))] if self._has("one_byte", address) else [data]
        for n, piece in enumerate(pieces):
            self._sent += 1
            heapq.heappush(self._outgoing, (at + n * BYTE_S, self._sent, fd, piece))
        self._flush()

    def _later(self, delay_s: float, what: Callable[[], None]) -> None:
        """Do it on the thread after a while. Call it there."""
        self._sent += 1
        heapq.heappush(self._timers, (self._clock() + delay_s, self._sent, what))

    def _everybody(self) -> list[int]:
        return list(self._clients)

    # --- the thread ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        self._server = self._place.listen(CLIENTS)

    def _open_pty(self) -> None:
        master, self._slave = os.openpty()  # the other end stays open here, or a driver's close would end the pty
        tty.setraw(self._slave)
        self._pty_path = os.ttyname(self._slave)
        self._clients[master] = (None, self._new_reader())

    def _run(self) -> None:
        while not self._stopping:
            poller = select.poll()
            for fd in (self._wake[0], *self._clients, *([self._server.fileno()] if self._server else [])):
                poller.register(fd, select.POLLIN)
            for fd, _ in poller.poll(self._pause_ms()):
                if fd == self._wake[0]:
                    os.read(fd, 64)
                    self._errands()
                elif self._server is not None and fd == self._server.fileno():
                    self._welcome(self._server)
                elif fd in self._clients:
                    self._read(fd)
            self._ring()
            self._flush()
            for fd in [fd for fd, at in self._quiet.items() if self._clock() - at >= GAP_S]:
                del self._quiet[fd]
                if fd in self._clients:
                    self._paused(fd, self._clients[fd][1])
        self._unplug()
        with self._changed:
            self._done = self._asked
            self._changed.notify_all()

    def _pause_ms(self) -> float | None:
        """Nothing to send and nobody in the middle of a frame: sleep until something comes."""
        now = self._clock()
        due = [heap[0][0] for heap in (self._outgoing, self._timers) if heap]
        due += [at + GAP_S for at in self._quiet.values()]
        return max(0.0, min(due) - now) * 1000 + 1 if due else None

    def _errands(self) -> None:
        with self._changed:
            todo, self._todo = self._todo, []
        for errand in todo:
            errand()
        with self._changed:
            self._done += len(todo)
            self._changed.notify_all()

    def _ring(self) -> None:
        while self._timers and self._timers[0][0] <= self._clock():
            heapq.heappop(self._timers)[2]()

    def _flush(self) -> None:
        while self._outgoing and self._outgoing[0][0] <= self._clock():
            _, _, fd, data = heapq.heappop(self._outgoing)
            if fd in self._clients:
                try:
                    os.write(fd, data)
                except OSError:
                    self._drop(fd)

    def _plug(self) -> None:
        """Cut the line or put it back, as the fault says."""
        if self._fault == "unplugged":
            self._unplug()
        elif self._host and self._server is None and not self._stopping:
            self._listen()
        if self._fault == "half_close":
            for client, _ in self._clients.values():
                self._goodbye(client)

    def _goodbye(self, client: socket.socket | None) -> None:
        if client is not None:
            try:
                client.shutdown(socket.SHUT_WR)
            except OSError:
                return  # it has gone by itself

    def _unplug(self) -> None:
        for fd in list(self._clients):
            self._drop(fd)
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def _welcome(self, server: socket.socket) -> None:
        client, _ = server.accept()
        if len(self._clients) >= CLIENTS:
            client.close()
            return
        client.settimeout(2.0)
        self._clients[client.fileno()] = (client, self._new_reader())
        if self._fault == "half_close":
            self._goodbye(client)

    def _drop(self, fd: int) -> None:
        client, _ = self._clients.pop(fd)
        self._quiet.pop(fd, None)
        self._outgoing = [item for item in self._outgoing if item[2] != fd]
        heapq.heapify(self._outgoing)
        if client is not None:
            client.close()
        else:
            os.close(fd)

    def _read(self, fd: int) -> None:
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b""
        if not data:
            self._drop(fd)
            return
        self._quiet[fd] = self._clock()
        if self._has("echo"):
            self._outgoing.append((0.0, 0, fd, data))
            heapq.heapify(self._outgoing)
            self._flush()
        if fd in self._clients:
            self._received(fd, self._clients[fd][1], data)
