"""A real station in a process of its own, with eight counters and no devices, and the people who use it over HTTP."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from argon2 import PasswordHasher

ROOT = Path(__file__).resolve().parents[2]
PIN = "1111"
START_S = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def write_config(folder: Path, port: int, *, counters: int = 8, central: str = "", token: str = "") -> Path:
    """The demo hall's services and triage; counters without signs; one cheap PIN for all."""
    folder.mkdir(parents=True)
    for name in ("hall.toml", "services.toml", "triage.toml"):
        shutil.copyfile(ROOT / "config" / name, folder / name)
    (folder / "devices.toml").write_text("")
    (folder / "counters.toml").write_text(
        "".join(f'[[counter]]\nid = {n}\nname = {{ zh = "{n}", en = "{n}" }}\n' for n in range(1, counters + 1))
    )
    pin = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
    (folder / "station.toml").write_text(
        f'[station]\nid = "S1"\nlisten = "127.0.0.1:{port}"\n[central]\nurl = "{central}"\ntoken = "{token}"\n'
        f'[pins]\ncounter = "{pin}"\nguide = "{pin}"\ntech = "{pin}"\n'
    )
    return folder


class Said(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


class Line:
    """One keep-alive connection. A call that got no answer raises OSError or HTTPException: nobody knows what became
    of it, so it is sent again with the same key."""

    def __init__(self, port: int, token: str = "", timeout: float = 10) -> None:
        self.token = token
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def call(self, method: str, path: str, body: object = None, key: str = "", **headers: str) -> Said:
        said = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.token:
            said["Authorization"] = f"Bearer {self.token}"
        if key:
            said["Idempotency-Key"] = key
        try:
            self._line.request(method, path, None if body is None else json.dumps(body), said)
            answer = self._line.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            raise
        kind = answer.headers.get("content-type", "")
        return Said(
            answer.status,
            json.loads(data) if "json" in kind else data,
            {k.lower(): v for k, v in answer.headers.items()},
        )

    def close(self) -> None:
        self._line.close()


class Station:
    """`kiosk station`; kill() is kill -9, start() comes back on the same port and data."""

    def __init__(self, folder: Path, *, data: Path | None = None, **config: Any) -> None:
        self.port = free_port()
        self.config = write_config(folder / "config", self.port, **config)
        self.data = data or folder / "data"
        self.log = folder / "station.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = ["-m", "kiosk", "station", "--config", str(self.config), "--data", str(self.data)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, *argv], cwd=ROOT, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            line = Line(self.port, timeout=5)
            try:
                if line.call("GET", "/health").status == 200:
                    return
            except (OSError, http.client.HTTPException):
                wait(self.process, 0.03)
            finally:
                line.close()
        raise AssertionError(f"the station did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        if self.process is None or self.process.poll() is not None:
            return -1
        self.process.terminate()
        return self.process.wait(15)

    def line(self, token: str = "") -> Line:
        return Line(self.port, token)

    def screen(self) -> Line:
        """As the touchscreen: with the token of the data folder."""
        return self.line((self.data / "screen.token").read_text().strip())

    def login(self, role: str, counter: int | None = None) -> str:
        line = self.line()
        said = line.call("POST", "/login", {"role": role, "pin": PIN, **({"counter": counter} if counter else {})})
        line.close()
        assert said.status == 200, said
        return str(said.body["token"])


def wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Until the process ends, or so long."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
