"""A sign that lost its power shows again by itself, and its brightness with it; a dead one is left alone for a while."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.led.alpha import AlphaCodec
from devices.led.codec import FrameCodec
from devices.led.description import parse
from devices.led.driver import CodecSign
from devices.led.simulator import SignSimulator
from devices.ports import DONE, SignText

TEXT = (Path(__file__).parents[3] / "config" / "signs" / "sum8.toml").read_text("utf-8")
QUICK = parse(TEXT.replace("within_ms = 500", "within_ms = 60").replace("tries = 3", "tries = 1"), "quick.toml")
NO_HELLO = parse(TEXT[: TEXT.index("[hello]")].replace("within_ms = 500", "within_ms = 60"), "plain.toml")
CALL = SignText(3, "A001 请到3号窗口")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


Hall = tuple[SignSimulator, CodecSign, Clock]


def hall(codec: FrameCodec | AlphaCodec, repaint_s: float = 60.0) -> Iterator[Hall]:
    clock = Clock()
    signs = SignSimulator("127.0.0.1", 0, codec)
    signs.start()
    driver = CodecSign(signs.where, codec, repaint_s=repaint_s, clock=clock)
    driver.open()
    yield signs, driver, clock
    driver.close()
    signs.stop()


@pytest.fixture
def quick() -> Iterator[Hall]:
    yield from hall(FrameCodec(QUICK))


@pytest.fixture
def plain() -> Iterator[Hall]:
    yield from hall(FrameCodec(NO_HELLO))


def test_a_hello_brings_text_and_brightness_back_at_once(quick: Hall) -> None:
    signs, driver, _ = quick
    assert driver.dim(40, 1.0) == DONE
    assert driver.show(CALL, 1.0) == DONE
    assert signs.levels == {3: 40}
    signs.power_cycle(3)
    assert signs.showing[3] == "" and signs.levels == {}
    until = time.monotonic() + 5.0
    while signs.showing[3] != CALL.text and time.monotonic() < until:
        driver.probe()
    assert signs.showing[3] == CALL.text and signs.levels == {3: 40}


def test_one_that_says_nothing_is_painted_again_once_a_minute_and_not_more_often(plain: Hall) -> None:
    signs, driver, clock = plain
    assert driver.show(CALL, 1.0) == DONE
    signs.power_cycle(3)
    clock.now += 59.0
    driver.probe()
    assert signs.showing[3] == ""
    clock.now += 1.5
    driver.probe()
    assert signs.showing[3] == CALL.text
    taken = signs.taken
    clock.now += 30.0
    driver.probe()
    assert signs.taken == taken


def test_a_mute_sign_is_painted_again_too_and_never_with_repaint_0() -> None:
    for signs, driver, clock in hall(AlphaCodec()):
        assert driver.show(CALL, 1.0) == DONE
        assert signs.wait_for(3, "A001 -> 3")
        signs.power_cycle()
        clock.now += 61.0
        driver.probe()
        assert signs.wait_for(3, "A001 -> 3")
    for signs, driver, clock in hall(FrameCodec(NO_HELLO), repaint_s=0):
        driver.show(CALL, 1.0)
        taken = signs.taken
        clock.now += 10_000.0
        driver.probe()
        assert signs.taken == taken


def test_a_silence_found_by_repainting_degrades_and_the_text_comes_back_with_the_sign(plain: Hall) -> None:
    signs, driver, clock = plain
    driver.show(CALL, 1.0)
    signs.set_fault("dead", address=3)
    signs.power_cycle(3)
    clock.now += 61.0
    assert driver.probe().reasons == ("silent",)
    signs.set_fault()
    clock.now += 5.0
    assert driver.probe().state == "ready"
    assert signs.showing[3] == CALL.text


def test_a_dead_sign_is_asked_less_and_less_often_and_costs_its_neighbours_nothing(quick: Hall) -> None:
    signs, driver, clock = quick
    signs.set_fault("dead", address=2)
    for _ in range(3):
        assert "did not answer" in driver.show(SignText(2, "A001"), 1.0).detail
    resting = driver.show(SignText(2, "A002"), 1.0)
    assert resting.kind == "unknown" and "asked again in 5 s" in resting.detail
    assert driver.show(CALL, 1.0) == DONE
    clock.now += 6.0
    assert "did not answer" in driver.show(SignText(2, "A003"), 1.0).detail
    assert "asked again in 10 s" in driver.show(SignText(2, "A003"), 1.0).detail
    signs.set_fault()
    clock.now += 11.0
    driver.probe()
    assert signs.showing[2] == "A003"  # the latest, though nobody asked for it again
    assert driver.probe().state == "ready"


def test_brightness_of_signs_that_come_later_and_of_those_that_cannot(quick: Hall) -> None:
    signs, driver, _ = quick
    driver.show(CALL, 1.0)
    assert driver.dim(15, 1.0) == DONE and signs.levels == {3: 15}
    driver.show(SignText(1, "A002"), 1.0)
    assert signs.levels == {3: 15, 1: 15}
    assert driver.dim(101, 1.0).kind == "not_done"
    signs.set_fault("refuse")
    assert driver.dim(20, 1.0).kind == "not_done"
    for _, alpha, _ in hall(AlphaCodec()):
        assert "no brightness" in alpha.dim(50, 1.0).detail
