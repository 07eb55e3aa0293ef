"""Everything a printer and its line can do to us: the right outcome within twice the deadline, and nothing left open."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from devices.ports import DeviceError, OutcomeKind
from devices.printer.driver import EscposPrinter
from devices.printer.escpos import Layout, compose
from devices.printer.faults import FAULTS
from devices.printer.simulator import PrinterSimulator
from devices.transport import LineError

from .conftest import make, open_fds, ticket

DEADLINE_S = 1.6  # the answers of "slow" alone take most of a second
IN_THE_MIDDLE = len(compose(ticket())) // 2


@dataclass(frozen=True)
class Expected:
    """`before`: the fault is there when the sheet comes; `within`: it strikes in its middle. `reason`: what probe or open then
    says; "" all is well."""

    before: OutcomeKind
    within: OutcomeKind
    reason: str


EXPECTED = {
    "paper_low": Expected("done", "done", "paper_low"),
    "paper_end": Expected("not_done", "not_done", "paper_end"),
    "cover_open": Expected("not_done", "not_done", "cover_open"),
    "cutter": Expected("not_done", "not_done", "cutter"),
    "jam": Expected("not_done", "not_done", "jam"),
    "hot": Expected("not_done", "not_done", "hot"),  # it goes on by itself: waited for until the deadline, then dropped
    "paper_end_mid_job": Expected("not_done", "not_done", "paper_end"),
    "silent": Expected("not_done", "unknown", "silent"),
    "accepts_never_answers": Expected("not_done", "unknown", "silent"),
    "unplugged": Expected("not_done", "unknown", "unplugged"),
    "one_byte": Expected("done", "done", ""),
    "slow": Expected("done", "done", ""),
    "echo": Expected("not_done", "unknown", "echo"),
    "half_close": Expected("not_done", "unknown", "unplugged"),
    "deaf": Expected("not_done", "unknown", "silent"),
}
SPEED = 4000  # bytes a second


def test_every_fault_of_the_simulator_is_tried() -> None:
    assert set(EXPECTED) == set(FAULTS)


@pytest.mark.parametrize("wire", ["tcp", "pty"])
def test_faults_before_the_sheet(wire: str) -> None:
    run_all(wire, 0, {fault: expected.before for fault, expected in EXPECTED.items()})


@pytest.mark.parametrize("wire", ["tcp", "pty"])
def test_faults_within_the_sheet(wire: str) -> None:
    run_all(wire, IN_THE_MIDDLE, {fault: expected.within for fault, expected in EXPECTED.items()})


def run_all(wire: str, after: int, outcomes: dict[str, OutcomeKind]) -> None:
    """Each with a printer of its own, at the same time: then the waiting is done once."""
    if wire == "pty":
        del outcomes["half_close"]  # a pty has no halves: test_simulator.py
    threads, fds = threading.active_count(), open_fds()
    with ThreadPoolExecutor(len(outcomes)) as pool:
        problems = list(pool.map(lambda item: run(wire, item[0], after, item[1]), outcomes.items()))
    assert [problem for problem in problems if problem] == []
    assert (threading.active_count(), open_fds()) == (threads, fds)


def run(wire: str, fault: str, after: int, outcome: OutcomeKind) -> str:
    """What went wrong, "" when nothing did."""
    simulator = make(wire, bytes_per_s=SPEED)
    simulator.start()
    printer = EscposPrinter(simulator.where)
    printer.open()
    simulator.set_fault(fault, after_bytes=after)
    began = time.monotonic()
    told = printer.print(ticket(), DEADLINE_S)
    took = time.monotonic() - began
    reason = reason_of(printer)
    simulator.clear_fault()
    back = recover(printer, simulator)
    printer.close()
    simulator.stop()
    found = (told.kind, took <= 2 * DEADLINE_S, reason, back)
    expected = (outcome, True, EXPECTED[fault].reason, "")
    return "" if found == expected else f"{fault}: {found} instead of {expected} ({took:.2f} s; {told.detail})"


def reason_of(printer: EscposPrinter) -> str:
    """The first word of what is the matter, as a supervisor would learn it: by probe, and by opening again when it was lost."""
    for again in (False, True):
        try:
            if again:
                printer.open()
            return (*printer.probe().reasons, "")[0]
        except LineError as error:
            return error.reason
        except DeviceError as error:
            if "our own bytes come back" in str(error):
                return "echo"
    return "not ready"


def recover(printer: EscposPrinter, simulator: PrinterSimulator) -> str:
    """Mended, the next sheet comes out whole, alone on its paper; what was not so, "" when all was."""
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        try:
            printer.open()
            if printer.probe().state == "ready":
                break
        except DeviceError:
            continue
    told = printer.print(ticket("next", "A002"), 10.0)
    last = simulator.sheets[-1].raw if simulator.sheets else b""
    alone = (b"A001" in last, last.count(b"A002\n")) == (False, 1)
    return "" if told.kind == "done" and alone else f"afterwards {told}, alone: {alone}"


def test_a_head_that_cools_in_time_prints_the_sheet() -> None:
    simulator = make("tcp", bytes_per_s=SPEED)
    simulator.start()
    printer = EscposPrinter(simulator.where)
    printer.open()
    simulator.set_fault("hot", after_bytes=IN_THE_MIDDLE)
    cool = threading.Timer(0.6, simulator.clear_fault)
    cool.start()
    assert printer.print(ticket(), 5.0).kind == "done"
    assert simulator.state.sheets == 1
    cool.join()
    printer.close()
    simulator.stop()


@pytest.mark.parametrize("wire", ["tcp", "pty"])
def test_a_raster_sheet_on_a_slow_line_is_not_given_up_while_it_moves(wire: str) -> None:
    simulator = make(wire, bytes_per_s=60_000)
    simulator.start()
    printer = EscposPrinter(simulator.where, Layout(charset="raster"))
    printer.open()
    assert printer.print(ticket(), 6.0).kind == "done"
    printer.close()
    simulator.stop()
