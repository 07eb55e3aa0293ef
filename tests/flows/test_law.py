"""The law of the visit, over random customers, and the table against the pictures."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.flows import timers
from kiosk.flows.seen import Problem
from kiosk.flows.state import Refused
from kiosk.flows.visit import STEPS, TABLE, place
from tests.flows.story import Story

MOVES = st.lists(
    st.tuples(st.sampled_from(["tap", "wait", "answer", "refuse", "lost", "back"]), st.integers(0, 30)), max_size=40
)


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_whatever_customers_do_the_law_holds(moves: list[tuple[str, int]]) -> None:
    story = Story()
    for what, n in moves:
        asked = len([a for a in story.sent if a.kind == "ticket"])
        before = place(story.visit)
        match what:
            case "tap":
                offered = sorted(story.buttons())
                story.tap(offered[n % len(offered)])  # every button of the picture has its move: no Misstep
            case "wait":
                story.passes(float(n * 2))
            case "answer" if story.visit.asks:
                story.answered()
            case "refuse" if story.visit.asks:
                story.happens(Refused(story.visit.asks[0].key, Problem(status=409, detail="no"), story.at))
            case "lost":
                story.link(False)
            case "back":
                story.link(True)
        now = len([a for a in story.sent if a.kind == "ticket"])
        assert now - asked <= 1
        assert before != "wait" or now == asked, "a number was asked for while one was under way"
        keys = [a.key for a in story.sent]
        assert len(keys) == len(set(keys)), "a key was used for two intents"
        assert len(story.visit.asks) <= 4
        if story.visit.step == "attract" and not story.visit.overlay:
            assert (story.visit.klass, story.visit.answers, story.visit.ticket) == ("", (), None)
        assert {"lang", "big", "low", "staff"} <= story.buttons() or story.seen.cover is not None


@settings(max_examples=50, deadline=None)
@given(MOVES)
def test_left_alone_every_visit_ends_at_the_start_page(moves: list[tuple[str, int]]) -> None:
    story = Story()
    for what, n in moves:
        if what == "tap":
            offered = sorted(story.buttons())
            story.tap(offered[n % len(offered)])
        elif what == "answer" and story.visit.asks:
            story.answered()
    for _ in range(12):
        due = timers.deadline(story.visit, story.setup.timing)
        if due is None:
            break
        story.passes(max(0.0, due - story.at) + 0.01)
    assert story.seen.place == "attract"
    assert (story.visit.lang, story.visit.big, story.visit.low) == ("zh", False, False)


def test_language_large_text_low_controls_and_staff_are_on_every_screen() -> None:
    for step in STEPS:
        assert (step, "lang") in TABLE
        assert (step, "staff") in TABLE
        assert (step, "big") in TABLE
        assert (step, "low") in TABLE


def test_a_quiet_start_page_never_wakes_the_screen() -> None:
    story = Story()
    assert timers.due(story.visit, story.setup.timing) is None
