"""The checksums that sign makers use, by the names a description may say. Pure.

CRC parameters: catalogue of parametrised CRC algorithms (reveng), each tested on its published check value of
"123456789".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


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
    def crc(data: bytes) -> int:
        value = init
        for byte in data:
            value ^= byte
            for _ in range(8):
                value = (value >> 1) ^ poly if value & 1 else value >> 1
        return value

    return crc


def _straight(poly: int, init: int) -> Callable[[bytes], int]:
    def crc(data: bytes) -> int:
        value = init
        for byte in data:
            value ^= byte << 8
            for _ in range(8):
                value = ((value << 1) ^ poly) & 0xFFFF if value & 0x8000 else value << 1
        return value

    return crc


crc16_arc = _reflected(0xA001, 0x0000)

CHECKSUMS: dict[str, Checksum] = {
    "sum8": Checksum(1, lambda data: sum(data) & 0xFF),
    "neg-sum8": Checksum(1, lambda data: -sum(data) & 0xFF),
    "xor8": Checksum(1, _xor8),
    "sum16": Checksum(2, lambda data: sum(data) & 0xFFFF),
    "crc16-modbus": Checksum(2, _reflected(0xA001, 0xFFFF)),
    "crc16-arc": Checksum(2, crc16_arc),
    "crc16-xmodem": Checksum(2, _straight(0x1021, 0x0000)),
    "crc16-ccitt-false": Checksum(2, _straight(0x1021, 0xFFFF)),
    "crc16-kermit": Checksum(2, _reflected(0x8408, 0x0000)),
}
