"""What was heard on a line: from a file of hex lines, or live.

A file has one piece a line; all but the bytes may be left out:

    12.345 > 7E 12 03 01 41    seconds, direction (> to the device, < from it), bytes in hex     # a comment
    08:15:02.345 > 7E 12 03    the same with the time of day, as `kiosk devices log --all` writes it

Lines without a time are one frame each. Lines without a direction may be of both.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from devices.ports import DeviceError
from devices.transport import Line, LineTimeout

Way = Literal[">", "<", ""]
BYTES_LIMIT = 4 << 20
LINES_LIMIT = 200_000
_LINE = re.compile(
    r"(?:(?:\d\d-\d\d )?(?P<at>(?:\d\d:\d\d:)?\d+(?:\.\d+)?)\s+)?(?:(?P<way>[<>])\s*)?"
    r"(?P<hex>[0-9A-Fa-f]{2}(?:[\s:,]*[0-9A-Fa-f]{2})*)"
)


class BadCapture(DeviceError):
    """Not a capture; the text names the line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`at`: seconds, or None when nobody noted it."""

    data: bytes
    at: float | None = None
    way: Way = ""


def read_capture(text: str, name: str = "capture") -> list[Piece]:
    pieces: list[Piece] = []
    total = 0
    for number, line in enumerate(text.splitlines(), 1):
        written = line.partition("#")[0].strip()
        if not written:
            continue
        found = _LINE.fullmatch(written)
        # Two bare figures in front might be a time or a byte: a time has a point or a direction behind it.
        if found and found["at"] and not found["way"] and "." not in found["at"]:
            found = _LINE.fullmatch(f"> {written}")
            found = found and re.fullmatch(r"(?P<at>)(?P<way>)(?P<hex>.*)", written)
        if found is None:
            raise BadCapture(f"{name}:{number}: {written[:40]!r} is no capture line; write it as: 12.345 > 7E 01 0D")
        data = bytes.fromhex(re.sub(r"[\s:,]", "", found["hex"]))
        total += len(data)
        if total > BYTES_LIMIT or number > LINES_LIMIT:
            raise BadCapture(f"{name}:{number}: more than {BYTES_LIMIT} bytes or {LINES_LIMIT} lines; cut it")
        way: Way = ">" if found["way"] == ">" else "<" if found["way"] == "<" else ""
        pieces.append(Piece(data, _seconds(found["at"]) if found["at"] else None, way))
    return pieces


def _seconds(at: str) -> float:
    """Of 12.345, or of the time of day."""
    *before, seconds = at.split(":")
    return sum(int(part) * unit for part, unit in zip(before, (3600, 60), strict=False)) + float(seconds)


def write_capture(pieces: Iterable[Piece]) -> str:
    lines = []
    for piece in pieces:
        at = f"{piece.at:.4f} " if piece.at is not None else ""
        lines.append(f"{at}{piece.way + ' ' if piece.way else ''}{piece.data.hex(' ').upper()}\n")
    return "".join(lines)


def listen(
    line: Line,
    seconds: float,
    over: Callable[[], bool] = lambda: False,
    heard: Callable[[Piece], None] = lambda p: None,
) -> list[Piece]:
    """Everything that comes within `seconds`, or until `over()`; nothing is ever sent. Raises LineError when the line is lost."""
    pieces: list[Piece] = []
    begun = time.monotonic()
    total = 0
    while time.monotonic() < begun + seconds and not over() and total < BYTES_LIMIT:
        try:
            data = line.read_some(min(begun + seconds, time.monotonic() + 0.1))
        except LineTimeout:
            continue
        if data:
            pieces.append(Piece(data, time.monotonic() - begun))
            total += len(data)
            heard(pieces[-1])
    return pieces
