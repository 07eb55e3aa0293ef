"""Nobody gets out of the kiosk: whatever a keyboard, a mouse or a clumsy hand does, it stays one window of one process."""

from __future__ import annotations

import itertools
import os
import random
import string
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.glass.hall import DevicesHall, until
from tests.glass.panel import DEBOUNCE_S, HEIGHT, WIDTH, Display, Panel
from tests.survival.station import ROOT

pytestmark = pytest.mark.soak  # real windows need a machine to themselves

LETTERS = (*string.ascii_lowercase, *string.digits)
NAMED = (
    *(f"F{n}" for n in range(1, 25)), "Escape", "Tab", "ISO_Left_Tab", "Return", "KP_Enter", "space", "BackSpace", "Delete",
    "Insert", "Home", "End", "Prior", "Next", "Left", "Right", "Up", "Down", "Print", "Sys_Req", "Pause", "Break", "Menu",
    "Super_L", "Super_R", "Hyper_L", "Meta_L", "Alt_L", "Alt_R", "Control_L", "Shift_L", "Caps_Lock", "Num_Lock",
    "Scroll_Lock", "Help", "Cancel", "Redo", "Undo", "Find", "Select", "Execute", "Mode_switch", "Multi_key", "plus",
    "minus", "equal", "comma", "period", "slash", "backslash", "grave", "bracketleft", "semicolon", "apostrophe",
    "XF86PowerOff", "XF86Sleep", "XF86WWW", "XF86Mail", "XF86Calculator", "XF86Explorer", "XF86HomePage", "XF86Back",
    "XF86AudioMute", "XF86AudioRaiseVolume", "XF86Refresh", "XF86Search", "XF86Terminal", "XF86Copy", "XF86Paste",
)  # fmt: skip
CHORDED = (
    *LETTERS, *(f"F{n}" for n in range(1, 13)), "Escape", "Tab", "Return", "space", "BackSpace", "Delete", "Insert", "Left",
    "Right", "Up", "Down", "Home", "End", "Print", "Pause", "plus", "minus", "grave",
)  # fmt: skip
HELD = ("ctrl", "alt", "shift", "super")
CHORDS = tuple(
    "+".join((*held, key)) for n in range(1, 5) for held in itertools.combinations(HELD, n) for key in CHORDED
)
CALM = ("attract", "home")


@pytest.fixture
def watched(panel: Panel) -> Panel:
    panel.shows("attract")
    return panel


def unmoved(panel: Panel, windows: list[str], children: set[int], *steps: str) -> None:
    """The same process, one window, nothing started, a page of ours."""
    assert panel.alive, panel.said()
    panel.shows(*steps)
    assert panel.display.windows() == windows
    assert len(windows) == 1
    assert panel.children() == children
    assert "fault of the screen" not in panel.said()


def takes_a_number(panel: Panel) -> None:
    panel.home()
    panel.go(("service:enquiry", "number"), ("done", "home"))


def test_this_keyboard_is_real_it_opens_and_ends_an_ordinary_app(display: Display, tmp_path: Path) -> None:
    env = {**display.env, "SDL_VIDEODRIVER": "x11", "KIVY_HOME": str(tmp_path), "KIVY_NO_ARGS": "1"}
    argv = [sys.executable, "-m", "tests.glass.plain_app"]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdout=said, stderr=subprocess.DEVNULL)
    try:
        until(lambda: "up" in (tmp_path / "said").read_text(), "the app", 20)
        display.keys(("F1",))
        until(lambda: "settings" in (tmp_path / "said").read_text(), "its settings")
        display.keys(("Escape",))
        assert process.wait(10) == 0
        assert (tmp_path / "said").read_text().split() == ["up", "settings", "ended"]
    finally:
        process.kill()
        process.wait(10)


def test_no_key_and_no_chord_opens_or_ends_anything(watched: Panel, hall: DevicesHall) -> None:
    windows, children, waiting = watched.display.windows(), watched.children(), hall.hall()["services"]
    watched.display.keys((*LETTERS, *NAMED))
    unmoved(watched, windows, children, *CALM)
    watched.go(("start", "home"))
    watched.display.keys((*LETTERS, *NAMED))
    watched.display.keys(CHORDS)
    unmoved(watched, windows, children, *CALM)
    assert hall.hall()["services"] == waiting  # a keyboard takes no number
    takes_a_number(watched)
    unmoved(watched, windows, children, *CALM)


def test_a_keyboards_flood_leaves_the_screen_quick(watched: Panel) -> None:
    windows, children = watched.display.windows(), watched.children()
    some = random.Random(4)
    watched.display.keys([some.choice((*LETTERS, *NAMED, *CHORDS)) for _ in range(2000)])
    unmoved(watched, windows, children, *CALM)
    takes_a_number(watched)


def test_other_buttons_wheel_long_press_and_drags_are_no_way_out(watched: Panel) -> None:
    windows, children = watched.display.windows(), watched.children()
    watched.go(("start", "home"))
    mouse = watched.display.xdotool
    header = (WIDTH // 2, 20)
    for button in (2, 3, 4, 5, 6, 7, 8, 9):
        for x, y in (header, (2, 2), (WIDTH - 2, HEIGHT - 2)):
            mouse("mousemove", x, y, "click", "--repeat", 3, "--delay", 5, button)
    tile = watched.middle("service:enquiry")
    for wheel in (4, 5, 6, 7):
        mouse("mousemove", *tile, "click", "--repeat", 10, "--delay", 2, wheel)
    unmoved(watched, windows, children, "home")
    edges = ((0, HEIGHT // 2), (WIDTH - 1, HEIGHT // 2), (WIDTH // 2, 0), (WIDTH // 2, HEIGHT - 1), tile)
    for (x0, y0), (x1, y1) in itertools.permutations(edges, 2):
        across = ("mousemove", WIDTH // 2, HEIGHT // 2), ("mousemove", x1, y1)
        mouse("mousemove", x0, y0, "mousedown", 1, *across[0], *across[1], "mouseup", 1)  # within one frame
        mouse("mousemove", x0, y0, "mousedown", 1, *across[0], "sleep", 0.03, *across[1], "sleep", 0.03, "mouseup", 1)
    unmoved(watched, windows, children, "home")
    mouse("mousemove", *header, "mousedown", 1, "sleep", 2.5, "mouseup", 1)
    mouse("mousemove", *header, "mousedown", 1, "mousedown", 3, "mouseup", 1, "mouseup", 3)
    unmoved(watched, windows, children, "home")
    takes_a_number(watched)


def test_a_hundred_hasty_touches_on_one_tile_take_one_number(watched: Panel, hall: DevicesHall) -> None:
    def waiting() -> int:
        return sum(int(s["waiting"]) for s in hall.hall()["services"])

    watched.go(("start", "home"))
    before = waiting()
    until(lambda: time.monotonic() > watched.display.used_at + DEBOUNCE_S, "the end of the touch before")
    watched.display.xdotool("mousemove", *watched.middle("service:enquiry"), "click", "--repeat", 100, "--delay", 3, 1)
    until(lambda: waiting() > before, "the number")
    watched.shows("number")
    held = watched.state()["seq"]
    until(lambda: time.monotonic() > watched.display.used_at + 1, "whatever the last touch would still do")
    assert watched.state()["step"] == "number", "the number stays for the customer to read"
    assert watched.state()["seq"] <= held + 1  # the paper's news
    assert waiting() == before + 1
    takes_a_number(watched)
