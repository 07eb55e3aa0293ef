"""Who is called, told as stories."""

from __future__ import annotations

import random

import pytest

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.commands import Refused
from tests.domain.hall_of import PLAN, Story, lines, service


def test_numbers_start_at_001_and_each_service_has_its_series() -> None:
    story = Story()
    assert [story.take("pay"), story.take("pay"), story.take("ask")] == ["A001", "A002", "B001"]


def test_numbers_grow_a_digit_and_never_wrap() -> None:
    story = Story()
    for _ in range(999):
        story.take()
    assert story.take() == "A1000"


def test_one_pooled_line_calls_the_longest_waiting_whatever_the_service() -> None:
    story = Story().open(1)
    first = story.take("new")
    story.after(minutes=1).take("pay")
    assert story.next(1) == first


def test_a_head_start_overtakes_by_its_minutes_and_no_more() -> None:
    story = Story().open(1)
    early = story.take("pay")
    story.after(minutes=19)
    elderly = story.take("pay", "elderly")
    later = story.after(minutes=2).take("pay", "elderly")
    assert [story.next(1), story.next(1), story.next(1)] == [elderly, early, later]


def test_none_is_overtaken_by_one_issued_more_than_the_largest_head_start_later() -> None:
    rng = random.Random(7)
    story = Story().open(1, 2)
    issued: dict[str, int] = {}
    for _ in range(400):
        story.after(seconds=rng.randrange(200))
        if rng.random() < 0.6:
            number = story.take(rng.choice(("pay", "ask", "new")), rng.choice(("ordinary", "elderly")))
            issued[number] = story.at
        elif (called := story.next(rng.choice((1, 2)))) is not None:
            for number, at in issued.items():
                if number[0] == called[0] and story.state(number) == "waiting":
                    assert issued[called] - at <= 20 * 60_000, (called, number)


def test_the_same_press_from_two_tabs_calls_one_customer() -> None:
    story = Story().open(1)
    first, second = story.take(), story.take()
    story.tell(c.Next(counter=1, holding=None))
    assert story.tell(c.Next(counter=1, holding=None)) == ()
    assert story.at_counter(1) == first
    story.tell(c.Next(counter=1, holding=first))
    assert story.tell(c.Next(counter=1, holding=first)) == ()
    assert story.at_counter(1) == second


def test_next_ends_the_current_ticket_and_an_empty_line_is_a_normal_answer() -> None:
    story = Story().open(1)
    only = story.take()
    assert story.next(1) == only
    assert story.next(1) is None
    assert story.state(only) == "done"
    assert story.next(1) is None


def test_every_call_keeps_its_reason() -> None:
    story = Story().open(1)
    story.take("pay", "elderly")
    story.after(minutes=3).take()
    call = story.tell(c.Next(counter=1, holding=None))[0]
    assert isinstance(call, f.TicketCalled)
    assert call.reason == f.CallReason(rule="longest_wait", wait_s=180, head_start_s=1200, waiting=2)


def test_a_counter_calls_only_what_it_serves() -> None:
    counters = (
        PLAN.counters[0].__class__(id=1, name=lines("1"), serves=("ask",)),
        PLAN.counters[0].__class__(id=2, name=lines("2")),
    )
    story = Story(
        PLAN.__class__(name=lines("x"), services=PLAN.services, counters=counters, classes=PLAN.classes)
    ).open(1, 2)
    pay, ask = story.take("pay"), story.after(minutes=1).take("ask")
    assert story.next(1) == ask
    assert story.next(2) == pay


def test_recall_stops_at_the_limit_but_an_unheard_call_does_not_count() -> None:
    story = Story().open(1)
    number = story.take()
    story.next(1)
    for _ in range(3):
        story.tell(c.Recall(counter=1))
    with pytest.raises(Refused, match="recalled_enough"):
        story.tell(c.Recall(counter=1))
    story.record(f.Announced(ticket=story.id(number), counter=1, nth=4, outcome="not_done", detail="no sound"))
    story.tell(c.Recall(counter=1))


def test_a_no_show_comes_back_once_with_its_original_time() -> None:
    story = Story().open(1)
    missed = story.take()
    story.next(1)
    story.tell(c.NoShow(counter=1))
    assert story.state(missed) == "no_show"
    other = story.after(minutes=5).take()
    story.tell(c.Return(ticket=story.id(missed)))
    assert story.next(1) == missed
    story.tell(c.NoShow(counter=1))
    with pytest.raises(Refused, match="cannot_return"):
        story.tell(c.Return(ticket=story.id(missed)))
    assert story.next(1) == other


def test_a_no_show_that_comes_too_late_takes_a_new_number() -> None:
    story = Story().open(1)
    missed = story.take()
    story.next(1)
    story.tell(c.NoShow(counter=1))
    with pytest.raises(Refused, match="cannot_return"):
        story.after(minutes=61).tell(c.Return(ticket=story.id(missed)))


