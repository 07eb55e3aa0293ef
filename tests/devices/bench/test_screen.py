"""Looking at a virtual display: never at a real one, never more than once a second."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.bench.screen import Camera, NoPicture, grab, is_virtual


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_many_looks_in_one_second_are_one_picture() -> None:
    clock, taken = Clock(), []

    def take(display: str) -> bytes:
        taken.append(display)
        return b"%d" % len(taken)

    camera = Camera(":5", take, lambda display: True, clock)
    assert [camera.picture(), camera.picture()] == [b"1", b"1"]
    clock.now = 1.0
    assert camera.picture() == b"2"


def test_a_real_display_is_never_looked_at() -> None:
    camera = Camera(":0", grab, lambda display: False)
    with pytest.raises(NoPicture, match="--headless"):
        camera.picture()


@pytest.mark.parametrize("display", ["", "host:0", ":0; rm", ":999999", ":2"])
def test_what_is_no_local_display_is_not_virtual(tmp_path: Path, display: str) -> None:
    assert not is_virtual(display, tmp_path)


@pytest.mark.parametrize(("name", "virtual"), [("Xorg", False), ("Xwayland", False), ("Xvfb", True)])
def test_a_display_is_known_by_the_process_at_its_socket(tmp_path: Path, name: str, virtual: bool) -> None:
    me = tmp_path / str(os.getpid())
    me.mkdir()
    (me / "comm").write_text(f"{name}\n")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "X1"))
        server.listen()
        assert is_virtual(":1", tmp_path, tmp_path) is virtual


@pytest.fixture
def xvfb() -> Iterator[str]:
    """A real virtual display on a number it chooses."""
    if not shutil.which("Xvfb") or not shutil.which("import"):
        pytest.skip("Xvfb or ImageMagick is not installed")
    out, told = os.pipe()
    argv = ["Xvfb", "-displayfd", str(told), "-screen", "0", "1080x1920x24", "-nolisten", "tcp"]
    process = subprocess.Popen(argv, pass_fds=(told,), stderr=subprocess.DEVNULL)
    os.close(told)
    with os.fdopen(out) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait(5)


def test_a_virtual_display_gives_its_picture_at_half_size(xvfb: str) -> None:
    assert is_virtual(xvfb)
    png = Camera(xvfb).picture()
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (540, 960)


def test_a_display_that_is_gone_says_so() -> None:
    with pytest.raises(NoPicture, match="look whether it still runs"):
        grab(":54321")
