"""The receiving rule: whatever order, repetition and loss, each fact is applied once and in order."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.sync import receive, wire


def item(seq: int, text: str = "") -> wire.Item:
    return wire.Item(seq, seq, "DeviceChanged", msgspec.Raw(b'{"detail":"%b"}' % (text or str(seq)).encode()))


class Receiver:
    """The smallest honest receiver: does what the rule says, remembers what it applied."""

    def __init__(self) -> None:
        self.through = 0
        self.known: dict[int, str] = {}
        self.ahead: set[int] = set()
        self.applied: list[int] = []
        self.strange: list[int] = []

    def take(self, facts: list[wire.Item]) -> receive.Sorted:
        there = {fact.seq: self.known[fact.seq] for fact in facts if fact.seq in self.known}
        plan = receive.sort(self.through, there, self.ahead, facts)
        for fact, mark in plan.new:
            assert fact.seq not in self.known
            self.known[fact.seq] = mark
        self.applied += plan.apply
        self.strange += [fact.seq for fact, _ in plan.strange]
        self.through = plan.through
        self.ahead = {seq for seq in self.known if seq > self.through}
        return plan


def test_in_order_everything_is_applied_without_a_word() -> None:
    receiver = Receiver()
    assert receiver.take([item(1), item(2)]).notes == []
    assert (receiver.through, receiver.applied) == (2, [1, 2])


def test_a_filled_gap_applies_what_waited_after_it() -> None:
    receiver = Receiver()
    assert [n.status for n in receiver.take([item(2), item(3), item(5)]).notes] == ["deferred"] * 3
    assert receiver.applied == []
    assert receiver.take([item(1)]).through == 3
    assert receiver.take([item(4)]).through == 5
    assert receiver.applied == [1, 2, 3, 4, 5]


def test_the_first_content_stays() -> None:
    receiver = Receiver()
    receiver.take([item(1)])
    plan = receiver.take([item(1, "other"), item(2)])
    assert (plan.through, receiver.strange, receiver.applied) == (2, [1], [1, 2])


@given(st.integers(1, 60), st.integers(0, 2**32))
@settings(deadline=None)
def test_any_order_with_loss_and_repetition_ends_complete(count: int, seed: int) -> None:
    rng = random.Random(seed)
    receiver = Receiver()
    while receiver.through < count:
        start = rng.randint(1, count)
        batch = [item(seq) for seq in range(start, min(count, start + rng.randint(0, 20)) + 1) if rng.random() < 0.8]
        before = receiver.through
        plan = receiver.take(batch)
        assert plan.through >= before
    assert receiver.applied == list(range(1, count + 1))
    assert receiver.strange == []
