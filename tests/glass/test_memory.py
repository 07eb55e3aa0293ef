"""Three hundred visits leave nothing behind in the screen's memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.glass.hall import DevicesHall
from tests.glass.visits import EVERY, growth, run

pytestmark = pytest.mark.soak

VISITS, SETTLED = 300, 100
LIMIT = 2_000  # bytes a visit


@pytest.mark.timeout(950)
def test_three_hundred_visits_grow_by_less_than_two_kilobytes_each(hall: DevicesHall, tmp_path: Path) -> None:
    rows = run(hall.url, hall.data, VISITS, tmp_path)
    kept = [used for used, _ in rows]
    each = growth(kept, SETTLED)
    print(f"{each:.0f} bytes a visit, {rows[-1][1] / 2**20:.0f} MiB resident at the end")
    assert each < LIMIT, kept


def test_a_leak_would_be_seen() -> None:
    steps = [0, 4096, 0, 8192, 4096]
    level = [200_000_000 + steps[n % 5] for n in range(VISITS // EVERY)]
    assert abs(growth(level, SETTLED)) < LIMIT / 2
    leaking = [value + n * EVERY * 2_500 for n, value in enumerate(level)]
    assert growth(leaking, SETTLED) > LIMIT
