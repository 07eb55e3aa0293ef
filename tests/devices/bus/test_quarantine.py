"""An address that does not answer is asked ever more seldom; one answer ends it."""

from __future__ import annotations

from devices.bus.quarantine import Quarantine


class Time:
    now = 0.0


def test_three_silences_put_an_address_aside_for_five_then_ten_then_at_most_sixty_seconds() -> None:
    quarantine = Quarantine(clock=lambda: Time.now)
    for _ in range(2):
        quarantine.silent(7)
        assert quarantine.may_ask(7)
        assert quarantine.resting == ()
    pauses = []
    for _ in range(7):
        quarantine.silent(7)
        assert not quarantine.may_ask(7)
        pauses.append(quarantine.pause_s(7))
        Time.now += quarantine.pause_s(7)
        assert quarantine.may_ask(7)
    assert pauses == [5, 10, 20, 40, 60, 60, 60]
    assert quarantine.resting == (7,)


def test_others_are_not_slowed_and_an_answer_ends_it() -> None:
    quarantine = Quarantine(after=1, pauses_s=(5.0,), clock=lambda: Time.now)
    quarantine.silent(7)
    quarantine.silent(3)
    assert quarantine.may_ask(8)
    assert list(quarantine.resting) == [3, 7]
    quarantine.answered(7)
    assert quarantine.may_ask(7)
    assert list(quarantine.resting) == [3]
    quarantine.clear()
    assert not quarantine.resting
