"""Onbon (仰邦) BX-5K/6K font cards: GBK text in a real-time area, RS-232, RS-485 or TCP. Pure.

Frame: A5×8 | destination LE2 | source LE2 (8000h) | reserved 3 | bar code 1 | check mode 1 (0 = CRC-16/ARC) |
display mode 1 | device FE | version 02 | length LE2 | data | CRC LE2 | 5A; the CRC covers header and data.
Source: the maker's public document "BK-5K/6K 通讯协议用户版本" 1.4 of 2021-02-28 (doc.onbonbx.com/zh/k/potocol): §3 frame
and §3.3 escapes (A5 → A6 02, A6 → A6 01, 5A → 5B 02, 5B → 5B 01 between A5×8 and the last 5A; length and CRC are made
before escaping), §6 errors, §7 answers (A0 00 = yes, A0 01 = no and why), §8.2 real-time area, §8.17 brightness, §11.1 the
text's own escapes, of which only the line feed, a backslash and an n, is used here. Layout, CRC and answers are checked in
the tests against the document's frames and a capture of a running station.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.led.checksums import crc16_arc
from devices.led.codec import Asked, Level, Seen, Shown, hall_rows, refused
from devices.led.frames import BadFrame, FrameError
from devices.ports import DONE, Outcome, SignRows, SignText

START, END = b"\xa5" * 8, 0x5A
HOST = 0x8000
BROADCAST = 0xFFFF  # nobody answers
ANSWERED_BROADCAST = 0xFFFE
HEADER = 14
TEXT_LIMIT = 512  # what the smallest card (5K) takes for one area
BRIGHTEST = 15  # §8.17: 16 steps
NEW_LINE = "\\n"  # §11.1: two characters
PIXELS = 0x8000  # bit 15 of X and W: counted in dots
_ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
_MEANT = {sent: byte for byte, sent in _ESCAPES.items()}
_PAIR = re.compile(rb"[\xa6\x5b][\x01\x02]")
_BARE = re.compile(rb"[\xa5\x5a]|[\xa6\x5b](?![\x01\x02])")
ERRORS = {
    1: "command group 命令分组错误",
    2: "command 无此命令",
    3: "busy 控制卡忙",
    4: "out of memory 内存不足",
    5: "CRC 校验错误",
    12: "no such font 字库不存在",
    13: "other type of card 控制卡型号不符",
}


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
            begin = raw.rfind(START[:1])  # §3: one of the eight is enough, the others may be lost on the line
            if begin < 0:
                found.append(BadFrame(raw, "no A5 before 5A"))
                continue
            try:
                found.append(unpack(raw[begin + 1 : -1]))
            except ValueError as error:
                found.append(BadFrame(raw, str(error)))
        if len(self._buffer) > 2 * (1024 + HEADER + 48):
            found.append(BadFrame(self._buffer, "the frame does not end"))
            self._buffer = b""
        return found

    def feed(self, data: bytes) -> list[Seen | BadFrame]:
        return [self._seen(item) for item in self.packets(data)]

    def idle(self) -> list[Seen | BadFrame]:
        raw, self._buffer = self._buffer, b""
        return [BadFrame(raw, "the frame does not end")] if raw else []

    def _seen(self, item: Packet | BadFrame) -> Seen | BadFrame:
        if isinstance(item, BadFrame):
            return item
        address = item.destination
        yes, no = answer(address, ok=True), answer(address, ok=False)
        if item.data[:2] == b"\xa2\x00":  # §8.7: ping
            return Seen(Asked(address), yes, no)
        try:
            if item.data[:2] == b"\xa3\x02" and len(item.data) == 7 and item.data[5] == 1:
                return Seen(Level(address, round(item.data[6] * 100 / BRIGHTEST)), yes, no)
            rows = text_of(item.data).decode("gbk", "replace").split(NEW_LINE)
        except ValueError as error:
            return BadFrame(item.data, str(error))
        return Seen(SignText(address, rows[0]) if len(rows) == 1 else SignRows(address, tuple(rows)), yes, no)


def answer(address: int, *, ok: bool, error: int = 3) -> bytes:
    """What the card at `address` says to a command: ACK, or NACK with an error of §6."""
    return pack(Packet(HOST, address, bytes([0xA0, 0x00 if ok else 0x01, 0x00 if ok else error, 0x00, 0x00])))


class OnbonCodec:
    """`blink` is not shown: the document has no display mode that blinks. The rows of a hall sign are the lines of one area."""

    within_s = 1.0
    tries = 2

    def __init__(self, screen: Screen, rows: int = 1) -> None:
        self._screen = screen
        self.rows = rows

    def encode(self, text: SignText) -> bytes:
        """The frame of one text."""
        return self._area(text.address, _plain(text.text))

    def frames(self, shown: Shown) -> list[bytes]:
        if isinstance(shown, SignText):
            return [self.encode(shown)]
        return [self._area(shown.address, NEW_LINE.join(_plain(row) for row in hall_rows(shown, self.rows)))]

    def _area(self, address: int, text: str) -> bytes:
        data = text.encode("gbk", "replace")
        if len(data) > TEXT_LIMIT:
            raise FrameError(f"text of {len(data)} bytes 文字过长: at most {TEXT_LIMIT}")
        return pack(Packet(_checked(address), HOST, area(data, self._screen)))

    def dim(self, address: int, level: int) -> list[bytes]:
        """§8.17: forced brightness, 0 to 15."""
        step = round(level * BRIGHTEST / 100)
        return [pack(Packet(_checked(address), HOST, bytes([0xA3, 0x02, 0x01, 0x00, 0x00, 0x01, step])))]

    def verdict(self, received: bytes, address: int, sent: bytes) -> Outcome | None:
        for packet in OnbonReader().packets(received):
            if isinstance(packet, Packet) and packet.source == address and packet.data[:1] == b"\xa0":
                if packet.data[1:2] == b"\x00":
                    return DONE
                error = packet.data[2] if len(packet.data) > 2 else 0
                return refused(address, ERRORS.get(error, f"error {error}"))
        return None

    def greeted(self, received: bytes) -> set[int]:
        """The document has no frame for that."""
        return set()

    def greeting(self, address: int) -> bytes:
        return b""

    def reader(self) -> OnbonReader:
        return OnbonReader()


def _plain(text: str) -> str:
    """A backslash would begin one of the card's own escapes, as a colour or a font."""
    return text.replace("\\", "/")


def _checked(address: int) -> int:
    if not 0 < address < HOST:
        raise FrameError(f"Onbon address {address} 地址超出范围: use 1 to {HOST - 1}")
    return address


def _unescaped(inner: bytes) -> bytes:
    if bare := _BARE.search(inner):
        raise ValueError(f"byte {inner[bare.start()]:02x} at {bare.start()} is not escaped")
    return _PAIR.sub(lambda pair: bytes((_MEANT[pair[0]],)), inner)
