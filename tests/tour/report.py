"""What the tour did: each step with its seconds and what was checked in it; and the one way to wait for something."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.05


class Failed(Exception):
    """A step did not really happen; the text says what was expected and what was there instead."""


def wait_for(look: Callable[[], T | None], what: str, deadline_s: float = 15.0) -> T:
    """-> the first thing `look` finds (anything but None and False); raises Failed when the time is over."""
    pause = threading.Event()
    end = time.monotonic() + deadline_s
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > end:
            raise Failed(f"waited {deadline_s:.0f} s in vain for {what}")
        pause.wait(POLL_S)


@dataclass
class Step:
    name: str
    seconds: float = 0.0
    checked: list[str] = field(default_factory=list)
    failed: str = ""

    def check(self, good: bool, what: str) -> None:
        """Records `what`; raises Failed when it is not so."""
        if not good:
            raise Failed(what)
        self.checked.append(what)

    def same(self, what: str, expected: object, found: object) -> None:
        self.check(
            expected == found, f"{what}: {found}" if expected == found else f"{what}: {found!r} instead of {expected!r}"
        )


@dataclass
class Report:
    folder: Path
    steps: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        step = Step(name)
        self.steps.append(step)
        start = time.monotonic()
        try:
            yield step
        except Exception as error:
            step.failed = f"{type(error).__name__}: {error}"
            raise
        finally:
            step.seconds = round(time.monotonic() - start, 2)
            self._write()
            print(f"{'FAILED' if step.failed else 'ok':6} {step.seconds:6.2f} s  {name}", flush=True)
            for line in step.checked:
                print(f"                   · {line}", flush=True)

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def _write(self) -> None:
        whole = {
            "seconds": round(self.seconds(), 2),
            "good": all(not step.failed for step in self.steps),
            "steps": [vars(step) for step in self.steps],
        }
        (self.folder / "report.json").write_text(
            json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