def test_a_transfer_keeps_number_class_and_original_time() -> None:
    story = Story().open(1, 2)
    moved = story.take("pay", "elderly")
    story.next(1)
    waiting = story.after(minutes=1).take("new")
    story.tell(c.Transfer(counter=1, service="new"))
    ticket = story.hall.tickets[story.id(moved)]
    assert (ticket.klass, ticket.service, ticket.state) == ("elderly", "new", "waiting")
    assert story.next(2) == moved
    assert story.next(1) == waiting


def test_what_is_transferred_to_a_counter_is_called_there_first_and_freed_when_it_closes() -> None:
    story = Story().open(1, 2)
    first = story.take()
    second = story.take()
    story.next(1)
    story.tell(c.Transfer(counter=1, to_counter=2))
    assert story.next(1) == second, "what is reserved for 2 is not for 1"
    assert story.next(2) == first
    story.tell(c.Transfer(counter=2, to_counter=1))
    story.tell(c.Finish(counter=1))
    story.tell(c.CloseCounter(counter=1))
    assert story.next(2) == first


def test_a_counter_with_a_ticket_in_hand_does_not_close() -> None:
    story = Story().open(1)
    story.take()
    story.next(1)
    with pytest.raises(Refused, match="holding"):
        story.tell(c.CloseCounter(counter=1))


def test_cancel_frees_the_place_and_twice_is_the_same() -> None:
    story = Story().open(1)
    gone, stays = story.take(), story.take()
    story.tell(c.Cancel(ticket=story.id(gone)))
    assert story.tell(c.Cancel(ticket=story.id(gone))) == ()
    assert story.next(1) == stays


def test_tickets_ahead_counts_only_those_who_will_really_be_called_before() -> None:
    story = Story().open(1)
    for _ in range(5):
        story.take()
    story.next(1)
    issued = story.tell(c.Issue(ticket="x", service="ask"))[0]
    assert isinstance(issued, f.TicketIssued)
    assert issued.ahead == 4
    old = story.tell(c.Issue(ticket="y", service="ask", klass="elderly"))[0]
    assert isinstance(old, f.TicketIssued)
    assert old.ahead == 0


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (c.Issue(ticket="x", service="cook"), "service"),
        (c.Issue(ticket="x", service="pay", klass="king"), "class"),
        (c.Issue(ticket="x", service="pay", answers={"how": "gold"}), "answers.how"),
        (c.Issue(ticket="x", service="pay", answers={"who": "gold"}), "answers"),
        (c.OpenCounter(counter=9), "counter"),
    ],
)
def test_a_wrong_value_is_refused_with_field_and_what_would_be_right(command: c.Command, field: str) -> None:
    with pytest.raises(Refused) as caught:
        Story().tell(command)
    assert caught.value.field == field
    assert caught.value.remedy.zh
    assert caught.value.remedy.en


def test_a_capped_service_says_so() -> None:
    plan = PLAN.__class__(
        name=lines("x"), services=(service("pay", "A", day_cap=2),), counters=PLAN.counters, classes=PLAN.classes
    )
    story = Story(plan).open(1)
    story.take()
    story.take()
    story.next(1)  # one who was called has had a number of today all the same
    with pytest.raises(Refused, match="full"):
        story.take()


def test_a_touch_on_the_rating_pad_is_of_the_last_customer_while_that_is_fresh() -> None:
    story = Story().open(1)
    story.take()
    assert story.tell(c.Rate(counter=1, score=5)) == ()  # nobody was served yet
    story.next(1)
    assert story.tell(c.Rate(counter=1, score=5)) == ()  # called, not served
    story.tell(c.Start(counter=1))
    story.tell(c.Finish(counter=1))
    (rated,) = story.tell(c.Rate(counter=1, score=4))
    assert isinstance(rated, f.Rated)
    assert story.hall.tickets[rated.ticket].score == 4
    assert story.tell(c.Rate(counter=1, score=4)) == ()  # the same touch again
    assert len(story.tell(c.Rate(counter=1, score=1))) == 1  # thought better of it
    story.after(seconds=301)
    assert story.tell(c.Rate(counter=1, score=5)) == ()
    with pytest.raises(Refused):
        story.tell(c.Rate(counter=1, score=6))


def test_a_restart_sees_the_same_hall() -> None:
    story = Story().open(1, 2)
    for klass in ("ordinary", "elderly") * 5:
        story.after(seconds=70).take("pay", klass)
    story.next(1)
    story.next(2)
    story.tell(c.Transfer(counter=2, to_counter=1))
    story.tell(c.CallGuide(call="g", station="S1", where="home"))
    story.record(f.PinTried(who="guide", ok=False))
    again = story.refold()
    for name in story.hall.__slots__:
        if name != "jobs":
            assert getattr(again, name) == getattr(story.hall, name), name
