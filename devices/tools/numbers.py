"""Signs only listen, so no question finds them. Every description shows a number of its own, at every speed and address, and a
person reads it from the sign: “1203” = the offer 12 was understood, by the sign at address 3.

One round is bounded by its deadline, and never on a port in use (the station refuses those). It writes texts, and no setting;
so it is done only when a person asked for it. A sign that acknowledges is found without being read, and a keypad that speaks by
itself when somebody presses its keys meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from devices.keypad.codec import Key, PadCodec, PadReader
from devices.led.frames import FrameError, ack, build
from devices.ports import DeviceError
from devices.tools.described import Candidate, pad_options
from devices.tools.detect import BAUDS, LOG_LINES, Found
from devices.transport import Line, deadline_in, open_line

ADDRESSES = range(1, 9)
FIRST = 11  # offers have two figures, so that a sign of four shows them with its address
OFFERS_MAX = 40
PASSES = 2  # the first frame after another's bytes may be lost
GAP_S = 0.03  # between two frames: at 9600 baud about thirty bytes
LISTEN_S = 0.5  # at each speed, for answers and keys


@dataclass(frozen=True, slots=True)
class Offer:
    """What devices.toml would say if the sign shows `number` and its address behind it."""

    number: int
    klass: str
    driver: str
    where: str
    options: dict[str, Any]
    name: str


@dataclass
class Shown:
    """`offers` are all numbers that were shown; `found` what answered by itself."""

    offers: list[Offer] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    finished: bool = True

    def view(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "found": [one.view() for one in self.found],
            "offers": [asdict(one) | {"class": one.klass} for one in self.offers],
            "log": self.log,
            "complete": self.finished,
        }


def show_numbers(
    where: str,
    described: Sequence[Candidate],
    opener: Callable[[str], Line] = open_line,
    deadline_s: float = 18.0,
) -> Shown:
    """Raises DeviceError when the line cannot be opened at all."""
    end, shown, opened = deadline_in(deadline_s), Shown(), 0
    error: DeviceError | None = None
    for address, baud in _speeds(where):
        if time.monotonic() >= end or len(shown.offers) + len(described) > OFFERS_MAX:
            shown.finished = False
            break
        try:
            line = opener(address)
        except DeviceError as lost:
            error = lost
            continue
        try:
            opened += 1
            _Round(line, address, baud, shown, end).run(described)
        except DeviceError as lost:
            shown.log.append(f"{baud or ''} ! {lost}")
        finally:
            line.close()
        if shown.found:
            break
    if not opened and error is not None:
        raise error
    return shown


def _speeds(where: str) -> list[tuple[str, int]]:
    if not where.startswith("serial://") or "baud=" in where:
        return [(where, 0)]
    return [(f"{where}{'&' if '?' in where else '?'}baud={baud}", baud) for baud in BAUDS]


def offer_of(offers: Sequence[Offer], read: str) -> tuple[Offer, int] | None:
    """What a person read from the sign, like "1203" → (the offer, the sign's address); None for no number of ours."""
    figures = "".join(c for c in read if c.isascii() and c.isdigit())
    if len(figures) not in (2, 4):
        return None
    offer = next((o for o in offers if o.number == int(figures[:2])), None)
    address = int(figures[2:] or "1")
    return (offer, address) if offer is not None and address in ADDRESSES else None


class _Round:
    """One speed of the line."""

    def __init__(self, line: Line, where: str, baud: int, shown: Shown, end: float) -> None:
        self._line, self._where, self._speed, self._shown, self._end = (
            line,
            where,
            f"{baud} " if baud else "",
            shown,
            end,
        )
        self._heard = b""

    def run(self, described: Sequence[Candidate]) -> None:
        """Raises LineError."""
        pads = [(c, PadCodec(c.pads).reader()) for c in described if c.pads is not None and c.pads.event is not None]
        self._line.drain_input()
        for candidate in described:
            if candidate.sign is not None:
                self._show(candidate, pads)
        self._listen(deadline_in(LISTEN_S), pads)

    def _show(self, candidate: Candidate, pads: list[tuple[Candidate, PadReader]]) -> None:
        sign, shown = candidate.sign, self._shown
        assert sign is not None
        number = FIRST + len(shown.offers)
        shown.offers.append(Offer(number, candidate.klass, "frame", self._where, candidate.options, candidate.name))
        self._heard = b""
        for address in [a for _ in range(PASSES) for a in (ADDRESSES if "address" in sign.numbers else range(1, 2))]:
            if time.monotonic() >= self._end:
                shown.finished = False
                return
            try:
                frame = build(sign, {"address": address, "row": 0}, f"{number}{address:02d}")
                yes = ack(sign, address, ok=True)
            except FrameError:
                continue  # its frame has no room for such an address
            self._line.write(frame, deadline_in(1.0))
            self._note(">", frame)
            self._listen(deadline_in(GAP_S), pads)
            if yes and yes in self._heard:
                self._found(candidate, self._where, candidate.options, yes, f"屏 {address}", f"sign {address}")
                return

    def _listen(self, until: float, pads: list[tuple[Candidate, PadReader]]) -> None:
        while piece := self._line.read_some(until):
            self._heard = (self._heard + piece)[-512:]
            self._note("<", piece)
            for candidate, reader in pads:
                for said in reader.feed(piece):
                    if isinstance(said, Key) and said.name:
                        address = said.address or 1
                        options = pad_options(candidate, [address])
                        told = (f"按键器 {address} 按了 {said.name}", f"pad {address} told the key {said.name}")
                        self._found(candidate, self._where, options, piece, *told)

    def _found(self, one: Candidate, where: str, options: dict[str, Any], answer: bytes, zh: str, en: str) -> None:
        if any(f.options.get("frame") == one.frame for f in self._shown.found):
            return
        heard = answer[:12].hex(" ").upper()
        self._shown.found.append(
            Found(one.klass, "frame", where, options, f"{one.frame}：{zh}，{heard}", f"{one.frame}: {en}, {heard}")
        )

    def _note(self, way: str, data: bytes) -> None:
        if len(self._shown.log) < LOG_LINES:
            self._shown.log.append(f"{self._speed}{way} {data.hex(' ').upper()}")
