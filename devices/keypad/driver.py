"""Keypads, which show a number and tell keys, and rating pads, which invite and tell a score: several on one line (padline.py).

`holding` of a press is the number the display had last acknowledged when the key came; after a silence that looks like a power
cut the display is dark, so it is "" until the display, painted again, has acknowledged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from devices.keypad.codec import Key
from devices.keypad.description import PadDescription
from devices.keypad.padline import POLL_S, PadLine
from devices.keypad.wire import TURN_S, PadWire
from devices.led.frames import FrameError
from devices.ports import Event, KeypadText, Outcome, Pressed, Rated, not_done
from devices.transport import Line, deadline_in, open_line

REPAINT_S = 60.0


class FrameKeypad(PadLine):
    """A `ports.Keypad`: the counters' keypads of one line."""

    def __init__(
        self,
        where: str,
        description: PadDescription,
        addresses: Sequence[int],
        opener: Callable[[str], Line] = open_line,
        *,
        poll_s: float = POLL_S,
    ) -> None:
        super().__init__(where, description, addresses, opener, poll_s=poll_s)
        self._shown: dict[int, KeypadText] = {}

    def _forget(self) -> None:
        super()._forget()
        self._acked: dict[int, str] = {}
        self._due: dict[int, float] = {}

    def show(self, text: KeypadText, deadline_s: float) -> Outcome:
        if text.address not in self._addresses:
            return not_done(f"no keypad has the address {text.address} 没有此地址的按键器: see [[device.pad]]")
        try:
            raw = self._codec.tell(text.address, text.number, text.waiting)
        except FrameError as error:
            return not_done(str(error))
        self._shown[text.address] = text
        self._take_old(text)
        outcome = self._tell(text.address, raw, deadline_s)
        self._remember(text, outcome)
        return outcome

    def _take_old(self, text: KeypadText) -> None:
        """A key pressed while the display still shows the old number means the old number: it is taken before another shows."""
        wire, address = self._wire, text.address
        if wire is None or wire.lost is not None or self._d.poll is None:
            return
        if self._acked.get(address, "") != text.number and wire.quarantine.may_ask(address):
            wire.guarded(partial(wire.ask, address))

    def _remember(self, text: KeypadText, outcome: Outcome) -> None:
        if outcome.kind == "done":
            self._acked[text.address] = text.number
            self._due[text.address] = time.monotonic() + REPAINT_S

    def _event(self, address: int, key: Key, word: str) -> Event | None:
        if not key.name:
            return None
        name = cast(Any, key.name)  # one of description.KEYS, which are those of the port
        return Pressed(address, name, self._acked.get(address, ""), word)

    def dark(self, address: int) -> None:
        super().dark(address)
        self._acked.pop(address, None)

    def back(self, wire: PadWire, address: int) -> None:
        self._paint(wire, address)

    def _idle_work(self, wire: PadWire) -> None:
        """Show again what a display may have lost in a power cut too short to be noticed; one at a time."""
        now = time.monotonic()
        late = [address for address, at in self._due.items() if at <= now and wire.quarantine.may_ask(address)]
        if late:
            self._paint(wire, min(late, key=self._due.__getitem__))

    def _paint(self, wire: PadWire, address: int) -> None:
        text = self._shown.get(address)
        if text is not None:
            self._due[address] = time.monotonic() + REPAINT_S
            raw = self._codec.tell(address, text.number, text.waiting)
            self._remember(text, wire.tell(address, raw, deadline_in(TURN_S), polling=True))


class FrameRatingPad(PadLine):
    """A `ports.RatingPad`: the rating pads of one line."""

    def ask(self, address: int, deadline_s: float) -> Outcome:
        """Invite the customer at `address` to rate now."""
        if address not in self._addresses:
            return not_done(f"no rating pad has the address {address} 没有此地址的评价器: see [[device.pad]]")
        try:
            return self._tell(address, self._codec.tell(address), deadline_s)
        except FrameError as error:
            return not_done(str(error))

    def _event(self, address: int, key: Key, word: str) -> Event | None:
        return Rated(address, int(key.name), word) if key.name else None

    def _idle_work(self, wire: PadWire) -> None:
        """It shows nothing that it could have lost."""

    def back(self, wire: PadWire, address: int) -> None:
        """An invitation of before is over by now."""
