"""A keyboard wedge is taken away from the desktop, and a name that does not stay is refused."""

from pathlib import Path

import pytest

from devices.catalog import Site
from devices.linebook import LineBook
from devices.ports import Scanned
from devices.scanner.kinds import KINDS, SerialOptions, WedgeOptions
from devices.scanner.simulator import WedgeSimulator
from devices.scanner.wedge import INPUT, WedgeScanner, open_wedge
from devices.transport import OPENERS, BadAddress, LineClosed, deadline_in
from tests.devices.scanner.shims import build, played

HERE = Path(__file__).parent


def test_a_real_input_device_is_grabbed_and_one_that_others_hold_is_said_to_be(tmp_path: Path) -> None:
    library = build(HERE / "keyboard.c", tmp_path)
    simulator = WedgeSimulator("s")
    simulator.start()
    log, busy = tmp_path / "log", tmp_path / "busy"
    environment = {
        "KEYBOARD_FIFO": simulator.where.removeprefix("input://"),
        "KEYBOARD_LOG": str(log),
        "KEYBOARD_BUSY": str(busy),
    }
    with played(HERE / "play_keyboard.py", library, environment) as keyboard:
        busy.touch()
        said = keyboard.do("open")
        assert said.startswith("NotReady") and "another program holds it" in said
        busy.unlink()
        assert keyboard.do("open") is None and log.read_text() == "grab 1\n"
        simulator.scan("A001")
        assert keyboard.do("listen", 2) == "A001"
        simulator.set_fault("unplugged")
        assert keyboard.do("listen", 2).startswith("LineClosed")
        assert keyboard.do("close") is None
        simulator.set_fault("")
        assert keyboard.do("open") is None and log.read_text() == "grab 1\n" * 2
    simulator.stop()


@pytest.mark.parametrize(
    "where", ["input://", "input:///", "input://host/dev/x", "serial:///dev/ttyS0", "input:///a?b=1"]
)
def test_an_address_nobody_can_mean_is_refused(where: str) -> None:
    with pytest.raises(BadAddress):
        open_wedge(where)


def test_a_keyboard_that_is_not_there_is_unplugged() -> None:
    with pytest.raises(LineClosed, match="group input"):
        WedgeScanner("input:///dev/input/by-path/none-event-kbd").open()


def test_the_stations_book_opens_wedges_once_it_knows_the_scheme(tmp_path: Path) -> None:
    simulator = WedgeSimulator("s")
    simulator.start()
    book = LineBook({**OPENERS, "input": INPUT})
    driver = KINDS[1].make(Site("s", simulator.where, tmp_path, tmp_path, book.opener("s")), WedgeOptions())
    driver.open()
    simulator.scan("A001")
    assert driver.listen(deadline_in(2)) == Scanned("A001")  # type: ignore[attr-defined]
    assert "personal" in book.log("s", all=True)[1][0]
    driver.close()
    simulator.stop()


def test_options_that_mean_nothing_are_named(tmp_path: Path) -> None:
    serial, wedge = KINDS
    moving = Site("s", "input:///dev/input/event3", tmp_path, tmp_path)
    steady = Site("s", "input:///dev/input/by-path/pci-0000:00-usb-0:1:1.0-event-kbd", tmp_path, tmp_path)
    assert [slip.key for slip in wedge.check(moving, WedgeOptions(again_ms=-1))] == ["again_ms", "where"]
    assert not list(wedge.check(steady, WedgeOptions()))
    assert [slip.key for slip in serial.check(steady, SerialOptions(prefix="x" * 33))] == ["prefix"]


def test_both_kinds_make_a_driver_that_reads_its_own_simulator(tmp_path: Path) -> None:
    for kind, where in zip(KINDS, ("tcp://127.0.0.1:0", "input:"), strict=True):
        assert kind.simulator is not None
        simulator = kind.simulator(Site("s", where, tmp_path, tmp_path), kind.options())
        simulator.start()
        driver = kind.make(Site("s", simulator.where, tmp_path, tmp_path), kind.options())
        driver.open()
        assert driver.probe().state == "ready" and simulator.kind == "scanner"
        with pytest.raises(ValueError, match="silent"):
            simulator.set_fault("nonsense")
        driver.close()
        simulator.stop()
