"""A proxy in front of the real station that answers what no station should: the screen must not fall over it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

from tests.sync.proxy import Proxy


def answer(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


WRONG: dict[str, bytes] = {
    "not_json": answer(b"<html>captive portal</html>"),
    "not_text": answer(b'{"version": "\xff\xfe", "plan": "\xc3"}'),
    "too_deep": answer(b'{"x":' + b"[" * 50_000),
    "empty": answer(b""),
    "null": answer(b"null"),
    "wrong_types": answer(b'{"version": 5, "plan": [], "ticket": "A001", "services": "none", "seq": "x"}'),
    "error_500": answer(b'{"title": "Oops"}', "500 Internal Server Error"),
    "error_503_html": answer(b"<h1>503</h1>", "503 Service Unavailable"),
    "no_http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "endless_header": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n",
    "bad_length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
    "bad_chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
}


class Hostile(Proxy):
    """`mode`: "pass", a key of WRONG, or a fault of Proxy; for requests whose first line has `only` in it. `twist` may
    change the JSON of each GET /kiosk."""

    def __init__(self, target: int) -> None:
        self.mode, self.only = "pass", ""
        self.twist: Callable[[Any], Any] | None = None
        super().__init__(target, lambda _: self.mode)

    def _treat(self, line: socket.socket, request: bytes, fault: str) -> bool:
        first = request.partition(b"\r\n")[0].decode("latin-1")
        if self.only not in first:
            fault = "pass"
        if fault in WRONG:
            line.sendall(WRONG[fault])
            return False
        if fault == "pass" and self.twist is not None and first.startswith("GET /kiosk"):
            said = self._ask(request)
            if said is None:
                return False
            body = json.loads(said.partition(b"\r\n\r\n")[2])
            line.sendall(answer(json.dumps(self.twist(body)).encode()))
            return True
        return super()._treat(line, request, fault)
