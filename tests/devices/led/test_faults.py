"""Every kind of sign under every fault of the wire: the right outcome, in time, and nothing left open."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.led.alpha import AlphaCodec
from devices.led.codec import FrameCodec, SignCodec
from devices.led.description import load
from devices.led.driver import CodecSign
from devices.led.modbus import ModbusCodec, Registers
from devices.led.onbon import OnbonCodec, Screen
from devices.led.simulator import SignSimulator
from devices.ports import SignRows, SignText
from devices.transport import LineClosed

SIGNS = Path(__file__).parents[3] / "config" / "signs"
WITHIN_S = 0.1
DEADLINE_S = 0.6
CALL = SignText(3, "A001 请到3号窗口")
LOST = {"not_done", "unknown"}

ANSWERING = {
    "": {"done"},
    "silent": {"unknown"},
    "dead": {"unknown"},
    "refuse": {"not_done"},
    "slow": {"done"},
    "one_byte": {"done"},
    "wrong_checksum": {"unknown"},
    "echo": {"done"},
    "half_close": LOST,
    "unplugged": LOST,
}
# One that cannot answer is taken at its word, as long as the line takes the bytes; the loss of the line is told by probe.
MUTE = {fault: LOST | {"done"} if fault in ("half_close", "unplugged") else {"done"} for fault in ANSWERING}


def codec(name: str) -> SignCodec:
    made: dict[str, SignCodec] = {
        "sum8": FrameCodec(load(SIGNS / "sum8.toml")),
        "crc16": FrameCodec(load(SIGNS / "crc16.toml")),
        "onbon": OnbonCodec(Screen()),
        "modbus-rtu": ModbusCodec(Registers(), "rtu"),
        "modbus-tcp": ModbusCodec(Registers(), "tcp"),
        "alpha": AlphaCodec(),
    }
    made[name].within_s = WITHIN_S if made[name].within_s else 0.0
    return made[name]


NAMES = ("sum8", "crc16", "onbon", "modbus-rtu", "modbus-tcp", "alpha")


def census() -> tuple[int, int]:
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def hall(name: str, host: str = "127.0.0.1", rows: int = 1) -> Iterator[tuple[SignSimulator, CodecSign]]:
    signs = SignSimulator(host, 0, codec(name))
    signs.slow_s = WITHIN_S / 2
    signs.start()
    driver = CodecSign(signs.where, codec(name))
    driver.open()
    try:
        yield signs, driver
    finally:
        driver.close()
        signs.stop()


@pytest.mark.parametrize("fault", ANSWERING)
@pytest.mark.parametrize("name", NAMES)
def test_a_sign_with_a_fault(name: str, fault: str) -> None:
    before = census()
    expected = (MUTE if name == "alpha" else ANSWERING)[fault]
    with hall(name) as (signs, driver):
        signs.set_fault(fault)
        began = time.monotonic()
        outcome = driver.show(CALL, DEADLINE_S)
        assert time.monotonic() - began < 2 * DEADLINE_S
        assert outcome.kind in expected, outcome
        if fault in ("half_close", "unplugged"):
            with pytest.raises(LineClosed):
                driver.probe()
        else:
            began = time.monotonic()
            state = driver.probe().state
            assert time.monotonic() - began < 2 * DEADLINE_S
            assert state == ("degraded" if outcome.kind == "unknown" else "ready")
    assert census() == before


@pytest.mark.parametrize("fault", [f for f in ANSWERING if f != "half_close"])
@pytest.mark.parametrize("name", ["sum8", "onbon", "modbus-rtu"])
def test_the_same_over_a_pty(name: str, fault: str) -> None:
    before = census()
    with hall(name, "") as (signs, driver):
        signs.set_fault(fault)
        assert driver.show(CALL, DEADLINE_S).kind in ANSWERING[fault]
        with pytest.raises(ValueError, match="unknown fault"):
            signs.set_fault("half_close")
    assert census() == before


@pytest.mark.parametrize("name", [n for n in NAMES if n != "alpha"])
def test_after_each_fault_is_mended_the_sign_shows(name: str) -> None:
    with hall(name) as (signs, driver):
        for fault in ("silent", "slow", "one_byte", "wrong_checksum", "echo", "refuse", "unplugged", "half_close"):
            signs.set_fault(fault)
            driver.show(SignText(3, "A001"), DEADLINE_S)
            signs.set_fault()
            driver.close()
            driver.open()
            assert driver.show(SignText(3, "A002"), DEADLINE_S).kind == "done", fault
            assert signs.showing[3] == "A002"


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ones() -> None:
    with hall("sum8") as (signs, driver):
        signs.slow_s = 4 * WITHIN_S
        signs.set_fault("slow")
        assert driver.show(CALL, DEADLINE_S).kind == "unknown"
        signs.set_fault("refuse", address=3)
        assert driver.show(SignText(3, "A002"), DEADLINE_S).kind in ("not_done", "unknown")


def test_a_hall_sign_shows_rows_top_to_bottom_in_every_protocol() -> None:
    codecs: list[SignCodec] = [
        FrameCodec(load(SIGNS / "hall.toml"), 4),
        OnbonCodec(Screen(128, 64), 4),
        ModbusCodec(Registers(width=12, coding="gbk"), "rtu", 4),
        AlphaCodec(4),
    ]
    for each in codecs:
        signs = SignSimulator("127.0.0.1", 0, each, columns=192)
        signs.start()
        driver = CodecSign(signs.where, each)
        driver.open()
        rows = ("A001 请到 3 号窗口", "B002 请到 1 号窗口")
        assert driver.show(SignRows(2, rows), 2.0).kind == "done"
        expected = "A001 -> 3\nB002 -> 1" if isinstance(each, AlphaCodec) else "\n".join(rows)
        assert signs.wait_for(2, expected)
        assert driver.show(SignRows(2, ("C003 请到 2 号窗口",)), 2.0).kind == "done"  # the others go dark
        assert signs.wait_for(2, "C003 -> 2" if isinstance(each, AlphaCodec) else "C003 请到 2 号窗口")
        assert "rows = 5" in driver.show(SignRows(2, ("",) * 5), 2.0).detail
        driver.close()
        signs.stop()
