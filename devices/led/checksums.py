"""The checksums that sign makers use, by the names a description may say. Pure.

CRC parameters: catalogue of parametrised CRC algorithms (reveng), each tested on its published check value of
"123456789".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Checksum:
    """`width` in bytes; `of` gives the number for a span of bytes."""

    width: int
    of: Callable[[bytes], int]


def _xor8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value


def _reflected(poly: int, init: int) -> Callable[[bytes], int]:
    @cache
    def table() -> tuple[int, ...]:
        return tuple(_shifted(byte, 1, lambda value: value >> 1, poly) for byte in range(256))

    def crc(data: bytes) -> int:
        value, of = init, table()
        for byte in data:
            value = (value >> 8) ^ of[(value ^ byte) & 0xFF]
        return value

    return crc


def _shifted(value: int, last: int, shift: Callable[[int], int], poly: int) -> int:
    """One byte through the register, bit by bit."""
    for _ in range(8):
        value = shift(value) ^ poly if value & last else shift(value)
    return value


def _straight(poly: int, init: int) -> Callable[[bytes], int]:
    @cache
    def table() -> tuple[int, ...]:
        return tuple(_shifted(byte << 8, 0x8000, lambda value: value << 1, poly) & 0xFFFF for byte in range(256))

    def crc(data: bytes) -> int:
        value, of = init, table()
        for byte in data:
            value = (value << 8 & 0xFFFF) ^ of[value >> 8 ^ byte]
        return value

    return crc


def _hex8(of: Callable[[bytes], int]) -> Callable[[bytes], int]:
    """One byte as two capital figures of ASCII, the higher first: 4F -> "4F" -> 34 46."""
    return lambda data: int.from_bytes(b"%02X" % (of(data) & 0xFF), "big")


crc16_arc = _reflected(0xA001, 0x0000)

CHECKSUMS: dict[str, Checksum] = {
    "sum8": Checksum(1, lambda data: sum(data) & 0xFF),
    "neg-sum8": Checksum(1, lambda data: -sum(data) & 0xFF),
    "inv-sum8": Checksum(1, lambda data: ~sum(data) & 0xFF),
    "xor8": Checksum(1, _xor8),
    "sum8-hex": Checksum(2, _hex8(sum)),
    "lrc-hex": Checksum(2, _hex8(lambda data: -sum(data))),  # as in Modbus ASCII
    "xor8-hex": Checksum(2, _hex8(_xor8)),
    "sum16": Checksum(2, lambda data: sum(data) & 0xFFFF),
    "crc16-modbus": Checksum(2, _reflected(0xA001, 0xFFFF)),
    "crc16-arc": Checksum(2, crc16_arc),
    "crc16-xmodem": Checksum(2, _straight(0x1021, 0x0000)),
    "crc16-ccitt-false": Checksum(2, _straight(0x1021, 0xFFFF)),
    "crc16-kermit": Checksum(2, _reflected(0x8408, 0x0000)),
}
