"""Keypads and rating pads against their simulator over real lines: a press is one press, whatever the wire does to it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devices.keypad.description import PadDescription, load
from devices.keypad.driver import FrameKeypad, FrameRatingPad
from devices.keypad.padline import PadLine
from devices.keypad.simulator import PadSimulator
from devices.ports import DONE, Keypad, KeypadText, Pressed, Rated, RatingPad
from devices.transport import LineClosed, deadline_in

PADS = Path(__file__).parents[3] / "config" / "keypads"
ADDRESSES = (11, 12, 13)
POLL_S = 0.03
DEADLINE_S = 0.5


def description(name: str) -> PadDescription:
    return replace(load(PADS / f"{name}.toml", rating=name.startswith("rating")), within_s=0.12)


@contextmanager
def bench(name: str, host: str = "127.0.0.1") -> Iterator[tuple[PadSimulator, PadLine]]:
    frames = description(name)
    far = PadSimulator(host, 0, frames, ADDRESSES)
    far.slow_s = 0.02
    far.start()
    make = FrameRatingPad if name.startswith("rating") else FrameKeypad
    driver = make(far.where, frames, ADDRESSES, poll_s=POLL_S)
    driver.open()
    try:
        yield far, driver
    finally:
        driver.close()
        far.stop()


@contextmanager
def keypads(name: str = "polled", host: str = "127.0.0.1") -> Iterator[tuple[PadSimulator, FrameKeypad]]:
    with bench(name, host) as (far, driver):
        assert isinstance(driver, FrameKeypad)
        yield far, driver


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was pressed before: no need to be deaf for long."""
    monkeypatch.setattr("devices.keypad.padline.DEAF_S", 0.05)


def heard(driver: PadLine, seconds: float = 2.0) -> Pressed | Rated | None:
    event = driver.listen(deadline_in(seconds))
    assert event is None or isinstance(event, Pressed | Rated)
    return event


