"""A printer that tells by itself: an open cover is known at once, and a told status is never taken for an answer."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devices.ports import DONE, Health, Outcome, Paper
from devices.printer.driver import EscposPrinter
from devices.printer.simulator import PrinterSimulator
from devices.supervisor import Limits, Supervisor
from devices.transport import LineClosed, deadline_in, open_line

from .conftest import make, ticket


@pytest.fixture(params=["tcp", "pty"])
def simulator(request: pytest.FixtureRequest) -> Iterator[PrinterSimulator]:
    simulator = make(request.param)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def printer(simulator: PrinterSimulator) -> Iterator[EscposPrinter]:
    printer = EscposPrinter(simulator.where, asb=True)
    printer.open()
    yield printer
    printer.close()


def listened(printer: EscposPrinter, then: threading.Timer | None = None, within_s: float = 5.0) -> float:
    """Seconds until listen was back."""
    began = time.monotonic()
    if then is not None:
        then.start()
    printer.listen(deadline_in(within_s))
    if then is not None:
        then.join()
    return time.monotonic() - began


def test_an_open_cover_ends_listening_within_milliseconds_and_so_does_closing_it(
    printer: EscposPrinter, simulator: PrinterSimulator
) -> None:
    took = []
    for _ in range(6):
        for change, reasons in ((simulator.set_fault, ("cover_open",)), (simulator.clear_fault, ())):
            listened(printer, within_s=0.02)  # armed, and the present state told: nothing new
            struck: list[float] = []

            def strike(change: object = change, struck: list[float] = struck) -> None:
                struck.append(time.monotonic())
                change("cover_open")  # type: ignore[operator]

            listened(printer, threading.Timer(0.005, strike))
            took.append(time.monotonic() - struck[0])
            assert printer.probe().reasons == reasons
    print(
        f"cover changed → listen back: median {statistics.median(took) * 1000:.1f} ms, worst {max(took) * 1000:.1f} ms"
    )
    assert statistics.median(took) < 0.1


def test_a_cover_opened_between_probe_and_listen_is_not_missed(
    printer: EscposPrinter, simulator: PrinterSimulator
) -> None:
    assert printer.probe().reasons == ()
    simulator.set_fault("cover_open")
    assert listened(printer) < 1.0  # it was told meanwhile, and waits in the line
    assert printer.probe().reasons == ("cover_open",)
    simulator.clear_fault()
    assert listened(printer) < 1.0
    assert printer.probe().reasons == ()


def test_silence_lasts_until_the_deadline_and_wake_ends_it_also_before_it_began(printer: EscposPrinter) -> None:
    assert 0.05 <= listened(printer, within_s=0.05) < 0.5
    assert listened(printer, threading.Timer(0.01, printer.wake)) < 1.0
    printer.wake()
    assert listened(printer) < 0.5
    assert 0.05 <= listened(printer, within_s=0.05) < 0.5  # that one was used up


def test_a_cut_cable_ends_listening_with_the_reason(printer: EscposPrinter, simulator: PrinterSimulator) -> None:
    with pytest.raises(LineClosed):
        listened(printer, threading.Timer(0.01, lambda: simulator.set_fault("unplugged")))


def test_without_the_option_nothing_is_switched_on_but_a_cut_cable_is_told(simulator: PrinterSimulator) -> None:
    printer = EscposPrinter(simulator.where)
    printer.open()
    assert listened(printer, within_s=0.02) < 0.5
    assert not any("1D 61" in line for line in printer.hex_log())
    with pytest.raises(LineClosed):
        listened(printer, threading.Timer(0.01, lambda: simulator.set_fault("unplugged")))
    printer.close()


def test_tickets_between_listening_are_done_and_listening_goes_on(
    printer: EscposPrinter, simulator: PrinterSimulator
) -> None:
    for n in range(1, 4):
        listened(printer, within_s=0.01)
        assert printer.print(ticket(), 5.0) == DONE
        assert simulator.state.sheets == n
    assert listened(printer, threading.Timer(0.005, lambda: simulator.set_fault("paper_low"))) < 1.0
    assert printer.probe().reasons == ("paper_low",)
    assert printer.print(ticket(), 5.0) == DONE


def test_states_that_change_while_a_sheet_is_asked_for_never_make_it_done_by_mistake(
    printer: EscposPrinter, simulator: PrinterSimulator
) -> None:
    """The roll ends within each sheet, while low paper comes and goes: many blocks among the answers."""
    stop = threading.Event()

    def restless() -> None:
        while not stop.is_set():
            simulator.set_fault("paper_low")
            simulator.clear_fault("paper_low")

    other = threading.Thread(target=restless)
    other.start()
    try:
        for _ in range(2):
            listened(printer, within_s=0.01)
            simulator.set_fault("paper_end_mid_job")
            assert printer.print(ticket(), 3.0).kind == "not_done"
            simulator.clear_fault("paper_end")
    finally:
        stop.set()
        other.join()
    simulator.clear_fault()
    assert printer.print(ticket(), 5.0) == DONE


def test_the_simulator_tells_once_per_change_until_the_next_reset(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    line.write(b"\x1da\x0e", deadline_in(2))
    assert line.read(4, deadline_in(2)).hex() == "10000000"
    simulator.set_fault("jam")
    assert line.read(4, deadline_in(2)).hex() == "18040000"
    simulator.set_fault("jam")
    assert line.read_some(deadline_in(0.05)) == b""
    simulator.clear_fault()
    assert line.read(4, deadline_in(2)).hex() == "10000000"
    line.write(b"\x1b@\x1dr\x01", deadline_in(2))
    assert line.read(1, deadline_in(2)) == b"\x00"
    simulator.set_fault("jam")
    assert line.read_some(deadline_in(0.05)) == b""
    line.close()


def test_under_its_supervisor_an_open_cover_is_published_long_before_the_next_probe(
    simulator: PrinterSimulator,
) -> None:
    told: dict[tuple[str, ...], float] = {}
    changed = threading.Condition()

    def on_health(health: Health) -> None:
        with changed:
            if health.state != "busy":
                told[(health.state, *health.reasons)] = time.monotonic()
            changed.notify_all()

    def on_done(job: Paper, outcome: Outcome) -> None:
        with changed:
            told[(job.job, outcome.kind)] = time.monotonic()
            changed.notify_all()

    supervisor: Supervisor[EscposPrinter, Paper] = Supervisor(
        "printer",
        EscposPrinter(simulator.where, asb=True),
        lambda printer, paper: printer.print(paper, 5.0),
        on_health,
        on_done,
        limits=Limits(probe_s=60.0),
    )

    def after(key: tuple[str, ...], act: Callable[[], object]) -> float:
        """Seconds from the act to the news."""
        with changed:
            told.pop(key, None)
        began = time.monotonic()
        act()
        with changed:
            assert changed.wait_for(lambda: key in told, 5.0), told
            return told[key] - began

    after(("ready",), supervisor.start)
    cover = after(("fault", "cover_open"), lambda: simulator.set_fault("cover_open"))
    closed = after(("ready",), lambda: simulator.clear_fault("cover_open"))
    done = after(("t1", "done"), lambda: supervisor.submit(ticket()))
    low = after(("degraded", "paper_low"), lambda: simulator.set_fault("paper_low"))
    supervisor.stop()
    took = {"cover open": cover, "closed": closed, "ticket": done, "paper low": low}
    print("published after", ", ".join(f"{what} {seconds * 1000:.0f} ms" for what, seconds in took.items()))
    assert max(cover, closed, done, low) < 3.0
