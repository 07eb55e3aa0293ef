"""1,000 requests a second from a stranger, while a clerk goes on calling."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.survival.station import ROOT, Line, Station

REQUESTS = 3_000
PER_SECOND = 1_000
USABLE_S = 1.0


@pytest.mark.timeout(90)
def test_a_flood_from_a_stranger_leaves_the_counters_usable(tmp_path: Path) -> None:
    station = Station(tmp_path, counters=2)
    station.start()
    try:
        clerk = station.line(station.login("counter", 1))
        screen = station.screen()
        assert clerk.call("POST", "/counters/1/open", {}).status == 200
        quiet = [_press(clerk, screen, f"quiet{n}") for n in range(40)]
        argv = [sys.executable, "-m", "tests.survival.stranger", str(station.port), str(REQUESTS), str(PER_SECOND)]
        stranger = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        loud: list[float] = []
        while stranger.poll() is None:
            loud.append(_press(clerk, screen, f"loud{len(loud)}"))
        said = json.loads(stranger.communicate()[0])
    finally:
        station.stop()
    rate = REQUESTS / said["seconds"]
    print(
        f"{rate:.0f} requests/s from a stranger: {said['answers']}; next p95 {_p95(loud) * 1000:.0f} ms "
        f"({len(loud)} calls), quiet {_p95(quiet) * 1000:.0f} ms"
    )
    assert len(loud) >= 20
    assert _p95(loud) < USABLE_S
    assert set(said["answers"]) <= {"200", "401", "404", "503"}, "and the stranger got nothing"


def _press(clerk: Line, screen: Line, key: str) -> float:
    """A customer takes a number, the clerk calls it -> seconds from press to answer."""
    taken = screen.call("POST", "/tickets", {"service": "payment"}, f"t-{key}")
    assert taken.status == 201, taken
    held = clerk.call("GET", "/counters/1").body["ticket"]
    began = time.perf_counter()
    said = clerk.call("POST", "/counters/1/next", {"holding": held["number"] if held else None}, key)
    took = time.perf_counter() - began
    assert said.status == 200, said
    assert said.body["ticket"]["number"] == taken.body["ticket"]["number"]
    return took


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
