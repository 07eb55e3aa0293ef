"""What a trial of a driver stands on: fresh simulators and drivers, what was opened by whom, and what can be seen of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.catalog import Simulator
from devices.ports import DeviceError, Health, Outcome
from devices.tools.choose import Chosen, loopback
from devices.tools.intents import INTENTS, LISTENERS, Intent
from devices.transport import Line, deadline_in, open_line

SETTLE_S = 3.0
WORKING = ("ready", "degraded")


class Failed(Exception):
    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass
class Bench:
    """What a check needs: fresh simulators and drivers of the chosen kind, and what was opened by whom."""

    chosen: Chosen
    data: Path
    lines: list[Line] = field(default_factory=list)
    count: int = 0
    hears: bool = True

    @property
    def intent(self) -> Intent:
        return INTENTS[self.chosen.kind.klass]

    @property
    def listens(self) -> bool:
        return self.chosen.kind.klass in LISTENERS

    def opener(self, where: str) -> Line:
        line = open_line(where)
        self.lines.append(line)
        return line

    def driver(self, where: str) -> Any:
        # A kind with a line of its own sort (input devices, GPIO) brings its opener, unless it is given another.
        plain = any(scheme in self.chosen.kind.schemes for scheme in ("tcp://", "serial://"))
        opener = self.opener if plain else open_line
        return self.chosen.kind.make(self.chosen.site(where, self.data, opener), self.chosen.options)

    @contextmanager
    def simulator(self) -> Iterator[Simulator]:
        simulator = self.chosen.simulator(loopback(self.chosen.kind), self.data)
        simulator.start()
        try:
            yield simulator
        finally:
            simulator.set_fault("")
            simulator.stop()

    def use(self, driver: Any) -> Outcome | DeviceError:
        """One intent; its time and its kind of answer are checked here. Raises Failed."""
        self.count += 1
        begun = time.monotonic()
        try:
            outcome: Outcome | DeviceError = self.intent.use(driver, self.count)
        except DeviceError as error:
            outcome = error
        except Exception as error:
            raise bug("the intent", error) from error
        spent = time.monotonic() - begun
        if spent > 2 * self.intent.deadline_s:
            raise Failed(
                f"took {spent:.1f} s with a deadline of {self.intent.deadline_s:g} s", "give the deadline to every read"
            )
        if not isinstance(outcome, Outcome | DeviceError):
            raise Failed(f"answered {outcome!r}", "return devices.ports.Outcome")
        return outcome


def bug(where: str, error: Exception) -> Failed:
    return Failed(
        f"{where} raised {type(error).__name__}: {error}", "only DeviceError and its kinds may leave a driver"
    )


def census() -> tuple[int, int]:
    """(threads, file descriptors) of this process."""
    return threading.active_count(), sum(1 for _ in Path("/proc/self/fd").iterdir())


def as_before(before: tuple[int, int]) -> None:
    """Wait until no more threads and descriptors are there than before; raises Failed."""
    end = deadline_in(SETTLE_S)
    while (now := census()) != before and time.monotonic() < end:
        threading.Event().wait(0.02)
    if now[0] > before[0] or now[1] > before[1]:
        raise Failed(
            f"threads and descriptors before {before}, after {now}", "close() frees all that open() and the work took"
        )


def open_driver(driver: Any) -> Health:
    """Opened and working, or Failed."""
    try:
        driver.open()
        health: Health = driver.probe()
    except DeviceError as error:
        raise Failed(f"does not open: {error}", "look at the bytes with `kiosk simulate`") from error
    if not isinstance(health, Health) or health.state not in WORKING:
        raise Failed(f"probe says {health} with a healthy simulator", "probe answers Health('ready')")
    return health


def shows_effect(bench: Bench) -> bool:
    return bench.chosen.kind.klass in ("printer", "sign", "keypad", "voice")


def effect(simulator: Simulator, before: Any, within_s: float = 2.0) -> bool:
    def look(value: Any) -> str:
        return json.dumps(value, default=str, sort_keys=True)

    end = deadline_in(within_s)
    while look(simulator.shown()) == look(before):
        if time.monotonic() >= end:
            return False
        threading.Event().wait(0.02)
    return True
