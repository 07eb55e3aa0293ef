"""Modbus signs: published bytes, and a real Modbus server that somebody else wrote, over TCP and over RTU on a pty."""

import asyncio
import os
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.fdline import FdLine
from devices.led.codec import Asked, Level, Seen
from devices.led.driver import CodecSign, ModbusSign
from devices.led.frames import BadFrame, FrameError
from devices.led.modbus import ModbusCodec, Registers, ascii_of, text_of, values_of
from devices.ports import DONE, SignRows, SignText
from devices.transport import Line

CALL = SignText(3, "A1001 请到3号窗口")


def test_the_frames_of_the_research_byte_for_byte() -> None:
    (raw,) = ModbusCodec(Registers(), "rtu").frames(CALL)
    assert raw.hex(" ") == "03 10 00 00 00 02 04 00 41 03 e9 69 7d"
    (raw,) = ModbusCodec(Registers(width=1, function=6), "rtu").frames(CALL)
    assert raw.hex(" ") == "03 06 00 00 03 e9 49 56"
    (raw,) = ModbusCodec(Registers(), "tcp").frames(CALL)
    assert raw.hex(" ") == "00 01 00 00 00 0b 03 10 00 00 00 02 04 00 41 03 e9"


@pytest.mark.parametrize(
    ("registers", "values", "shown"),
    [
        (Registers(), [65, 12], "A012"),
        (Registers(width=1), [12], "012"),
        (Registers(width=4, coding="digits", blank=15), [15, 0, 1, 2], "012"),
        (Registers(width=4, coding="ascii"), [0x4130, 0x3132, 0x202D, 0x3E20], "A012 ->"),
        (Registers(width=5, coding="gbk"), [0x4130, 0x3132, 0x20C7, 0xEBB5, 0xBD33], "A012 请到3"),
    ],
)
def test_a_ticket_in_registers(registers: Registers, values: list[int], shown: str) -> None:
    assert values_of("A012 请到3号窗口", registers) == values
    assert text_of(values, registers) == shown


def test_what_is_no_number_leaves_a_number_sign_dark() -> None:
    assert text_of(values_of("暂停服务", Registers()), Registers()) == ""
    assert ascii_of("A001 请到3号窗口") == "A001 -> 3" and ascii_of("暂停服务") == ""


@pytest.mark.parametrize("framing", ["rtu", "tcp"])
@settings(max_examples=40, deadline=None)
@given(address=st.integers(1, 247), number=st.integers(1, 9999), function=st.sampled_from([6, 16]))
def test_one_byte_at_a_time(framing: Any, address: int, number: int, function: Any) -> None:
    codec = ModbusCodec(Registers(function=function, dim=9), framing)
    reader = codec.reader()
    raws = codec.frames(SignText(address, f"B{number:03d}")) + codec.dim(address, 40)
    items = [item for raw in raws for byte in raw for item in reader.feed(bytes((byte,)))]
    assert all(isinstance(item, Seen) for item in items)
    seen = [item for item in items if isinstance(item, Seen)]
    assert seen[-2].what == SignText(address, f"B{number:03d}") and seen[-1].what == Level(address, 40)
    for raw, item in zip(raws, seen, strict=True):
        echo = b"" if function == 6 else raw
        assert codec.verdict(echo + item.yes, address, raw) == DONE
        no = codec.verdict(raw + item.no, address, raw) if function == 16 else codec.verdict(item.no, address, raw)
        assert no is not None and no.kind == "not_done" and "exception 4" in no.detail
        assert codec.verdict(item.yes[:-1], address, raw) is None


def test_an_answer_of_another_sign_or_question_is_none() -> None:
    codec = ModbusCodec(Registers(), "tcp")
    (first,), (second,) = codec.frames(CALL), codec.frames(CALL)
    (seen,) = codec.reader().feed(first)
    assert isinstance(seen, Seen) and codec.verdict(seen.yes, 3, second) is None


