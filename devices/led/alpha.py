"""Alpha, BetaBrite and EZ95 signs ("M-Protocol"), 7E1, without Chinese: text file A, replaced as a whole. Pure.

Source: "Alpha Sign Communications Protocol" 97088061 rev. F, 2006-03-10: §5.1 packet (NUL×5 SOH type address2 STX command data
ETX checksum4 EOT; the checksum is the 16-bit sum STX to ETX in four hex figures), §6.1 write text file (A, label, ESC position
mode), appendix I modes (b = hold, c = flash). "Z" is every type of sign; address 01 to FF in hex figures, 00 is all of them.

The sign answers nothing, so a text counts as shown once it is written, and only repainting brings it back after a power cut.
Its brightness (special function 2Fh) exists on Solar signs only, says §6.2: `dim` is refused.
What is not ASCII cannot be shown and is left out: "A001 请到3号窗口" → "A001 -> 3", "暂停服务" → a dark sign.
A pty cannot do 7 data bits with parity; over tcp the serial server does that, so tests use tcp.
"""

from __future__ import annotations

from devices.led.codec import Seen, Shown, hall_rows, no_brightness
from devices.led.frames import BadFrame, FrameError
from devices.led.modbus import ascii_of
from devices.ports import Outcome, SignRows, SignText

WAKE = bytes(5)  # the sign finds the speed of the line by them
SOH, STX, ETX, EOT, ESC, CR = 0x01, 0x02, 0x03, 0x04, 0x1B, 0x0D
TYPE, LABEL, FILL = ord("Z"), ord("A"), ord("0")
HOLD, FLASH = ord("b"), ord("c")
TEXT_LIMIT = 125
FRAME_LIMIT = 400


def pack(address: int, data: bytes) -> bytes:
    """`data` begins with the command; 7-bit."""
    body = bytes([STX]) + data + bytes([ETX])
    return WAKE + bytes([SOH, TYPE]) + b"%02X" % address + body + b"%04X" % (sum(body) & 0xFFFF) + bytes([EOT])


class AlphaCodec:
    """`within_s` 0: one way only."""

    within_s = 0.0
    tries = 1

    def __init__(self, rows: int = 1) -> None:
        self.rows = rows

    def frames(self, shown: Shown) -> list[bytes]:
        blink = isinstance(shown, SignText) and shown.blink
        texts = [shown.text] if isinstance(shown, SignText) else hall_rows(shown, self.rows)
        if not 1 <= shown.address <= 0xFF:
            raise FrameError(f"Alpha address {shown.address} 地址超出范围: use 1 to 255")
        text = "\r".join(ascii_of(text) for text in texts).encode("ascii")
        if len(text) > TEXT_LIMIT:
            raise FrameError(f"text of {len(text)} bytes 文字过长: at most {TEXT_LIMIT}")
        head = bytes([ord("A"), LABEL, ESC, FILL, FLASH if blink else HOLD])
        return [pack(shown.address, head + text)]

    def dim(self, address: int, level: int) -> list[bytes]:
        raise no_brightness("Alpha")

    def verdict(self, received: bytes, address: int, sent: bytes) -> Outcome | None:
        return None

    def greeted(self, received: bytes) -> set[int]:
        return set()

    def greeting(self, address: int) -> bytes:
        return b""

    def reader(self) -> AlphaReader:
        return AlphaReader(self.rows)


class AlphaReader:
    """The sign's end."""

    def __init__(self, rows: int = 1) -> None:
        self._rows = rows
        self._buffer = b""

    def feed(self, data: bytes) -> list[Seen | BadFrame]:
        self._buffer += bytes(byte & 0x7F for byte in data)  # the eighth bit is the parity
        found: list[Seen | BadFrame] = []
        while (end := self._buffer.find(bytes([EOT]))) >= 0:
            raw, self._buffer = self._buffer[: end + 1], self._buffer[end + 1 :]
            found.append(self._seen(raw))
        if len(self._buffer) > FRAME_LIMIT:
            found.append(BadFrame(self._buffer, "the frame does not end"))
            self._buffer = b""
        return found

    def idle(self) -> list[Seen | BadFrame]:
        raw, self._buffer = self._buffer, b""
        return [BadFrame(raw, "the frame does not end")] if raw.strip(b"\x00") else []

    def _seen(self, raw: bytes) -> Seen | BadFrame:
        begin = raw.rfind(bytes([SOH]))
        packet = raw[begin + 1 : -1]
        stx, etx = packet.find(bytes([STX])), packet.find(bytes([ETX]))
        if begin < 0 or stx != 3 or etx < stx:
            return BadFrame(raw, "expected SOH type address STX … ETX checksum EOT")
        body, got = packet[stx : etx + 1], packet[etx + 1 :]
        expected = b"%04X" % (sum(body) & 0xFFFF)
        if got != expected:
            return BadFrame(raw, f"checksum: expected {expected!r}, got {got!r}")
        address, data = packet[1:3], body[1:-1]
        if data[:2] != b"AA" or data[2:3] != bytes([ESC]) or len(data) < 5 or not _hex(address):
            return BadFrame(raw, "expected AA ESC position mode")
        rows = data[5:].decode("ascii", "replace").split("\r")
        number = int(address, 16)
        if self._rows > 1:
            return Seen(SignRows(number, tuple(rows)))
        return Seen(SignText(number, rows[0], blink=data[4] == FLASH))


def _hex(raw: bytes) -> bool:
    return len(raw) == 2 and all(byte in b"0123456789ABCDEF" for byte in raw)
