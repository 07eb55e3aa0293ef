"""The driver against a reader over TCP and a pty: each fault has its outcome, in time, and leaves nothing behind."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.catalog import Site
from devices.idcard.card import check_digit
from devices.idcard.driver import SerialIdCardReader
from devices.idcard.kinds import KINDS, NOBODY, Options
from devices.idcard.simulator import IdCardSimulator
from devices.ports import DeviceError, IdCardReader, NotReady
from devices.transport import LineClosed, LineError, LineTimeout, deadline_in
from tests.devices.listening import wakes_at_once
from tests.devices.scanner.counting import descriptors, nothing_left

Pair = tuple[IdCardSimulator, SerialIdCardReader]
NUMBER = "11010119900101002"
OTHER = replace(NOBODY, number=NUMBER + check_digit(NUMBER), name="样本二")


def make(kind: str, finds_again: bool = False, again_ms: int = 2000) -> Pair:
    simulator = IdCardSimulator("r", "tcp://127.0.0.1:0" if kind == "tcp" else "pty:", finds_again)
    simulator.start()
    return simulator, SerialIdCardReader(simulator.where, poll_ms=100, again_ms=again_ms)


@pytest.fixture(params=["tcp", "pty"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with nothing_left():
        simulator, driver = make(request.param)
        driver.open()
        yield simulator, driver
        driver.close()
        simulator.stop()


def test_a_card_laid_down_is_told_once(pair: Pair) -> None:
    simulator, driver = pair
    port: IdCardReader = driver
    assert port.listen(deadline_in(0.1)) is None
    simulator.lay_card(NOBODY)
    assert port.listen(deadline_in(2)) == NOBODY
    assert port.listen(deadline_in(0.4)) is None and simulator.shown() == {"card": True, "reads": 1}
    simulator.take_card()
    simulator.lay_card(OTHER)
    assert port.listen(deadline_in(2)) == OTHER and port.probe().state == "ready"


@pytest.mark.parametrize("finds_again", [False, True])
def test_the_same_card_is_another_visit_once_it_was_gone_long_enough(finds_again: bool) -> None:
    simulator, driver = make("tcp", finds_again, again_ms=300)
    driver.open()
    simulator.lay_card(NOBODY)
    assert driver.listen(deadline_in(2)) == NOBODY
    assert driver.listen(deadline_in(0.5)) is None  # it lies there, found again or not
    simulator.take_card()
    assert driver.listen(deadline_in(0.5)) is None
    simulator.lay_card(NOBODY)
    assert driver.listen(deadline_in(2)) == NOBODY
    driver.close()
    simulator.stop()


@pytest.mark.parametrize("fault", ["slow", "one_byte", "echo"])
def test_a_difficult_line_still_gives_the_card(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    simulator.lay_card(NOBODY)
    assert driver.listen(deadline_in(4)) == NOBODY


@pytest.mark.parametrize("fault", ["taken", "wrong_checksum", "half_answer"])
def test_a_card_that_was_not_read_whole_is_not_told_and_nobody_is_stopped(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    simulator.lay_card(NOBODY)
    start = time.monotonic()
    assert driver.listen(deadline_in(0.5)) is None
    assert time.monotonic() - start < 2
    simulator.set_fault("")
    simulator.lay_card(NOBODY)
    assert driver.listen(deadline_in(2)) == NOBODY


def test_a_card_whose_check_digit_is_wrong_is_not_told(pair: Pair) -> None:
    simulator, driver = pair
    simulator.lay_card(replace(NOBODY, number="110101194910010010"))
    assert driver.listen(deadline_in(0.3)) is None and simulator.reads == 1


def test_garbled_answers_are_seen_in_the_health_until_they_are_right_again(pair: Pair) -> None:
    simulator, driver = pair
    simulator.set_fault("wrong_checksum")
    assert driver.listen(deadline_in(0.5)) is None
    assert driver.probe().reasons == ("garbled",)
    simulator.set_fault("")
    assert driver.probe().state == "ready"


@pytest.mark.parametrize("kind", ["tcp", "pty"])
def test_a_silent_reader_is_an_error_and_is_there_again_when_it_speaks(kind: str) -> None:
    with nothing_left():
        simulator, driver = make(kind)
        driver.open()
        simulator.set_fault("silent")
        start = time.monotonic()
        with pytest.raises(LineTimeout, match="does not answer"):
            driver.listen(deadline_in(2))
        assert time.monotonic() - start < 4
        driver.close()
        with pytest.raises(LineTimeout, match="no identity card reader answers"):
            driver.open()
        assert driver.probe().state == "absent"
        simulator.set_fault("")
        driver.open()
        driver.close()
        simulator.stop()


@pytest.mark.parametrize(("kind", "fault"), [("tcp", "unplugged"), ("pty", "unplugged"), ("tcp", "half_close")])
def test_a_lost_reader_is_an_error_at_once_and_is_there_again_when_mended(kind: str, fault: str) -> None:
    with nothing_left():
        simulator, driver = make(kind)
        driver.open()
        during = descriptors(), threading.active_count()
        for _ in range(3):
            simulator.set_fault(fault)
            start = time.monotonic()
            with pytest.raises(LineClosed):
                driver.listen(deadline_in(5))
            assert time.monotonic() - start < 1
            with pytest.raises(LineError):
                driver.probe()
            driver.close()
            simulator.set_fault("")
            driver.open()
            assert driver.listen(deadline_in(0)) is None
            assert (descriptors(), threading.active_count()) == during
        driver.close()
        simulator.stop()


def test_a_reader_that_must_be_mended_says_how(pair: Pair) -> None:
    simulator, driver = pair
    simulator.set_fault("self_test")
    with pytest.raises(NotReady, match="switch it off and on"):
        driver.probe()
    driver.close()
    with pytest.raises(NotReady):
        driver.open()


def test_wake_ends_a_wait_at_once_also_one_that_begins_later(pair: Pair) -> None:
    wakes_at_once(pair[1], after_s=0.15)


def test_looking_for_a_card_takes_little_time_of_the_processor() -> None:
    simulator, driver = make("tcp")
    driver = SerialIdCardReader(simulator.where)
    driver.open()
    before = time.thread_time()
    assert driver.listen(deadline_in(1.0)) is None
    assert time.thread_time() - before < 0.01
    driver.close()
    simulator.stop()


def test_nothing_of_a_card_is_in_logs_reprs_or_errors(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    simulator, driver = pair
    caplog.set_level(logging.DEBUG)
    simulator.lay_card(NOBODY)
    card = driver.listen(deadline_in(2))
    assert driver._line is not None
    log = "\n".join(driver._line.hex_log())
    simulator.set_fault("unplugged")
    with pytest.raises(DeviceError) as lost:
        driver.listen(deadline_in(2))
    everything = f"{log}{card!r}{vars(driver)!r}{lost.value}{simulator.shown()}{caplog.text}"
    assert "bytes, personal" in log
    for word in (NOBODY.number, NOBODY.name, NOBODY.address, NOBODY.name.encode("utf-16-le").hex(" ").upper()):
        assert word not in everything


def test_the_kind_makes_a_driver_that_reads_its_own_simulator(tmp_path: Path) -> None:
    (kind,) = KINDS
    site = Site("r", "tcp://127.0.0.1:0", tmp_path, tmp_path)
    assert not list(kind.check(site, Options()))
    assert {slip.key for slip in kind.check(site, Options(poll_ms=10, again_ms=5))} == {"poll_ms", "again_ms"}
    assert kind.simulator is not None
    simulator = kind.simulator(site, Options())
    simulator.start()
    driver = kind.make(replace(site, where=simulator.where), Options())
    driver.open()
    assert driver.probe().state == "ready"
    driver.close()
    simulator.stop()


def test_guided_detection_knows_a_readers_answer() -> None:
    (question,) = KINDS[0].ask
    assert question.send.hex() == "aaaaaa966900" + "0311ffed"
    assert question.matches(bytes.fromhex("AA AA AA 96 69 00 04 00 00 90 94"))
    assert not question.matches(question.send)
