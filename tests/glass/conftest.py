"""One display for all tests of the glass; a hall and a screen for whoever asks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.glass.hall import DevicesHall
from tests.glass.hostile import Hostile
from tests.glass.panel import Display, Panel

NEEDED = ("Xvfb", "xdotool", "xwininfo")


@pytest.fixture(scope="session")
def display() -> Iterator[Display]:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (.ci/setup)")
    made = Display()
    yield made
    made.close()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevicesHall]:
    with DevicesHall(tmp_path_factory.mktemp("hall")) as made:
        yield made


@pytest.fixture
def panel(display: Display, hall: DevicesHall, tmp_path: Path) -> Iterator[Panel]:
    made = Panel(display, tmp_path / "screen", hall.config, hall.data, hall.url).start()
    yield made
    if made.alive:
        made.kill()


@pytest.fixture
def proxy(hall: DevicesHall) -> Iterator[Hostile]:
    made = Hostile(hall.port)
    with made:
        yield made


@pytest.fixture
def behind(display: Display, hall: DevicesHall, proxy: Hostile, tmp_path: Path) -> Iterator[Panel]:
    """The screen, talking to the station through the hostile proxy."""
    made = Panel(display, tmp_path / "screen", hall.config, hall.data, proxy.url).start()
    made.shows("attract")
    yield made
    if made.alive:
        made.kill()
