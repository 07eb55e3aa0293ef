"""The screen as a process of its own on a virtual display: what it shows, what windows and processes there are, and hands
on its glass and on a keyboard nobody should have plugged in."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.glass.hall import until
from tests.survival.station import ROOT

WIDTH, HEIGHT = 540, 960
DEBOUNCE_S = (
    0.5  # the screen counts 0.4 from when it hears a touch: heard it has for certain when it shows what came of it
)
UP_S = 20.0
KEYS_AT_ONCE = 400  # arguments of one xdotool


class Display:
    """An Xvfb of our own on a display that was free."""

    def __init__(self) -> None:
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=(write,), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as said:
            self.name = f":{said.readline().strip()}"
        self.env = {**os.environ, "DISPLAY": self.name}
        self.used_at = 0.0

    def xdotool(self, *words: object) -> str:
        said = subprocess.run(
            ["xdotool", *map(str, words)], env=self.env, capture_output=True, text=True, timeout=60, check=False
        )
        self.used_at = time.monotonic()
        return said.stdout

    def keys(self, names: Sequence[str]) -> None:
        """Presses and releases each, through the X server's own test extension, as a keyboard does."""
        for first in range(0, len(names), KEYS_AT_ONCE):
            self.xdotool("key", "--delay", 1, *names[first : first + KEYS_AT_ONCE])

    def windows(self) -> list[str]:
        """The ids of all top windows that can be seen."""
        tree = subprocess.run(
            ["xwininfo", "-root", "-tree"], env=self.env, capture_output=True, text=True, timeout=20, check=True
        ).stdout
        found = re.findall(r"(?m)^     (0x[0-9a-f]+) ", tree)
        return [w for w in found if "IsViewable" in self._told(w)]

    def _told(self, window: str) -> str:
        return subprocess.run(
            ["xwininfo", "-id", window], env=self.env, capture_output=True, text=True, timeout=20, check=False
        ).stdout

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Panel:
    """`kiosk screen` on `display`, talking to `url`."""

    def __init__(self, display: Display, folder: Path, config: Path, data: Path, url: str) -> None:
        self.display, self.folder, self.url = display, folder, url
        self.config, self.data = config, data
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Panel:
        """Up: it shows its first picture with the hall's own pages (or the calm page, when there is no station)."""
        (self.folder / "dump" / "state.json").unlink(missing_ok=True)
        env = {
            **self.display.env, "SDL_VIDEODRIVER": "x11", "YITAI_SCREEN_DUMP": str(self.folder / "dump"),
            "KIVY_HOME": str(self.folder / "kivy"),
        }  # fmt: skip
        argv = ["--config", self.config, "--data", self.data, "--url", self.url, "--window", f"{WIDTH}x{HEIGHT}"]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "screen.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kiosk", "screen", *map(str, argv)], cwd=ROOT, env=env, stdout=log, stderr=log
            )
        until(lambda: self.state()["items"], "a first picture", UP_S)
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def killed_after(self, seconds: float) -> None:
        """kill -9 after so long, or at the end it came to by itself."""
        assert self.process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.kill()

    def stop(self) -> int:
        """SIGTERM; -> exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def children(self) -> set[int]:
        """Processes that this one started."""
        found = set()
        for listing in Path(f"/proc/{self.pid}/task").glob("*/children"):
            found |= {int(pid) for pid in listing.read_text().split()}
        return found

    # --- what is seen ---

    def state(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.folder / "dump" / "state.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"step": "", "items": [], "seq": 0}
        return found

    def texts(self) -> str:
        return "\n".join(i["text"] for i in self.state()["items"])

    def ids(self) -> list[str]:
        return [i["id"] for i in self.state()["items"] if i["kind"] == "press"]

    def shows(self, *steps: str, within_s: float = 10.0) -> dict[str, Any]:
        """-> the dump, once one of these places is on the glass."""

        def look() -> dict[str, Any] | None:
            assert self.alive, self.said()
            state = self.state()
            return state if state["step"] in steps else None

        try:
            found: dict[str, Any] = until(look, "", within_s)
            self.display.used_at = time.monotonic()
            return found
        except AssertionError:
            raise AssertionError(f"never saw {steps} but {self.state()['step']}: {self.texts()}") from None

    def said(self) -> str:
        return (self.folder / "screen.log").read_text(encoding="utf-8")[-3000:]

    # --- a finger ---

    def middle(self, id: str) -> tuple[int, int]:
        found = next((i["rect"] for i in self.state()["items"] if i["id"] == id), None)
        assert found is not None, f"no {id!r} to touch at {self.state()['step']}: {self.ids()}"
        x, y, w, h = found
        return x + w // 2, y + h // 2

    def touch(self, id: str) -> None:
        """A touch no faster than a person's after whatever a hand did last, and after what was seen of it."""
        self._rest()
        self._click(*self.middle(id))

    def _rest(self) -> None:
        until(lambda: time.monotonic() >= self.display.used_at + DEBOUNCE_S, "the debounce to end")

    def _click(self, x: int, y: int) -> None:
        self.display.xdotool("mousemove", x, y, "click", 1)

    def go(self, *touches: tuple[str, str]) -> None:
        """Each: touch this, then see that."""
        for id, step in touches:
            self.touch(id)
            self.shows(step)

    def home(self) -> None:
        """To the start page's next, from wherever a visit may stand."""
        for _ in range(8):
            state = self.shows(
                "attract", "home", "number", "question", "sorry", "guide", "staff", "priority", "still_there",
                "self_service", "papers", "offline",
            )  # fmt: skip
            if state["step"] == "home":
                return
            wanted = ("start", "close", "continue", "done", "home")
            found = {i["id"]: i["rect"] for i in state["items"] if i["kind"] == "press"}
            id = next((i for i in wanted if i in found), None)
            self._rest()
            if self.state()["step"] != state["step"]:
                continue  # it went on by itself meanwhile
            if id is not None:
                x, y, w, h = found[id]
                self._click(x + w // 2, y + h // 2)
            was = state["step"]
            until(lambda was=was: self.state()["step"] != was, f"something after {id} at {was}")  # type: ignore[misc]
        raise AssertionError(f"no way home from {self.state()['step']}")
