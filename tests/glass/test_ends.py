"""A screen that is told to end (SIGTERM) does so at once and cleanly, whatever it is waiting for."""

from __future__ import annotations

import time

import pytest

from tests.glass.hall import until
from tests.glass.hostile import Hostile
from tests.glass.panel import Panel

pytestmark = pytest.mark.soak  # real windows need a machine to themselves

END_S = 1.0


def ended(panel: Panel) -> float:
    """Seconds from SIGTERM to the end; AssertionError unless it ended by itself, with 0 and without a complaint."""
    begin = time.monotonic()
    assert panel.stop() == 0, panel.said()
    taken = time.monotonic() - begin
    assert "Traceback" not in panel.said()
    print(f"ended in {taken:.2f} s")
    return taken


def test_at_rest_it_ends_within_a_second(panel: Panel) -> None:
    panel.shows("attract")
    assert ended(panel) < END_S


@pytest.mark.parametrize("fault", ["black_hole", "trickle"])
def test_also_while_it_asks_a_station_that_does_not_answer(behind: Panel, proxy: Hostile, fault: str) -> None:
    behind.go(("start", "home"))
    asked = len(proxy.seen)
    proxy.only, proxy.mode = "POST /tickets", fault
    behind.touch("service:enquiry")
    behind.shows("wait")
    until(lambda: len(proxy.seen) > asked, "the request")
    assert ended(behind) < END_S


def test_also_while_it_looks_at_a_hall_that_has_gone_silent(behind: Panel, proxy: Hostile) -> None:
    proxy.mode = "black_hole"
    asked = len(proxy.seen)
    until(lambda: len(proxy.seen) > asked, "a look at the hall")
    assert ended(behind) < END_S
