"""`ports.Contacts`: doors, drawers and buttons.

Law: what was told and what is are brought together: an edge that changes nothing is not told; a change that happened while
the line was away, or whose edge the kernel lost, is told when it is seen, at the next open or probe. Before anything was
told everything counts as closed and not pressed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from devices.contact.events import Decoder
from devices.contact.pins import Input, Pins, open_pins
from devices.ports import Contact, Event, Health
from devices.transport import LineClosed

KEPT = 256  # changes while nobody listened


class GpioContacts:
    def __init__(
        self,
        where: str,
        inputs: Sequence[Input],
        opener: Callable[[str, Sequence[Input]], Pins] = open_pins,
    ) -> None:
        self.inputs = tuple(inputs)
        self._where, self._opener = where, opener
        self._names = {i.line: i.name for i in inputs}
        self._told = {i.name: False for i in inputs}  # lives through a loss
        self._changes: deque[Contact] = deque(maxlen=KEPT)
        self._events = Decoder()
        self._pins: Pins | None = None

    def open(self) -> None:
        """Raises DeviceError."""
        self._events = Decoder()
        self._pins = self._opener(self._where, self.inputs)
        try:
            self._compare(self._pins)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        pins, self._pins = self._pins, None
        if pins is not None:
            pins.line.close()

    def probe(self) -> Health:
        """Raises DeviceError once the lines are gone."""
        if self._pins is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        self._hear(self._pins, 0.0)
        self._compare(self._pins)
        return Health("ready")

    def active(self) -> dict[str, bool]:
        pins = self._need()
        self._hear(pins, 0.0)
        self._compare(pins)
        return dict(self._told)

    def listen(self, deadline: float) -> Event | None:
        """The next change. Raises DeviceError when the lines are gone."""
        pins = self._need()
        while not self._changes and self._hear(pins, deadline):
            pass
        return self._changes.popleft() if self._changes else None

    def wake(self) -> None:
        pins = self._pins
        if pins is not None:
            pins.line.wake()

    # --- below -----------------------------------------------------------------------------------------------------

    def _need(self) -> Pins:
        if self._pins is None:
            raise LineClosed(self._where, "not open 未打开", "open it first 请先打开")
        return self._pins

    def _hear(self, pins: Pins, deadline: float) -> bool:
        data = pins.line.read_some(deadline)
        for edge in self._events.feed(data):
            self._is(edge.line, edge.active)
        return bool(data)

    def _compare(self, pins: Pins) -> None:
        if pins.values is not None:
            for line, active in pins.values().items():
                self._is(line, active)

    def _is(self, line: int, active: bool) -> None:
        name = self._names.get(line)
        if name is not None and self._told[name] != active:
            self._told[name] = active
            self._changes.append(Contact(name, active))
