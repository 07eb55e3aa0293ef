"""The one client of every HTTP figure: a keep-alive socket that writes a request and reads its answer, nothing more."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any


class Refused(Exception):
    """An answer of 400 or above; a figure made of refusals would be worthless."""


class Wire:
    def __init__(self, port: int, token: str = "") -> None:
        self._token = token
        self._port = port
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def close(self) -> None:
        self._socket.close()

    def post(self, path: str, body: bytes, key: str = "") -> bytes:
        """Raises Refused, OSError."""
        key_line = f"Idempotency-Key: {key}\r\n" if key else ""
        auth = f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"{auth}{key_line}Content-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        return self._answer()

    def get(self, path: str) -> bytes:
        auth = f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{auth}\r\n".encode())
        return self._answer()

    def json(self, path: str, body: Any = None) -> Any:
        return json.loads(self.get(path) if body is None else self.post(path, json.dumps(body).encode()))

    def _answer(self) -> bytes:
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        data = data[end + 4 :]
        while len(data) < length:
            data += self._more()
        self._rest = data[length:]
        if not head.startswith(b"http/1.1 2"):
            raise Refused(f"{head.splitlines()[0]!r}: {data[:300]!r}")
        return data[:length]

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("the server closed the line")
        return data


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def together(works: Sequence[Callable[[], list[float]]]) -> tuple[list[float], float]:
    """Every work in a thread of its own, begun at once; -> what they returned together, and the seconds it all took."""
    out: list[float] = []
    broken: list[BaseException] = []
    gate = threading.Barrier(len(works) + 1)

    def run(work: Callable[[], list[float]]) -> None:
        gate.wait()
        try:
            out.extend(work())
        except BaseException as error:
            broken.append(error)
            raise

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    gate.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return out, time.perf_counter() - begin
