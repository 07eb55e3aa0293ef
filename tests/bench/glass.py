"""The screen's figures on real X displays (Xvfb), one for the screen and one for each floor, so that all are measured in turns:
start, touch to number, idling. The floor is Kivy with six buttons; a second one is the least page of Kivy with a number on it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from tests.bench import halls
from tests.bench.figure import REPORTED, Figure, Pairs, in_turns
from tests.bench.watched import HEIGHT, WIDTH
from tests.glass.visits import growth, run

UP_S = 60.0
SERVICE = "service:enquiry"


class Display:
    """An X server of its own, and a finger on it."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        argv = [
            "Xvfb",
            "-displayfd",
            str(write),
            "-screen",
            "0",
            f"{WIDTH}x{HEIGHT}x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        with (folder / "xvfb.log").open("wb") as said:
            self._server = subprocess.Popen(argv, pass_fds=[write], stdout=said, stderr=said)
        os.close(write)
        with os.fdopen(read) as told:
            self.name = f":{told.readline().strip()}"
        self._x11, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._at = ctypes.c_void_p(self._x11.XOpenDisplay(self.name.encode()))
        if not self._at:
            self._server.terminate()
            raise halls.NotUp(f"Xvfb {self.name} cannot be opened:\n{(folder / 'xvfb.log').read_text()}")

    def close(self) -> None:
        self._x11.XCloseDisplay(self._at)
        self._server.terminate()
        self._server.wait(10)

    def touch(self, x: int, y: int) -> float:
        """A finger down for 80 ms; -> the moment it was lifted, monotonic seconds."""
        self._test.XTestFakeMotionEvent(self._at, -1, x, y, 0)
        self._test.XTestFakeButtonEvent(self._at, 1, 1, 0)
        self._x11.XFlush(self._at)
        halls.pause(0.08)
        lifted = time.monotonic()
        self._test.XTestFakeButtonEvent(self._at, 1, 0, 0)
        self._x11.XFlush(self._at)
        return lifted


class Window:
    """One watched process; what it said is read from its log."""

    def __init__(self, display: Display, folder: Path, kind: str, *argv: str) -> None:
        self.display = display
        self.log = folder / f"{kind}-{time.monotonic_ns()}.log"
        self.log.touch()
        self.began = time.monotonic()
        env = {**os.environ, "DISPLAY": display.name, "SDL_VIDEODRIVER": "x11", "KIVY_HOME": str(folder / "kivy")}
        with (folder / f"{kind}.err").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.watched", kind, str(self.log), *argv],
                cwd=halls.ROOT, env=env, stdout=said, stderr=said,
            )  # fmt: skip
        self._said = folder / f"{kind}.err"

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def lines(self, after: float = 0.0) -> list[tuple[float, str]]:
        told = []
        for line in self.log.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                at, _, what = line.rstrip("\n").partition(" ")
                if float(at) > after:
                    told.append((float(at), what))
        return told

    def shown(self, places: tuple[str, ...], after: float = 0.0) -> float:
        """Waits for the first frame that has one of `places` on it; -> its moment."""
        deadline = time.monotonic() + UP_S
        while time.monotonic() < deadline:
            drawn = False
            for at, what in self.lines(after):
                drawn = drawn or what in {f"drawn {place}" for place in places}
                if drawn and what == "flip":
                    return at
            if self.process.poll() is not None:
                break
            halls.pause(0.01)
        said = self._said.read_text(encoding="utf-8")[-1500:]
        raise halls.NotUp(f"no {' or '.join(places)} on the glass: {self.lines()[-3:]}\n{said}")

    def middle(self, id: str, after: float) -> tuple[int, int]:
        """Where to touch the item, as told after that moment."""
        deadline = time.monotonic() + UP_S
        while time.monotonic() < deadline:
            for _, what in reversed(self.lines(after)):
                if what.startswith("items "):
                    for item in json.loads(what[6:]):
                        if item["id"] == id:
                            x, y, width, height = item["rect"]
                            return round(x + width / 2), round(y + height / 2)
            halls.pause(0.02)
        raise halls.NotUp(f"nothing called {id!r} to touch: {[w for _, w in self.lines(after)][-2:]}")


class Glass:
    """Displays, a station and a floor to put windows before."""

    def __init__(self, folder: Path, displays: list[Display], config: Path, data: Path, url: str, echo: int) -> None:
        self.folder, self.displays, self.echo = folder, displays, echo
        self._argv = ["--config", str(config), "--data", str(data), "--url", url]

    def screen(self) -> Window:
        return Window(self.displays[0], self.folder, "screen", *self._argv)

    def bare(self) -> Window:
        return Window(self.displays[1], self.folder, "bare", str(self.echo))

    def page(self) -> Window:
        return Window(self.displays[2], self.folder, "page", str(self.echo))

    def screen_start_s(self) -> float:
        window = self.screen()
        try:
            return window.shown(("attract", "home")) - window.began
        finally:
            window.close()

    def bare_start_s(self) -> float:
        window = self.bare()
        try:
            return window.shown(("home",)) - window.began
        finally:
            window.close()


