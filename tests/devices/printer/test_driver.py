"""What became of the sheet, told truly."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from devices.ports import DONE, Health, NotReady, Outcome, Paper, Text
from devices.printer.driver import EscposPrinter
from devices.printer.escpos import Layout, compose
from devices.printer.simulator import PrinterSimulator
from devices.supervisor import Limits, Supervisor
from devices.transport import LineError, LineTimeout

from .conftest import make, ticket

JOB = compose(ticket(), Layout(48, "gb18030"))


@pytest.fixture
def simulator() -> Iterator[PrinterSimulator]:
    """Over TCP only: test_faults.py has both wires."""
    simulator = make("tcp")
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture(params=["tcp", "pty"])
def slow(request: pytest.FixtureRequest) -> Iterator[PrinterSimulator]:
    """4,000 bytes a second: the job of some 700 bytes takes a moment in which things can happen."""
    simulator = make(request.param, bytes_per_s=4000)
    simulator.start()
    yield simulator
    simulator.stop()


def test_a_ticket_is_printed_byte_for_byte(printer: EscposPrinter, simulator: PrinterSimulator) -> None:
    assert printer.probe() == Health("ready")
    assert printer.print(ticket(), 5.0) == DONE
    assert [sheet.raw for sheet in simulator.sheets] == [JOB.replace(b"\x1da\x00", b"")]
    assert simulator.state.unknown == ()
    assert simulator.state.hanging == 0


def test_the_raster_mode_prints_too(simulator: PrinterSimulator) -> None:
    printer = EscposPrinter(simulator.where, Layout(charset="raster"))
    printer.open()
    assert printer.print(ticket(), 10.0) == DONE
    printer.close()
    assert simulator.state.unknown == ()


def test_done_comes_after_the_cut_also_on_a_slow_line(slow: PrinterSimulator) -> None:
    printer = EscposPrinter(slow.where)
    printer.open()
    for n in (1, 2):
        assert printer.print(ticket(), 10.0) == DONE
        assert slow.state.sheets == n
    printer.close()


def test_answers_one_byte_at_a_time_are_understood(printer: EscposPrinter, simulator: PrinterSimulator) -> None:
    simulator.set_fault("trickle")
    assert printer.print(ticket(), 5.0) == DONE
    simulator.set_fault("paper_end")
    assert printer.probe().reasons == ("paper_end",)


@pytest.mark.parametrize("fault", ["paper_end", "cover_open", "cutter"])
def test_trouble_before_means_not_done_and_nothing_is_sent(
    printer: EscposPrinter, simulator: PrinterSimulator, fault: str
) -> None:
    simulator.set_fault(fault)
    assert printer.print(ticket(), 5.0).kind == "not_done"
    assert printer.probe().state == "fault"
    assert printer.probe().reasons == (fault,)
    simulator.clear_fault()
    assert printer.probe() == Health("ready")
    assert simulator.state.printed == 0
    assert simulator.state.waiting == 0


def test_near_the_end_of_the_roll_it_still_prints(printer: EscposPrinter, simulator: PrinterSimulator) -> None:
    simulator.set_fault("paper_low")
    assert printer.probe().state == "degraded"
    assert printer.print(ticket(), 5.0) == DONE


@pytest.mark.parametrize("fault", ["paper_end", "cover_open"])
def test_trouble_within_a_job_is_not_done_because_the_printer_dropped_the_rest(
    printer: EscposPrinter, simulator: PrinterSimulator, fault: str
) -> None:
    simulator.set_fault(fault, after_bytes=200)
    outcome = printer.print(ticket(), 5.0)
    assert outcome.kind == "not_done"
    assert "the rest was dropped" in outcome.detail
    assert simulator.state.waiting == 0
    simulator.clear_fault()
    assert simulator.state.sheets == 0
    assert printer.print(ticket("t2", "A002"), 5.0) == DONE
    # The half sheet was cut off before, so nobody gets two numbers on one paper.
    assert [b"A001" in sheet.raw for sheet in simulator.sheets] == [True, False]
    assert simulator.sheets[1].raw.count(b"A002\n") == 1


@pytest.mark.parametrize("before_the_end", [0, 2])
def test_a_roll_that_ends_with_the_sheet_is_unknown_because_all_of_it_may_be_there(
    printer: EscposPrinter, simulator: PrinterSimulator, before_the_end: int
) -> None:
    inked = len(JOB.replace(b"\x1da\x00", b""))
    simulator.set_fault("paper_end", after_bytes=inked - before_the_end)
    assert printer.print(ticket(), 5.0).kind == "unknown"
    assert simulator.state.sheets == 1


def test_a_printer_that_falls_silent_before_is_not_done_within_and_after_is_unknown(
    printer: EscposPrinter, simulator: PrinterSimulator
) -> None:
    simulator.set_fault("silent", after_bytes=200)
    assert printer.print(ticket(), 1.0).kind == "unknown"
    with pytest.raises(LineTimeout):
        printer.probe()  # the line was given up: a late answer must not be taken for the next one
    simulator.clear_fault()
    printer.open()
    simulator.set_fault("silent")
    outcome = printer.print(ticket(), 5.0)
    assert (outcome.kind, "nothing was sent" in outcome.detail) == ("not_done", True)


def test_a_printer_that_prints_but_does_not_confirm_is_unknown(
    printer: EscposPrinter, simulator: PrinterSimulator
) -> None:
    simulator.set_fault("mute", after_bytes=200)
    assert printer.print(ticket(), 0.8).kind == "unknown"
    assert simulator.wait_sheets(1)


def test_silence_when_opening_is_line_timeout(simulator: PrinterSimulator) -> None:
    simulator.set_fault("silent")
    printer = EscposPrinter(simulator.where)
    with pytest.raises(LineTimeout, match="no answer to DLE EOT"):
        printer.open()


def test_unplugged_within_a_job_is_unknown_and_after_it_all_is_well_again(slow: PrinterSimulator) -> None:
    printer = EscposPrinter(slow.where)
    printer.open()
    slow.set_fault("unplugged", after_bytes=200)
    assert printer.print(ticket(), 5.0).kind == "unknown"
    with pytest.raises(LineError):
        printer.open()
    slow.clear_fault()
    reopen(printer)
    assert printer.print(ticket("t2", "A002"), 5.0) == DONE
    assert slow.state.unknown == ()
    assert slow.sheets[-1].raw.count(b"A002\n") == 1
    assert b"A001" not in slow.sheets[-1].raw
    printer.close()


def test_a_block_cut_short_does_not_swallow_the_next_ticket(slow: PrinterSimulator) -> None:
    printer = EscposPrinter(slow.where, Layout(qr="raster"))
    printer.open()
    slow.set_fault("unplugged", after_bytes=compose(ticket(), Layout(48, "gb18030", "raster")).index(b"\x1dv0") - 10)
    assert printer.print(ticket(), 5.0).kind == "unknown"
    slow.clear_fault()
    reopen(printer)
    assert printer.print(ticket("t2", "A002"), 5.0) == DONE
    assert b"A002" in slow.sheets[-1].raw
    printer.close()


def test_a_printer_that_takes_nothing_more_is_unknown_at_the_deadline() -> None:
    simulator = PrinterSimulator(port=0)
    simulator.start()
    printer = EscposPrinter(simulator.where, Layout(charset="raster"))
    printer.open()
    simulator.set_fault("deaf", after_bytes=10)
    assert printer.print(ticket(), 1.0).kind == "unknown"
    printer.close()
    simulator.stop()


def test_a_sheet_that_cannot_be_printed_is_not_done(printer: EscposPrinter, simulator: PrinterSimulator) -> None:
    outcome = printer.print(Paper("bad", (Text("x", scale=9),)), 5.0)
    assert outcome == Outcome("not_done", "job bad, item 1: scale 9, expected 1 to 8")
    assert simulator.state.printed == 0


def test_a_model_without_gs_r_is_confirmed_by_its_state(printer: EscposPrinter, simulator: PrinterSimulator) -> None:
    simple = EscposPrinter(simulator.where, confirm="real_time")
    printer.close()
    simple.open()
    assert simple.print(ticket(), 5.0) == DONE
    simulator.set_fault("paper_end", after_bytes=200)
    assert simple.print(ticket(), 5.0).kind == "unknown"  # nobody said how far it came
    assert simulator.state.waiting == 0  # but nothing comes out later
    simple.close()


def test_print_without_open_is_not_done() -> None:
    assert EscposPrinter("tcp://127.0.0.1:1").print(ticket(), 1.0).kind == "not_done"


def test_the_wire_can_be_read_by_a_technician(printer: EscposPrinter) -> None:
    printer.probe()
    assert [line.split(" ", 1)[1] for line in printer.hex_log()][-2:] == ["> 10 04 04", "< 12"]


def test_under_its_supervisor_a_ticket_waits_for_the_cable(simulator: PrinterSimulator) -> None:
    simulator.set_fault("unplugged")
    done = threading.Event()
    outcomes: list[tuple[str, Outcome]] = []
    healths: list[Health] = []

    def on_done(job: Paper, outcome: Outcome) -> None:
        outcomes.append((job.job, outcome))
        done.set()

    lost = threading.Event()

    def on_health(health: Health) -> None:
        healths.append(health)
        if health.state == "backoff":
            lost.set()

    supervisor: Supervisor[EscposPrinter, Paper] = Supervisor(
        "printer",
        EscposPrinter(simulator.where),
        lambda printer, paper: printer.print(paper, 5.0),
        on_health,
        on_done,
        limits=Limits(probe_s=0.2),
        jitter=lambda step: step / 20,
    )
    supervisor.start()
    supervisor.submit(ticket())
    assert lost.wait(5.0)
    simulator.clear_fault()
    assert done.wait(5.0)
    supervisor.stop()
    assert outcomes == [("t1", DONE)]
    assert [health.state for health in healths].count("backoff") == 1


def reopen(printer: EscposPrinter) -> None:
    """Until the simulator's thread has plugged itself in again."""
    for _ in range(10_000):
        try:
            printer.open()
        except (LineError, NotReady):
            continue
        return
    raise AssertionError("the printer did not come back")
