"""Days and clocks: numbers never repeat, nothing expires wrongly, days open as designed."""

from __future__ import annotations

import pytest

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from tests.domain.hall_of import MORNING, Story

HOUR = 3_600_000
DAY = 24 * HOUR


def test_a_day_opens_once_with_the_local_date() -> None:
    story = Story()
    assert (story.hall.ordinal, story.hall.label) == (1, "2026-11-22")
    assert story.tell(c.Tick()) == ()


def test_the_next_day_expires_what_is_left_closes_counters_and_starts_at_001() -> None:
    story = Story().open(1)
    left = story.take()
    story.at = MORNING + DAY - 5 * HOUR - 31 * 60_000  # 03:59
    assert story.tell(c.Tick()) == ()
    story.after(minutes=2)
    kinds = [type(fact).__name__ for fact in story.tell(c.Tick())]
    assert kinds == ["TicketExpired", "CounterClosed", "DayOpened"]
    assert story.hall.label == "2026-11-23"
    assert story.take() == left == "A001"


def test_what_is_carried_over_survives_a_fold_from_the_new_day() -> None:
    story = Story()
    story.tell(c.CallGuide(call="g", station="S1", where="home"))
    story.tell(c.Publish(notice="n", text=f.Lines(zh="停电", en="Outage")))
    story.record(f.PinTried(who="tech", ok=False), f.TookFrom(store="s2", seq=7), f.ClockStepped(by_ms=5))
    story.at += DAY
    story.tell(c.Tick())
    again = story.refold()
    assert again.guide_calls.keys() == {"g"}
    assert again.notices.keys() == {"n"}
    assert again.pins["tech"].failures == 1
    assert again.took == {"s2": 7}
    assert again.stepped_ms == 5


@pytest.mark.parametrize("jump", [-56 * 365 * DAY, -HOUR, 9 * 365 * DAY])
def test_a_wrong_clock_continues_the_open_day_and_going_back_changes_nothing(jump: int) -> None:
    story = Story().open(1)
    first = story.take()
    story.step_clock(jump)
    story.tell(c.Tick())
    second = story.after(minutes=1).take()
    story.step_clock(-jump)
    story.tell(c.Tick())
    third = story.take()
    assert [first, second, third] == ["A001", "A002", "A003"]
    assert (story.hall.ordinal, story.hall.label) == (1, "2026-11-22")
    assert story.next(1) == first


def test_waits_do_not_jump_with_the_clock() -> None:
    story = Story().open(1)
    story.take()
    story.step_clock(9 * 365 * DAY)
    call = story.after(minutes=4).tell(c.Next(counter=1, holding=None))[0]
    assert isinstance(call, f.TicketCalled)
    assert call.reason.wait_s == 240


def test_started_in_1970_without_network_and_right_at_9_10() -> None:
    """The box boots in 1970; people take numbers; at 9:10 the network brings the time of the next day."""
    story = Story()
    yesterday = [story.take() for _ in range(3)]
    story.step_clock(-story.at + 60_000)  # the boot: 1970-01-01 00:01
    story.tell(c.Tick())
    early = story.take()
    assert early not in yesterday
    story.after(minutes=10)
    story.step_clock(MORNING + DAY - 20 * 60_000 - story.at)  # 2026-11-23 09:10
    facts = story.tell(c.Tick())
    assert facts == (f.DayRelabelled(label="2026-11-23"),), "people hold fresh numbers: they go on"
    assert story.state(early) == "waiting"
    assert story.take() == "A005"
    story.at += DAY
    story.tell(c.Tick())
    assert (story.hall.label, story.take()) == ("2026-11-24", "A001")


def test_a_first_start_in_1970_is_relabelled_when_the_clock_is_right() -> None:
    story = Story(at=5_000)
    number = story.take()
    story.step_clock(MORNING - story.at)
    story.tell(c.Tick())
    assert story.hall.label == "2026-11-22"
    assert story.state(number) == "waiting"
    assert story.take() == "A002"


def test_a_wrong_date_of_tomorrow_and_back_keeps_numbers_and_label() -> None:
    story = Story()
    story.take()
    story.step_clock(DAY)
    story.tell(c.Tick())
    assert story.take() == "A002"
    story.step_clock(-DAY)
    story.tell(c.Tick())
    assert (story.hall.ordinal, story.hall.label, story.take()) == (1, "2026-11-22", "A003")


def test_the_years_end() -> None:
    story = Story(at=MORNING + 39 * DAY)
    assert story.hall.label == "2026-12-31"
    story.at += DAY
    story.tell(c.Tick())
    assert story.hall.label == "2027-01-01"


def test_a_person_opens_a_day_after_a_long_closure() -> None:
    story = Story()
    story.at += 60 * DAY
    assert story.tell(c.Tick()) == (), "two months: the clock alone is not believed"
    story.tell(c.OpenDay(label="2027-01-21", by="tech"))
    assert (story.hall.ordinal, story.hall.label) == (2, "2027-01-21")


def test_wrong_pins_lock_longer_and_longer_and_a_right_one_clears() -> None:
    story = Story()
    locks = []
    for _ in range(8):
        story.record(f.PinTried(who="guide", ok=False))
        locks.append(max(0, story.hall.pins["guide"].locked_until - story.hall.time_ms(story.at)) // 1000)
    assert locks == [0, 0, 0, 0, 30, 60, 120, 240]
    story.record(f.PinTried(who="guide", ok=True))
    assert "guide" not in story.hall.pins
