"""ESC/POS read from the printer's side: bytes → commands. Pure; used by the paper renderer and the simulator.

Source: Epson ESC/POS Application Programming Guide (public), the names and parameter counts of each command; FS commands
as Chinese models have them. A command that is not in the tables is `unknown`: it is reported, never skipped in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
MAX_BLOCK = 1 << 20  # no graphics block of ours is a tenth of that; more is a lost byte order

# Prefix → {second byte: number of parameter bytes}.
FIXED: dict[int, dict[str, int]] = {
    ESC: {"@": 0, "a": 1, "E": 1, "G": 1, "!": 1, "-": 1, "t": 1, "R": 1, "2": 0, "3": 1, "d": 1, "J": 1, "M": 1}
    | {"{": 1, " ": 1, "V": 1, "p": 3, "c": 2, "$": 2, "\\": 2, "i": 0, "m": 0, "=": 1, "r": 1, "9": 1},
    GS: {"!": 1, "B": 1, "b": 1, "a": 1, "r": 1, "L": 2, "W": 2, "P": 2, "H": 1, "h": 1, "w": 1, "f": 1, "I": 1},
    FS: {"&": 0, ".": 0, "!": 1, "-": 1, "W": 1, "S": 2, "C": 1},
}
PREFIX = {ESC: "ESC", GS: "GS", FS: "FS"}
CONTROL = {0x00: "NUL", 0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x18: "CAN"}

CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 fn 8, with its seven guard bytes
_CONTROL = re.compile(rb"[\x00-\x1f]")
_REAL_TIME = re.compile(rb"\x10\x04[\x01-\x04]|\x10\x05[\x00-\x02]|" + re.escape(CLEAR_BUFFER))


@dataclass(frozen=True, slots=True)
class Command:
    """`name`: "text", "LF", "ESC a", "GS ( k", "DLE EOT", …, "unknown"; `args` the parameter bytes; `data` a block's content
    (of text: the characters' bytes); `raw` all of it as it came."""

    name: str
    args: tuple[int, ...]
    data: bytes
    raw: bytes


def parse(buffer: bytes) -> Command | None:
    """The first command in `buffer`; None when its end has not come yet."""
    if not buffer:
        return None
    first = buffer[0]
    if first >= 0x20:
        control = _CONTROL.search(buffer)
        end = control.start() if control else len(buffer)
        return Command("text", (), buffer[:end], buffer[:end])
    if first in PREFIX:
        return _prefixed(buffer)
    if first == DLE:
        return _dle(buffer)
    return Command(CONTROL.get(first, "unknown"), (), b"", buffer[:1])


def _prefixed(buffer: bytes) -> Command | None:
    if len(buffer) < 2:
        return None
    prefix, letter = buffer[0], chr(buffer[1])
    name = f"{PREFIX[prefix]} {letter}"
    if letter in FIXED[prefix]:
        return _cut(name, buffer, 2, FIXED[prefix][letter])
    if name == "GS V":
        if len(buffer) < 3:
            return None
        return _cut(name, buffer, 2, 2 if chr(buffer[2]) in "ABabgh" else 1)
    if name in ("GS (", "FS ("):
        return _block(f"{name} {chr(buffer[2])}", buffer, 5, 0) if len(buffer) >= 5 else None
    if name == "GS v":  # GS v 0 m xL xH yL yH d…
        return _raster(buffer)
    if name == "ESC *":  # ESC * m nL nH d…: 24-dot modes have three bytes a column
        if len(buffer) < 5:
            return None
        columns = buffer[3] + 256 * buffer[4]
        return _sized(name, buffer, 5, columns * (3 if buffer[2] in (32, 33) else 1))
    if name == "ESC D":
        end = buffer.find(b"\0", 2)
        return None if end < 0 else _cut(name, buffer, 2, end - 1)
    if name == "GS k":
        return _barcode(name, buffer)
    return Command("unknown", (), b"", buffer[:2])


def _cut(name: str, buffer: bytes, head: int, n: int) -> Command | None:
    if len(buffer) < head + n:
        return None
    return Command(name, tuple(buffer[head : head + n]), b"", buffer[: head + n])


def _sized(name: str, buffer: bytes, head: int, size: int) -> Command | None:
    if size > MAX_BLOCK:
        return Command("unknown", (), b"", buffer[:head])
    if len(buffer) < head + size:
        return None
    return Command(name, tuple(buffer[2:head]), buffer[head : head + size], buffer[: head + size])


def _block(name: str, buffer: bytes, head: int, extra: int) -> Command | None:
    return _sized(name, buffer, head, buffer[head - 2] + 256 * buffer[head - 1] + extra)


def _raster(buffer: bytes) -> Command | None:
    if len(buffer) < 8:
        return None
    width_bytes, rows = buffer[4] + 256 * buffer[5], buffer[6] + 256 * buffer[7]
    return _sized("GS v 0", buffer, 8, width_bytes * rows)


def _barcode(name: str, buffer: bytes) -> Command | None:
    if len(buffer) < 4:
        return None
    if buffer[2] >= 65:
        return _sized(name, buffer, 4, buffer[3])
    end = buffer.find(b"\0", 3)
    return None if end < 0 else _cut(name, buffer, 2, end - 1)


def _dle(buffer: bytes) -> Command | None:
    if len(buffer) < 2:
        return None
    kind = {0x04: "DLE EOT", 0x05: "DLE ENQ", 0x14: "DLE DC4"}.get(buffer[1])
    if kind is None:
        return Command("unknown", (), b"", buffer[:2])
    if len(buffer) < 3:
        return None
    more = 1 if kind != "DLE DC4" else 8 if buffer[2] == 8 else 3
    return _cut(kind, buffer, 2, more)


class RealTimeEar:
    """Finds the commands that a printer obeys the moment they arrive, even in the middle of a job or of a picture."""

    def __init__(self) -> None:
        self._tail = b""

    def hear(self, chunk: bytes) -> list[tuple[bytes, int]]:
        """(the command, how many bytes of `chunk` lie up to its end), in order; one that began in an earlier chunk too."""
        seen = len(self._tail)
        window = self._tail + chunk
        found = [(m.group(), m.end() - seen) for m in _REAL_TIME.finditer(window) if m.end() > seen]
        # Nine bytes suffice for the longest; a command that ended here must not be found again as part of the next window.
        start = max(len(window) - len(CLEAR_BUFFER) + 1, found[-1][1] + seen if found else 0, 0)
        self._tail = window[start:]
        return found
