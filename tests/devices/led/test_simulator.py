import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from devices.led.description import load
from devices.led.frames import encode
from devices.led.simulator import SignSimulator
from devices.ports import SignText
from devices.transport import Line, deadline_in, open_line

SUM8 = load(Path(__file__).parents[3] / "config" / "signs" / "sum8.toml")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def bus() -> Iterator[tuple[SignSimulator, Line, Clock]]:
    clock = Clock()
    signs = SignSimulator("127.0.0.1", 0, SUM8, addresses=(1, 2), clock=clock)
    signs.start()
    line = open_line(signs.where)
    yield signs, line, clock
    line.close()
    signs.stop()


def test_it_reads_bytes_that_come_one_by_one(bus: tuple[SignSimulator, Line, Clock]) -> None:
    signs, line, _ = bus
    for byte in encode(SUM8, SignText(1, "A001")):
        line.write(bytes((byte,)), deadline_in(1.0))
    assert signs.wait_for(1, "A001")
    assert line.read(6, deadline_in(2.0)).hex(" ") == "7e 02 01 81 84 0d"


def test_a_wrong_checksum_shows_nothing_and_is_kept_for_the_bench(bus: tuple[SignSimulator, Line, Clock]) -> None:
    signs, line, _ = bus
    raw = encode(SUM8, SignText(1, "A001"))
    line.write(raw[:-2] + b"\x00\x0d", deadline_in(1.0))
    assert signs.wait_bad()
    assert signs.showing == {1: "", 2: ""}
    assert signs.bad_frames[0].why.startswith("sum8: expected")


def test_pictures_of_one_sign_of_all_and_of_a_blinking_one(bus: tuple[SignSimulator, Line, Clock]) -> None:
    signs, line, clock = bus
    dark = signs.png(1)
    line.write(encode(SUM8, SignText(1, "A001", blink=True)), deadline_in(1.0))
    assert signs.wait_for(1, "A001")
    lit = signs.png(1)
    assert lit != dark
    clock.now += 0.8
    assert signs.png(1) == dark
    one, both = (Image.open(io.BytesIO(data)) for data in (lit, signs.png()))
    assert both.width == one.width and both.height > 2 * one.height


def test_a_long_text_runs_with_time(bus: tuple[SignSimulator, Line, Clock]) -> None:
    signs, line, clock = bus
    line.write(encode(SUM8, SignText(2, "请A001到12号窗口办理业务")), deadline_in(1.0))
    assert signs.wait_for(2, "请A001到12号窗口办理业务")
    before = signs.png(2)
    clock.now += 0.5
    assert signs.png(2) != before


def test_an_unknown_fault_is_refused(bus: tuple[SignSimulator, Line, Clock]) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        bus[0].set_fault("gone")
