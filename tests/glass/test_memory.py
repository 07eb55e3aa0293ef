"""Three hundred visits leave nothing behind in the screen's memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.glass.hall import DevicesHall
from tests.glass.visits import EVERY, growth
from tests.survival.station import ROOT

pytestmark = pytest.mark.soak

VISITS, SETTLED = 300, 100
LIMIT = 2_000  # bytes a visit


@pytest.mark.timeout(600)
def test_three_hundred_visits_grow_by_less_than_two_kilobytes_each(hall: DevicesHall, tmp_path: Path) -> None:
    env = {**os.environ, "KIVY_HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "tests.glass.visits", hall.url, str(hall.data), str(VISITS)]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    kept = [int(line) for line in done.stdout.split()]
    assert len(kept) == VISITS // EVERY
    each = growth(kept, SETTLED)
    print(f"{each:.0f} bytes a visit, {kept[-1] / 2**20:.0f} MiB at the end")
    assert each < LIMIT, kept


def test_a_leak_would_be_seen() -> None:
    steps = [0, 4096, 0, 8192, 4096]
    level = [200_000_000 + steps[n % 5] for n in range(VISITS // EVERY)]
    assert abs(growth(level, SETTLED)) < LIMIT / 2
    leaking = [value + n * EVERY * 2_500 for n, value in enumerate(level)]
    assert growth(leaking, SETTLED) > LIMIT
