"""A figure, and how it is measured: ours and the floor in turns, so that a noisy neighbour disturbs both alike."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

REPORTED = "reported"

Run = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """`ratio` None and `limit` "reported": no floor to hold it against, or none that is asked for."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    limit: str = REPORTED
    against: str = ""

    def line(self) -> str:
        ratio = None if self.ratio is None else round(self.ratio, 3)
        return json.dumps(
            {
                "name": self.name,
                "value": float(f"{self.value:.4g}"),
                "unit": self.unit,
                "ratio": ratio,
                "limit": self.limit,
                "against": self.against,
            },
            ensure_ascii=False,
        )

    @property
    def kept(self) -> bool | None:
        """Whether the limit is reached; None for a figure without one."""
        sign, _, number = self.limit.partition(" ")
        if self.ratio is None or sign not in ("≤", "≥"):
            return None
        bound = float(number.split("×")[0].split()[0])
        return self.ratio <= bound if sign == "≤" else self.ratio >= bound


@dataclass
class Pairs:
    """Ours and the floor's values, pair by pair."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        return median(self.ours)

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios: each pair had the same neighbours."""
        return median(a / b for a, b in zip(self.ours, self.floor, strict=True))


def in_turns(ours: Run, floor: Run, times: int, warm: int = 1) -> Pairs:
    """`times` pairs, the order swapped in each, after `warm` pairs that do not count."""
    pairs = Pairs()
    for turn in range(warm + times):
        gc.collect()
        if turn % 2:
            bottom = floor()
            top = ours()
        else:
            top = ours()
            bottom = floor()
        if turn >= warm:
            pairs.ours.append(top)
            pairs.floor.append(bottom)
    return pairs


def share(values: Sequence[float], part: float) -> float:
    """The value below which `part` (0 to 1) of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
