"""The driver against the simulator over real lines: what the hall is told about each text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.led.description import FrameDescription, load, parse
from devices.led.driver import CodecSign, FrameSign, OnbonSign
from devices.led.onbon import OnbonCodec, Screen
from devices.led.simulator import SignSimulator
from devices.ports import DONE, Sign, SignText
from devices.transport import FdLine, Line, LineClosed, open_line

SIGNS = Path(__file__).parents[3] / "config" / "signs"
QUICK = parse((SIGNS / "sum8.toml").read_text("utf-8").replace("within_ms = 500", "within_ms = 60"), "quick.toml")
CALL = SignText(3, "A001 请到3号窗口")


@pytest.fixture(params=["tcp", "pty"])
def hall(request: pytest.FixtureRequest) -> Iterator[tuple[SignSimulator, FrameSign]]:
    yield from pair(QUICK, "127.0.0.1" if request.param == "tcp" else "")


def pair(description: FrameDescription, host: str = "127.0.0.1") -> Iterator[tuple[SignSimulator, FrameSign]]:
    signs = SignSimulator(host, 0, description)
    signs.start()
    driver = FrameSign(signs.where, description)
    driver.open()
    yield signs, driver
    driver.close()
    signs.stop()


def test_a_text_is_shown_and_only_at_its_address(hall: tuple[SignSimulator, FrameSign]) -> None:
    signs, driver = hall
    port: Sign = driver
    assert port.show(CALL, 2.0) == DONE
    assert signs.showing == {1: "", 2: "", 3: "A001 请到3号窗口", 4: ""}
    assert driver.show(SignText(3, "A002", blink=True), 2.0) == DONE
    assert signs.showing[3] == "A002" and signs.blinking == {3}
    assert driver.probe().state == "ready"


def test_crc16_signs_work_the_same() -> None:
    for signs, driver in pair(load(SIGNS / "crc16.toml")):
        assert driver.show(SignText(2, "UB012", blink=True), 2.0) == DONE
        assert signs.showing[2] == "UB012"


def test_a_silent_sign_is_unknown_and_seen_in_its_health(hall: tuple[SignSimulator, FrameSign]) -> None:
    signs, driver = hall
    signs.set_fault("silent")
    assert driver.show(CALL, 2.0).kind == "unknown"
    assert driver.probe().state == "degraded" and driver.probe().reasons == ("silent",)
    signs.set_fault()
    assert driver.show(CALL, 2.0) == DONE
    assert driver.probe().state == "ready"


def test_a_dead_address_degrades_and_is_asked_once_only(hall: tuple[SignSimulator, FrameSign]) -> None:
    signs, driver = hall
    signs.set_fault("dead", address=2)
    assert driver.show(SignText(1, "A001"), 2.0) == DONE
    assert driver.show(SignText(2, "A001"), 2.0).kind == "unknown"
    health = driver.probe()
    assert health.state == "degraded" and "2" in health.detail
    assert driver._line is not None
    before = sum(" > " in entry for entry in driver._line.hex_log())
    assert driver.show(SignText(2, "A002"), 2.0).kind == "unknown"
    assert sum(" > " in entry for entry in driver._line.hex_log()) == before + 1


def test_a_refused_text_is_not_done(hall: tuple[SignSimulator, FrameSign]) -> None:
    signs, driver = hall
    signs.set_fault("refuse")
    assert driver.show(CALL, 2.0).kind == "not_done"


def test_an_answer_with_a_wrong_checksum_proves_nothing(hall: tuple[SignSimulator, FrameSign]) -> None:
    signs, driver = hall
    signs.set_fault("bad_ack")
    outcome = driver.show(CALL, 2.0)
    assert outcome.kind == "unknown" and "no answer" in outcome.detail


def test_a_cut_line_is_noticed_and_mended_by_opening_again() -> None:
    for signs, driver in pair(QUICK):
        signs.set_fault("unplug")
        outcome = driver.show(CALL, 1.0)
        assert outcome.kind in ("not_done", "unknown")
        with pytest.raises(LineClosed):
            driver.probe()
        driver.close()
        signs.set_fault()
        driver.open()
        assert driver.show(CALL, 2.0) == DONE


def test_a_sign_that_never_answers_is_done_when_written() -> None:
    text = (SIGNS / "sum8.toml").read_text("utf-8")
    for signs, driver in pair(parse(text[: text.index("# What the sign answers")], "mute.toml")):
        assert driver.show(CALL, 1.0) == DONE
        assert signs.wait_for(3, CALL.text)


def test_an_address_out_of_range_is_not_done_and_says_so() -> None:
    for _, driver in pair(QUICK):
        assert "does not fit" in driver.show(SignText(300, "A001"), 1.0).detail


def test_nothing_is_opened_before_open_and_nothing_shown_after_close() -> None:
    driver = FrameSign("tcp://127.0.0.1:1", QUICK)
    assert driver.probe().state == "absent"
    assert driver.show(CALL, 1.0).kind == "not_done"
    with pytest.raises(LineClosed):
        driver.open()


class OneByte(FdLine):
    """A line that gives one byte at a time."""

    def read_some(self, deadline: float, limit: int = 1) -> bytes:
        return super().read_some(deadline, 1)


def open_one_byte(where: str) -> Line:
    line = open_line(where)
    line.__class__ = OneByte
    return line


def test_onbon_cards_over_a_line_that_gives_one_byte_at_a_time() -> None:
    screen = Screen(128, 16)
    signs = SignSimulator("127.0.0.1", 0, OnbonCodec(screen))
    signs.start()
    for driver in (OnbonSign(signs.where, screen), CodecSign(signs.where, OnbonCodec(screen), open_one_byte)):
        driver.open()
        assert driver.show(SignText(3, "Z001 请到[3]号窗口"), 2.0) == DONE
        assert signs.showing[3] == "Z001 请到[3]号窗口"
        driver.close()
    signs.stop()
