"""How long a station takes to answer again: with a long journal against an empty one, process start to first answer."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.bench import days, halls
from tests.bench.figure import Figure, in_turns

FACTS, OPEN_DAY = 100_000, 5_000


def _start_s(config: Path, data: Path) -> float:
    begin = time.perf_counter()
    with halls.station(config, data):
        return time.perf_counter() - begin


def work(quick: bool) -> list[Figure]:
    total, today = (20_000, 2_000) if quick else (FACTS, OPEN_DAY)
    with halls.scratch() as folder:
        config = halls.config(folder / "config")
        full = folder / "full"
        full.mkdir()
        days.write(full, total, today, time.time_ns() // 1_000_000 - 60_000)

        def empty() -> float:
            data = folder / "empty"
            shutil.rmtree(data, ignore_errors=True)
            data.with_name("empty.key").unlink(missing_ok=True)
            return _start_s(config, data)

        pairs = in_turns(lambda: _start_s(config, full), empty, 3 if quick else 5)
    more = pairs.value - sorted(pairs.floor)[len(pairs.floor) // 2]
    return [
        Figure("station start, empty journal", sorted(pairs.floor)[len(pairs.floor) // 2], "s"),
        Figure(
            f"station start, {total:,} facts, {today:,} today: how much more", more, "s", more, "≤ 1 s",
            "start with an empty journal",
        ),
    ]  # fmt: skip
