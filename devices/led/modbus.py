"""Number signs that are Modbus slaves, RTU or TCP: a ticket in holding registers, written by function 16 or 06. Pure.

Sources: "Modbus Application Protocol" V1.1b3 §6.6 (06), §6.12 (16), §7 (exceptions); "Modbus over Serial Line" V1.02 §2.5.1 (RTU:
address | PDU | CRC-16 LE); "Modbus Messaging on TCP/IP" V1.0b §3.1.3 (MBAP: transaction 2 | protocol 2 = 0 | length 2 | unit 1).
pymodbus makes and checks the frames; its client and transports are not used: the bytes go over our own line.

An answer is known byte for byte (address and count come back), so an echo of the request does not look like one. That of
function 06 is the request itself, so on a line that echoes, 06 proves nothing: hence 16 unless the sign knows only 06.
A gateway that knows no such unit id answers exception 4 or 0A or 0B, not silence: it is told as a question after the address.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    WriteMultipleRegistersRequest,
    WriteMultipleRegistersResponse,
    WriteSingleRegisterRequest,
    WriteSingleRegisterResponse,
)

from devices.led.codec import DARK, Asked, Level, Seen, Shown, hall_rows, no_brightness, refused
from devices.led.frames import BadFrame, FrameError
from devices.ports import DONE, Outcome, SignRows, SignText

Framing = Literal["rtu", "tcp"]
Coding = Literal["ticket", "digits", "ascii", "gbk"]
FRAME_LIMIT = 260  # bytes of the longest frame, MBAP's
MOST_REGISTERS = 123  # of one function 16
MOST_READ = 125  # of one function 03
_TICKET = re.compile(r"([A-Z]*)(\d+)")
EXCEPTIONS = {
    1: "it does not know this function 不支持该功能码: try the other of function = 6 and 16",
    2: "it has no such register 无此寄存器: check register and width",
    3: "the value is out of range 数值超出范围: check coding",
    4: "the sign failed, or there is no sign of this address 屏故障或无此地址: check the sign's address",
    6: "busy 忙",
    10: "the gateway cannot reach it 网关不可达: check the sign's address",
    11: "the gateway got no answer from it 网关无应答: check the sign's address and power",
}


@dataclass(frozen=True, slots=True)
class Registers:
    """Where the sign keeps what it shows. `coding`: ticket = the series' letter (or 0) and then the number, one register each;
    digits = `width` registers with one figure each, 0 to 9, dark ones `blank`; ascii and gbk = two characters a register,
    blanks behind. A hall sign's next row begins `row_step` registers further."""

    first: int = 0
    width: int = 2
    coding: Coding = "ticket"
    function: Literal[6, 16] = 16
    blank: int = 0
    row_step: int = 0
    dim: int | None = None
    dim_max: int = 100


def values_of(text: str, registers: Registers) -> list[int]:
    """A text as the values of `width` registers. What the coding cannot hold is left out: a number sign shows numbers."""
    width = registers.width
    if registers.coding in ("ascii", "gbk"):
        data = bytearray()
        for char in text if registers.coding == "gbk" else ascii_of(text):
            piece = char.encode(registers.coding, "replace")
            if len(data) + len(piece) > 2 * width:
                break
            data += piece
        return list(struct.unpack(f">{width}H", bytes(data).ljust(2 * width)))
    found = _TICKET.search(text)
    if registers.coding == "ticket":
        series, number = (found[1], int(found[2])) if found else ("", 0)
        return [ord(series[-1]) if series else 0, min(number, 0xFFFF)][-width:]
    figures = [int(figure) for figure in found[2]][-width:] if found else []
    return [registers.blank] * (width - len(figures)) + figures


def text_of(values: list[int], registers: Registers) -> str:
    """What a sign with these registers shows."""
    if registers.coding in ("ascii", "gbk"):
        return struct.pack(f">{len(values)}H", *values).decode(registers.coding, "replace").rstrip()
    if registers.coding == "ticket":
        letter = chr(values[0]) if len(values) > 1 and 65 <= values[0] <= 90 else ""
        return f"{letter}{values[-1]:03d}" if letter or values[-1] else DARK
    figures = [str(value) for value in values if value <= 9 and value != registers.blank]
    first = next((at for at, value in enumerate(values) if value != registers.blank), len(values))
    return "".join(str(value) for value in values[first:] if value <= 9) if figures else DARK


