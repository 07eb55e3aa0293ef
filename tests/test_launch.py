"""`kiosk run` as a person meets it: everything comes up, what dies comes back, and nothing is left behind."""

from __future__ import annotations

import http.client
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.children import Child, Children, NotUp
from kiosk.config import load
from kiosk.display import display_size, fitted
from kiosk.launch import FIRST_PORT, CannotRun, places_of, refuse_taken_ports, shifted_config
from tests.tour.hall import free_base

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "config"
UP_S = 60.0
STOP_S = 5.0


class Running:
    """A `kiosk run` and what it prints."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.said = ""

    def wait_for(self, pattern: str, seconds: float) -> re.Match[str]:
        """The next thing said that matches; raises AssertionError with all that was said."""
        assert self.process.stdout is not None
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.said)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert chunk, f"{pattern!r} was not said within {seconds} s, but:\n{self.said}"
            self.said += chunk.decode("utf-8", "replace")
        self.said = self.said[found.end() :]
        return found

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text(encoding="ascii").split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def wait_gone(pids: list[int], seconds: float) -> None:
    """Until none of the processes runs any more."""
    end = time.monotonic() + seconds
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            ready, _, _ = select.select([fd], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"still there: {pid} {command_of(pid)}"
        finally:
            os.close(fd)


@contextmanager
def running(data: Path, base: int, *options: str) -> Iterator[Running]:
    argv = [sys.executable, "-m", "kiosk", "run", "--data", str(data), "--ports", str(base), *options]
    env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


# --- the whole hall ------------------------------------------------------------------------------------------------


def test_the_hall_comes_up_mends_itself_and_leaves_nothing_behind(tmp_path: Path) -> None:
    base = free_base()
    with running(tmp_path, base, "--headless") as hall:
        hall.wait_for(r"is ready", UP_S)
        assert get(base, "/health") == 200
        assert get(base + 100, "/health") == 200
        assert get(base + 50, "/") == 200
        hall.wait_for(rf"http://127\.0\.0\.1:{base}/counter.*PIN 1111", 5)
        hall.wait_for(r"virtual display :[0-9]+", 5)
        before = {command_of(pid): pid for pid in hall.children()}
        assert len(before) == 5, before

        killed = next(pid for command, pid in before.items() if " kiosk station " in command)
        os.kill(killed, signal.SIGKILL)
        hall.wait_for(r"station: .*ended by SIGKILL; .*starts again in 1 s", 10)
        hall.wait_for(r"station: .*up again", UP_S)
        assert get(base, "/health") == 200
        after = hall.children()
        assert len(after) == 5
        assert killed not in after

        asked = time.monotonic()
        hall.process.send_signal(signal.SIGINT)
        assert hall.process.wait(timeout=10) == 0
        assert time.monotonic() - asked <= STOP_S
        wait_gone(after, 0.5)


def test_children_do_not_outlive_a_launcher_that_was_killed(tmp_path: Path) -> None:
    with running(tmp_path, free_base(), "--no-screen") as hall:
        hall.wait_for(r"is ready", UP_S)
        children = hall.children()
        assert len(children) == 3
        hall.process.kill()
        wait_gone(children, 10)


# --- what is refused before anything starts ------------------------------------------------------------------------


def test_a_taken_port_is_named_with_a_remedy_and_nothing_starts(tmp_path: Path) -> None:
    base = free_base()
    with socket.create_server(("127.0.0.1", base + 11)), running(tmp_path, base, "--no-screen") as hall:
        hall.wait_for(rf"{base + 11} \(printer\)", 20)
        hall.wait_for(r"--ports", 5)
        assert hall.process.wait(timeout=10) == 1
    assert not (tmp_path / "logs").exists()


def test_a_mistake_in_the_configuration_is_named_and_nothing_starts(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    with (config / "counters.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[counter]]\nid = 5\nnaem = { zh = "五", en = "Five" }\n')
    with running(tmp_path / "data", free_base(), "--no-screen", "--config", str(config)) as hall:
        hall.wait_for(r"counters\.toml:\d+.*naem", 20)
        assert hall.process.wait(timeout=10) == 1


@pytest.mark.parametrize("base", ["80", "70000"])
def test_a_base_that_leaves_no_room_for_the_ports_is_refused(tmp_path: Path, base: str) -> None:
    with running(tmp_path, int(base)) as hall:
        hall.wait_for(r"must be between", 20)
        assert hall.process.wait(timeout=10) == 1


def test_shifting_moves_every_port_of_this_machine_and_nothing_else(tmp_path: Path) -> None:
    original, shifted = load(CONFIG), load(shifted_config(CONFIG, tmp_path, 1000))
    before, after = places_of(original, 0).ports(), places_of(shifted, 1000).ports()
    assert after == {name: port + 1000 for name, port in before.items()}
    assert before["station"] == FIRST_PORT
    assert (shifted.plan, shifted.screen, shifted.pins) == (original.plan, original.screen, original.pins)


def test_all_taken_ports_are_named_at_once(tmp_path: Path) -> None:
    shift = free_base() - FIRST_PORT
    places = places_of(load(shifted_config(CONFIG, tmp_path, shift)), shift)
    refuse_taken_ports(places)
    with (
        socket.create_server(("127.0.0.1", places.station)),
        socket.create_server(("127.0.0.1", places.bench)),
        pytest.raises(CannotRun) as refused,
    ):
        refuse_taken_ports(places)
    assert f"{places.station} (station)" in str(refused.value)
    assert f"{places.bench} (bench)" in str(refused.value)


@pytest.mark.parametrize(
    ("display", "window"), [((1920, 1080), (607, 1080)), ((3840, 2160), (1080, 1920)), ((800, 1920), (800, 1422))]
)
def test_a_smaller_display_gets_a_smaller_window_of_the_same_shape(
    display: tuple[int, int], window: tuple[int, int]
) -> None:
    assert fitted((1080, 1920), display) == window


def test_a_display_that_cannot_be_opened_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":9999")
    assert display_size() is None
    monkeypatch.delenv("DISPLAY")
    assert display_size() is None


# --- one child -----------------------------------------------------------------------------------------------------


def child(tmp_path: Path, code: str, ready: bool, deadline_s: float = 5.0) -> Child:
    return Child(
        "clock", [sys.executable, "-c", code], dict(os.environ), tmp_path / "clock.log", lambda: ready, deadline_s
    )


def test_a_child_that_fails_to_start_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(NotUp, match="the spring is broken"), Children(print) as children:
        children.start(child(tmp_path, "raise SystemExit('the spring is broken')", ready=False))


def test_a_child_that_never_gets_ready_is_given_up_and_stopped(tmp_path: Path) -> None:
    with Children(print) as children:
        silent = child(tmp_path, "import signal; signal.pause()", ready=False, deadline_s=0.3)
        with pytest.raises(NotUp, match="not ready after"):
            children.start(silent)
    assert silent.status() is not None


def test_a_child_that_ignores_the_asking_is_killed_in_time_and_named(tmp_path: Path) -> None:
    said: list[str] = []
    deaf = (
        "import signal, sys; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)\nwhile True: signal.pause()"
    )
    stubborn = child(tmp_path, deaf, ready=True)
    stubborn.ready = lambda: b"deaf" in stubborn.log.read_bytes()
    with Children(said.append) as children:
        children.start(stubborn)
        asked = time.monotonic()
    assert time.monotonic() - asked <= STOP_S
    assert stubborn.status() == -signal.SIGKILL
    assert "was killed" in said[-1]
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_log_that_grew_too_long_is_begun_anew(tmp_path: Path) -> None:
    chatty = child(tmp_path, "", ready=True)
    with chatty.log.open("wb") as log:
        log.truncate(9 * 1024 * 1024)
    chatty.trim_log()
    assert chatty.log.stat().st_size == 0