def settle(driver: PadLine) -> None:
    """Past the time in which one that speaks by itself may tell a press from before again."""
    if driver._deaf_until:
        assert driver.listen(deadline_in(0.06)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", ""])
@pytest.mark.parametrize("name", ["polled", "event"])
def test_a_press_comes_with_what_the_clerk_saw(name: str, host: str) -> None:
    with keypads(name, host) as (far, driver):
        port: Keypad = driver
        assert port.show(KeypadText(11, "A001", 7), 1.0) == DONE
        assert far.pads[11] == ("A001", 7, 0)
        far.press(11, "next")
        event = heard(driver)
        assert isinstance(event, Pressed)
        assert (event.address, event.key, event.holding) == (11, "next", "A001")
        far.press(12, "recall")
        event = heard(driver)
        assert isinstance(event, Pressed) and (event.address, event.key, event.holding) == (12, "recall", "")
        assert driver.probe().state == "ready"


@pytest.mark.parametrize("name", ["rating_polled", "rating_event"])
def test_a_customer_is_asked_and_rates(name: str) -> None:
    with bench(name) as (far, driver):
        assert isinstance(driver, FrameRatingPad)
        settle(driver)
        port: RatingPad = driver
        assert port.ask(12, 1.0) == DONE
        assert far.pads[12] == ("", 0, 1)
        far.press(12, "5")
        event = heard(driver)
        assert isinstance(event, Rated) and (event.address, event.score) == (12, 5)
        assert driver.ask(99, 1.0).kind == "not_done"


@pytest.mark.parametrize("name", ["polled", "event", "rating_polled", "rating_event"])
def test_a_press_told_again_is_one_press_and_two_presses_are_two(name: str) -> None:
    key = "3" if name.startswith("rating") else "next"
    with bench(name) as (far, driver):
        settle(driver)
        far.press(11, key, times=3)
        first = heard(driver)
        assert first is not None and heard(driver, 0.4) is None
        far.set_fault("bounce")
        far.press(11, key)
        second = heard(driver)
        assert second is not None and second.press != first.press
        assert heard(driver, 0.4) is None


@pytest.mark.parametrize("name", ["polled", "rating_polled", "rating_event"])
def test_a_lost_acceptance_has_the_pad_tell_the_press_again_and_nobody_is_called_twice(name: str) -> None:
    key = "3" if name.startswith("rating") else "next"
    with bench(name) as (far, driver):
        settle(driver)
        far.set_fault("lost_ack")
        far.press(11, key)
        assert heard(driver) is not None
        assert heard(driver, 0.5) is None
        assert far.pending(11) == 1
        far.set_fault()
        assert heard(driver, 0.5) is None
        assert far.wait(lambda: far.pending(11) == 0) and far.accepted >= 1


@pytest.mark.parametrize("name", ["polled", "event"])
def test_a_key_pressed_while_the_old_number_still_shows_means_the_old_number(name: str) -> None:
    with keypads(name) as (far, driver):
        settle(driver)
        assert driver.show(KeypadText(11, "A001"), DEADLINE_S) == DONE
        far.press(11, "next")
        assert far.wait(lambda: far.pending(11) == 1 or name == "event")
        assert driver.show(KeypadText(11, "A002"), DEADLINE_S) == DONE
        event = heard(driver)
        assert isinstance(event, Pressed)
        assert event.holding == "A001"


def test_a_press_is_accepted_only_after_it_was_handed_over() -> None:
    with keypads() as (far, driver):
        far.press(11, "next")
        event = driver.listen(deadline_in(2.0))
        assert event is not None
        assert far.pending(11) == 1 and far.accepted == 0  # whoever called listen may still die with it
        driver.probe()
        assert far.wait(lambda: far.accepted == 1 and far.pending(11) == 0)


def test_what_was_pressed_while_nobody_listened_is_accepted_and_not_delivered() -> None:
    with keypads() as (far, driver):
        driver.close()
        far.press(11, "next")
        driver.open()
        assert heard(driver, 0.2) is None
        assert far.wait(lambda: far.pending(11) == 0)
        far.press(11, "next")
        assert heard(driver) is not None


def test_presses_of_several_pads_are_all_heard_and_each_has_a_word_of_its_own() -> None:
    with keypads() as (far, driver):
        for address in ADDRESSES:
            far.press(address, "recall")
        events = [heard(driver) for _ in ADDRESSES]
        assert {event.address for event in events if event} == set(ADDRESSES)
        assert len({event.press for event in events if event}) == 3


def test_wake_ends_listening_at_once_and_a_press_between_two_calls_is_not_lost() -> None:
    for name in ("polled", "event"):
        with keypads(name) as (far, driver):
            begun, ended = threading.Event(), list[float]()

            def listen(
                driver: FrameKeypad = driver, begun: threading.Event = begun, ended: list[float] = ended
            ) -> None:
                begun.set()
                assert driver.listen(deadline_in(20.0)) is None
                ended.append(time.monotonic())

            thread = threading.Thread(target=listen)
            thread.start()
            assert begun.wait(5)
            woken = time.monotonic()
            driver.wake()
            thread.join(5)
            assert ended and ended[0] - woken < 2.0  # and not the 20 s
            far.press(13, "finish")
            assert driver.show(KeypadText(11, "A001"), 1.0) == DONE
            event = heard(driver)
            assert isinstance(event, Pressed) and (event.address, event.key) == (13, "finish")


def test_a_pad_without_power_is_asked_seldom_and_comes_back_with_its_display_and_without_its_memory() -> None:
    with keypads() as (far, driver):
        assert driver.show(KeypadText(12, "A001", 3), 1.0) == DONE
        far.press(12, "recall")
        assert heard(driver) is not None
        far.set_fault("dead", address=12)
        until = time.monotonic() + 5.0
        assert driver._wire is not None
        quarantine = driver._wire.quarantine
        while not quarantine.resting and time.monotonic() < until:
            assert heard(driver, 0.1) is None
        assert driver.probe().reasons == ("silent",)
        resting = driver.show(KeypadText(12, "A002", 3), 1.0)
        assert resting.kind == "unknown" and "asked again in" in resting.detail
        far.power_cycle(12)
        far.set_fault()
        quarantine._silent[12].until = 0.0  # its pause is over
        assert heard(driver, 0.3) is None
        assert far.showing[12] == "A002" and driver.probe().state == "ready"
        far.press(12, "recall")  # its first press again has number 1 again
        event = heard(driver)
        assert isinstance(event, Pressed) and event.holding == "A002"


def test_before_a_dark_display_has_acknowledged_nobody_knows_what_the_clerk_holds() -> None:
    with keypads("event") as (far, driver):
        assert driver.show(KeypadText(11, "A001"), 1.0) == DONE
        far.set_fault("dead", address=11)
        assert driver.show(KeypadText(11, "B002"), 1.0).kind == "unknown"
        far.set_fault()
        far.press(11, "next")
        event = heard(driver)
        assert isinstance(event, Pressed) and event.holding == "A001"  # the last it had acknowledged
        far.set_fault("dead", address=11)
        for _ in range(3):
            driver.show(KeypadText(11, "B002"), 1.0)
        far.set_fault()
        far.press(11, "recall")
        event = heard(driver)
        assert isinstance(event, Pressed) and event.holding == ""


# --- faults ---------------------------------------------------------------------------------------------------------

SHOWN = {
    "": {"done"},
    "silent": {"unknown"},
    "dead": {"unknown"},
    "slow": {"done"},
    "one_byte": {"done"},
    "wrong_checksum": {"unknown"},
    "echo": {"done"},
    "half_close": {"unknown", "not_done"},
    "unplugged": {"unknown", "not_done"},
    "lost_ack": {"done"},
    "bounce": {"done"},
}
HEARD = {"", "slow", "one_byte", "echo", "lost_ack", "bounce"}


def census() -> tuple[int, int]:
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("fault", SHOWN)
@pytest.mark.parametrize("name", ["polled", "event", "rating_polled", "rating_event"])
def test_a_pad_with_a_fault(name: str, fault: str) -> None:
    before = census()
    with bench(name) as (far, driver):
        settle(driver)
        far.set_fault(fault)
        began = time.monotonic()
        if isinstance(driver, FrameRatingPad):
            outcome = driver.ask(11, DEADLINE_S)
        else:
            assert isinstance(driver, FrameKeypad)
            outcome = driver.show(KeypadText(11, "A001", 7), DEADLINE_S)
        assert time.monotonic() - began < 2 * DEADLINE_S
        assert outcome.kind in SHOWN[fault], outcome
        if fault in ("half_close", "unplugged"):
            with pytest.raises(LineClosed):
                driver.listen(deadline_in(DEADLINE_S))
            with pytest.raises(LineClosed):
                driver.probe()
        else:
            far.press(11, "3" if name.startswith("rating") else "next")
            began = time.monotonic()
            event = driver.listen(deadline_in(DEADLINE_S))
            assert time.monotonic() - began < 2 * DEADLINE_S
            assert (event is not None) == (fault in HEARD)
            assert driver.probe().state == ("degraded" if outcome.kind == "unknown" else "ready")
    assert census() == before


def test_after_the_line_was_cut_and_opened_again_everything_works() -> None:
    with keypads() as (far, driver):
        far.set_fault("unplugged")
        with pytest.raises(LineClosed):
            driver.listen(deadline_in(2.0))
        driver.close()
        with pytest.raises(LineClosed):
            driver.open()
        driver.close()
        far.set_fault()
        driver.open()
        assert driver.show(KeypadText(11, "A001"), 1.0) == DONE
        far.press(11, "next")
        assert heard(driver) is not None
