"""A small station: a real HTTP server that speaks the part of the contract the screen uses, and can misbehave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from tests.flows.hall_of import PLAN, hall

TOKEN = "screen-token"


class SmallStation:
    """`posts` is every POST as (path, key, body); one number is given for each key, whoever repeats it."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str, dict[str, Any]]] = []
        self.tickets: dict[str, dict[str, Any]] = {}
        self.lost_answers = 0  # so many answers are cut off after the work is done
        self.refuse: dict[str, Any] | None = None
        self.print_state = "asked"
        self.heard = threading.Condition()
        self.lines: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def open(self, port: int = 0) -> None:
        station = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                station.lines.add(self.connection)

            def do_GET(self) -> None:
                station.get(self)

            def do_POST(self) -> None:
                station.post(self)

            def do_PUT(self) -> None:
                station.put(self)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Gone: its port refuses."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for line in list(self.lines):  # a process that dies takes its connections along
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.lines.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, to: BaseHTTPRequestHandler) -> None:
        if to.path == "/kiosk":
            answer(to, 200, {"version": "v1", "plan": PLAN, "screen": {}, "notices": []})
        elif to.path == "/hall":
            answer(to, 200, hall())
        elif to.path.startswith("/tickets/"):
            found = next((t for t in self.tickets.values() if t["id"] == to.path[9:]), None)
            answer(to, 200 if found else 404, {"ticket": {**found, "print": self.print_state}} if found else {})
        else:
            answer(to, 404, {})

    def put(self, to: BaseHTTPRequestHandler) -> None:
        answer(to, 404, {})

    def post(self, to: BaseHTTPRequestHandler) -> None:
        body = json.loads(to.rfile.read(int(to.headers["Content-Length"])))
        key = to.headers["Idempotency-Key"]
        with self.heard:
            self.posts.append((to.path, key, body))
            self.heard.notify_all()
            if to.headers["Authorization"] != f"Bearer {TOKEN}":
                return answer(to, 401, {"title": "who are you?"})
            if self.refuse is not None:
                return answer(to, int(self.refuse["status"]), self.refuse)
            if to.path == "/tickets" and key not in self.tickets:
                n = len(self.tickets) + 1
                self.tickets[key] = {
                    "id": f"t{n:03}",
                    "number": f"A{n:03}",
                    "service": body["service"],
                    "print": "asked",
                }
            if self.lost_answers:
                self.lost_answers -= 1
                to.close_connection = True
                to.connection.close()
                return None
        return answer(to, 201, {"ticket": self.tickets[key]} if to.path == "/tickets" else {"call": "c1", "job": "j1"})


def answer(to: BaseHTTPRequestHandler, status: int, value: object) -> None:
    body = msgspec.json.encode(value)
    to.send_response(status)
    to.send_header("Content-Type", "application/json")
    to.send_header("Content-Length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)


@contextmanager
def small_station() -> Iterator[SmallStation]:
    station = SmallStation()
    station.open()
    try:
        yield station
    finally:
        station.close()
