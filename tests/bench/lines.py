"""A line as slow as the wire it stands for: bytes are handed on at the speed of their baud rate, both ways, on TCP."""

from __future__ import annotations

import select
import socket
import threading
import time


class SlowLine:
    """Listens on `port` and leads to the port behind it; `bytes_per_s` each way (9600 baud 8N1 = 960)."""

    def __init__(self, to_port: int, bytes_per_s: int) -> None:
        self._to, self._per_s = to_port, bytes_per_s
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> SlowLine:
        self._begin(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(5)
        self._server.close()

    def _begin(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while not self._over.is_set():
            if select.select([self._server], [], [], 0.1)[0]:
                near = self._server.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._to))
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._begin(self._carry, near, far)
                self._begin(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        """A byte arrives when its last bit does: `ready` is that moment of the latest one, on the monotonic clock."""
        ready = 0.0
        with source, target:
            while not self._over.is_set():
                try:
                    if not select.select([source], [], [], 0.1)[0]:
                        continue
                    data = source.recv(4096)
                    ready = max(ready, time.monotonic())
                    for at in range(0, len(data), 4):
                        piece = data[at : at + 4]
                        ready += len(piece) / self._per_s
                        self._over.wait(max(0.0, ready - time.monotonic()))
                        target.sendall(piece)
                except (OSError, ValueError):
                    return  # the other direction has closed both ends
                if not data:
                    return
