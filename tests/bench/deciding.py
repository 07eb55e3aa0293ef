"""Does a long day make the next decision dearer? Processor time of `decide` with 200 waiting, late and early in the day."""

from __future__ import annotations

import gc
import time
from collections import deque
from statistics import median

from kiosk.domain import commands as c
from kiosk.domain.decide import decide
from tests.bench.days import Days
from tests.bench.figure import Figure

MORNING = 1_795_311_000_000  # 2026-11-22 09:30 in China
WAITING = 200
SIZES = (100, 10_000, 100_000)
CALLS = 100


def _day(tickets: int) -> Days:
    """A hall in which so many were served today, and 200 wait."""
    day = Days(MORNING)
    deque(day.open_day(), maxlen=0)
    for _ in range(tickets):
        deque(day.issue(), maxlen=0)
        deque(day.serve(), maxlen=0)
    for _ in range(WAITING):
        deque(day.issue(), maxlen=0)
    return day


def _cpu_us(day: Days, command: c.Command) -> float:
    begin = time.process_time_ns()
    for _ in range(CALLS):
        decide(day.hall, command, day.at)
    return (time.process_time_ns() - begin) / CALLS / 1000


def work(quick: bool) -> list[Figure]:
    """All three days in each turn, so that they share their neighbours."""
    days = {size: _day(size // 10 if quick else size) for size in SIZES}
    commands = {
        "issue": c.Issue(ticket="t" * 32, service="enquiry", printer="printer", job="j" * 32),
        "call": c.Next(counter=1, holding=None),
    }
    figures = []
    gc.collect()
    gc.freeze()  # the collector's walk over 100,000 tickets is no part of a decision
    for name, command in commands.items():
        spent: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(5 if quick else 25):
            for size in SIZES:
                spent[size].append(_cpu_us(days[size], command))
        figures.append(Figure(f"decide {name}, 100 tickets in the day", median(spent[100]), "µs CPU"))
        for size in SIZES[1:]:
            ratio = median(a / b for a, b in zip(spent[size], spent[100], strict=True))
            figures.append(
                Figure(
                    f"decide {name}, {size:,} tickets in the day", median(spent[size]), "µs CPU", ratio, "≤ 1.2×",
                    "the same at 100",
                )
            )  # fmt: skip
    gc.unfreeze()
    return figures