@contextmanager
def _glass() -> Iterator[Glass]:
    with halls.scratch("glass") as folder, ExitStack() as opened:
        config, data = halls.config(folder / "config"), folder / "data"
        displays = [Display(folder) for _ in range(3)]
        for display in displays:
            opened.callback(display.close)
        station = opened.enter_context(halls.station(config, data))
        floor = opened.enter_context(halls.floor("echo", folder))
        yield Glass(folder, displays, config, data, f"http://127.0.0.1:{station.port}", floor.port)


def _to_home(window: Window) -> float:
    """From the picture that invites to the services; -> the moment of that touch."""
    at = window.display.touch(*window.middle("start", window.began))
    window.shown(("home",), at)
    return at


def _number_s(window: Window) -> float:
    """A service without questions, from the lifted finger to the frame with the number; then home again."""
    at = window.display.touch(*window.middle(SERVICE, window.began))
    took = window.shown(("number",), at) - at
    window.began = window.display.touch(*window.middle("done", at))
    window.shown(("home",), window.began)
    halls.pause(0.4)
    return took


def _bare_number_s(window: Window) -> float:
    at = window.display.touch(WIDTH // 2, HEIGHT // 2)
    took = window.shown(("number",), at) - at
    halls.pause(0.3)
    return took


def _idle(windows: Sequence[Window], seconds: float) -> list[tuple[float, float]]:
    """-> of each (share of a processor, redraws a minute) while nothing happens, in the same seconds."""
    begin, cpu = time.monotonic(), [halls.cpu_s(w.process.pid) for w in windows]
    halls.pause(seconds)
    after, passed = [halls.cpu_s(w.process.pid) for w in windows], time.monotonic() - begin
    flips = [sum(what == "flip" for _, what in w.lines(begin)) for w in windows]
    return [((b - a) / passed, n / passed * 60) for a, b, n in zip(cpu, after, flips, strict=True)]


def _touches(screen: Window, bare: Window, page: Window, times: int) -> tuple[Pairs, Pairs]:
    """-> (screen, bare frame) and (screen, bare page), `times` each, in turns; the first round only warms up."""
    screen.began = _to_home(screen)
    against_frame, against_page = Pairs(), Pairs()
    for turn in range(times + 1):
        ours, frame, full = _number_s(screen), _bare_number_s(bare), _bare_number_s(page)
        if turn:
            for pairs, floor in ((against_frame, frame), (against_page, full)):
                pairs.ours.append(ours)
                pairs.floor.append(floor)
    return against_frame, against_page


def work(quick: bool) -> list[Figure]:
    if shutil.which("Xvfb") is None:
        raise halls.NotUp("the screen's figures need Xvfb: apt-get install xvfb")
    times, idle_s = (5, 20.0) if quick else (15, 60.0)
    with _glass() as glass, ExitStack() as opened:
        start = in_turns(glass.screen_start_s, glass.bare_start_s, 3 if quick else 5)
        windows = []
        for make in (glass.screen, glass.bare, glass.page):
            windows.append(make())
            opened.callback(windows[-1].close)
        screen, bare, page = windows
        screen.shown(("attract",))
        for floor in (bare, page):
            floor.shown(("home",))
        halls.pause(3)  # a window that has just come up misses touches
        resting = [_idle((screen, bare), idle_s) for _ in range(1 if quick else 3)]
        memory = halls.memory_mib(screen.process.pid)
        touched, touched_page = _touches(screen, bare, page, times)
    redraws = median(ours[1] for ours, _ in resting)
    return [
        Figure("screen start", start.value, "s", start.ratio, "≤ 1.3×", "bare Kivy, same font, 6 static tiles"),
        Figure(
            "touch → number on the screen", touched.value * 1000, "ms", touched.ratio, "≤ 1.5×",
            "bare Kivy: echo + fsync + one frame of 6 tiles",
        ),
        Figure(
            "touch → number, against a page", touched_page.value * 1000, "ms", touched_page.ratio, REPORTED,
            "bare Kivy: echo + fsync + one frame of a page with a number as large",
        ),
        Figure(
            "screen idle", median(ours[0] for ours, _ in resting) * 100, "% CPU",
            median(ours[0] / floor[0] for ours, floor in resting), "≤ 1.2×", "bare Kivy, idle",
        ),
        Figure("screen redraws while idle", redraws, "a minute", redraws, "≤ 1 a minute", "one a minute, for the clock"),
        Figure("RSS of the screen", memory, "MiB"),
    ]  # fmt: skip


def visits(quick: bool) -> list[Figure]:
    """What a customer leaves behind in the screen's memory."""
    count, settled = (60, 20) if quick else (300, 100)
    limit = REPORTED if quick else "≤ 2 kB"  # after 20 visits the caches still fill
    with halls.scratch("visits") as folder:
        config, data = halls.config(folder / "config"), folder / "data"
        with halls.station(config, data) as station:
            rows = run(f"http://127.0.0.1:{station.port}", data, count, folder / "kivy")
    each = growth([used for used, _ in rows], settled) / 1000
    return [
        Figure(f"memory of the screen, growth a visit after {settled}", each, "kB", each, limit, f"of {count} visits"),
        Figure(f"RSS of the screen, {count} visits later", rows[-1][1] / 1024**2, "MiB"),
    ]
