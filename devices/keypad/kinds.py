"""The kinds of keypad and of rating pad."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from devices.catalog import Fronted, Kind, Site, Slip
from devices.keypad.description import PadDescription, load
from devices.keypad.driver import FrameKeypad, FrameRatingPad
from devices.keypad.padline import POLL_S
from devices.keypad.simulator import PadSimulator
from devices.led.description import BadDescription
from devices.led.simulated import place

LINES = ("tcp://", "serial://", "bus:")
MOST_PADS = 64


class Pad(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[device.pad]]`: the pad of a counter, and its address on the line."""

    counter: int
    address: int


class PadOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`frame`: the file that describes the frames. `poll_ms`: rest between two rounds of asking while keys are pressed."""

    frame: str
    pad: list[Pad] = []
    poll_ms: int = round(POLL_S * 1000)

    def address_of(self, counter: int) -> int | None:
        return next((pad.address for pad in self.pad if pad.counter == counter), None)

    def counter_of(self, address: int) -> int | None:
        return next((pad.counter for pad in self.pad if pad.address == address), None)


def _addresses(options: PadOptions) -> list[int]:
    return [pad.address for pad in options.pad]


def _keypad(site: Site, options: PadOptions) -> FrameKeypad:
    frames = load(site.config / options.frame)
    return FrameKeypad(site.where, frames, _addresses(options), site.opener, poll_s=options.poll_ms / 1000)


def _rating(site: Site, options: PadOptions) -> FrameRatingPad:
    frames = load(site.config / options.frame, rating=True)
    return FrameRatingPad(site.where, frames, _addresses(options), site.opener, poll_s=options.poll_ms / 1000)


def _slips(site: Site, options: PadOptions, *, rating: bool) -> Iterable[Slip]:
    if not 50 <= options.poll_ms <= 2000:
        yield Slip("poll_ms", f"{options.poll_ms} is out of range.", "Use 50 to 2000; 150 is usual.")
    if not 1 <= len(options.pad) <= MOST_PADS:
        yield Slip("pad", f"there are {len(options.pad)} pads.", f"Give 1 to {MOST_PADS} tables [[device.pad]].")
    for name in ("address", "counter"):
        values = [getattr(pad, name) for pad in options.pad]
        for twice in sorted({value for value in values if values.count(value) > 1}):
            yield Slip("pad", f"{name} {twice} is given to two pads.", "Give each its own.")
    try:
        description = load(site.config / options.frame, rating=rating)
    except BadDescription as error:
        for mistake in error.mistakes:
            where = f"{options.frame}: {mistake.key or 'the file'}"
            yield Slip("frame", f"{where} {mistake.what}.", f"{mistake.remedy[:1].upper()}{mistake.remedy[1:]}.")
        return
    if len(options.pad) > 1 and "address" not in description.tell.numbers:
        yield Slip("pad", f"{options.frame} has no address.", "Give one pad only, or add address to the layouts.")


class SimulatedPads(Fronted[PadSimulator]):
    """One line of pads."""

    def __init__(self, site: Site, options: PadOptions, description: PadDescription, kind: str) -> None:
        host, port = place(site.where)
        super().__init__(site.id, PadSimulator(host, port, description, _addresses(options)))
        self.kind, self._options = kind, options
        self.keys = tuple(description.codes.values())

    def press(self, address: int, key: str, times: int = 1) -> None:
        """A hand on the bench; a score is "1" to "5". Raises ValueError for a key or pad it has not."""
        self.simulator.press(address, key, times)

    def shown(self) -> list[dict[str, Any]]:
        """Each pad: counter, address, text and waiting of its display, asked (how often), off, keys it has."""
        return [
            {
                "counter": self._options.counter_of(address),
                "address": address,
                "text": text,
                "waiting": waiting,
                "asked": asked,
                "off": self.simulator.off(address),
                "keys": list(self.keys),
            }
            for address, (text, waiting, asked) in self.simulator.pads.items()
        ]


KINDS = (
    Kind(
        "keypad",
        "frame",
        "按键器",
        "counter keypads by described frames",
        _keypad,
        LINES,
        PadOptions,
        lambda site, options: _slips(site, options, rating=False),
        lambda site, options: SimulatedPads(site, options, load(site.config / options.frame), "keypads"),
    ),
    Kind(
        "rating",
        "frame",
        "窗口评价器",
        "rating pads by described frames",
        _rating,
        LINES,
        PadOptions,
        lambda site, options: _slips(site, options, rating=True),
        lambda site, options: SimulatedPads(site, options, load(site.config / options.frame, rating=True), "ratings"),
    ),
)
