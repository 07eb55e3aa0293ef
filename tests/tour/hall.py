"""The demo hall of the tour: `kiosk run` with ports and data of its own, and the far ends of its wires."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.tour.report import Failed, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
UP_S = 60.0
STOP_S = 5.0
LARGEST = 16 * 1024 * 1024


def fetch(url: str) -> bytes:
    """The body of an answer below 400; raises Failed for anything else."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            body: bytes = answer.read(LARGEST)
            return body
    except (urllib.error.URLError, OSError) as error:
        raise Failed(f"{url}: {error}") from error


def fetch_json(url: str) -> Any:
    return json.loads(fetch(url))


def free_base(start: int = 21_000) -> int:
    """A first port such that all of the demo's ports are free; the kernel's own range is left to the kernel."""
    for base in range(start, 30_000, 200):
        try:
            for port in (base, *range(base + 11, base + 20), base + 50, base + 100):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise Failed("no free ports for a demo hall")


@dataclass(frozen=True)
class Panel:
    """Another screen than the demo's: pixels and inches."""

    width: int
    height: int
    diagonal_inch: float


def with_panel(panel: Panel, folder: Path) -> Path:
    """A copy of the demo's configuration with this screen in it; raises Failed when there is nothing to change."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "config", folder)
    file = folder / "station.toml"
    text = file.read_text(encoding="utf-8")
    for key, value in vars(panel).items():
        text, found = re.subn(rf"(?m)^{key} = [0-9.]+", f"{key} = {value}", text)
        if found != 1:
            raise Failed(f"{file}: expected one line `{key} = …`, found {found}")
    file.write_text(text, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Places:
    base: int

    @property
    def station(self) -> str:
        return f"http://127.0.0.1:{self.base}"

    @property
    def bench(self) -> str:
        return f"http://127.0.0.1:{self.base + 50}"

    @property
    def central(self) -> str:
        return f"http://127.0.0.1:{self.base + 100}"


class DemoHall:
    """Entered: everything is up. Left: everything has ended, within STOP_S."""

    def __init__(self, base: int, folder: Path, panel: Panel | None = None) -> None:
        self.panel = panel
        self.folder = folder
        self.places = Places(base)
        self.data = folder / "data"
        self.dump = folder / "dump"
        self.said = folder / "run.log"
        self.display = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DemoHall:
        for old in (self.data, self.dump):
            shutil.rmtree(old, ignore_errors=True)
        self.data.with_name(self.data.name + ".key").unlink(missing_ok=True)
        argv = [sys.executable, "-m", "kiosk", "run", "--headless", "--ports", str(self.places.base)]
        if self.panel is not None:
            argv += ["--config", str(with_panel(self.panel, self.folder / "config"))]
        env = {**os.environ, "YITAI_SCREEN_DUMP": str(self.dump)}
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(
                [*argv, "--data", str(self.data)], cwd=ROOT, env=env, stdout=said, stderr=said
            )
        try:
            self.display = wait_for(self._up, "the demo hall to come up", UP_S)
        except BaseException:
            self.close()
            raise
        return self

    def _up(self) -> str | None:
        said = self.said.read_text(encoding="utf-8")
        if self._process is not None and self._process.poll() is not None:
            raise Failed(f"`kiosk run` ended:\n{said}")
        found = re.search(r"virtual display (:[0-9]+)", said)
        return found[1] if found else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> int:
        """Asks it to end; -> its exit status. Raises Failed when it takes too long."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise Failed(f"`kiosk run` did not end within {STOP_S:.0f} s") from error


class Bench:
    """The simulated devices: what really arrived at the other end of each wire."""

    def __init__(self, url: str) -> None:
        self.url = url

    def state(self) -> Any:
        return fetch_json(f"{self.url}/state?lang=en")

    def save(self, path: str, file: Path) -> bool:
        """Fetches what lies at `path` into a file; True, for use in a condition."""
        file.write_bytes(fetch(f"{self.url}/{path}"))
        return True

    def newest_paper(self, after: int) -> int | None:
        """The number of the latest sheet that was cut after sheet `after`."""
        papers = self.state()["printer"]["papers"]
        return next((int(paper["n"]) for paper in papers if paper["n"] > after), None)

    def take_paper(self) -> None:
        request = urllib.request.Request(
            f"{self.url}/take-paper", data=b"{}", headers={"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10):
            return

    def sign(self, address: int) -> str:
        return next((str(sign["text"]) for sign in self.state()["signs"] if sign["address"] == address), "")

    def sounds(self) -> list[dict[str, Any]]:
        """What was played, latest first: n, text, seconds."""
        return list(self.state()["speaker"])
