"""Doors, drawers and buttons at the other end of a TCP connection: the kernel's own events, sent when one is moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.contact.events import Edge, encode
from devices.contact.pins import Input
from devices.farend import FarEnd


class ContactSimulator(FarEnd):
    """TCP only. Tells the state of each input to a connection when it is made. Own fault: lost_edge (a change is not told)."""

    kind = "contact"
    slow_bytes = 16
    faults: tuple[str, ...] = ("silent", "slow", "one_byte", "half_close", "unplugged", "lost_edge")

    def __init__(self, id: str, where: str, inputs: Sequence[Input]) -> None:
        super().__init__(id, where)
        self._lines = {i.name: i.line for i in inputs}
        self._states = dict.fromkeys(self._lines, False)

    def set_input(self, name: str, active: bool) -> None:
        """Open or close, press or release. Raises ValueError for an input there is not."""
        if name not in self._lines:
            raise ValueError(f"there is no input {name!r}; one of {', '.join(self._lines)}")
        changed = self._states[name] != active
        self._states[name] = active
        if changed and not self.has("lost_edge"):
            self.say(encode(Edge(self._lines[name], active)))

    def greeting(self) -> bytes:
        return b"".join(encode(Edge(line, self._states[name])) for name, line in self._lines.items())

    def shown(self) -> Any:
        return {"inputs": dict(self._states)}
