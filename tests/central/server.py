"""The real central in a process of its own, on a free port, and a station's side of the wire."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from kiosk import http
from kiosk.central.settings import token_hash
from kiosk.pin import hash_pin

STORE = "ab" * 16
TOKEN = "station-token-of-the-test"
PIN = "4711"
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Server:
    """`kiosk central` over `folder`; kill() is kill -9, start() comes back on the same port and data."""

    def __init__(self, folder: Path) -> None:
        self.data, self.config = folder / "data", folder / "config"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "central.log"
        self.config.mkdir(parents=True)
        stations = "".join(
            f'[[station]]\nid = "{name}"\ntoken_sha256 = "{token_hash(token)}"\n'
            for name, token in (("S1", TOKEN), ("S2", TOKEN + "2"))
        )
        (self.config / "central.toml").write_text(
            f"[central]\nlisten = \"127.0.0.1:{self.port}\"\npin = '{hash_pin(PIN)}'\n{stations}", encoding="utf-8"
        )

    def start(self) -> None:
        command = [sys.executable, "-m", "kiosk", "central", "--config", str(self.config), "--data", str(self.data)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ})
        with http.session() as line:
            until = time.monotonic() + 20
            while time.monotonic() < until and self._process.poll() is None:
                try:
                    if http.call(line, "GET", f"{self.url}/health", deadline_s=1).status == 200:
                        return
                except http.HttpError:
                    self._wait(0.05)
        raise AssertionError(f"central did not start:\n{self.log.read_text()}")

    def _wait(self, seconds: float) -> None:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> int:
        """SIGTERM; -> exit status."""
        if self._process is None or self._process.poll() is not None:
            return -1
        self._process.terminate()
        return self._process.wait(10)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.data / 'central.db'}?mode=ro", uri=True)) as conn:
            return conn.execute(sql, values).fetchall()


class Wire:
    """A station that speaks the wire by hand."""

    def __init__(self, url: str, token: str = TOKEN, lang: str = "en") -> None:
        self.url = url
        self._line = http.session(token=token)
        self._line.headers["Accept-Language"] = lang

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *exc: object) -> None:
        self._line.close()

    def ask(self, method: str, path: str, **more: Any) -> http.Answer:
        return http.call(self._line, method, f"{self.url}{path}", **more)

    def post(self, facts: list[dict[str, Any]], *, store: str = STORE, station: str = "S1", **more: Any) -> http.Answer:
        first = facts[0]["seq"] if facts else 1
        batch = {"store": store, "station": station, "first_seq": first, "facts": facts, **more}
        return self.raw(gzip.compress(msgspec.json.encode(batch)))

    def raw(self, body: bytes, encoding: str = "gzip") -> http.Answer:
        headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
        return self.ask("POST", "/facts", data=body, headers=headers)


def said(answer: http.Answer) -> Any:
    return msgspec.json.decode(answer.body)


def device(seq: int, detail: str = "") -> dict[str, Any]:
    body = {"device": "printer", "state": "ready", "detail": detail or f"n{seq}"}
    return {"seq": seq, "at": 1_700_000_000_000 + seq, "kind": "DeviceChanged", "body": body}


def fact(seq: int, kind: str, **body: Any) -> dict[str, Any]:
    return {"seq": seq, "at": 1_700_000_000_000 + seq, "kind": kind, "body": body}
