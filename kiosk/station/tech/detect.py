"""Guided detection at the station: `devices.tools.detect` with the technician's words for a line that cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from devices.catalog import Kind
from devices.ports import DeviceError
from devices.tools.described import Candidate, candidates
from devices.tools.detect import Detected, Found, detect
from devices.tools.numbers import Offer, Shown, show_numbers
from devices.transport import check_where
from kiosk.domain.refusals import refuse
from kiosk.domain.tongue import lines

__all__ = ["Candidate", "Detected", "Found", "Offer", "Shown", "candidates", "look", "numbers"]

WITHIN_S = 18.0
T = TypeVar("T")
ASKABLE = ("tcp://", "serial://", "file://")


def look(
    where: str, kinds: Iterable[Kind], deadline_s: float = WITHIN_S, described: Sequence[Candidate] = ()
) -> Detected:
    """What answers at `where`, with every byte. Bounded by `deadline_s`. Raises Refused for a line that nobody can mean, or
    that cannot be opened."""
    return _on(where, lambda: detect(where, kinds, deadline_s=deadline_s, described=described))


def numbers(where: str, described: Sequence[Candidate], deadline_s: float = WITHIN_S) -> Shown:
    """Every description shows its number at `where`, for a person to read. Bounded and refused as `look`."""
    return _on(where, lambda: show_numbers(where, described, deadline_s=deadline_s))


def _on(where: str, work: Callable[[], T]) -> T:
    try:
        if not where.startswith(ASKABLE):
            raise DeviceError(f"begin with {', '.join(ASKABLE)} 请这样开头")
        check_where(where)
        return work()
    except DeviceError as error:
        raise refuse(
            "no_line",
            f"“{where[:80]}”不能识别：{lines(str(error)).zh}。",
            f"“{where[:80]}” cannot be asked: {lines(str(error)).en}.",
            "请检查线缆和电源，或另选线路。",
            "Look at cable and power, or choose another line.",
            "where",
            422,
        ) from error