def ascii_of(text: str) -> str:
    """What a sign without Chinese can say of it: "A001 请到3号窗口" → "A001 -> 3"."""
    return " -> ".join(part.strip() for part in re.findall(r"[\x20-\x7e]+", text) if part.strip())


class ModbusCodec:
    """`within_s`: a sign answers within some frames' time; 0.5 s bears a slow gateway too."""

    tries = 2
    within_s = 0.5

    def __init__(self, registers: Registers, framing: Framing, rows: int = 1) -> None:
        self._r = registers
        self._framer = _framer(framing, server=False)
        self._framing = framing
        self.rows = rows
        self._transaction = 0

    def frames(self, shown: Shown) -> list[bytes]:
        if isinstance(shown, SignText):
            return self._write(shown.address, self._r.first, values_of(shown.text, self._r))
        rows = hall_rows(shown, self.rows)
        step = self._r.row_step or self._r.width
        return [
            raw
            for n, text in enumerate(rows)
            for raw in self._write(shown.address, self._r.first + n * step, values_of(text, self._r))
        ]

    def dim(self, address: int, level: int) -> list[bytes]:
        if self._r.dim is None:
            raise no_brightness("Modbus sign without dim_register")
        return self._write(address, self._r.dim, [round(level * self._r.dim_max / 100)])

    def _write(self, address: int, register: int, values: list[int]) -> list[bytes]:
        if not 1 <= address <= 247:
            raise FrameError(f"Modbus address {address} 地址超出范围: use 1 to 247")
        if register + len(values) > 0x10000:
            raise FrameError(f"register {register + len(values) - 1} does not exist 寄存器超出范围: at most 65535")
        pdus: list[ModbusPDU]
        if self._r.function == 6:
            pdus = [WriteSingleRegisterRequest(address=register + n, registers=[v]) for n, v in enumerate(values)]
        else:
            pdus = [WriteMultipleRegistersRequest(address=register, count=len(values), registers=values)]
        frames = []
        for pdu in pdus:
            self._transaction = self._transaction % 0xFFFF + 1
            pdu.dev_id, pdu.transaction_id = address, self._transaction
            frames.append(self._framer.buildFrame(pdu))
        return frames

    def verdict(self, received: bytes, address: int, sent: bytes) -> Outcome | None:
        """The one answer that means yes is known; an exception is looked for at every offset, for an echo may stand before it."""
        request = _decode(_framer(self._framing, server=True), sent)
        if request is None:
            return None
        if self._framer.buildFrame(_yes(request)) in received:
            return DONE
        mark = bytes([address, request.function_code | 0x80])
        at = received.find(mark)
        while 0 <= at < len(received) - 2:
            code = received[at + 2]
            if _exception(self._framer, request, code) in received:
                return refused(address, f"exception {code}: {EXCEPTIONS.get(code, 'see its sheet 请查手册')}")
            at = received.find(mark, at + 1)
        return None

    def greeted(self, received: bytes) -> set[int]:
        """A slave never speaks unasked."""
        return set()

    def greeting(self, address: int) -> bytes:
        return b""

    def reader(self) -> ModbusReader:
        return ModbusReader(self._r, self._framing, self.rows)


