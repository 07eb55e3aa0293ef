"""A TCP proxy that mistreats HTTP: one script entry for each request, `pass` when the script has run out.

pass · drop_request (hang up before the server sees it) · drop_answer (the server has done it, the client never hears)
· trickle (a byte a second) · black_hole (nothing ever) · error_500 · garbage · cut (half an answer) · redirect
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

GARBAGE = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"through": '
ERROR = b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nOops"
REDIRECT = b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/facts\r\nContent-Length: 0\r\n\r\n"


class Proxy:
    """`script(n)` says what happens to the n-th request (from 0); `seen` records it, `done` is told after each."""

    def __init__(self, target: int, script: Callable[[int], str]) -> None:
        self.target, self.script = target, script
        self.seen: list[str] = []
        self.after: Callable[[int], None] = lambda n: None
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Proxy:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._spawn(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _spawn(self, work: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(lambda line=line: self._serve(line))  # type: ignore[misc]

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(0.1)
        with line:
            try:
                while (request := self._message(line)) is not None:
                    with self._guard:
                        number = len(self.seen)
                        fault = self.script(number)
                        self.seen.append(fault)
                    keep = self._treat(line, request, fault)
                    self.after(number)
                    if not keep:
                        return
            except OSError:
                return  # one of the two ends hung up or was killed: that is the point

    def _message(self, line: socket.socket) -> bytes | None:
        """One whole HTTP message with a Content-Length; None when the other end is gone or all is over."""
        data = bytearray()
        while not self._over.is_set():
            head, gap, body = bytes(data).partition(b"\r\n\r\n")
            if gap and len(body) >= _length(head):
                return bytes(data)
            try:
                piece = line.recv(65536)
            except TimeoutError:
                continue
            if not piece:
                return None
            data += piece
        return None

    def _treat(self, line: socket.socket, request: bytes, fault: str) -> bool:
        """-> whether the connection lives on."""
        said = {"error_500": ERROR, "garbage": GARBAGE, "redirect": REDIRECT}.get(fault)
        if said is not None:
            line.sendall(said)
            return True
        if fault == "drop_request":
            return False
        if fault == "black_hole":
            return _gone(line, self._over)
        answer = self._ask(request)
        if answer is None or fault == "drop_answer":
            return False
        if fault == "trickle":
            for byte in answer:
                line.sendall(bytes([byte]))
                if self._over.wait(1.0):
                    return False
        line.sendall(answer[: len(answer) // 2] if fault == "cut" else answer)
        return fault != "cut"

    def _ask(self, request: bytes) -> bytes | None:
        with socket.create_connection(("127.0.0.1", self.target), timeout=10) as up:
            up.sendall(request)
            up.settimeout(0.1)
            return self._message(up)


def _gone(line: socket.socket, over: threading.Event) -> bool:
    """Waits, without a word, until the client hangs up or all is over; -> False."""
    while not over.is_set():
        try:
            if not line.recv(1):
                return False
        except TimeoutError:
            continue
    return False


def _length(head: bytes) -> int:
    for row in head.lower().split(b"\r\n"):
        if row.startswith(b"content-length:"):
            return int(row.split(b":")[1])
    return 0
