from __future__ import annotations

import random

import pytest

from kiosk.domain import commands as c
from kiosk.domain import estimate
from kiosk.domain import facts as f
from kiosk.domain.plan import Counter, HallPlan
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


SKILLED = PLAN.__class__(
    name=lines("x"),
    services=PLAN.services,
    counters=tuple(
        Counter(id=n, name=lines(f"{n}"), serves=serves)
        for n, serves in enumerate((("pay",), ("pay", "ask"), ("ask", "new"), ()), start=1)
    ),
    classes=PLAN.classes,
)


def _something_happens(story: Story, rng: random.Random) -> None:
    counter = rng.randint(1, 4)
    desk, held = story.hall.desk(counter), story.at_counter(counter)
    choice = rng.random()
    waiting = story.hall.line.order
    if choice < 0.1 and waiting:
        story.tell(c.Cancel(ticket=rng.choice(waiting)[0].ticket, by="by_staff"))
    elif choice < 0.5:
        story.take(rng.choice(story.hall.plan.service_ids), rng.choice(("ordinary", "ordinary", "elderly")))
    elif desk.state != "open":
        story.open(counter)
    elif choice < 0.75 or held is None:
        story.next(counter)
    elif choice < 0.8:
        story.tell(c.Transfer(counter=counter, service="ask"))
    elif choice < 0.85 and story.hall.desk(counter % 4 + 1).state == "open":
        story.tell(c.Transfer(counter=counter, to_counter=counter % 4 + 1))
    elif choice < 0.9:
        story.tell(c.Finish(counter=counter))
    elif choice < 0.95 and not story.hall.tickets[story.id(held)].misses:
        story.tell(c.NoShow(counter=counter))
        story.tell(c.Return(ticket=story.id(held)))
    else:
        story.tell(c.Finish(counter=counter))
        if not story.hall.line.reserved.get(counter):
            story.tell(c.CloseCounter(counter=counter))
    story.after(seconds=rng.choice((0, 0, 0.2, 0.9, 30, 400)))


@pytest.mark.parametrize("plan", [PLAN, SKILLED], ids=["all alike", "skilled"])
@pytest.mark.parametrize("seed", range(4))
def test_a_walk_that_goes_on_ends_where_a_new_one_would(plan: HallPlan, seed: int) -> None:
    rng = random.Random(seed)
    story = Story(plan).open(1, 2)
    went_on = 0
    for _ in range(150):
        before = story.hall.line.walk
        _something_happens(story, rng)
        fresh = story.refold()
        assert estimate.wait_minutes(story.hall, story.at) == estimate.wait_minutes(fresh, story.at)
        went_on += before is not None and story.hall.line.walk is before
        line = story.hall.line.in_order(plan.service_ids)
        queues = story.hall.line.queues
        assert line == sorted((place, service) for (service, _), queue in queues.items() for place in queue)
        if line:
            place = rng.choice(line)[0]
            fresh.line.walk = None
            assert estimate.wait_minutes(story.hall, story.at, place) == estimate.wait_minutes(fresh, story.at, place)
    assert went_on >= 15, "else this test has shown nothing"


def test_service_times_are_learned() -> None:
    story = Story().open(1)
    for _ in range(6):
        story.take("pay")
        story.next(1)
        story.after(minutes=2)
    story.next(1)
    assert estimate.service_minutes(story.hall, "pay") == 2
    assert story.hall.line.walk is None, "no walk outlives the service times it was made with"


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
