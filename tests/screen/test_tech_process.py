"""A technician at the real window of the real process: the knock, the PIN, a device, a calibration, a wizard that survives
kill -9. The station is the small one with a technician's API; the pointer is real."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screen.tech_data import WIZARD_STEPS
from tests.screen.tech_station import TechStation, tech_station
from tests.screen.test_process import Running, debounce, open_screen, until

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool (.ci/setup)"
)
WIDTH, HEIGHT = 540, 960
START_S = 40.0  # of a process that loads Kivy, on a busy machine


@pytest.fixture
def station() -> Iterator[TechStation]:
    with tech_station() as made:
        yield made


@pytest.fixture
def screen(tmp_path: Path, station: TechStation) -> Iterator[Running]:
    yield from open_screen(tmp_path, station)


def pointer(screen: Running, *words: object) -> None:
    subprocess.run(["xdotool", *map(str, words)], env=screen.env, check=True, timeout=20)


def knock(screen: Running, taps: int = 5, hold_s: float = 2.3) -> None:
    tap = ("mousedown", 1, "sleep", 0.06, "mouseup", 1, "sleep", 0.2)
    pointer(screen, "mousemove", 6, 6, *(tap * taps))
    pointer(screen, "mousemove", WIDTH - 6, 6, "mousedown", 1, "sleep", hold_s, "mouseup", 1)


def types(screen: Running, digits: str) -> None:
    for digit in digits:
        screen.touch(f"key:{digit}")
        threading.Event().wait(0.2)  # a person's next key


def go(screen: Running, *steps: tuple[str, str]) -> None:
    """Touches, each with the page it leads to."""
    for id, page in steps:
        until(lambda id=id: any(i["id"] == id for i in screen.state()["items"]), id)
        debounce()
        screen.touch(id)
        screen.shows(page)


def enter(screen: Running) -> None:
    until(lambda: screen.state()["step"] in ("attract", "home"), "the start page", START_S)
    knock(screen)
    screen.shows("tech-pin")
    types(screen, "3333")
    go(screen, ("ok", "tech-menu"))


def test_a_technician_knocks_logs_in_tests_a_printer_and_leaves(screen: Running, station: TechStation) -> None:
    screen.shows("attract")
    knock(screen, taps=4)
    assert screen.state()["step"] == "attract"
    enter(screen)
    go(screen, ("tile:devices", "tech-devices"), ("row:printer", "tech-device"), ("test:print", "tech-device"))
    until(lambda: any("成功" in i["text"] for i in screen.state()["items"]), "the outcome")
    go(screen, ("log", "tech-log"))
    until(lambda: any("1B 40" in i["text"] for i in screen.state()["items"]), "the bytes")
    go(screen, ("leave", "attract"))
    assert ("POST", "/tech/devices/printer/test", {"what": "print"}) in station.calls


def test_a_calibration_moves_touches_at_once_and_at_the_next_start(
    screen: Running, station: TechStation, tmp_path: Path
) -> None:
    enter(screen)
    debounce()
    screen.touch("tile:touch")
    screen.shows("tech-touch")
    for n, (x, y) in enumerate(((54, 96), (486, 96), (486, 864), (54, 864), (270, 480))):
        debounce()
        pointer(screen, "mousemove", x + 20, y - 30, "click", 1)  # a panel that is off by (20, -30)
        page = "tech-touch_result" if n == 4 else "tech-touch"
        screen.shows(page)
    until(lambda: any(i["id"] == "try" for i in screen.state()["items"]), "the offer")
    go(screen, ("try", "tech-touch_try"))
    debounce()
    x, y, w, h = next(i["rect"] for i in screen.state()["items"] if i["id"] == "target")
    pointer(screen, "mousemove", x + w // 2 + 20, y + h // 2 - 30, "click", 1)
    screen.shows("tech-menu")
    matrix = until(lambda: station.matrix, "the calibration at the station")
    assert matrix == pytest.approx([1, 0, -20, 0, 1, 30], abs=0.5)
    screen.process.kill()
    screen.process.wait(10)
    for again in open_screen(tmp_path, station):
        again.shows("attract")
        until(lambda again=again: again.state()["items"], "something to touch")
        x, y, w, h = next(i["rect"] for i in again.state()["items"] if i["id"] == "lang")
        pointer(again, "mousemove", x + w // 2 + 20, y + h // 2 - 30, "click", 1)
        until(lambda again=again: again.state()["lang"] == "en", "the language button to be hit")


@pytest.mark.soak
def test_the_wizard_goes_on_after_kill_9_at_every_step(tmp_path: Path, station: TechStation) -> None:
    steps = [s for s in WIZARD_STEPS if s not in ("pairing", "pins", "done")]
    for step in steps:
        station.step = step
        for screen in open_screen(tmp_path, station):
            enter(screen)
            go(screen, ("tile:wizard", "tech-wizard"))
            id = "choice:yes" if step.startswith(("try:", "ticket")) else "next"
            until(lambda screen=screen, id=id: any(i["id"] == id for i in screen.state()["items"]), step)
            debounce()
            screen.touch(id)
            until(lambda step=step: station.step != step, "the answer")
            screen.process.kill()
    assert station.step == "done"
