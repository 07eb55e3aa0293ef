"""The described frames this box knows, as candidates for what stands on a line: `config/signs` and `config/keypads`, which is
also where `kiosk devices learn` puts what it wrote.

A polled keypad answers the question whether a key was pressed, so it is found by asking (nothing is accepted: a key that is
held is told again). A sign only shows; see `devices.tools.numbers`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from devices.keypad.codec import PadCodec
from devices.keypad.description import PadDescription
from devices.keypad.description import load as load_pads
from devices.led.description import BadDescription, FrameDescription
from devices.led.description import load as load_sign
from devices.led.frames import FrameError
from devices.transport import Line, deadline_in

FILES_MAX = 8  # of one folder; a box has one or two
PAD_ADDRESSES = range(1, 33)
HALL_ROWS = 4  # proposed for a sign of several rows: nobody can hear how many it has

Note = Callable[[bytes, bytes], None]  # sent, heard


@dataclass(frozen=True, slots=True)
class Candidate:
    """One description. `frame` as devices.toml names it; exactly one of `sign` and `pads` is there."""

    klass: Literal["sign", "keypad", "rating"]
    frame: str
    name: str
    sign: FrameDescription | None = None
    pads: PadDescription | None = None

    @property
    def options(self) -> dict[str, Any]:
        rows = {"rows": HALL_ROWS} if self.sign is not None and "row" in self.sign.numbers else {}
        return {"frame": self.frame, **rows}


def candidates(config: Path) -> tuple[list[Candidate], list[str]]:
    """(what can be read, what is wrong with the other files). `config` is the folder that devices.toml stands in."""
    found: list[Candidate] = []
    wrong: list[str] = []
    for folder in ("signs", "keypads"):
        for path in sorted((config / folder).glob("*.toml"))[:FILES_MAX]:
            try:
                found.append(_read(folder, path))
            except BadDescription as error:
                wrong.append(f"{folder}/{path.name}: {str(error).splitlines()[0]}")
    return found, wrong


def _read(folder: str, path: Path) -> Candidate:
    """Raises BadDescription. A keypad's file has [keys], a rating pad's [scores]."""
    frame = f"{folder}/{path.name}"
    if folder == "signs":
        sign = load_sign(path)
        return Candidate("sign", frame, sign.name or path.stem, sign=sign)
    try:
        pads = load_pads(path)
        return Candidate("keypad", frame, pads.name or path.stem, pads=pads)
    except BadDescription as error:
        try:
            pads = load_pads(path, rating=True)
        except BadDescription:
            raise error from None
        return Candidate("rating", frame, pads.name or path.stem, pads=pads)


def ask_pads(line: Line, pads: PadDescription, until: float, note: Note) -> list[int]:
    """The addresses that answer whether a key was pressed. Raises LineError."""
    codec = PadCodec(pads)
    if pads.poll is None:
        return []
    found = []
    for address in PAD_ADDRESSES if "address" in pads.poll.numbers else range(1, 2):
        if time.monotonic() >= until:
            break
        try:
            question = codec.poll(address)
        except FrameError:
            break  # its frame has no room for such an address
        if _answered(line, codec, question, address, min(until, deadline_in(pads.within_s)), note):
            found.append(address)
    return found


def _answered(line: Line, codec: PadCodec, question: bytes, address: int, until: float, note: Note) -> bool:
    line.drain_input()
    line.write(question, deadline_in(1.0))
    reader, heard = codec.reader(), b""
    while piece := line.read_some(until):
        heard += piece
        if any(said.address in (None, address) for said in reader.feed(piece)):
            note(question, heard)
            return True
    note(question, heard)
    return False


def pad_options(candidate: Candidate, addresses: Iterable[int]) -> dict[str, Any]:
    """For devices.toml: the pads in order of their addresses, as those of counter 1, 2, 3 …"""
    return {
        **candidate.options,
        "pad": [{"counter": n, "address": address} for n, address in enumerate(sorted(addresses), 1)],
    }
