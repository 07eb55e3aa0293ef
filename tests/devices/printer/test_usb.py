"""A printer at USB: found, claimed and given back as it was, and every fault of the cable becomes one of ours."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from devices.line import BadAddress, Line, LineClosed, LineTimeout, deadline_in
from devices.ports import DONE, Health
from devices.printer.driver import EscposPrinter
from devices.printer.simulator import PrinterSimulator
from devices.printer.usb import SCHEME, open_usb
from devices.transport import OPENERS, check_where
from devices.wirelog import WireLog

from .conftest import make, open_fds, ticket
from .usb_wire import IN, OUT, Bus, Plugged

WHERE = "usb://04b8:0202"


@pytest.fixture
def simulator() -> Iterator[PrinterSimulator]:
    before = open_fds()
    simulator = make("tcp")
    simulator.start()
    yield simulator
    simulator.stop()
    assert open_fds() == before


@pytest.fixture
def device(simulator: PrinterSimulator) -> Plugged:
    return Plugged(simulator.where)


def opener(*devices: Plugged) -> Callable[[str], Line]:
    bus = Bus(*devices)
    return lambda where: open_usb(where, urlsplit(where), WireLog(), bus)


def test_it_is_claimed_without_a_reset_and_given_back_to_the_kernel(device: Plugged) -> None:
    line = opener(device)(WHERE)
    assert device.told == ["open", "detach 0", "claim 0"]
    line.write(b"\x10\x04\x01", deadline_in(2))
    assert line.read(1, deadline_in(2)) == b"\x12"
    assert [entry.split(" ", 1)[1] for entry in line.hex_log()] == ["> 10 04 01", "< 12"]
    line.close()
    line.close()  # twice is once
    assert device.told[3:] == ["release 0", "attach 0", "close"]
    assert line.closed


def test_the_printer_part_of_a_device_with_a_disk_in_it_is_found(device: Plugged) -> None:
    device.storage_first = True
    line = opener(device)(WHERE)
    assert device.told == ["open", "detach 1", "claim 1"]
    line.write(b"\x10\x04\x01", deadline_in(2))
    assert line.read(1, deadline_in(2)) == b"\x12"
    line.close()


def test_one_of_a_vendors_own_class_is_found_and_a_one_way_printer_refused(device: Plugged) -> None:
    device.klass = 255
    opener(device)(WHERE).close()
    device.protocol = 1
    with pytest.raises(LineClosed, match=r"no printer that can answer.*cups:name"):
        opener(device)(WHERE)
    assert device.told[-1] == "close"


def test_only_a_device_without_a_configuration_is_given_one(device: Plugged) -> None:
    device.configured = False
    opener(device)(WHERE).close()
    assert "configure 1" in device.told
    assert "reset" not in device.told


def test_two_alike_are_told_apart_by_port_or_serial(device: Plugged) -> None:
    twin = Plugged(device.at, ports=(4,))
    with pytest.raises(BadAddress, match=r"at 1-2\.3, 1-4"):
        opener(device, twin)(WHERE)
    opener(device, twin)(f"{WHERE}?port=1-4").close()
    assert (device.told, twin.told[0]) == ([], "open")
    opener(device)(f"{WHERE}?serial=X5A9-000123").close()
    told = len(device.told)
    with pytest.raises(LineClosed, match="no such device"):
        opener(device)(f"{WHERE}?serial=other")
    assert device.told[told:] == ["open", "close"]  # looked at, and left alone
    with pytest.raises(LineClosed, match="no such device"):
        opener(device)("usb://04b8:0203")


def test_a_device_of_another_program_or_user_is_told_with_its_remedy(device: Plugged) -> None:
    device.taken = True
    with pytest.raises(LineClosed, match="another program has it"):
        opener(device)(WHERE)
    assert device.told == ["open", "detach 0", "attach 0", "close"]  # the kernel has it again
    device.taken, device.forbidden = False, True
    with pytest.raises(LineClosed, match="udev"):
        opener(device)(WHERE)


@pytest.mark.parametrize(
    "where",
    [
        "usb://04b8",
        "usb://04b8:02020",
        "usb://04b8:0202/x",
        "usb://04b8:0202?baud=9600",
        "usb://04b8:0202?port=2.3",
        "usb://04b8:0202?port=1-2&port=1-3",
        "usb://04b8:0202?port",
    ],
)
def test_an_address_nobody_can_mean_is_refused_without_opening(where: str) -> None:
    with pytest.raises(BadAddress, match=r"write usb://vid:pid"):
        check_where(where, {**OPENERS, "usb": SCHEME})


def test_a_ticket_is_printed_and_its_end_confirmed(device: Plugged, simulator: PrinterSimulator) -> None:
    printer = EscposPrinter(WHERE, opener=opener(device))
    printer.open()
    assert printer.probe() == Health("ready")
    assert printer.print(ticket(), 5.0) == DONE
    assert simulator.state.sheets == 1
    simulator.set_fault("paper_end")
    assert printer.probe().reasons == ("paper_end",)
    printer.close()


def test_a_printer_that_takes_no_more_is_a_timeout_that_says_how_much_it_took(
    device: Plugged, simulator: PrinterSimulator
) -> None:
    line = opener(device)(WHERE)
    simulator.set_fault("deaf")
    began = time.monotonic()
    with pytest.raises(LineTimeout) as caught:
        line.write(bytes(20_000_000), deadline_in(0.5))
    assert 0 < caught.value.written < 20_000_000
    assert time.monotonic() - began < 1.0
    line.close()


def test_unplugged_is_told_at_once_for_reading_and_writing_and_closing_is_quiet(device: Plugged) -> None:
    line = opener(device)(WHERE)
    device.unplugged = True
    with pytest.raises(LineClosed, match=r"went away.*Errno 19"):
        line.read_some(deadline_in(5))
    with pytest.raises(LineClosed):
        line.write(b"x", deadline_in(5))
    line.close()
    assert device.told[-1] == "close"


def test_an_unplugged_printer_within_a_job_is_unknown_and_opens_again(device: Plugged) -> None:
    simulator = make("tcp", bytes_per_s=400)  # a second for a sheet: time to pull the plug on a busy machine too
    simulator.start()
    device.at = simulator.where
    printer = EscposPrinter(WHERE, opener=opener(device))
    printer.open()
    outcomes: list[str] = []
    job = threading.Thread(target=lambda: outcomes.append(printer.print(ticket(), 5.0).kind))
    job.start()
    turn = threading.Event()
    while simulator.state.printed < 100:
        turn.wait(0.002)
    device.unplugged = True
    job.join(5.0)
    assert outcomes == ["unknown"]
    device.unplugged = False
    printer.open()
    assert printer.print(ticket("t2", "A002"), 5.0) == DONE
    assert simulator.sheets[-1].raw.count(b"A002\n") == 1
    printer.close()
    simulator.stop()


def test_a_stalled_out_endpoint_ends_the_line_and_is_cleared_for_the_next_time(device: Plugged) -> None:
    line = opener(device)(WHERE)
    device.stalled = {OUT}
    with pytest.raises(LineClosed, match="stalled") as caught:
        line.write(b"abc", deadline_in(2))
    assert caught.value.written == 0
    assert device.told[-1] == "clear 01"
    line.close()


def test_a_stalled_in_endpoint_is_cleared_and_asked_again(device: Plugged) -> None:
    line = opener(device)(WHERE)
    line.write(b"\x10\x04\x01", deadline_in(2))
    device.stalled, device.empty_packets = {IN}, True
    assert line.read(1, deadline_in(2)) == b"\x12"
    assert device.told[-1] == "clear 82"
    device.stalled, device.stalls_again = {IN}, True
    with pytest.raises(LineTimeout):
        line.read(1, deadline_in(0.2))
    line.close()


def test_old_answers_are_drained_and_more_than_asked_stays(device: Plugged) -> None:
    line = opener(device)(WHERE)
    line.write(b"\x10\x04\x01\x10\x04\x02", deadline_in(2))
    assert line.read(1, deadline_in(2)) == b"\x12"
    assert line.read_some(deadline_in(2)) == b"\x12"
    line.write(b"\x10\x04\x01", deadline_in(2))
    drained = b""
    until = deadline_in(2)
    while not drained and time.monotonic() < until:
        drained = line.drain_input()
    assert drained == b"\x12"
    assert line.read_some(deadline_in(0.06)) == b""
    line.close()


def test_waking_and_closing_end_a_waiting_call_in_another_thread(device: Plugged) -> None:
    line = opener(device)(WHERE)
    line.wake()
    began = time.monotonic()
    assert line.read_some(deadline_in(10)) == b""  # one that came before counts too
    ended: list[object] = []

    def wait() -> None:
        try:
            ended.append(line.read_some(deadline_in(10)))
            ended.append(line.read_some(deadline_in(10)))
        except LineClosed as error:
            ended.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    line.wake()
    turn = threading.Event()
    while not ended:
        turn.wait(0.002)
    line.close()
    waiting.join(5.0)
    assert ended[0] == b"" and isinstance(ended[1], LineClosed)
    assert time.monotonic() - began < 2.0
    assert device.told[-1] == "close"


def test_without_libusb_the_remedy_is_told() -> None:
    """In a process of its own whose library search finds nothing: pyusb keeps what it has found."""
    code = """
import ctypes.util
ctypes.util.find_library = lambda name: None
from urllib.parse import urlsplit
from devices.printer.usb import open_usb
from devices.wirelog import WireLog
from devices.ports import DeviceError
try:
    open_usb("usb://04b8:0202", urlsplit("usb://04b8:0202"), WireLog())
except DeviceError as error:
    print(error)
"""
    command, env = [sys.executable, "-c", code], {**os.environ, "PYTHONPATH": "."}
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, env=env).stdout
    assert "apt install libusb-1.0-0" in said