def test_wrong_bytes_are_told_and_silence_mends_them() -> None:
    codec = ModbusCodec(Registers(), "rtu")
    (raw,) = codec.frames(CALL)
    reader = codec.reader()
    assert isinstance(reader.feed(raw[:-1] + b"\x00")[0], BadFrame)
    assert reader.feed(raw[:5]) == [] and isinstance(reader.idle()[0], BadFrame)
    assert isinstance(reader.feed(raw)[0], Seen)
    with pytest.raises(FrameError, match="1 to 247"):
        codec.frames(SignText(0, "A001"))


def test_the_sign_can_be_asked_what_it_holds() -> None:
    codec = ModbusCodec(Registers(), "rtu")
    reader = codec.reader()
    reader.feed(codec.frames(CALL)[0])
    (asked,) = reader.feed(bytes.fromhex("03 03 00 00 00 02 c5 e9"))
    assert isinstance(asked, Seen) and asked.what == Asked(3)
    assert asked.yes.hex(" ") == "03 03 04 00 41 03 e9 48 99"


def test_the_rows_of_a_hall_sign_stand_one_behind_the_other() -> None:
    codec = ModbusCodec(Registers(first=10, width=2, row_step=4), "rtu", rows=3)
    raws = codec.frames(SignRows(2, ("A001", "B002")))
    reader = codec.reader()
    assert [raw[2:4].hex() for raw in raws] == ["000a", "000e", "0012"]
    last = [reader.feed(raw)[0] for raw in raws][-1]
    assert isinstance(last, Seen) and last.what == SignRows(2, ("A001", "B002", ""))


# --- a server that is not ours -------------------------------------------------------------------------------------


@contextmanager
def served(make: Callable[[SimDevice], Any]) -> Iterator[Any]:
    """A pymodbus server with unit 3, 20 registers, in a loop of its own."""
    ready, box = threading.Event(), dict[str, Any]()

    async def main() -> None:
        device = SimDevice(3, simdata=[SimData(0, count=20, values=0, datatype=DataType.REGISTERS)])
        box["server"], box["loop"], box["end"] = make(device), asyncio.get_running_loop(), asyncio.Event()
        await box["server"].serve_forever(background=True)
        ready.set()
        await box["end"].wait()
        await box["server"].shutdown()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield box
    finally:
        box["loop"].call_soon_threadsafe(box["end"].set)
        thread.join(10)
        assert not thread.is_alive()


def held(box: dict[str, Any], count: int) -> list[int]:
    """The server's registers from 0 on."""
    future = asyncio.run_coroutine_threadsafe(box["server"].async_getValues(3, 3, 0, count), box["loop"])
    return list(future.result(5))


def test_a_real_modbus_tcp_server_takes_the_ticket() -> None:
    with served(lambda device: ModbusTcpServer(device, address=("127.0.0.1", 0))) as box:
        port = box["server"].transport.sockets[0].getsockname()[1]
        driver = ModbusSign(f"tcp://127.0.0.1:{port}", Registers(dim=5), "tcp")
        driver.open()
        try:
            assert driver.show(CALL, 2.0) == DONE
            assert held(box, 2) == [65, 1001]
            assert driver.dim(40, 2.0) == DONE
            assert held(box, 6)[5] == 40
            unknown_unit = driver.show(SignText(9, "A001"), 2.0)
            assert unknown_unit.kind == "not_done" and "exception 4" in unknown_unit.detail
            assert driver.probe().state == "ready"
        finally:
            driver.close()
        outside = CodecSign(f"tcp://127.0.0.1:{port}", ModbusCodec(Registers(first=19), "tcp"))
        outside.open()
        try:
            refused = outside.show(CALL, 2.0)
            assert refused.kind == "not_done" and "exception 2" in refused.detail
        finally:
            outside.close()


@pytest.mark.parametrize("function", [6, 16])
def test_a_real_modbus_rtu_server_on_a_pty_takes_the_ticket(function: Any) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)

    def opener(where: str) -> Line:
        return FdLine(where, master, lambda: os.close(master))

    with served(lambda device: ModbusSerialServer(device, port=os.ttyname(slave), baudrate=9600)) as box:
        driver = ModbusSign("pty", Registers(function=function), "rtu", opener)
        driver.open()
        try:
            assert driver.show(CALL, 2.0) == DONE
            assert held(box, 2) == [65, 1001]
        finally:
            driver.close()
    os.close(slave)
