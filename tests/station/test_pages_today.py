"""The day's page: what it counts, and that its drawing stays within its edges."""

from __future__ import annotations

from kiosk.domain import commands as c
from kiosk.station.pages_today import FLOOR, WIDTH, show
from tests.domain.hall_of import Story


def test_numbers_and_waits_fall_into_their_half_hours() -> None:
    story = Story().open(1)
    story.take()
    story.take()
    story.after(minutes=40)
    story.take()
    story.next(1)
    shown = show(story.hall, story.at, "en")
    assert dict(shown["figures"])["Numbers given"] == "3"
    assert dict(shown["figures"])["Called"] == "1"
    assert dict(shown["figures"])["Median wait"] == "40 min"
    given = [bar["given"] for bar in shown["bars"]]
    assert sum(given) == 3
    assert given[0] == 2
    assert shown["longest"] == 40
    assert [bar["cy"] is not None for bar in shown["bars"]].count(True) == 1


def test_a_technicians_test_ticket_is_in_no_figure() -> None:
    story = Story()
    story.take()
    story.tell(c.Issue(ticket="test", service="pay", trial=True))
    figures = dict(show(story.hall, story.at, "en")["figures"])
    assert (figures["Numbers given"], figures["Waiting"]) == ("1", "1")


def test_an_empty_day_and_a_clock_that_went_back_draw_within_the_edges() -> None:
    story = Story()
    empty = show(story.hall, story.at, "zh")
    assert dict(empty["figures"])["等候中位数"] == "—"
    story.open(1).take()
    story.next(1)
    story.tell(c.Start(counter=1))
    back = show(story.hall, story.at - 3 * 3_600_000, "zh")
    for shown in (empty, back):
        for bar in shown["bars"]:
            assert 0 <= bar["x"] <= bar["x"] + bar["w"] <= WIDTH
            assert 0 <= bar["h"] <= FLOOR
            assert bar["cy"] is None or 0 <= bar["cy"] <= FLOOR
