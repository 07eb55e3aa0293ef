"""Hostile wires between a driver and its simulator: one byte at a time, and a device that answers noise."""

from __future__ import annotations

import random
import select
import socket
import threading
from abc import ABC, abstractmethod
from typing import Self
from urllib.parse import urlsplit

WHOLE_AFTER = 2048  # bytes of one direction that go singly; a sound of 200 kB need not


class _Relay(ABC):
    """A TCP port of its own, and a thread that serves it from entering to leaving."""

    def __init__(self) -> None:
        self._server: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stop = socket.socketpair()

    @abstractmethod
    def _main(self, server: socket.socket) -> None:
        """Called on the thread; ends when `self._stop[1]` can be read."""

    @property
    def where(self) -> str:
        assert self._server is not None
        return f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        name = type(self).__name__.lower()
        self._thread = threading.Thread(target=self._main, args=(self._server,), name=name, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop[0].send(b"x")
        if self._thread is not None:
            self._thread.join(5.0)
        for end in (*self._stop, self._server):
            if end is not None:
                end.close()


class Trickle(_Relay):
    """A TCP relay to `target` that hands on every byte by itself, in both directions; one connection at a time."""

    def __init__(self, target: str) -> None:
        super().__init__()
        url = urlsplit(target)
        self._target = (url.hostname or "", url.port or 0)

    def _main(self, server: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([server, self._stop[1]], [], [])
            if self._stop[1] in ready:
                return
            driver, _ = server.accept()
            with driver, socket.create_connection(self._target, timeout=3.0) as device:
                for end in (driver, device):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if not self._carry(driver, device):
                    return

    def _carry(self, driver: socket.socket, device: socket.socket) -> bool:
        """False when the relay is to end."""
        other, sent = {driver: device, device: driver}, {driver: 0, device: 0}
        while True:
            ready, _, _ = select.select([driver, device, self._stop[1]], [], [])
            if self._stop[1] in ready:
                return False
            for end in ready:
                size = 1 if sent[end] < WHOLE_AFTER else 4096
                try:
                    data = end.recv(size)
                    other[end].sendall(data)
                except OSError:
                    return True
                if not data:
                    return True
                sent[end] += len(data)


class Babbler(_Relay):
    """A TCP peer that answers whatever comes with seeded noise: the wrong device on the line, or the wrong baud rate."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self._rng = random.Random(seed)

    def _main(self, server: socket.socket) -> None:
        driver: socket.socket | None = None
        try:
            while True:
                ready, _, _ = select.select([server, self._stop[1], *([driver] if driver else [])], [], [])
                if self._stop[1] in ready:
                    return
                if server in ready:
                    if driver is not None:
                        driver.close()
                    driver, _ = server.accept()
                elif driver is not None and not self._babble(driver):
                    driver.close()
                    driver = None
        finally:
            if driver is not None:
                driver.close()

    def _babble(self, driver: socket.socket) -> bool:
        try:
            data = driver.recv(4096)
            if data:
                driver.sendall(self._rng.randbytes(self._rng.randrange(1, 40)))
        except OSError:
            return False
        return bool(data)