class ModbusReader:
    """The slave's end: requests as they come → what the sign shows. It keeps each address's registers."""

    def __init__(self, registers: Registers, framing: Framing, rows: int = 1) -> None:
        self._r, self._framing, self._rows = registers, framing, rows
        self._framer = _framer(framing, server=True)
        self._kept: dict[int, dict[int, int]] = {}
        self._buffer = b""

    def feed(self, data: bytes) -> list[Seen | BadFrame]:
        self._buffer += data
        found: list[Seen | BadFrame] = []
        while size := self._size():
            raw, self._buffer = self._buffer[:size], self._buffer[size:]
            request = _decode(self._framer, raw)
            if isinstance(request, ReadHoldingRegistersRequest):
                found.append(self._asked(request))
            elif request is None:
                # RTU has no head: after a wrong byte only silence tells where the next frame begins.
                found += [BadFrame(raw + self._buffer, "CRC or contents: expected function 03, 06 or 16")]
                self._buffer = b""
            else:
                found.append(self._seen(request))
        return found

    def idle(self) -> list[Seen | BadFrame]:
        raw, self._buffer = self._buffer, b""
        return [BadFrame(raw, "the frame does not end")] if raw else []

    def _size(self) -> int:
        """Bytes of the frame that the buffer begins with; 0 = it is not all there yet."""
        buffer = self._buffer
        if self._framing == "tcp":
            size = 6 + int.from_bytes(buffer[4:6], "big") if len(buffer) >= 6 else 0
        elif len(buffer) < 7:
            return 0
        else:
            size = {3: 8, 6: 8, 16: 9 + buffer[6]}.get(buffer[1], len(buffer))
        size = min(size, FRAME_LIMIT)
        return size if 0 < size <= len(buffer) else 0

    def _asked(self, request: ModbusPDU) -> Seen:
        kept = self._kept.get(request.dev_id, {})
        values = [kept.get(request.address + n, self._r.blank) for n in range(request.count)]
        answer = ReadHoldingRegistersResponse(registers=values)
        answer.dev_id, answer.transaction_id = request.dev_id, request.transaction_id
        return Seen(Asked(request.dev_id), self._framer.buildFrame(answer), _exception(self._framer, request, 4))

    def _seen(self, request: ModbusPDU) -> Seen | BadFrame:
        address = request.dev_id
        kept = self._kept.setdefault(address, {})
        for n, value in enumerate(request.registers):
            kept[request.address + n] = value
        yes, no = self._framer.buildFrame(_yes(request)), _exception(self._framer, request, 4)
        if self._r.dim is not None and request.address == self._r.dim:
            return Seen(Level(address, round(request.registers[0] * 100 / self._r.dim_max)), yes, no)
        step = self._r.row_step or self._r.width
        texts = [self._text(kept, self._r.first + n * step) for n in range(self._rows)]
        what = SignText(address, texts[0]) if self._rows == 1 else SignRows(address, tuple(texts))
        return Seen(what, yes, no)

    def _text(self, kept: dict[int, int], first: int) -> str:
        values = [kept.get(first + n, self._r.blank) for n in range(self._r.width)]
        return text_of(values, self._r)


def _framer(framing: Framing, *, server: bool) -> FramerBase:
    return (FramerRTU if framing == "rtu" else FramerSocket)(DecodePDU(is_server=server))


def _decode(framer: FramerBase, raw: bytes) -> ModbusPDU | None:
    """A request of function 03, 06 or 16, whole; None for anything else. pymodbus's own errors end here."""
    tcp = isinstance(framer, FramerSocket)
    if tcp and (raw[2:4] != b"\x00\x00" or int.from_bytes(raw[4:6], "big") != len(raw) - 6):
        return None
    if not _is_request(raw[7:] if tcp else raw[1:-2]):
        return None  # looked at before pymodbus does, which would log every byte of noise
    try:
        used, pdu = framer.handleFrame(raw, 0, 0)
    except (ModbusException, ValueError, IndexError, struct.error):
        return None
    known = (ReadHoldingRegistersRequest, WriteSingleRegisterRequest, WriteMultipleRegistersRequest)
    return pdu if used == len(raw) and isinstance(pdu, known) else None


def _is_request(pdu: bytes) -> bool:
    """A whole request of function 03, 06 or 16."""
    if pdu[:1] == b"\x06":
        return len(pdu) == 5
    if pdu[:1] == b"\x03":
        return len(pdu) == 5 and 1 <= int.from_bytes(pdu[3:5], "big") <= MOST_READ
    if pdu[:1] != b"\x10" or len(pdu) < 6:
        return False
    count = int.from_bytes(pdu[3:5], "big")
    return 1 <= count <= MOST_REGISTERS and pdu[5] == 2 * count and len(pdu) == 6 + 2 * count


def _yes(request: ModbusPDU) -> ModbusPDU:
    answer: ModbusPDU
    if isinstance(request, WriteSingleRegisterRequest):
        answer = WriteSingleRegisterResponse(address=request.address, registers=request.registers)
    else:
        answer = WriteMultipleRegistersResponse(address=request.address, count=len(request.registers))
    answer.dev_id, answer.transaction_id = request.dev_id, request.transaction_id
    return answer


def _exception(framer: FramerBase, request: ModbusPDU, code: int) -> bytes:
    answer = ExceptionResponse(request.function_code, code, device_id=request.dev_id)
    answer.transaction_id = request.transaction_id
    return framer.buildFrame(answer)
