"""The guess at what a touch will lead to: as good as the hall allows, and never more than a guess."""

from __future__ import annotations

import msgspec

from kiosk.flows.foresight import foreseen
from kiosk.flows.pages import Number
from kiosk.flows.state import Answered, Tap, Visit
from kiosk.flows.view import view
from kiosk.flows.visit import step
from tests.flows.hall_of import MORNING_MS, SETUP, hall, ticket

HOME = Visit(step="home", up=True, at=100.0, touched_at=100.0)


def shown(visit: Visit) -> Number:
    page = view(visit, SETUP, hall(), MORNING_MS).page
    assert isinstance(page, Number)
    return page


def test_a_touch_that_asks_for_a_number_foresees_its_page_but_for_the_number_and_its_code() -> None:
    guess = shown(foreseen(HOME, Tap("service:enquiry", 101.0, "k"), SETUP, hall()))
    three = hall().service("enquiry")
    assert three is not None
    got = ticket(service="enquiry", ahead=3, estimate=three.estimate, print="asked", number="B022")
    waiting, _ = step(HOME, Tap("service:enquiry", 101.0, "k"), SETUP)
    real = shown(step(waiting, Answered("k", 101.1, got), SETUP)[0])
    assert (guess.figures, guess.now, guess.paper, guess.service, guess.done) == (
        real.figures, real.now, real.paper, real.service, real.done,
    )  # fmt: skip
    assert guess.url and guess.number != real.number


def test_any_other_touch_foresees_what_it_does() -> None:
    tap = Tap("service:payment", 101.0, "k")
    assert foreseen(HOME, tap, SETUP, hall()) == step(HOME, tap, SETUP)[0]


def test_a_service_the_hall_does_not_tell_of_is_no_trouble() -> None:
    silent = msgspec.structs.replace(hall(), services=())
    guess = foreseen(HOME, Tap("service:enquiry", 101.0, "k"), SETUP, silent)
    assert guess.ticket is not None and guess.ticket.ahead == 0 and guess.ticket.estimate is None
