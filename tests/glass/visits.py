"""Customers, one after another, on the real screen without a display and with a real station; prints after each tenth visit
how many bytes malloc has given out, and how many are resident (one line each).

    PYTHONMALLOC=malloc python -m tests.glass.visits URL DATA VISITS

Growth is judged by the first: Python's own allocator takes and gives back a MiB at a time, which is more than 300 visits may
leave behind; with PYTHONMALLOC=malloc every object is counted, and what SDL and the graphics driver hold too.

Touches come as SDL tells of a panel's; only the visit's clock is ours, so that nobody waits for the debounce.
"""

from __future__ import annotations

import ctypes
import gc
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from kiosk.screen import window
from tests.survival.station import ROOT

PATH = (("attract", "start"), ("home", "service:enquiry"), ("number", "done"))
EVERY = 10
LOOK_S = 0.01
WIDTH, HEIGHT = 540, 960


# struct mallinfo2 of glibc ≥ 2.33, malloc.h
MALLINFO2 = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Mallinfo2(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_size_t) for name in MALLINFO2)


def memory() -> tuple[int, int]:
    """(bytes in use, bytes resident) of this process, after all that is garbage has gone and what is free was given back."""
    gc.collect()
    libc = ctypes.CDLL(None)
    libc.malloc_trim(0)
    libc.mallinfo2.restype = _Mallinfo2
    info = libc.mallinfo2()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return info.uordblks + info.hblkhd, pages * os.sysconf("SC_PAGE_SIZE")


def run(url: str, data: Path, count: int, kivy_home: Path) -> list[tuple[int, int]]:
    """So many visits in a process of its own; what it printed. Raises RuntimeError with its last words."""
    env = {**os.environ, "KIVY_HOME": str(kivy_home), "PYTHONMALLOC": "malloc"}
    argv = [sys.executable, "-m", "tests.glass.visits", url, str(data), str(count)]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=900, check=False)
    rows = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    if done.returncode or len(rows) != count // EVERY:
        raise RuntimeError(f"{len(rows) * EVERY} of {count} visits: {done.stderr[-3000:]}")
    return [(used, resident) for used, resident in rows]


def growth(kept: list[int], settled: int) -> float:
    """Bytes a visit, after the first `settled` visits, from what `main` printed: by the medians of the first and the last
    third, so that a picture more or less that waits to be forgotten is not taken for a leak."""
    late = kept[settled // EVERY :]
    third = len(late) // 3
    return (statistics.median(late[-third:]) - statistics.median(late[:third])) / (EVERY * (len(late) - third))


class Customers:
    """Touches what the page on the glass offers, as soon as it offers it."""

    def __init__(self, shell: Any, visits: int) -> None:
        self.shell, self.left = shell, visits
        self.done = 0
        self._ahead = 0.0
        self._step = 0
        shell.desk.now = lambda: time.monotonic() + self._ahead

    def look(self, _: float) -> None:
        from kiosk.screen.dump import items
        from kiosk.screen.finger import Fingers

        place, id = PATH[self._step]
        model = self.shell.desk.model
        if model is None or model.place != place:
            return
        found = next((item for item in items(self.shell.root, HEIGHT) if item["id"] == id), None)
        if found is None:
            return
        self._ahead += 1.0  # a customer takes a while for each touch
        self._step += 1
        x, y, w, h = found["rect"]
        for what in ("fingerdown", "fingerup"):
            Fingers.q.appendleft((what, 1, (x + w / 2) / WIDTH, (y + h / 2) / HEIGHT, 1.0))
        if self._step == len(PATH):
            self._step = 1  # the next customer finds the services
            self._ended()

    def _ended(self) -> None:
        self.done += 1
        if self.done % EVERY == 0:
            print(*memory(), flush=True)
        if self.done == self.left:
            self.shell.app.stop()


def main(url: str, data: Path, visits: int) -> int:
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    os.environ.pop("YITAI_SCREEN_DUMP", None)
    window.prepare(WIDTH, HEIGHT)
    from kivy.clock import Clock

    from kiosk.screen.shell import Shell

    shell = Shell(url, data / "screen.token", 21.5)
    customers = Customers(shell, visits)
    Clock.schedule_interval(customers.look, LOOK_S)
    return int(shell.run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
