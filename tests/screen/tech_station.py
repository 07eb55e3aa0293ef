"""The small station with a technician's API: one PIN, one token, `tech_data` as its truth, a wizard that keeps its answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.screen.small_station import SmallStation, answer
from tests.screen.tech_data import ANSWERS, STEPS, WIZARD_STEPS, wizard

PIN = "3333"
TECH_TOKEN = "tech-token"
ZIP = b"PK\x05\x06" + bytes(18)


class TechStation(SmallStation):
    """`calls` is every call of the technician as (method, path, body); `held` holds a test's answer back until it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, Any]] = []
        self.wrong = 0
        self.matrix: list[float] | None = None
        self.step = WIZARD_STEPS[0]
        self.held = threading.Event()
        self.held.set()

    def get(self, to: BaseHTTPRequestHandler) -> None:
        if not to.path.startswith("/tech"):
            super().get(to)
        elif to.path == "/tech/calibration":
            answer(to, 200, {"matrix": self.matrix})
        elif to.headers["Authorization"] != f"Bearer {TECH_TOKEN}":
            answer(to, 401, {"title": "请登录。", "remedy": "请用有权限的岗位登录。"})
        else:
            self._tech_get(to)

    def _tech_get(self, to: BaseHTTPRequestHandler) -> None:
        with self.heard:
            self.calls.append(("GET", to.path, None))
            self.heard.notify_all()
        if to.path == "/tech/bundle":
            to.send_response(200)
            to.send_header("Content-Length", str(len(ZIP)))
            to.end_headers()
            to.wfile.write(ZIP)
        elif to.path == "/tech/wizard":
            answer(to, 200, wizard(self.step))
        elif to.path in ANSWERS:
            answer(to, 200, ANSWERS[to.path])
        else:
            answer(to, 404, {"title": "没有这个地址。"})

    def put(self, to: BaseHTTPRequestHandler) -> None:
        self.tech_post(to, "PUT")

    def post(self, to: BaseHTTPRequestHandler) -> None:
        if to.path == "/login" or to.path.startswith("/tech"):
            self.tech_post(to, "POST")
        else:
            super().post(to)

    def tech_post(self, to: BaseHTTPRequestHandler, method: str) -> None:
        body = json.loads(to.rfile.read(int(to.headers["Content-Length"])))
        with self.heard:
            self.calls.append((method, to.path, body))
            self.heard.notify_all()
        if to.path == "/login":
            return self._login(to, body)
        if to.headers["Authorization"] != f"Bearer {TECH_TOKEN}":
            return answer(to, 401, {"title": "请登录。"})
        if to.path.endswith("/test"):
            self.held.wait(20)
            return answer(to, 200, {"outcome": "done", "detail": "", "seen": None})
        if to.path == "/tech/calibration":
            self.matrix = body["matrix"]
            return answer(to, 200, {"matrix": self.matrix})
        if to.path == "/tech/wizard":
            return self._wizard(to, body)
        return answer(to, 200, ANSWERS.get(to.path, {}))

    def _login(self, to: BaseHTTPRequestHandler, body: dict[str, str]) -> None:
        if body["pin"] == PIN and body["role"] == "tech" and self.wrong < 3:
            return answer(to, 200, {"token": TECH_TOKEN, "role": "tech", "counter": None})
        self.wrong += 1
        if self.wrong > 2:
            return answer(to, 429, {"title": "口令输错太多次，已锁定。", "remedy": "请 27 秒后再试。"})
        return answer(to, 401, {"title": "口令不对。", "remedy": "请再试，或问班长。"})

    def _wizard(self, to: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        for told in STEPS[self.step]["fields"]:
            value = body["answer"].get(told["id"])
            if body["step"] == self.step and told["required"] and not value:
                return answer(to, 422, {"title": "没有填写。", "remedy": "请填写。", "field": told["id"]})
        if body["step"] == self.step:
            self.step = WIZARD_STEPS[WIZARD_STEPS.index(self.step) + 1]
        return answer(to, 200, wizard(self.step))


@contextmanager
def tech_station() -> Iterator[TechStation]:
    station = TechStation()
    station.open()
    try:
        yield station
    finally:
        station.held.set()
        station.close()
