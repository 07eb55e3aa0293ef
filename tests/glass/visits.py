"""Customers, one after another, on the real screen without a display and with a real station; prints the resident memory
after each tenth visit (bytes, one line each).

    python -m tests.glass.visits URL DATA VISITS

Touches come as SDL tells of a panel's; only the visit's clock is ours, so that nobody waits for the debounce.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from kiosk.screen import window

PATH = (("attract", "start"), ("home", "service:enquiry"), ("number", "done"))
EVERY = 10
LOOK_S = 0.01
WIDTH, HEIGHT = 540, 960


def resident() -> int:
    """Bytes of this process in memory, after all that is garbage has gone."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(kept: list[int], settled: int) -> float:
    """Bytes a visit, after the first `settled` visits, from what `main` printed: by the medians of the first and the last
    third, so that one step of the allocator is not taken for a leak."""
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
            print(resident(), flush=True)
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
