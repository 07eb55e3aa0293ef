"""Pieces -> bursts (what came without a pause) -> which of them the host sent, and which are answers. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from devices.learn.capture import Piece, Way

DEFAULT_GAP_S = 0.02
GAPS_S = (0.002, 1.0)  # a pause between frames lies within
GAPS_TRIED = 3


@dataclass(frozen=True, slots=True)
class Burst:
    data: bytes
    begin: float | None = None
    end: float | None = None
    way: Way = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """`hosts` in order; `answers`: the burst behind each host's burst, if it is one."""

    hosts: tuple[Burst, ...]
    answers: tuple[Burst | None, ...]
    strays: tuple[Burst, ...] = ()


def gaps_of(pieces: Sequence[Piece]) -> list[float]:
    """The pauses that may part two frames, seconds, shortest first: none joined, and where the sorted pauses jump."""
    pauses = sorted(b.at - a.at for a, b in pairwise(pieces) if a.at is not None and b.at is not None and b.at > a.at)
    inside = [math.log(max(pause, 1e-4)) for pause in pauses]
    low, high = map(math.log, GAPS_S)
    jumps = [(b - a, (a + b) / 2) for a, b in pairwise(inside) if low <= (a + b) / 2 <= high]
    widest = sorted((at for size, at in sorted(jumps, reverse=True)[:GAPS_TRIED] if size > math.log(2.0)))
    return [0.0, *map(math.exp, widest), *([DEFAULT_GAP_S] if not widest else [])] if pauses else [DEFAULT_GAP_S]


def bursts_of(pieces: Sequence[Piece], gap_s: float = DEFAULT_GAP_S) -> list[Burst]:
    found: list[Burst] = []
    for piece in pieces:
        last = found[-1] if found else None
        close = last is not None and last.end is not None and piece.at is not None and piece.at - last.end <= gap_s
        if last is not None and close and last.way == piece.way:
            found[-1] = Burst(last.data + piece.data, last.begin, piece.at, last.way)
        else:
            found.append(Burst(piece.data, piece.at, piece.at, piece.way))
    return found


def talks_of(bursts: Sequence[Burst]) -> list[Talk]:
    """The ways to take it, likelier first: by the noted direction, by what recurs like an answer, all from the host."""
    if any(burst.way for burst in bursts):
        return [_talk(bursts, [burst.way == "<" for burst in bursts])]
    marked = _answer_like(bursts)
    plain = _talk(bursts, [False] * len(bursts))
    return [_talk(bursts, marked), plain] if any(marked) else [plain]


def _talk(bursts: Sequence[Burst], answer: Sequence[bool]) -> Talk:
    hosts: list[Burst] = []
    answers: list[Burst | None] = []
    strays: list[Burst] = []
    for burst, is_answer in zip(bursts, answer, strict=True):
        if not is_answer:
            hosts.append(burst)
            answers.append(None)
        elif hosts and answers[-1] is None:
            answers[-1] = burst
        else:
            strays.append(burst)
    return Talk(tuple(hosts), tuple(answers), tuple(strays))


def _answer_like(bursts: Sequence[Burst]) -> list[bool]:
    """An answer says the same few things again and again, never twice in a row, behind ever other texts."""
    kinds: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for at, burst in enumerate(bursts):
        for place, byte in enumerate(burst.data[:8]):
            kinds[len(burst.data), place, byte].append(at)
    best: list[int] = []
    for places in kinds.values():
        if len(places) > len(best) and _like_answers(bursts, places):
            best = places
    chosen = set(best) if len(best) >= max(4, len(bursts) // 5) else set()
    return [at in chosen for at in range(len(bursts))]


def _like_answers(bursts: Sequence[Burst], places: Sequence[int]) -> bool:
    inside = set(places)
    alone = sum(at > 0 and at - 1 not in inside for at in places)
    said = len({bursts[at].data for at in places})
    asked = {bursts[at - 1].data for at in places if at}
    return (
        len(places) >= 4
        and alone >= 0.95 * len(places)
        and said <= max(2, len(places) // 3)
        and len(asked) > max(said, len(places) // 3)
    )
