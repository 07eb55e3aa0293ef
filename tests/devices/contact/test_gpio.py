"""Contacts on GPIO lines through the real gpiod, whose kernel side is played by gpio.c."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.contact.driver import GpioContacts
from devices.contact.events import Edge, encode
from devices.contact.pins import Input
from devices.transport import BadAddress, LineClosed
from tests.devices.scanner.shims import Played, build, played

HERE = Path(__file__).parent
DOOR, DRAWER = 17, 4
CLOSED = 1 << DOOR  # the door's line is active low and pulled up: 1 = closed


@dataclass
class Bench:
    gpio: Played
    levels: Path
    fault: Path
    log: Path
    fifo: int

    def edge(self, line: int, active: bool) -> None:
        os.write(self.fifo, encode(Edge(line, active)))

    def level(self, bits: int) -> None:
        self.levels.write_text(f"{bits:x}")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    library = build(HERE / "gpio.c", tmp_path)
    events, levels, fault, log = (tmp_path / name for name in ("events", "levels", "fault", "log"))
    os.mkfifo(events)
    fifo = os.open(events, os.O_RDWR | os.O_NONBLOCK)
    environment = {
        "GPIO_PATH": str(tmp_path / "gpiochip7"),
        "GPIO_LEVELS": str(levels),
        "GPIO_EVENTS": str(events),
        "GPIO_FAULT": str(fault),
        "GPIO_LOG": str(log),
    }
    levels.write_text(f"{CLOSED:x}")
    with played(HERE / "play_gpio.py", library, environment) as gpio:
        yield Bench(gpio, levels, fault, log, fifo)
    os.close(fifo)


def test_lines_are_asked_for_as_configured(bench: Bench) -> None:
    assert "said" in bench.gpio.do("open")
    # GPIO_V2_LINE_FLAG: active low 2, input 4, rising 10, falling 20, pull up 100 (hex); debounce in microseconds.
    assert sorted(bench.log.read_text().splitlines()) == ["17 136 30000 yitai", "4 34 5000 yitai"]
    assert bench.gpio.do("active")["said"] == {"front door": False, "drawer": False}
    assert "ready" in bench.gpio.do("probe")["said"]


def test_changes_are_told_in_order_and_what_changes_nothing_is_not(bench: Bench) -> None:
    bench.gpio.do("open")
    bench.level(0)
    for line, active in ((DOOR, True), (DOOR, True), (DRAWER, True), (DRAWER, False)):
        bench.edge(line, active)
    told = [bench.gpio.do("listen", 2)["said"] for _ in range(3)]
    assert told == [["front door", True], ["drawer", True], ["drawer", False]]
    assert bench.gpio.do("listen", 0.05)["said"] is None
    assert bench.gpio.do("active")["said"] == {"front door": True, "drawer": False}


def test_a_door_that_is_open_from_the_start_or_opened_while_we_were_away_is_told_once(bench: Bench) -> None:
    bench.level(0)
    bench.gpio.do("open")
    assert bench.gpio.do("listen", 1)["said"] == ["front door", True]
    bench.gpio.do("close")
    bench.gpio.do("open")
    assert bench.gpio.do("listen", 0.05)["said"] is None
    bench.gpio.do("close")
    bench.level(CLOSED | 1 << DRAWER)
    bench.gpio.do("open")
    told = [bench.gpio.do("listen", 1)["said"] for _ in range(2)]
    assert sorted(told) == [["drawer", True], ["front door", False]]


def test_a_change_whose_edge_was_lost_is_told_at_the_next_probe(bench: Bench) -> None:
    bench.gpio.do("open")
    bench.level(0)
    assert bench.gpio.do("listen", 0.05)["said"] is None
    bench.gpio.do("probe")
    assert bench.gpio.do("listen", 0.05)["said"] == ["front door", True]
    bench.edge(DOOR, True)  # it was only late
    assert bench.gpio.do("listen", 0.05)["said"] is None


def test_a_chip_that_goes_is_an_error_at_once_and_leaves_nothing(bench: Bench) -> None:
    before = bench.gpio.do("open"), bench.gpio.do("close"), bench.gpio.do("count")["said"]
    for _ in range(3):
        assert "said" in bench.gpio.do("open")
        bench.fault.write_text("gone")
        bench.edge(DOOR, True)
        said = bench.gpio.do("listen", 5)
        assert said["error"] == "LineClosed" and said["seconds"] < 1
        assert bench.gpio.do("active")["error"] == "LineClosed"
        assert bench.gpio.do("probe")["error"] == "LineClosed"
        bench.gpio.do("close")
        assert bench.gpio.do("open")["error"] == "LineClosed"
        assert bench.gpio.do("count")["said"] == before[2]
        bench.fault.write_text("")
        assert os.read(bench.fifo, 4096)  # what the lost chip did not take


def test_lines_that_others_have_and_lines_there_are_not_say_so(bench: Bench) -> None:
    bench.fault.write_text("busy")
    said = bench.gpio.do("open")
    assert said["error"] == "NotReady" and "another program has one" in said["why"]
    bench.fault.write_text("")
    said = bench.gpio.do("wrong_line")
    assert said["error"] == "DeviceError" and "compare with gpioinfo" in said["why"]


def test_waiting_costs_nothing_and_ends_at_once(bench: Bench) -> None:
    bench.gpio.do("open")
    idle = bench.gpio.do("listen", 1.0)
    assert idle["said"] is None and idle["processor"] < 0.005
    bench.gpio.do("wake_soon", 0.1)
    woken = bench.gpio.do("listen", 30)
    assert woken["said"] is None and woken["seconds"] < 1
    bench.gpio.do("close_soon", 0.1)
    closed = bench.gpio.do("listen", 30)
    assert closed["error"] == "LineClosed" and closed["seconds"] < 1


def test_addresses_nobody_can_mean_and_chips_that_are_not_there() -> None:
    inputs = (Input(name="door", line=1),)
    with pytest.raises(BadAddress):
        GpioContacts("serial:///dev/ttyS0", inputs).open()
    with pytest.raises(LineClosed, match="group gpio"):
        GpioContacts("gpio:///dev/gpiochip-none", inputs).open()
