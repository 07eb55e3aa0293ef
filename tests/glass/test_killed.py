"""The screen is killed while a customer takes a number: forty times, at any moment around the touch."""

from __future__ import annotations

import random
import re

import pytest

from kiosk.domain import facts as f
from tests.glass.hall import DevicesHall
from tests.glass.panel import Panel
from tests.survival.test_killed import facts_of

pytestmark = pytest.mark.soak  # real windows need a machine to themselves

KILLS = 40
LATEST_S = 0.25  # after the touch: by then the number is on the glass, or nearly


@pytest.mark.timeout(900)
def test_forty_kills_around_the_touch_give_each_touch_one_number_at_most(panel: Panel, hall: DevicesHall) -> None:
    some = random.Random(7)
    shown: set[str] = set()
    before = issued(hall)
    cut_short = 0
    for _ in range(KILLS):
        panel.home()
        had = issued(hall)
        panel.touch("service:enquiry")
        panel.killed_after(some.random() * LATEST_S)
        state = panel.state()
        if state["step"] == "number":
            shown |= {item["text"] for item in state["items"] if re.fullmatch(r"B\d{3}", item["text"])}
        else:
            cut_short += 1
        assert issued(hall) <= had + 1, "one touch, one ticket"
        panel.start()
    assert len(shown) > KILLS // 10, "some were killed with the number on the glass"
    assert cut_short > KILLS // 10, "some before"
    hall.stop()
    given = [fact.number for fact in (r.fact for r in facts_of(hall)) if isinstance(fact, f.TicketIssued)]
    hall.start()
    assert len(set(given)) == len(given), "a number was given twice"
    assert shown <= set(given), "a number that somebody saw is gone"
    assert before < len(given) <= before + KILLS
    print(f"{KILLS} kills of the screen, {len(given) - before} numbers, {len(shown)} of them seen, 0 doubles, 0 lost")


def issued(hall: DevicesHall) -> int:
    return sum(int(service["waiting"]) for service in hall.hall()["services"])
