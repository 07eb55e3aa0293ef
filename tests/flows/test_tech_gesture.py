"""The hidden knock: opened by who knows it, by nobody else."""

from __future__ import annotations

import random

import pytest

from kiosk.flows.tech.gesture import HOLD_S, Knock, Zone, down, due, move, opens, up, zone

WIDTH_MM, HEIGHT_MM = 268.0, 476.0


class Hand:
    """Touches with a clock of its own; `opened` as soon as the door would open."""

    def __init__(self) -> None:
        self.at = 100.0
        self.knock = Knock()
        self.opened = False

    def passes(self, seconds: float) -> Hand:
        self.at += seconds
        self.opened = self.opened or opens(self.knock, self.at)
        return self

    def down(self, where: Zone) -> Hand:
        self.knock = down(self.knock, self.at, where)
        return self

    def up(self, where: Zone) -> Hand:
        self.opened = self.opened or opens(self.knock, self.at)
        self.knock = up(self.knock, self.at, where)
        return self

    def tap(self, where: Zone, seconds: float = 0.1, before: float = 0.4) -> Hand:
        return self.passes(before).down(where).passes(seconds).up(where)

    def hold(self, seconds: float = HOLD_S + 0.01, before: float = 0.6) -> Hand:
        return self.passes(before).down("right").passes(seconds).up("right")


def knocked(taps: int = 5) -> Hand:
    hand = Hand()
    for _ in range(taps):
        hand.tap("left")
    return hand


def test_five_taps_left_and_a_rest_right_open_the_door() -> None:
    hand = knocked().passes(0.6).down("right")
    assert due(hand.knock) == pytest.approx(hand.at + HOLD_S)
    assert not hand.passes(HOLD_S - 0.05).opened
    assert hand.passes(0.06).opened


@pytest.mark.parametrize("taps", [0, 1, 4, 6, 7, 12])
def test_any_other_number_of_taps_does_not(taps: int) -> None:
    assert not knocked(taps).hold().opened


def test_a_short_rest_does_not() -> None:
    assert not knocked().hold(HOLD_S - 0.1).opened


def test_nor_five_taps_that_take_their_time() -> None:
    hand = Hand()
    for _ in range(5):
        hand.tap("left", before=1.2)
    assert not hand.hold().opened


def test_nor_a_rest_that_comes_late() -> None:
    assert not knocked().hold(before=3.2).opened


def test_nor_with_a_touch_elsewhere_in_between() -> None:
    hand = knocked(3).tap("")
    hand.tap("left").tap("left")
    assert not hand.hold().opened
    assert not knocked().tap("").hold().opened
    assert not knocked().tap("right").hold().opened


def test_nor_with_a_second_finger() -> None:
    hand = knocked().passes(0.5).down("right").passes(0.5).down("left").passes(HOLD_S + 1)
    assert not hand.opened
    hand.up("left").passes(HOLD_S + 1).up("right")
    assert not hand.opened


def test_nor_with_a_finger_that_slides_off_or_in() -> None:
    hand = knocked().passes(0.5).down("right").passes(1.0)
    hand.knock = move(hand.knock, "")
    assert not hand.passes(HOLD_S).opened
    slid = knocked(4).passes(0.3).down("").passes(0.1)
    slid.knock = move(slid.knock, "left")
    slid.up("left")
    assert not slid.hold().opened


def test_nor_with_long_taps() -> None:
    hand = Hand()
    for _ in range(5):
        hand.tap("left", seconds=0.8, before=0.05)
    assert not hand.hold().opened


def test_who_miscounted_waits_and_does_it_again() -> None:
    hand = knocked(7).passes(5.0)
    for _ in range(5):
        hand.tap("left")
    assert hand.hold().opened


def test_the_corners_are_twelve_millimetres() -> None:
    assert zone(0, 0, WIDTH_MM) == zone(12, 12, WIDTH_MM) == "left"
    assert zone(WIDTH_MM, 0, WIDTH_MM) == zone(WIDTH_MM - 12, 12, WIDTH_MM) == "right"
    for x, y in ((12.1, 5), (5, 12.1), (WIDTH_MM / 2, 5), (WIDTH_MM - 12.1, 5), (-1, 5), (5, -1), (WIDTH_MM + 1, 5)):
        assert zone(x, y, WIDTH_MM) == ""


@pytest.mark.parametrize("seed", range(5))
def test_ten_thousand_random_touches_never_open_it(seed: int) -> None:
    """2,000 touches for each seed; a third of them in the upper corners, as a child's that has found something to do."""
    some = random.Random(seed)
    hand = Hand()
    for _ in range(2000):
        corner = some.random() < 0.33
        x = (
            some.choice((some.uniform(0, 14), some.uniform(WIDTH_MM - 14, WIDTH_MM)))
            if corner
            else some.uniform(0, WIDTH_MM)
        )
        y = some.uniform(0, 14) if corner else some.uniform(0, HEIGHT_MM)
        where = zone(x, y, WIDTH_MM)
        hand.tap(where, seconds=some.choice((0.05, 0.15, 0.4, 1.0, 2.5)), before=some.uniform(0.02, 1.5))
    assert not hand.opened


def test_nor_a_child_that_drums_in_both_corners() -> None:
    """Always the right corners, never the right count: drumming knows no fives followed by a rest."""
    some = random.Random(7)
    hand = Hand()
    for _ in range(2000):
        for _ in range(some.choice((1, 2, 3, 4, 6, 7, 8, 9))):
            hand.tap("left", before=some.uniform(0.1, 0.5))
        hand.hold(some.uniform(0.1, 4.0))
        hand.passes(some.uniform(0.0, 1.0))
    assert not hand.opened
