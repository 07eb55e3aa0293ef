"""Serial scanners over TCP and a pty, and wedges over a FIFO: each fault has its outcome, in time, and leaves nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from devices.ports import DeviceError, Scanned, Scanner
from devices.scanner.driver import LineScanner, SerialScanner
from devices.scanner.simulator import ScannerSimulator, WedgeSimulator
from devices.scanner.wedge import WedgeScanner
from devices.transport import LineClosed, deadline_in
from tests.devices.listening import wakes_at_once
from tests.devices.scanner.counting import descriptors, nothing_left

Pair = tuple[ScannerSimulator | WedgeSimulator, LineScanner]


def make(kind: str, suffix: str = "auto") -> Pair:
    if kind == "wedge":
        wedge = WedgeSimulator("s")
        wedge.start()
        return wedge, WedgeScanner(wedge.where)
    scanner = ScannerSimulator("s", "tcp://127.0.0.1:0" if kind == "tcp" else "pty:")
    scanner.start()
    return scanner, SerialScanner(scanner.where, suffix="silence" if suffix == "silence" else "auto")


def join(pair: Pair) -> None:
    simulator, driver = pair
    driver.open()
    assert isinstance(simulator, WedgeSimulator) or simulator.wait_peer()


@pytest.fixture(params=["tcp", "pty", "wedge"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with nothing_left():
        pair = make(request.param)
        join(pair)
        yield pair
        pair[1].close()
        pair[0].stop()


def test_codes_come_in_order_also_those_scanned_while_nobody_listened(pair: Pair) -> None:
    simulator, driver = pair
    port: Scanner = driver
    for text in ("A001", "A002", "]Q1A003"):
        simulator.scan(text)
    assert [port.listen(deadline_in(2)) for _ in range(3)] == [Scanned("A001"), Scanned("A002"), Scanned("A003", "qr")]
    assert port.listen(deadline_in(0.05)) is None and port.probe().state == "ready"


def test_a_probe_between_two_halves_of_a_code_loses_nothing(pair: Pair) -> None:
    simulator, driver = pair
    simulator.scan("A001")
    while not driver._ready:
        assert driver.probe().state == "ready"
    assert driver.listen(deadline_in(1)) == Scanned("A001")


@pytest.mark.parametrize("fault", ["", "slow", "one_byte", "twice"])
def test_a_difficult_line_still_gives_each_code_once(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    for text in ("https://example.org/t/Zx81", "A002"):
        simulator.scan(text)
        assert driver.listen(deadline_in(3)) == Scanned(text)
    assert driver.listen(deadline_in(0.05)) is None


@pytest.mark.parametrize("fault", ["silent", "half_code"])
def test_a_fault_that_gives_no_code_is_silence_in_time_and_passes(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    simulator.scan("A001-lost")
    start = time.monotonic()
    assert driver.listen(deadline_in(0.6)) is None
    assert 0.55 < time.monotonic() - start < 1.2
    simulator.set_fault("")
    simulator.scan("B002")
    assert driver.listen(deadline_in(2)) == Scanned("B002")


def test_events_that_the_kernel_lost_void_the_code_and_a_stuck_key_does_not() -> None:
    simulator, driver = pair = make("wedge")
    join(pair)
    simulator.set_fault("overrun")
    simulator.scan("A001")
    assert driver.listen(deadline_in(0.2)) is None
    simulator.set_fault("")
    simulator.set_fault("repeat")
    simulator.scan("A001")
    assert driver.listen(deadline_in(2)) == Scanned("A001")
    driver.close()
    simulator.stop()


@pytest.mark.parametrize("kind", ["tcp", "pty", "wedge"])
def test_an_unplugged_scanner_is_an_error_at_once_and_is_there_again_when_mended(kind: str) -> None:
    with nothing_left():
        simulator, driver = pair = make(kind)
        join(pair)
        during = descriptors(), threading.active_count()
        for _ in range(3):
            simulator.set_fault("unplugged")
            with pytest.raises(LineClosed):
                driver.listen(deadline_in(5))
            with pytest.raises(LineClosed):
                driver.probe()
            driver.close()
            with pytest.raises(DeviceError):
                driver.open()
            simulator.set_fault("")
            join(pair)
            assert (descriptors(), threading.active_count()) == during
            simulator.scan("A001")
            assert driver.listen(deadline_in(2)) == Scanned("A001")
            driver._once.forget()
        driver.close()
        simulator.stop()


def test_a_connection_that_is_closed_halfway_is_an_error() -> None:
    simulator, driver = pair = make("tcp")
    join(pair)
    simulator.set_fault("half_close")
    with pytest.raises(LineClosed):
        driver.listen(deadline_in(5))
    driver.close()
    simulator.stop()


def test_noise_is_no_code_and_is_seen_in_the_health() -> None:
    simulator, driver = pair = make("pty")
    join(pair)
    simulator.set_fault("noise")
    for _ in range(3):
        simulator.scan("A001")
    assert driver.listen(deadline_in(0.3)) is None
    health = driver.probe()
    assert health.state == "degraded" and health.reasons == ("garbled",) and "baud" in health.detail
    simulator.set_fault("")
    simulator.scan("A001")
    assert driver.listen(deadline_in(2)) == Scanned("A001") and driver.probe().state == "ready"
    driver.close()
    simulator.stop()


def test_silence_as_a_suffix() -> None:
    simulator, driver = pair = make("tcp", "silence")
    join(pair)
    simulator.set_fault("one_byte")
    simulator.scan("A001")
    assert driver.listen(deadline_in(2)) == Scanned("A001")
    driver.close()
    simulator.stop()


def test_the_same_code_counts_again_when_it_was_away_long_enough() -> None:
    simulator = ScannerSimulator("s", "tcp://127.0.0.1:0")
    simulator.start()
    driver = SerialScanner(simulator.where, again_ms=0)
    driver.open()
    assert simulator.wait_peer()
    for _ in range(2):
        simulator.scan("A001")
        assert driver.listen(deadline_in(2)) == Scanned("A001")
    driver.close()
    simulator.stop()


def test_wake_ends_a_wait_at_once_also_one_that_begins_later(pair: Pair) -> None:
    wakes_at_once(pair[1], within_s=2.0)


def test_an_idle_wait_takes_no_time_of_the_processor(pair: Pair) -> None:
    _, driver = pair
    before = time.thread_time()
    assert driver.listen(deadline_in(0.5)) is None
    assert time.thread_time() - before < 0.003


def test_no_code_is_in_the_log_of_the_line(pair: Pair) -> None:
    simulator, driver = pair
    simulator.scan("11010119491001001X")
    assert driver.listen(deadline_in(2)) == Scanned("11010119491001001X")
    assert driver._line is not None
    log = driver._line.hex_log()
    assert log and all("personal" in line and "31 31" not in line for line in log)


def test_before_open_there_is_nothing_and_close_twice_is_once() -> None:
    driver = SerialScanner("tcp://127.0.0.1:1")
    driver.wake()
    assert driver.probe().state == "absent"
    with pytest.raises(LineClosed):
        driver.listen(deadline_in(1))
    driver.close()
    driver.close()
