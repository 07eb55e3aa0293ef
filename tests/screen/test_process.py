"""The whole screen as a process of its own, on a virtual display, against a real HTTP station: touched by a real pointer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.domain.plan import Choice, HallPlan, Node
from tests.flows.hall_of import PLAN, ROOT
from tests.screen import small_station as small
from tests.screen.small_station import TOKEN, SmallStation, small_station

PATIENCE_S = 10.0
pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool (.ci/setup)"
)


def until(look: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    end, pause = time.monotonic() + patience_s, threading.Event()
    while time.monotonic() < end:
        if found := look():
            return found
        pause.wait(0.02)
    raise AssertionError(f"never saw {what}")


def debounce() -> None:
    """A person takes at least this long between two touches."""
    end = time.monotonic() + 0.45
    until(lambda: time.monotonic() > end, "the end of the debounce time")


class Running:
    """A screen process, its display, and what it says it shows."""

    def __init__(self, folder: Path, station: SmallStation) -> None:
        self.folder = folder
        read, write = os.pipe()
        self.display_process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "540x960x24", "-nolisten", "tcp"],
            pass_fds=(write,), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as said:
            self.display = f":{said.readline().strip()}"
        (folder / "screen.token").write_text(TOKEN)
        self.env = {
            **os.environ, "DISPLAY": self.display, "SDL_VIDEODRIVER": "x11", "YITAI_SCREEN_DUMP": str(folder / "dump"),
        }  # fmt: skip
        code = (
            "import argparse, sys; from pathlib import Path; from kiosk.screen.app import main; sys.exit(main(argparse."
            f"Namespace(config=Path({str(ROOT / 'config')!r}), data=Path({str(folder)!r}), url={station.url!r}, "
            "window='540x960')))"
        )
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=self.env, stderr=self.log)

    def state(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.folder / "dump" / "state.json").read_text())
        except FileNotFoundError:
            return {"step": "", "items": []}
        return found

    def shows(self, step: str) -> dict[str, Any]:
        found: dict[str, Any] = until(
            lambda: (s := self.state())["step"] == step and s, f"{step}, but {self.state()['step']}"
        )
        return found

    def touch(self, id: str) -> None:
        x, y, w, h = next(i["rect"] for i in self.state()["items"] if i["id"] == id)
        move = ["xdotool", "mousemove", str(x + w // 2), str(y + h // 2), "click", "1"]
        subprocess.run(move, env=self.env, check=True, timeout=10)

    def keys(self, *names: str) -> None:
        subprocess.run(["xdotool", "key", *names], env=self.env, check=True, timeout=10)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.display_process.terminate()
        self.display_process.wait(10)
        self.log.close()


def open_screen(folder: Path, station: SmallStation) -> Iterator[Running]:
    running = Running(folder, station)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def station() -> Iterator[SmallStation]:
    with small_station() as made:
        yield made


@pytest.fixture
def screen(tmp_path: Path, station: SmallStation) -> Iterator[Running]:
    yield from open_screen(tmp_path, station)


def test_a_customer_takes_a_number_and_the_process_ends_cleanly(screen: Running, station: SmallStation) -> None:
    screen.shows("attract")
    screen.keys("F1", "Escape", "F11", "ctrl+e")  # settings, quit, monitor, inspector: all shut
    screen.touch("start")
    screen.shows("home")
    assert screen.process.poll() is None
    debounce()
    screen.touch("service:enquiry")
    shown = screen.shows("number")
    assert "A001" in [i["text"] for i in shown["items"]]
    assert [path for path, _, _ in station.posts] == ["/tickets"]
    screen.process.send_signal(signal.SIGTERM)
    assert screen.process.wait(5) == 0


def test_a_fault_shows_a_plain_page_and_the_next_customer_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, station: SmallStation
) -> None:
    monkeypatch.setattr(small, "PLAN", _with_an_answer_that_leads_nowhere())
    for screen in open_screen(tmp_path, station):
        screen.shows("attract")
        for step, id in (("home", "start"), ("question", "service:enquiry"), ("broken", "choice:bad")):
            debounce()
            screen.touch(id)
            screen.shows(step)
        screen.shows("attract")
        assert screen.process.poll() is None


def _with_an_answer_that_leads_nowhere() -> HallPlan:
    title = PLAN.name
    bad = Choice(id="bad", text=title, goto="nowhere")
    node = Node(id="odd", kind="question", title=title, choices=(bad, bad))
    services = tuple(msgspec.structs.replace(s, triage="odd") if s.id == "enquiry" else s for s in PLAN.services)
    return msgspec.structs.replace(PLAN, nodes=(*PLAN.nodes, node), services=services)
