"""The edges a GPIO line tells: `struct gpio_v2_line_event` (Linux uapi/linux/gpio.h, 48 bytes). Pure.

u64 time in ns, u32 id (1 = became active, 2 = became inactive), u32 line, u32 number among the request's events, u32 number
among the line's, 24 bytes spare; in the machine's byte order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

EVENT = struct.Struct("=QIIII24x")
RISING, FALLING = 1, 2


@dataclass(frozen=True, slots=True)
class Edge:
    line: int
    active: bool


class Decoder:
    """`feed` what came → edges in order; an event of another kind is passed over."""

    def __init__(self) -> None:
        self._part = b""

    def feed(self, data: bytes) -> list[Edge]:
        data = self._part + data
        whole = len(data) - len(data) % EVENT.size
        self._part = data[whole:]
        events = EVENT.iter_unpack(data[:whole])
        return [Edge(line, kind == RISING) for _, kind, line, _, _ in events if kind in (RISING, FALLING)]


def encode(edge: Edge, number: int = 1, time_ns: int = 0) -> bytes:
    return EVENT.pack(time_ns, RISING if edge.active else FALLING, edge.line, number, number)
