"""The driver against inputs over TCP: each fault has its outcome, in time, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.catalog import Site
from devices.contact.driver import GpioContacts
from devices.contact.events import EVENT, Decoder, Edge, encode
from devices.contact.kinds import KINDS, Options
from devices.contact.pins import Input
from devices.contact.simulator import ContactSimulator
from devices.ports import Contact, Contacts, DeviceError
from devices.transport import LineClosed, deadline_in
from tests.devices.listening import wakes_at_once
from tests.devices.scanner.counting import nothing_left

INPUTS = (Input(name="door", line=17), Input(name="button", line=4, means="button"))
Pair = tuple[ContactSimulator, GpioContacts]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with nothing_left():
        simulator = ContactSimulator("d", "tcp://127.0.0.1:0", INPUTS)
        simulator.start()
        driver = GpioContacts(simulator.where, INPUTS)
        driver.open()
        assert simulator.wait_peer()
        yield simulator, driver
        driver.close()
        simulator.stop()


def test_a_real_event_is_read() -> None:
    """`gpiomon` on a Raspberry Pi: line 17 rising, the first of the request; little endian."""
    capture = bytes.fromhex("00e1f505000000000100000011000000010000000100000000") + bytes(23)
    assert len(capture) == EVENT.size == 48
    assert Decoder().feed(capture) == [Edge(17, True)] == Decoder().feed(encode(Edge(17, True), 1, 100_000_000))


def test_events_come_one_byte_at_a_time_and_others_are_passed_over() -> None:
    decoder = Decoder()
    data = encode(Edge(4, True)) + EVENT.pack(0, 3, 4, 1, 1) + encode(Edge(4, False))
    assert [e for byte in data for e in decoder.feed(bytes((byte,)))] == [Edge(4, True), Edge(4, False)]


@pytest.mark.parametrize("fault", ["", "slow", "one_byte"])
def test_changes_are_told_in_order_over_difficult_lines_too(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    port: Contacts = driver
    simulator.set_fault(fault)
    for name, active in (("door", True), ("button", True), ("button", False)):
        simulator.set_input(name, active)
    told = [port.listen(deadline_in(3)) for _ in range(3)]
    assert told == [Contact("door", True), Contact("button", True), Contact("button", False)]
    assert port.active() == {"door": True, "button": False} and port.probe().state == "ready"


@pytest.mark.parametrize("fault", ["silent", "lost_edge"])
def test_a_change_that_is_not_told_is_silence_in_time(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    simulator.set_input("door", True)
    start = time.monotonic()
    assert driver.listen(deadline_in(0.3)) is None
    assert 0.25 < time.monotonic() - start < 0.6


@pytest.mark.parametrize("fault", ["unplugged", "half_close"])
def test_a_lost_line_is_an_error_at_once_and_what_changed_meanwhile_is_told(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    for open_now in (True, False, True):
        simulator.set_fault(fault)
        with pytest.raises(LineClosed):
            driver.listen(deadline_in(5))
        with pytest.raises(DeviceError):
            driver.probe()
        driver.close()
        simulator.set_fault("unplugged")
        with pytest.raises(DeviceError):
            driver.open()
        simulator.set_input("door", open_now)
        simulator.set_fault("")
        driver.open()
        assert driver.listen(deadline_in(2)) == Contact("door", open_now)
        assert driver.listen(deadline_in(0.05)) is None


def test_wake_ends_a_wait_at_once_also_one_that_begins_later(pair: Pair) -> None:
    wakes_at_once(pair[1])


def test_before_open_there_is_nothing() -> None:
    driver = GpioContacts("tcp://127.0.0.1:1", INPUTS)
    driver.wake()
    driver.close()
    assert driver.probe().state == "absent"
    with pytest.raises(LineClosed):
        driver.active()


def test_options_that_mean_nothing_are_named(tmp_path: Path) -> None:
    (kind,) = KINDS
    site = Site("d", "tcp://127.0.0.1:0", tmp_path, tmp_path)
    bad = (
        Input(name="a", line=1),
        Input(name="a", line=1),
        Input(name="", line=-1),
        Input(name="b", line=2, debounce_ms=9999),
    )
    said = [slip.what for slip in kind.check(site, Options(input=bad))]
    assert len(said) == 5 and all(slip.key == "input" for slip in kind.check(site, Options(input=bad)))
    assert [slip.what for slip in kind.check(site, Options())] == ["there are 0."]
    good = Options(input=INPUTS)
    assert not list(kind.check(site, good)) and kind.simulator is not None
    simulator = kind.simulator(site, good)
    simulator.start()
    driver = kind.make(Site("d", simulator.where, tmp_path, tmp_path), good)
    driver.open()
    assert driver.probe().state == "ready" and simulator.shown() == {"inputs": {"door": False, "button": False}}
    with pytest.raises(ValueError, match="one of door, button"):
        simulator.set_input("window", True)  # type: ignore[attr-defined]
    driver.close()
    simulator.stop()
