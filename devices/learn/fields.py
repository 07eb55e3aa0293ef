"""Length and checksum by search: every place, width, order, kind and range; what holds in (nearly) all frames wins. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from devices.led.checksums import CHECKSUMS

Order = Literal["big", "little"]
HOLDS = 0.85  # of the frames: a line has noise
PLACES = 10  # bytes behind the head where a length may stand
STARTS = 12  # bytes of the frame where what a checksum covers may begin
QUICK = 4  # frames looked at before all are
WIDTHS: tuple[tuple[int, Order], ...] = ((2, "big"), (2, "little"), (1, "big"), (4, "big"), (4, "little"))


@dataclass(frozen=True, slots=True)
class LengthAt:
    """At `at` bytes behind the head; value = bytes between head and tail + `extra`."""

    at: int
    width: int
    order: Order
    extra: int


@dataclass(frozen=True, slots=True)
class CheckAt:
    """The last `width` bytes before the tail; covers the frame from its byte `start` up to itself."""

    kind: str
    width: int
    order: Order
    start: int
    held: int  # frames in which it is right


def length_of(inners: Sequence[bytes]) -> list[LengthAt]:
    """Those that fit, best first; none when all frames are of one size."""
    if len({len(inner) for inner in inners}) < 2:
        return []
    found: list[tuple[int, int, int, LengthAt]] = []
    shortest = min(map(len, inners))
    for at in range(min(PLACES, shortest)):
        for rank, (width, order) in enumerate(WIDTHS):
            if at + width > shortest:
                continue
            votes = Counter(int.from_bytes(inner[at : at + width], order) - len(inner) for inner in inners)
            extra, count = votes.most_common(1)[0]
            kept = {len(i) for i in inners if int.from_bytes(i[at : at + width], order) - len(i) == extra}
            if count >= HOLDS * len(inners) and len(kept) >= 2 and -64 <= extra <= 64:
                found.append((-count, rank, at, LengthAt(at, width, order, extra)))
    return [length for *_, length in sorted(found, key=lambda item: item[:3])]


def checks_of(frames: Sequence[bytes], inners: Sequence[bytes], head: int) -> list[CheckAt]:
    """Those that hold, best first. `frames` are unescaped: head + inner (without tail); `head` is the head's length."""
    distinct = list(dict.fromkeys(zip(frames, inners, strict=True)))
    shortest = min((len(inner) for _, inner in distinct), default=0)
    found: list[CheckAt] = []
    for kind, checksum in CHECKSUMS.items():
        orders: tuple[Order, ...] = ("big", "little") if checksum.width > 1 and not kind.endswith("-hex") else ("big",)
        if checksum.width >= shortest:
            continue
        for start in range(min(STARTS, head + shortest - checksum.width)):
            for order in orders:
                held = _held([frame for frame, _ in distinct], kind, order, start)
                if held:
                    found.append(CheckAt(kind, checksum.width, order, start, held))
    # What most frames bear out; then what covers all behind the head, then the whole frame, then the most.
    natural = {head: 0, 0: 1}
    return sorted(found, key=lambda c: (-c.held, -c.width, natural.get(c.start, 2), c.start))


def _held(frames: Sequence[bytes], kind: str, order: Order, start: int) -> int:
    """In how many frames it is right; 0 when in too few, or when one value would always do."""
    checksum = CHECKSUMS[kind]
    right, seen = 0, set()
    allowed = int((1 - HOLDS) * len(frames)) + 1
    for number, frame in enumerate(frames):
        written = frame[len(frame) - checksum.width :]
        if checksum.of(frame[start : len(frame) - checksum.width]).to_bytes(checksum.width, order) == written:
            right += 1
            seen.add(written)
        elif number - right >= allowed:
            return 0
    return right if right >= HOLDS * len(frames) and len(seen) > 1 else 0
