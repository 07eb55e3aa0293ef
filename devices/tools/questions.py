"""Harmless questions for guided detection, beside those a kind brings itself (`Kind.ask`). None writes a text or a setting.

Sources: Epson ESC/POS APG (DLE EOT n; fixed bits of the answer); Modbus Application Protocol V1.1b3 (03 Read Holding Registers);
Onbon BX-5K/6K protocol (ping; the answer's frame is proved by its CRC); GA 450 readers (find card).
"""

from __future__ import annotations

from collections.abc import Callable

from devices.catalog import Kind, Question
from devices.led.checksums import CHECKSUMS
from devices.led.onbon import ANSWERED_BROADCAST, HOST, OnbonReader, Packet, pack

IDCARD_HEAD = b"\xaa\xaa\xaa\x96\x69"
FIND_CARD = IDCARD_HEAD + b"\x00\x03\x20\x01\x22"
SCAN_S = 8.0
UNITS = (1, 2, 3, 4)


def _status_byte(answer: bytes) -> bool:
    """One status byte; others (ASB blocks, noise of a wrong baud rate) do not have all its fixed bits."""
    return len(answer) == 1 and answer[0] & 0x93 == 0x12


def _onbon(answer: bytes) -> bool:
    return any(isinstance(item, Packet) for item in OnbonReader().packets(answer))


def modbus_read(unit: int) -> bytes:
    """RTU: read holding register 0."""
    body = bytes((unit, 0x03, 0x00, 0x00, 0x00, 0x01))
    return body + CHECKSUMS["crc16-modbus"].of(body).to_bytes(2, "little")


def modbus_answer(unit: int) -> Callable[[bytes], bool]:
    """A value or an exception of that unit with the right CRC; its own question come back (echo) is none."""

    def matches(answer: bytes) -> bool:
        for size in (7, 5):
            frame = answer[-size:] if len(answer) >= size else b""
            crc = CHECKSUMS["crc16-modbus"].of(frame[:-2]).to_bytes(2, "little") if frame else b""
            kind = frame[1:3] == b"\x03\x02" if size == 7 else frame[1:2] == b"\x83"
            if frame and frame[0] == unit and kind and frame[-2:] == crc:
                return True
        return False

    return matches


def modbus_tcp_read(unit: int) -> bytes:
    """The same behind an MBAP header, transaction 1."""
    return bytes((0, 1, 0, 0, 0, 6, unit, 0x03, 0x00, 0x00, 0x00, 0x01))


def modbus_tcp_answer(unit: int) -> Callable[[bytes], bool]:
    def matches(answer: bytes) -> bool:
        whole = len(answer) >= 9 and len(answer) == 6 + int.from_bytes(answer[4:6], "big")
        return whole and answer[:4] == b"\0\1\0\0" and answer[6] == unit and answer[7] in (0x03, 0x83)

    return matches


def _printable(answer: bytes) -> bool:
    code = answer.rstrip(b"\r\n\t")
    return len(code) >= 4 and all(0x1D <= byte < 0x7F or byte >= 0x80 for byte in code)


QUESTIONS: dict[str, tuple[Question, ...]] = {
    "printer/escpos": (Question(b"\x10\x04\x01", _status_byte), Question(b"\x10\x04\x04", _status_byte)),
    "sign/onbon": (Question(pack(Packet(ANSWERED_BROADCAST, HOST, bytes((0xA2, 0x00, 0x01, 0x00, 0x00)))), _onbon),),
    "sign/modbus": (
        *(Question(modbus_read(unit), modbus_answer(unit), within_s=0.2, only="serial://") for unit in UNITS),
        *(Question(modbus_tcp_read(unit), modbus_tcp_answer(unit), only="tcp://") for unit in UNITS),
    ),
    "idcard/gat": (Question(FIND_CARD, lambda answer: IDCARD_HEAD in answer, (115200, 9600)),),
    "scanner/serial": (
        Question(b"", _printable, (9600, 115200), SCAN_S, prompt=("请现在扫一个码", "scan a code now")),
    ),
}
# A card reader's driver may have another name; the protocol is the same.
BY_CLASS: dict[str, tuple[Question, ...]] = {"idcard": QUESTIONS["idcard/gat"], "scanner": QUESTIONS["scanner/serial"]}


def questions_of(kind: Kind) -> tuple[Question, ...]:
    """The kind's own first; what two kinds of one class ask alike tells no driver apart, so only serial ones take the class's."""
    if kind.ask:
        return kind.ask
    if kind.name in QUESTIONS:
        return QUESTIONS[kind.name]
    return BY_CLASS.get(kind.klass, ()) if "serial://" in kind.schemes else ()
