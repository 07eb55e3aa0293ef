"""Large text and low controls: on with a touch, paged, slower, gone with the customer."""

from __future__ import annotations

import pytest

from kiosk.flows import timers
from kiosk.flows.pages import Home, Question
from kiosk.flows.seen import Timing
from kiosk.flows.state import GIVE_UP_S, Misstep, Setup, Tap
from tests.flows.hall_of import PLAN
from tests.flows.story import Story


def home(story: Story) -> Home:
    assert isinstance(story.seen.page, Home)
    return story.seen.page


def test_large_text_shows_four_services_and_a_button_to_the_others() -> None:
    story = Story().tap("start").tap("big")
    assert story.seen.big
    first = [t.id for t in home(story).tiles]
    assert len(first) == 4
    story.tap("more")
    second = [t.id for t in home(story).tiles]
    assert sorted(first + second) == sorted(f"service:{s.id}" for s in PLAN.services)
    assert [t.id for t in home(story.tap("more")).tiles] == first


def test_a_service_of_the_second_page_is_chosen_as_any_other() -> None:
    story = Story().tap("start").tap("big").tap("more").tap("service:sundry").answered()
    assert story.seen.place == "number"
    assert story.seen.big


def test_a_touch_on_large_text_at_the_start_page_begins_the_visit() -> None:
    for way in ("big", "low"):
        story = Story().tap(way)
        assert story.seen.place == "home"
        assert (story.seen.big, story.seen.low) == (way == "big", way == "low")


def test_both_ways_end_with_the_visit() -> None:
    done = Story().tap("big").tap("low").tap("service:enquiry").answered().tap("done")
    assert (done.seen.place, done.seen.big, done.seen.low) == ("home", False, False)
    left = Story().tap("big").tap("back")
    assert (left.seen.place, left.seen.big) == ("attract", False)


def test_large_text_gives_twice_the_time() -> None:
    timing = Timing()
    plain, large = Story().tap("start").tap("service:payment"), Story().tap("start").tap("big").tap("service:payment")
    assert timers.span_s(plain.visit, timing) == timing.idle_s
    assert timers.span_s(large.visit, timing) == 2 * timing.idle_s
    large.passes(2 * timing.idle_s)
    assert large.seen.place == "still_there"
    assert timers.span_s(large.visit, timing) == 2 * timing.warn_s
    shown = Story().tap("start").tap("big").tap("service:enquiry").answered()
    assert timers.span_s(shown.visit, timing) == 2 * timing.result_s


def test_how_long_the_station_may_take_is_the_same_for_all() -> None:
    story = Story().tap("start").tap("big").tap("service:enquiry")
    assert timers.span_s(story.visit, Timing()) == GIVE_UP_S


def test_a_low_panel_takes_fewer_large_choices_a_page() -> None:
    small = Setup(PLAN, Timing(width=1280, height=800, diagonal_inch=10.1))
    story = Story(small).tap("start").tap("big").tap("service:payment")
    assert isinstance(story.seen.page, Question)
    assert [c.id for c in story.seen.page.choices] == ["choice:cash", "choice:phone"]
    story.tap("more").tap("choice:unsure")
    assert story.seen.place == "wait"


def test_a_landscape_screen_has_no_low_controls() -> None:
    wide = Story(Setup(PLAN, Timing(width=1920, height=1080, diagonal_inch=15.6))).tap("start")
    assert "low" not in wide.buttons()
    with pytest.raises(Misstep):
        wide.happens(Tap("low", wide.at + 1, "key"))
