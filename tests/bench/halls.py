"""Real processes to measure: a configuration in a temporary folder, a station, central, a floor, each on a free port."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.wire import Refused, Wire

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "config"
UP_S = 60.0
PIN = "1111"
TOKEN = "demo-station-token"


class NotUp(Exception):
    """A process did not come up, or ended; the text has what it said."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def config(folder: Path, *, counters: int = 4, devices: str = "", central: str = "", signs: bool = False) -> Path:
    """A copy of the demo hall with so many counters, these devices (TOML) and this central."""
    shutil.copytree(DEMO, folder)
    rows = []
    for n in range(1, counters + 1):
        sign = f'sign = "signs:{n}"\n' if signs else ""
        rows.append(f'[[counter]]\nid = {n}\nname = {{ zh = "{n} 号窗口", en = "Counter {n}" }}\n{sign}')
    (folder / "counters.toml").write_text("\n".join(rows), encoding="utf-8")
    (folder / "devices.toml").write_text(devices, encoding="utf-8")
    services = (folder / "services.toml").read_text(encoding="utf-8")
    capped = services.replace("[[service]]\n", "[[service]]\nday_cap = 100000\n")
    (folder / "services.toml").write_text(capped, encoding="utf-8")
    station = (folder / "station.toml").read_text(encoding="utf-8")
    station = station.replace('url = "http://127.0.0.1:8700"', f'url = "{central}"')
    (folder / "station.toml").write_text(station, encoding="utf-8")
    central_toml = (folder / "central.toml").read_text(encoding="utf-8")
    assert hashlib.sha256(TOKEN.encode()).hexdigest() in central_toml, "the demo's token has changed"
    return folder


@contextmanager
def scratch(name: str = "bench") -> Iterator[Path]:
    """A folder on the disk that is measured (build/, not a memory file system), gone afterwards."""
    parent = ROOT / "build"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=parent) as folder:
        yield Path(folder)


class Process:
    """One server process; entered, it answers on its port."""

    def __init__(self, argv: list[str], port: int, log: Path, path: str = "/health", env: dict[str, str] | None = None):
        self.argv = [sys.executable, *argv]
        self.port, self.log, self._path = port, log, path
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Process:
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(self.argv, cwd=ROOT, env=self._env, stdout=said, stderr=said)
        try:
            self._await_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await_up(self) -> None:
        deadline = time.monotonic() + UP_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                wire = Wire(self.port)
            except OSError:
                pause(0.005)
                continue
            try:
                wire.get(self._path)
                return
            except Refused:
                return  # it answers, which is all that is asked
            except OSError:
                pause(0.005)
            finally:
                wire.close()
        raise NotUp(f"{' '.join(self.argv)}:\n{self.log.read_text(encoding='utf-8')[-2000:]}")

    def __exit__(self, *exc: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def station(config_folder: Path, data: Path, env: dict[str, str] | None = None) -> Process:
    port = free_port()
    data.mkdir(parents=True, exist_ok=True)
    argv = ["-m", "kiosk", "station", "--config", str(config_folder), "--data", str(data), "--port", str(port)]
    return Process(argv, port, data.with_suffix(".log"), env=env)


def central(config_folder: Path, data: Path, port: int) -> Process:
    data.mkdir(parents=True, exist_ok=True)
    argv = ["-m", "kiosk", "central", "--config", str(config_folder), "--data", str(data), "--port", str(port)]
    return Process(argv, port, data.with_suffix(".log"))


def floor(kind: str, folder: Path, env: dict[str, str] | None = None) -> Process:
    port = free_port()
    argv = ["-m", "tests.bench.floors", kind, str(port), *([str(folder / "floor.bin")] if kind == "echo" else [])]
    return Process(argv, port, folder / f"floor-{kind}.log", path="/", env=env)


def login(port: int, counters: int) -> list[str]:
    """The token of each counter, opened for service."""
    wire = Wire(port)
    tokens = []
    for n in range(1, counters + 1):
        token = wire.json("/login", {"role": "counter", "counter": n, "pin": PIN})["token"]
        at_counter = Wire(port, token)
        at_counter.json(f"/counters/{n}/open", {})
        at_counter.close()
        tokens.append(token)
    wire.close()
    return tokens


def memory_mib(pid: int) -> float:
    """What the process holds in memory, RSS, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise NotUp(f"process {pid} has ended")


def cpu_s(pid: int) -> float:
    """Processor time used by the threads the process has now, seconds."""
    ran = (Path(task) / "schedstat" for task in Path(f"/proc/{pid}/task").iterdir())
    return sum(int(file.read_text().split()[0]) for file in ran) / 1e9
