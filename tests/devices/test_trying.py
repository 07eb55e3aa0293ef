"""Every device that does something can be tried, and only those that tell something by themselves wait for a hand."""

from __future__ import annotations

from devices.catalog import catalog
from devices.tools.intents import LISTENERS
from devices.trying import TESTS, WAITS


def test_every_class_of_device_can_be_tried_but_a_bus_which_does_nothing_of_itself() -> None:
    assert {klass for klass, _ in catalog().kinds} - {"bus"} == set(TESTS)


def test_a_test_waits_for_a_hand_where_the_device_tells_something_by_itself() -> None:
    waiting = {klass for klass, tests in TESTS.items() if set(tests) & set(WAITS)}
    assert waiting == set(LISTENERS)
