"""Guided detection at the station: `devices.tools.detect` with the technician's words for a line that cannot be asked."""

from __future__ import annotations

from collections.abc import Iterable

from devices.catalog import Kind
from devices.ports import DeviceError
from devices.tools.detect import Detected, Found, detect
from devices.transport import check_where
from kiosk.domain.refusals import refuse

__all__ = ["Detected", "Found", "look"]

WITHIN_S = 18.0
ASKABLE = ("tcp://", "serial://", "file://")


def look(where: str, kinds: Iterable[Kind], deadline_s: float = WITHIN_S) -> Detected:
    """What answers at `where`, with every byte. Bounded by `deadline_s`. Raises Refused for a line that nobody can mean, or
    that cannot be opened."""
    try:
        if not where.startswith(ASKABLE):
            raise DeviceError(f"begin with {', '.join(ASKABLE)} 请这样开头")
        check_where(where)
        return detect(where, kinds, deadline_s=deadline_s)
    except DeviceError as error:
        raise refuse(
            "no_line",
            f"“{where[:80]}”不能查找：{error}。",
            f"“{where[:80]}” cannot be asked: {error}.",
            "请检查线缆和电源，或另选线路。",
            "Look at cable and power, or choose another line.",
            "where",
            422,
        ) from error
