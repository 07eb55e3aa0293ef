"""Lost and back: at most one fact a minute and device, the rest counted, and the last word is always said."""

from __future__ import annotations

import random

from devices.lostback import EVERY_MS, Late, LostBack

UNPLUGGED = ("unplugged",)


def test_the_first_state_of_a_device_is_told_and_the_same_again_is_no_news() -> None:
    book = LostBack()
    assert book.offer("printer", "ready", (), 0) == (True, 0)
    assert book.offer("printer", "ready", (), 1_000) == (False, 0)
    assert book.offer("printer", "ready", (), EVERY_MS * 5) == (False, 0)
    assert book.due(EVERY_MS * 6) == []


def test_another_reason_is_news() -> None:
    book = LostBack()
    book.offer("printer", "fault", ("paper_end",), 0)
    assert book.offer("printer", "fault", ("cover_open",), EVERY_MS) == (True, 0)


def test_a_second_change_within_the_minute_waits_and_is_told_when_it_is_over() -> None:
    book = LostBack()
    book.offer("printer", "ready", (), 0)
    assert book.offer("printer", "fault", UNPLUGGED, 10_000) == (False, 0)
    assert book.due(EVERY_MS - 1) == []
    assert book.due(EVERY_MS) == [Late("printer", "fault", UNPLUGGED, 0)]
    assert book.due(EVERY_MS) == []


def test_what_flaps_is_told_once_a_minute_with_the_count_of_the_rest() -> None:
    book = LostBack()
    book.offer("printer", "ready", (), 0)
    for second in range(1, 10):
        state, reasons = ("fault", UNPLUGGED) if second % 2 else ("ready", ())
        assert book.offer("printer", state, reasons, second * 1_000) == (False, 0)
    assert book.due(EVERY_MS) == [Late("printer", "fault", UNPLUGGED, 8)]


def test_a_device_that_went_and_came_back_within_the_minute_is_told_though_it_is_as_before() -> None:
    book = LostBack()
    book.offer("printer", "ready", (), 0)
    book.offer("printer", "fault", UNPLUGGED, 1_000)
    book.offer("printer", "ready", (), 2_000)
    assert book.due(EVERY_MS) == [Late("printer", "ready", (), 1)]


def test_a_change_after_the_minute_that_nobody_asked_about_is_told_with_the_count() -> None:
    book = LostBack()
    book.offer("printer", "ready", (), 0)
    book.offer("printer", "fault", UNPLUGGED, 1_000)
    book.offer("printer", "ready", (), 2_000)
    assert book.offer("printer", "fault", UNPLUGGED, EVERY_MS) == (True, 2)
    assert book.due(EVERY_MS * 2) == []


def test_devices_do_not_wait_for_one_another_and_a_forgotten_one_begins_anew() -> None:
    book = LostBack()
    book.offer("printer", "ready", (), 0)
    assert book.offer("sign", "ready", (), 1) == (True, 0)
    book.offer("printer", "fault", UNPLUGGED, 2)
    book.forget("printer")
    assert book.due(EVERY_MS) == []
    assert book.offer("printer", "fault", UNPLUGGED, 3) == (True, 0)


def test_a_clock_that_goes_back_holds_nothing_back() -> None:
    book = LostBack()
    book.offer("printer", "ready", (), EVERY_MS * 100)
    assert book.offer("printer", "fault", UNPLUGGED, 5) == (True, 0)


def test_whatever_happens_never_two_within_the_minute_all_counted_and_the_last_state_told_in_time() -> None:
    rng = random.Random(1)
    for _ in range(300):
        book, now, told_at, changes, told = LostBack(), 0, -EVERY_MS, 0, 0
        last: object = None
        known: object = None
        for _ in range(rng.randrange(1, 60)):
            now += rng.choice((100, 5_000, 40_000))
            news = [(late.state, late.suppressed) for late in book.due(now)]
            state = rng.choice(("ready", "fault", "degraded"))
            changes += state != last
            last = state
            tell, suppressed = book.offer("x", state, (), now)
            news += [(state, suppressed)] if tell else []
            for said, count in news:
                known = said
                assert now - told_at >= EVERY_MS
                told_at = now
                told += 1 + count
        for late in book.due(now + EVERY_MS):
            known, told = late.state, told + 1 + late.suppressed
        assert (known, told) == (last, changes)
