"""A storm of faults on one driver: whatever happened, when all is mended it must work again, and have left nothing behind.

    storm(make, simulator, job, n, seed) -> Storm        one row of CASES in test_stuck.py for each driver

`n` times a random fault is switched on or off while random jobs come in; then everything is mended. From then on, within twice
the job's deadline, the device must be ready and do a job. Threads and descriptors must be as many as before.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from devices.ports import Health, Outcome
from devices.supervisor import Limits, Supervisor

HURRY = 0.02  # of the real pauses between tries: a storm is to be many faults, not long waits
STILL_S = 5.0  # until threads that were told to end have ended


class Faulty(Protocol):
    """What is used of a `devices.catalog.Simulator`."""

    faults: tuple[str, ...]

    @property
    def where(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def set_fault(self, fault: str, *, on: bool = True, address: int = 0) -> None: ...


@dataclass
class Storm:
    """What came of it. `recovered_s`: from the mending to ready and a job done; None = stuck, and `stuck` says how."""

    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    recovered_s: float | None = None
    stuck: str = ""
    leaked_fds: int = 0
    leaked_threads: int = 0


def storm(
    make: Callable[[str], Any],
    simulator: Faulty,
    job: Callable[[Any, int], Outcome],
    n: int,
    seed: int,
    *,
    deadline_s: float,
    without: tuple[str, ...] = (),
) -> Storm:
    """`make(where)` gives a driver; `job(driver, number)` is one job, bounded by `deadline_s`. The simulator is started and
    stopped here; all its faults take part but those `without`. Reproducible by `seed` as far as threads are."""
    found = Storm()
    fds, threads = _fds(), threading.active_count()
    simulator.start()
    try:
        faults = tuple(fault for fault in simulator.faults if fault and fault not in without)
        _Weather(make(simulator.where), simulator, job, found, random.Random(seed)).blow(n, faults, deadline_s)
    finally:
        simulator.stop()
    end = time.monotonic() + STILL_S
    while (_fds() > fds or threading.active_count() > threads) and time.monotonic() < end:
        threading.Event().wait(0.01)
    found.leaked_fds, found.leaked_threads = _fds() - fds, threading.active_count() - threads
    return found


class _Weather:
    def __init__(
        self, driver: Any, simulator: Faulty, job: Callable[[Any, int], Outcome], found: Storm, rng: random.Random
    ) -> None:
        self._simulator, self._found, self._rng = simulator, found, rng
        self._news = threading.Condition()
        self._answered: dict[int, Outcome] = {}
        self._number = 0
        self._supervisor: Supervisor[Any, int] = Supervisor(
            "storm",
            driver,
            job,
            self._on_health,
            self._on_done,
            on_event=lambda event: None,
            limits=Limits(queue=3, max_age_s=0.5, probe_s=0.05),
            jitter=lambda step: step * HURRY,
        )

    def blow(self, n: int, faults: tuple[str, ...], deadline_s: float) -> None:
        self._supervisor.start()
        try:
            for _ in range(n):
                self._gust(self._rng.choice(faults))
            self._simulator.set_fault("")
            self._recover(time.monotonic(), 2 * deadline_s)
        finally:
            self._supervisor.stop()

    def _gust(self, fault: str) -> None:
        """It comes or goes, maybe a job too, and a moment passes."""
        on = self._rng.random() < 0.6
        self._found.faults[f"{fault} {'on' if on else 'off'}"] += 1
        if on or self._rng.random() < 0.5:
            self._simulator.set_fault(fault, on=on)
        else:
            self._simulator.set_fault("")
        if self._rng.random() < 0.7:
            self._submit()
        with self._news:
            self._news.wait(self._rng.choice((0.0, 0.005, 0.02, 0.1)))

    def _recover(self, mended: float, within_s: float) -> None:
        end = mended + within_s
        while time.monotonic() < end:
            number = self._submit()
            with self._news:
                self._await(number, end)
                outcome = self._answered.get(number) if number is not None else None
                if outcome is None or outcome.kind != "done":
                    self._news.wait_for(lambda: False, min(0.02, max(0.0, end - time.monotonic())))
                    continue
                if self._news.wait_for(lambda: self._supervisor.health.state == "ready", end - time.monotonic()):
                    self._found.recovered_s = time.monotonic() - mended
                    return
        self._found.stuck = f"{self._supervisor.health}; last outcomes {list(self._answered.values())[-3:]}"

    def _await(self, number: int | None, end: float) -> None:
        if number is not None:
            self._news.wait_for(lambda: number in self._answered, end - time.monotonic())

    def _submit(self) -> int | None:
        self._number += 1
        return self._number if self._supervisor.submit(self._number) else None

    def _on_health(self, health: Health) -> None:
        with self._news:
            self._found.states[health.state] += 1
            self._news.notify_all()

    def _on_done(self, number: int, outcome: Outcome) -> None:
        with self._news:
            self._answered[number] = outcome
            self._found.outcomes[outcome.kind] += 1
            self._news.notify_all()


def _fds() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
