"""Other people's programs may do anything: nothing of it is left."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from devices.voice import program
from devices.voice.program import FILE_LIMIT, LIMIT, ProgramError, Programs
from devices.voice.synth import ROOT

from .conftest import fake, nothing_left, wait_for


def sh(script: str, deadline_s: float = 10.0, data: bytes = b"") -> tuple[int, bool, str, str]:
    ended = Programs().run(["/bin/sh", "-c", script], deadline_s, data)
    return ended.code, ended.late, ended.out, ended.why


def test_it_gets_its_input_and_what_it_says_is_heard() -> None:
    with nothing_left():
        assert sh("cat; echo no >&2; exit 3", data="请".encode()) == (3, False, "请", "no")
        assert Programs().run(["true"], 5.0).well


def test_a_program_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    with nothing_left():
        begun = time.monotonic()
        assert sh(f"tail -f /dev/null & echo $! >{tmp_path}/pid; tail -f /dev/null", 0.3)[1]
        assert time.monotonic() - begun < 2.0
    pid = int((tmp_path / "pid").read_text())
    assert wait_for(lambda: not Path(f"/proc/{pid}").exists()), "what it started outlived it"


# A station in small: a voice's command hangs in a thread of its own; its process id is told on stdout.
STATION = """
import sys, threading
from pathlib import Path
from devices.voice.synth import CommandSynth
speaks = CommandSynth([sys.argv[1], "{text}", "{out}"], Path("/"))
thread = threading.Thread(target=lambda: speaks.speak("zh", "请", 60.0))
thread.start()
thread.join()
"""


def test_a_program_that_hangs_dies_with_the_station_that_was_killed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    hangs = fake(tmp_path, "speak", f"echo $$ >{told}; exec sleep 600")  # tail would hear its pipe break
    with subprocess.Popen([sys.executable, "-c", STATION, str(hangs)], cwd=ROOT) as station:
        try:
            end = os.pidfd_open(int(told.read_text()))
            try:
                assert not select.select([end], [], [], 0.2)[0], "it does not hang"
                station.send_signal(signal.SIGKILL)
                assert select.select([end], [], [], 5.0)[0], "it outlived the station"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(end, signal.SIGKILL)
                os.close(end)
        finally:
            station.kill()


def test_a_program_whose_station_is_gone_already_does_not_begin(tmp_path: Path) -> None:
    """It was killed between the fork and the request to die with it."""
    another = str(os.getppid())
    begun = [*program.BOUND, *program.LIMITED, another, "touch", str(tmp_path / "begun")]
    assert subprocess.run(begun, check=False, timeout=5.0).returncode != 0
    assert not (tmp_path / "begun").exists()
    begun[begun.index(another)] = str(os.getpid())
    assert subprocess.run(begun, check=False, timeout=5.0).returncode == 0
    assert (tmp_path / "begun").exists()


def test_who_holds_its_pipes_open_is_not_waited_for() -> None:
    """A child that stays behind, silent or chattering, with stdout in its hands."""
    for behind in ("tail -f /dev/null", "yes"):
        with nothing_left():
            begun = time.monotonic()
            code, late, *_ = sh(f"{behind} & exit 0", 5.0)
            assert (code, late) == (0, False) and time.monotonic() - begun < 4.0


def test_a_program_that_talks_without_end_takes_no_memory() -> None:
    code, late, out, _ = sh("head -c 5000000 /dev/zero", 10.0)
    assert (code, late) == (0, False) and len(out) <= LIMIT


def test_a_file_without_end_ends(tmp_path: Path) -> None:
    code, *_ = sh(f"exec head -c {FILE_LIMIT + 1_000_000} /dev/zero >{tmp_path}/big", 20.0)
    assert code != 0 and (tmp_path / "big").stat().st_size <= FILE_LIMIT


def test_another_thread_can_end_it() -> None:
    with nothing_left():
        programs = Programs()
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(programs.run(["tail", "-f", "/dev/null"], 20.0).code))
        thread.start()
        assert wait_for(lambda: bool(programs._running))
        programs.stop()
        thread.join(3.0)
        assert found == [-9]


@pytest.mark.parametrize("argv", [["/nonexistent/program"], ["/etc/passwd"], ["ls", "a\0b"]])
def test_what_cannot_be_run_is_told(argv: list[str]) -> None:
    with nothing_left(), pytest.raises(ProgramError, match="cannot be run"):
        Programs().run(argv, 1.0)
