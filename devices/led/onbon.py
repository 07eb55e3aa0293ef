"""Onbon (仰邦) BX-5K/6K font cards: GBK text in a real-time area, RS-232, RS-485 or TCP. Pure.

Frame: A5×8 | destination LE2 | source LE2 (8000h) | reserved 3 | bar code 1 | check mode 1 (0 = CRC-16/ARC) |
display mode 1 | device FE | version 02 | length LE2 | data | CRC LE2 | 5A; the CRC covers header and data.
Source: the maker's public page doc.onbonbx.com/zh/k/potocol; layout and CRC are checked in the tests against frames
published by others, one of them a capture of a running station.

Not confirmed by any published frame, taken from the trade's habit: the escapes (A5 → A6 02, A6 → A6 01, 5A → 5B 02,
5B → 5B 01 between A5×8 and the last 5A; `length` counts before escaping), and the answer's data A0 00 = yes, A0 01 = no.
Look at the first real card's hex log before relying on them: ticket letter Z is 5A.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.led.checksums import crc16_arc
from devices.led.frames import BadFrame, FrameError
from devices.ports import SignText

START, END = b"\xa5" * 8, 0x5A
HOST = 0x8000
BROADCAST = 0xFFFF  # nobody answers
ANSWERED_BROADCAST = 0xFFFE
HEADER = 14
TEXT_LIMIT = 1024
PIXELS = 0x8000  # bit 15 of X and W: counted in dots
_ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
_MEANT = {sent: byte for byte, sent in _ESCAPES.items()}


@dataclass(frozen=True, slots=True)
class Screen:
    """The panel behind the card, in dots. `stay` is in units of 0.5 s; 1 = static display."""

    columns: int = 128
    rows: int = 16
    mode: int = 1
    speed: int = 2
    stay: int = 10


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame, unescaped."""

    destination: int
    source: int
    data: bytes


def pack(packet: Packet) -> bytes:
    head = packet.destination.to_bytes(2, "little") + packet.source.to_bytes(2, "little")
    body = head + bytes(6) + b"\xfe\x02" + len(packet.data).to_bytes(2, "little") + packet.data
    body += crc16_arc(body).to_bytes(2, "little")
    return START + b"".join(_ESCAPES.get(byte, bytes((byte,))) for byte in body) + bytes((END,))


def unpack(inner: bytes) -> Packet:
    """`inner` is what stands between A5×8 and 5A, still escaped. Raises ValueError: expected and got."""
    body = _unescaped(inner)
    if len(body) < HEADER + 2:
        raise ValueError(f"expected at least {HEADER + 2} bytes, got {len(body)}")
    length = int.from_bytes(body[12:14], "little")
    if len(body) != HEADER + length + 2:
        raise ValueError(f"length {length} expects {HEADER + length + 2} bytes, got {len(body)}")
    expected = crc16_arc(body[:-2]).to_bytes(2, "little")
    if body[-2:] != expected:
        raise ValueError(f"CRC: expected {expected.hex(' ')}, got {body[-2:].hex(' ')}")
    return Packet(int.from_bytes(body[:2], "little"), int.from_bytes(body[2:4], "little"), body[HEADER:-2])


def area(text: bytes, screen: Screen) -> bytes:
    """The data that replaces the real-time area 0, which covers the whole panel, and asks for an answer."""
    zone = bytes([0x00]) + PIXELS.to_bytes(2, "little") + bytes(2)
    zone += (screen.columns | PIXELS).to_bytes(2, "little") + screen.rows.to_bytes(2, "little")
    zone += bytes([0x00, 0x00, 0x00, 0x0A, 0x00, 0, 0, 0])  # area number, line gap, run mode, time-out LE2, reserved
    zone += bytes([0x02, 0x01, screen.mode, 0x00, screen.speed, screen.stay])  # lines, wrapping, …, way out, …
    zone += len(text).to_bytes(4, "little") + text
    return bytes([0xA3, 0x06, 0x01, 0x00, 0x00, 0x00, 0x01]) + len(zone).to_bytes(2, "little") + zone


def text_of(data: bytes) -> bytes:
    """The text of a real-time area; ValueError if the data is something else."""
    if data[:2] != b"\xa3\x06":
        raise ValueError(f"command: expected a3 06, got {data[:2].hex(' ')}")
    if len(data) < 36 or len(data) - 36 != int.from_bytes(data[32:36], "little"):
        raise ValueError(f"text length {data[32:36].hex(' ')} does not fit {len(data)} bytes")
    return data[36:]


class OnbonReader:
    """Bytes as they come → packets. An A5 never stands inside a frame, so a cut frame ends where the next begins."""

    def __init__(self) -> None:
        self._buffer = b""

    def packets(self, data: bytes) -> list[Packet | BadFrame]:
        self._buffer += data
        found: list[Packet | BadFrame] = []
        while (end := self._buffer.find(END)) >= 0:
            raw, self._buffer = self._buffer[: end + 1], self._buffer[end + 1 :]
            begin = raw.rfind(START)
            if begin < 0:
                found.append(BadFrame(raw, "no A5×8 before 5A"))
                continue
            try:
                found.append(unpack(raw[begin + len(START) : -1]))
            except ValueError as error:
                found.append(BadFrame(raw, str(error)))
        if len(self._buffer) > 2 * (TEXT_LIMIT + HEADER + 48):
            found.append(BadFrame(self._buffer, "the frame does not end"))
            self._buffer = b""
        return found

    def feed(self, data: bytes) -> list[SignText | BadFrame]:
        return [self._text(item) for item in self.packets(data)]

    def idle(self) -> list[SignText | BadFrame]:
        raw, self._buffer = self._buffer, b""
        return [BadFrame(raw, "the frame does not end")] if raw else []

    def _text(self, item: Packet | BadFrame) -> SignText | BadFrame:
        if isinstance(item, BadFrame):
            return item
        try:
            return SignText(item.destination, text_of(item.data).decode("gbk", "replace"))
        except ValueError as error:
            return BadFrame(item.data, str(error))


class OnbonCodec:
    """`blink` is not shown: the card blinks by a display mode of its own that no published frame has."""

    within_s = 1.0
    tries = 2

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def encode(self, text: SignText) -> bytes:
        if not 0 < text.address < HOST:
            raise FrameError(f"Onbon address {text.address} 地址超出范围: use 1 to {HOST - 1}")
        data = text.text.encode("gbk", "replace")
        if len(data) > TEXT_LIMIT:
            raise FrameError(f"text of {len(data)} bytes 文字过长: at most {TEXT_LIMIT}")
        return pack(Packet(text.address, HOST, area(data, self._screen)))

    def verdict(self, received: bytes, address: int) -> bool | None:
        for packet in OnbonReader().packets(received):
            if isinstance(packet, Packet) and packet.source == address and packet.data[:1] == b"\xa0":
                return packet.data[1:2] == b"\x00"
        return None

    def answer(self, address: int, *, ok: bool) -> bytes:
        return pack(Packet(HOST, address, bytes([0xA0, 0x00 if ok else 0x01, 0x00, 0x00, 0x00])))

    def reader(self) -> OnbonReader:
        return OnbonReader()


def _unescaped(inner: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(inner):
        pair = inner[at : at + 2]
        if pair in _MEANT:
            out.append(_MEANT[pair])
            at += 2
        elif inner[at] in _ESCAPES:
            raise ValueError(f"byte {inner[at]:02x} at {at} is not escaped")
        else:
            out.append(inner[at])
            at += 1
    return bytes(out)
