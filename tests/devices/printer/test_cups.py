"""A raw queue of a real cupsd, with our printer at its other end: what CUPS says becomes the right outcome."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from devices.line import BadAddress, LineClosed, LineTimeout
from devices.ports import DONE, Health, Outcome, Paper, Picture
from devices.printer.cups import CupsPrinter, Entry, parse_jobs
from devices.printer.escpos import Layout, compose
from devices.printer.simulator import PrinterSimulator

from .conftest import drawing, open_fds, ticket
from .cups_server import CupsServer

# Larger than the buffers between cupsd and a printer that reads nothing.
LONG = Paper("long", (Picture(drawing(576, 1600)),) * 60)


@pytest.fixture(scope="module")
def server() -> Iterator[CupsServer]:
    server = CupsServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def simulator() -> Iterator[PrinterSimulator]:
    before = open_fds()
    simulator = PrinterSimulator(port=0)
    simulator.start()
    yield simulator
    simulator.stop()
    assert open_fds() == before


@pytest.fixture
def printer(server: CupsServer, simulator: PrinterSimulator, request: pytest.FixtureRequest) -> Iterator[CupsPrinter]:
    queue = f"q{abs(hash(request.node.nodeid)) % 10**8}"
    server.queue(queue, simulator.where)
    printer = CupsPrinter(f"cups:{queue}@{server.at}")
    printer.open()
    yield printer
    printer.close()
    server.run("cancel", "-a", queue)
    server.run("lpadmin", "-x", queue)


def name_of(printer: CupsPrinter) -> str:
    return printer.where[5:].split("@")[0]


def waiting(server: CupsServer, printer: CupsPrinter) -> str:
    return server.run("lpstat", "-o", name_of(printer))


def test_a_ticket_goes_through_the_queue_byte_for_byte(printer: CupsPrinter, simulator: PrinterSimulator) -> None:
    assert printer.probe() == Health("ready")
    assert printer.print(ticket(), 10.0) == DONE
    assert simulator.wait_sheets(1)
    assert simulator.sheets[0].raw == compose(ticket()).replace(b"\x1da\x00", b"")


def test_a_stopped_queue_is_a_fault_and_nothing_is_handed_to_it(
    printer: CupsPrinter, simulator: PrinterSimulator, server: CupsServer
) -> None:
    server.run("cupsdisable", "-r", "no toner", name_of(printer))
    health = printer.probe()
    assert (health.state, health.reasons) == ("fault", ("offline",))
    assert "no toner" in health.detail
    outcome = printer.print(ticket(), 3.0)
    assert outcome.kind == "not_done"
    assert waiting(server, printer) == ""
    server.run("cupsenable", name_of(printer))
    assert printer.print(ticket(), 10.0) == DONE


def test_a_queue_that_takes_nothing_is_not_done(printer: CupsPrinter, server: CupsServer) -> None:
    server.run("cupsreject", name_of(printer))
    outcome = printer.print(ticket(), 3.0)
    assert (outcome.kind, "not accepting" in outcome.detail) == ("not_done", True)


def test_a_printer_that_is_off_is_not_done_and_nothing_comes_out_later(
    printer: CupsPrinter, simulator: PrinterSimulator, server: CupsServer
) -> None:
    simulator.set_fault("unplugged")
    while simulator.state.connected or connects(simulator):
        threading.Event().wait(0.01)
    began = time.monotonic()
    outcome = printer.print(ticket(), 2.0)
    assert (outcome.kind, "cannot be reached" in outcome.detail) == ("not_done", True)
    assert time.monotonic() - began < 4.0
    assert waiting(server, printer) == ""
    simulator.clear_fault()
    assert printer.print(ticket("t2", "A002"), 10.0) == DONE
    assert simulator.wait_sheets(1)
    assert b"A001" not in b"".join(sheet.raw for sheet in simulator.sheets)


def connects(simulator: PrinterSimulator) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(simulator.where.rsplit(":", 1)[1]))) == 0


def test_a_printer_that_stops_taking_is_unknown_at_the_deadline_and_cancelled(
    printer: CupsPrinter, simulator: PrinterSimulator, server: CupsServer
) -> None:
    simulator.set_fault("deaf")
    began = time.monotonic()
    outcome = printer.print(LONG, 4.0)
    assert (outcome.kind, "cancelled while" in outcome.detail) == ("unknown", True)
    assert time.monotonic() - began < 8.0
    assert waiting(server, printer) == ""


def test_a_job_that_somebody_cancels_is_unknown_at_once(
    printer: CupsPrinter, simulator: PrinterSimulator, server: CupsServer
) -> None:
    simulator.set_fault("deaf")
    outcomes: list[Outcome] = []
    job = threading.Thread(target=lambda: outcomes.append(printer.print(LONG, 30.0)))
    job.start()
    while "Connected" not in server.run("lpstat", "-l", "-o", name_of(printer)):
        assert job.is_alive()
    server.run("cancel", "-a", name_of(printer))
    job.join(10.0)
    assert [outcome.kind for outcome in outcomes] == ["unknown"]


def test_an_unknown_queue_and_a_dead_server_are_told_with_their_remedy(server: CupsServer) -> None:
    with pytest.raises(BadAddress, match="lpadmin -p name"):
        CupsPrinter(f"cups:nobody@{server.at}").open()
    with pytest.raises(LineClosed, match="look whether CUPS runs"):
        CupsPrinter("cups:nobody@127.0.0.1:1").open()


def test_a_program_that_hangs_is_ended_at_its_deadline(printer: CupsPrinter, simulator: PrinterSimulator) -> None:
    """A server that accepts and never answers: our own printer, deaf."""
    simulator.set_fault("deaf")
    dumb = CupsPrinter(f"cups:q@{simulator.where.removeprefix('tcp://')}")
    began = time.monotonic()
    with pytest.raises(LineTimeout, match="took too long"):
        dumb.open()
    assert time.monotonic() - began < 6.0
    assert not [line for line in processes() if simulator.where.removeprefix("tcp://") in line]


def processes() -> list[str]:
    return subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True, timeout=10
    ).stdout.splitlines()


def test_closing_ends_a_running_program(simulator: PrinterSimulator) -> None:
    simulator.set_fault("deaf")
    dumb = CupsPrinter(f"cups:q@{simulator.where.removeprefix('tcp://')}")
    ended = threading.Event()

    def work() -> None:
        with pytest.raises(LineClosed):
            dumb.open()
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    while dumb._running is None and thread.is_alive():
        threading.Event().wait(0.005)
    dumb.close()
    assert ended.wait(2.0)
    thread.join(2.0)


@pytest.mark.parametrize("where", ["cups:", "cups:a b", "cups:q@", "cups:-x", "cups:q@host:port", "cups:q#x"])
def test_an_address_nobody_can_mean_is_refused(where: str) -> None:
    with pytest.raises(BadAddress, match="write cups:name"):
        CupsPrinter(where)


def test_a_bad_sheet_and_a_closed_queue_are_not_done(printer: CupsPrinter) -> None:
    assert printer.print(Paper("bad", (Picture(b"no png"),)), 2.0).kind == "not_done"
    printer.close()
    assert printer.print(ticket(), 2.0).kind == "not_done"


def test_the_layout_is_that_of_every_printer() -> None:
    assert CupsPrinter("cups:q", Layout(32, "gbk")).layout.columns == 32


def test_what_lpstat_writes_is_read() -> None:
    text = (
        "q-2    root   1024   Sun Nov 22 08:16:31 2026\n\tStatus: Connected to printer.\n\tAlerts: job-canceled-by-user\n"
        "\tqueued for q\nq-1    root   1024   Sun\n\tAlerts: none\n\tqueued for q\n"
    )
    assert parse_jobs(text) == {
        "q-2": Entry("Connected to printer.", "job-canceled-by-user"),
        "q-1": Entry(None, "none"),
    }
    assert parse_jobs("\tStatus: x\n\n") == {}
