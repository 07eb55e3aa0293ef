"""`kiosk simulate`: the other end of one device's wire in a terminal: what it shows, and faults by word or by script.

    help      fault paper_end [address]      mend [fault]      faults      shows      quit
    press 11 next, scan 6901…      whatever the simulator's own `do(name, *words)` understands

A script has one command a line with its moment in seconds since the start: `at 2.5 fault paper_end`; # begins a comment.
"""

from __future__ import annotations

import json
import os
import re
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devices.catalog import Simulator
from devices.ports import DeviceError
from devices.tools.acting import act, commands

SCRIPT_LIMIT = 1000  # lines
LOOK_S = 0.2
LINE_LIMIT = 4096
_AT = re.compile(r"at\s+(\d+(?:\.\d+)?)\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Step:
    at_s: float
    command: str


def read_script(path: Path) -> list[Step]:
    """In order of time; raises DeviceError that names the line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceError(f"{path}: {error}; name a readable UTF-8 file") from error
    if len(lines) > SCRIPT_LIMIT:
        raise DeviceError(f"{path}: {len(lines)} lines; at most {SCRIPT_LIMIT}")
    steps = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = _AT.fullmatch(text)
        if found is None:
            raise DeviceError(f"{path}:{number}: {text!r} is no step; write it as: at 2.5 fault paper_end")
        steps.append(Step(float(found[1]), found[2]))
    return sorted(steps, key=lambda step: step.at_s)


def help_text(simulator: Simulator) -> str:
    """Every command of this simulator, and every fault it has."""
    own = "".join(f"\n  {line}" for line in commands(simulator))
    return f"""commands 命令：
  help                    这张单子 this list
  fault FAULT [ADDRESS]   出故障 break it (ADDRESS：只坏这一台 of that one only)
  mend [FAULT]            修好 mend it; alone: everything
  faults                  有哪些故障、现在哪些在 the faults there are, and those of now
  shows                   它现在显示什么 what it shows
  quit                    结束 end{own}
FAULT 故障: {" ".join(simulator.faults)}"""


def command(simulator: Simulator, text: str) -> str:
    """Do one command and say what came of it; raises ValueError with what there is instead."""
    name, *words = text.split()
    if name == "help":
        return help_text(simulator)
    if name == "fault" and words:
        simulator.set_fault(words[0], address=int(words[1]) if words[1:] else 0)
        return f"fault {' '.join(words)}"
    if name == "mend":
        simulator.set_fault(words[0] if words else "", on=not words)
        return f"mended {words[0] if words else 'everything'}"
    if name == "faults":
        return f"faults: {' '.join(simulator.faults)}; active: {' '.join(simulator.active()) or 'none'}"
    if name == "shows":
        return _shows(simulator)
    done = act(simulator, name, *words)
    return f"{text}: {json.dumps(done, ensure_ascii=False, default=str) if done is not None else 'done'}"


def _shows(simulator: Simulator) -> str:
    return f"shows {json.dumps(simulator.shown(), ensure_ascii=False, default=str, sort_keys=True)}"


class Session:
    """One simulator with its commands."""

    def __init__(self, simulator: Simulator, say: Callable[[str], None], steps: list[Step], stdin_fd: int) -> None:
        self._simulator, self._say, self._steps, self._fd = simulator, say, list(steps), stdin_fd
        self._quit = self._eof = False
        self._typed = b""
        self._last = ""

    def run(self, fault: str = "", over: Callable[[], bool] = lambda: False) -> None:
        """Until end of input (with a script: and its last step), `quit` or `over()`. Raises DeviceError, ValueError."""
        try:
            self._simulator.start()
        except OSError as error:
            raise DeviceError(f"{self._simulator.where}: {error.strerror}; choose another port with --where") from error
        try:
            self._say(f"listening {self._simulator.where}")
            self._say("输入 help 看命令 · type help for the commands")
            if fault:
                self._say(command(self._simulator, f"fault {fault}"))
            begun = time.monotonic()
            while not self._quit and not over() and not (self._eof and not self._steps):
                self._turn(time.monotonic() - begun)
            self._look()
        finally:
            self._simulator.stop()

    def _turn(self, now_s: float) -> None:
        while self._steps and self._steps[0].at_s <= now_s:
            self._obey(self._steps.pop(0).command)
        pause = min(LOOK_S, max(0.0, self._steps[0].at_s - now_s)) if self._steps else LOOK_S
        if select.select([] if self._eof else [self._fd], [], [], pause)[0]:
            self._read()
        self._look()

    def _read(self) -> None:
        data = os.read(self._fd, LINE_LIMIT)
        self._eof = not data
        *lines, self._typed = (self._typed + data).split(b"\n")
        if self._eof and self._typed:
            lines.append(self._typed)
        for line in lines:
            self._obey(line.decode("utf-8", "replace").strip())
        if len(self._typed) > LINE_LIMIT:
            self._typed = b""
            self._say(f"error a line of more than {LINE_LIMIT} bytes was dropped")

    def _obey(self, text: str) -> None:
        if text == "quit":
            self._quit = True
        elif text:
            try:
                self._say(command(self._simulator, text))
            except (ValueError, TypeError, KeyError) as error:
                self._say(f"error {error}")

    def _look(self) -> None:
        """A line whenever what it shows has changed."""
        shows = _shows(self._simulator)
        if shows != self._last:
            self._last = shows
            self._say(shows)
