from __future__ import annotations

from kiosk.domain import estimate
from kiosk.domain import facts as f
from kiosk.domain.plan import Counter
from tests.domain.hall_of import PLAN, Story, lines


def test_silent_while_no_counter_is_open() -> None:
    assert estimate.wait_minutes(Story().hall, 0) == {}


def test_a_free_counter_means_no_wait() -> None:
    story = Story().open(1)
    assert estimate.wait_minutes(story.hall, story.at)["pay"] == 0


def test_the_line_is_shared_by_the_open_counters() -> None:
    story = Story().open(1, 2)
    for _ in range(6):
        story.take("pay")  # 5 minutes each: 3 rounds at 2 counters
    assert estimate.wait_minutes(story.hall, story.at)["ask"] == 15


def test_someone_at_the_desk_counts_with_what_is_left_of_the_visit() -> None:
    story = Story().open(1)
    story.take("pay")
    story.next(1)
    story.after(minutes=2)
    assert estimate.wait_minutes(story.hall, story.at)["pay"] == 3


def test_counters_that_differ_by_skill() -> None:
    counters = (Counter(id=1, name=lines("1"), serves=("pay",)), Counter(id=2, name=lines("2"), serves=("ask",)))
    plan = PLAN.__class__(name=lines("x"), services=PLAN.services, counters=counters, classes=PLAN.classes)
    story = Story(plan).open(1, 2)
    for _ in range(4):
        story.take("pay")
    assert estimate.wait_minutes(story.hall, story.at) == {"pay": 20, "ask": 0}


def test_service_times_are_learned() -> None:
    story = Story().open(1)
    for _ in range(6):
        story.take("pay")
        story.next(1)
        story.after(minutes=2)
    story.next(1)
    assert estimate.service_minutes(story.hall, "pay") == 2


def test_the_promise_follows_what_really_happened() -> None:
    story = Story()
    assert estimate.promise(story.hall, 10) == f.Promise(p10_s=300, p50_s=600, p90_s=960)
    story.hall.ratios.extend([2.0] * 12)
    assert estimate.promise(story.hall, 10) == f.Promise(p10_s=1200, p50_s=1200, p90_s=1200)
    assert estimate.promise(story.hall, None) is None


def test_the_promise_is_scored_when_the_number_is_called() -> None:
    story = Story().open(1)
    for _ in range(4):
        story.take("pay")
    for _ in range(4):
        story.next(1)
        story.after(minutes=10)
    assert list(story.hall.ratios) == [2.0, 2.0, 2.0]
