"""The calibration's arithmetic: known panels are found again, nonsense is refused."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.flows.tech.affine import IDENTITY, Matrix, Unfit, apply, crosses, fit, residual, sound

WANTED = crosses(1080, 1920)
PANELS: dict[str, Matrix] = {
    "as it should be": IDENTITY,
    "shifted": (1, 0, 37.5, 0, 1, -12),
    "scaled": (0.9, 0, 50, 0, 1.1, -90),
    "mirrored": (-1, 0, 1080, 0, 1, 0),
    "upside down": (-1, 0, 1080, 0, -1, 1920),
    "turned": (0, 0.5625, 0, -1.7778, 0, 1920),
    "askew": (1.01, 0.03, -8, -0.02, 0.99, 14),
}


def touches(panel: Matrix) -> list[tuple[float, float]]:
    """What that panel tells when the crosses are hit: the inverse map."""
    a, b, c, d, e, f = panel
    det = a * e - b * d
    return [((e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det) for x, y in WANTED]


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_found_from_its_touches(name: str) -> None:
    told = touches(PANELS[name])
    found = fit(told, WANTED)
    assert found == pytest.approx(PANELS[name], abs=1e-6)
    assert residual(found, told, WANTED) < 1e-6


def test_an_unsteady_hand_is_evened_out_and_its_residual_told() -> None:
    some = random.Random(3)
    told = [(x + some.uniform(-4, 4), y + some.uniform(-4, 4)) for x, y in touches(PANELS["askew"])]
    found = fit(told, WANTED)
    assert 0.1 < residual(found, told, WANTED) < 8
    assert math.dist(apply(found, touches(PANELS["askew"])[4]), WANTED[4]) < 6


def test_one_cross_missed_by_a_thumb_shows_in_the_residual() -> None:
    told = list(WANTED)
    told[2] = (told[2][0] - 90, told[2][1] + 40)
    assert residual(fit(told, WANTED), told, WANTED) > 12


@pytest.mark.parametrize(
    "told",
    [
        [(5.0, 5.0)] * 5,
        [(float(n), 2.0 * n) for n in range(5)],
        [(1.0, 1.0), (2.0, 2.0)],
        [(x * 100, y) for x, y in WANTED],
        [(x / 100, y) for x, y in WANTED],
    ],
    ids=["one place", "a line", "too few", "squeezed", "stretched"],
)
def test_what_is_no_panel_is_refused(told: list[tuple[float, float]]) -> None:
    with pytest.raises(Unfit):
        fit(told, WANTED)


def test_what_cannot_be_a_calibration_is_not_sound() -> None:
    for matrix in (
        (0, 0, 0, 0, 0, 0),
        (1, 0, 0, 1, 0, 0),
        (math.nan, 0, 0, 0, 1, 0),
        (1, 0, math.inf, 0, 1, 0),
        (50, 0, 0, 0, 1, 0),
    ):
        assert not sound(matrix)


POINT = st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000))


@settings(max_examples=300, deadline=None)
@given(st.lists(POINT, min_size=5, max_size=5))
def test_whatever_is_touched_the_answer_is_a_sound_map_or_a_refusal(told: list[tuple[float, float]]) -> None:
    try:
        found = fit(told, WANTED)
    except Unfit:
        return
    assert sound(found)
    assert math.isfinite(residual(found, told, WANTED))
