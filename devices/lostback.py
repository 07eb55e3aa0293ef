"""Lost and back are facts: at most one a minute and device, the rest counted; and what is true in the end is always told."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

EVERY_MS = 60_000

Reasons = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """What is to be told now of a device that changed too often: its state, and how many changes were never told."""

    device: str
    state: Hashable
    reasons: Reasons
    suppressed: int


@dataclass(slots=True)
class _Told:
    state: Hashable
    reasons: Reasons
    at_ms: int
    held: tuple[Hashable, Reasons] | None = None  # the latest that was not told
    changes: int = 0  # since then, none of them told


class LostBack:
    """Pure: `now_ms` is an argument, of any clock; when it goes back, what is new is told rather than held. One thread."""

    def __init__(self, every_ms: int = EVERY_MS) -> None:
        self._every_ms = every_ms
        self._told: dict[str, _Told] = {}

    def offer(self, device: str, state: Hashable, reasons: Reasons, now_ms: int) -> tuple[bool, int]:
        """-> whether to tell this change now, and how many before it were not told. False also when nothing changed."""
        told = self._told.get(device)
        if told is None:
            self._told[device] = _Told(state, reasons, now_ms)
            return True, 0
        if (state, reasons) == (told.held or (told.state, told.reasons)):
            return False, 0
        if self._quiet(told, now_ms):
            self._told[device] = _Told(state, reasons, now_ms)
            return True, told.changes
        told.held = (state, reasons)
        told.changes += 1
        return False, 0

    def due(self, now_ms: int) -> list[Late]:
        """What was held back and may be told now; asked once a second or so, nothing waits longer than `every_ms`.

        A device that is again as it was told last is told all the same: that it went and came is news."""
        late = []
        for device, told in self._told.items():
            if told.held is not None and self._quiet(told, now_ms):
                state, reasons = told.held
                late.append(Late(device, state, reasons, told.changes - 1))
                self._told[device] = _Told(state, reasons, now_ms)
        return late

    def forget(self, device: str) -> None:
        """The device is configured no more."""
        self._told.pop(device, None)

    def _quiet(self, told: _Told, now_ms: int) -> bool:
        return not 0 <= now_ms - told.at_ms < self._every_ms
