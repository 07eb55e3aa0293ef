"""One offscreen window for all screen tests of the process: Kivy is set up here, before a test module imports it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="yitai-kivy-"))
os.environ["SDL_VIDEODRIVER"] = "offscreen"

from kiosk.screen import window as setup

WIDTH, HEIGHT, DIAGONAL = 1080, 1920, 21.5
SQUARE = 1920  # the window is as large as the largest panel either way; a stage takes its lower left part
setup.prepare(SQUARE, SQUARE)


@pytest.fixture(scope="session")
def window() -> Iterator[Any]:
    opened = setup.open_window()
    from kivy.base import EventLoop

    EventLoop.ensure_window()
    if EventLoop.status != "started":
        EventLoop.start()
    yield opened
    EventLoop.close()
