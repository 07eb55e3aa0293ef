"""Questions to pads and their answers on one open line; keys that come meanwhile, whoever's they are, are handed on.

A dead pad is asked less and less often (Quarantine). On a bus all of this is `polling`, but for what a person waits for. A line
that is lost is remembered in `lost`, with the outcome of whoever found it; nothing is asked on it any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from devices.bus.quarantine import Quarantine
from devices.keypad.codec import FromPad, Key, Nothing, PadCodec, PadReader, Told
from devices.keypad.description import PadDescription
from devices.ports import DONE, Outcome, not_done, unknown
from devices.transport import Line, LineError, LineTimeout, deadline_in

TURN_S = 1.0
GAP_S = 0.1  # a silence this long inside a frame means its rest will not come


class Owner(Protocol):
    """Who is told what the pads say."""

    def pressed(self, address: int, key: Key) -> None:
        """A key was told; perhaps again."""

    def back(self, wire: PadWire, address: int) -> None:
        """A pad answers again that had been silent for long: it may have lost what it was told."""

    def dark(self, address: int) -> None:
        """It has been silent for so long that it may have lost its power."""


class PadWire:
    """One opening of the line. `quarantine`: who is not to be asked now; `silent`: who did not answer the last time."""

    def __init__(
        self,
        line: Line,
        codec: PadCodec,
        description: PadDescription,
        addresses: Sequence[int],
        owner: Owner,
    ) -> None:
        self.line, self._codec, self._d = line, codec, description
        self._addresses, self._owner = tuple(addresses), owner
        # A bus gives each of its lines a quarantine, so that its own health can say who is resting.
        self.quarantine: Quarantine = getattr(line, "quarantine", None) or Quarantine()
        self.quarantine.clear()
        self.silent: set[int] = set()
        self.lost: LineError | None = None
        self._reader: PadReader = codec.reader()
        self._questions: dict[int, bytes] = {}
        self._idle_words: dict[int, bytes] = {}  # how each pad says that no key is pressed
        self._heard_at = 0.0

    def guarded(self, what: Callable[[], object]) -> None:
        """A line that is lost is remembered; the driver's `listen` and `probe` raise it."""
        try:
            what()
        except LineError as error:
            self.lost = error

    def overhear(self, end: float) -> None:
        """What is said unasked until `end`, or until something was. Raises LineError."""
        self._hear(self.line.read_some(end))

    def ask(self, address: int) -> None:
        """Whether a key was pressed. Raises LineError; a bus that is busy with others is none."""
        end = deadline_in(TURN_S)
        try:
            with self.line.turn(end, polling=True):
                self._hear(self.line.drain_input())
                self.line.write(self._question(address), end)
                heard = self._answer(address, Nothing, end)
        except LineTimeout as error:
            if error.written:
                raise
            return  # the bus is busy: the next round comes
        if heard is None:
            self._dies(address)
        else:
            self._lives(address)

    def tell(self, address: int, raw: bytes, end: float, *, polling: bool) -> Outcome:
        """An exchange whose answer, where the pads give one, says that `raw` was taken; `polling` when no person waits."""
        left = False
        try:
            with self.line.turn(end, polling=polling):
                for _ in range(1 if address in self.silent else self._d.tries):
                    self._hear(self.line.drain_input())
                    self.line.write(raw, end)
                    left = True
                    if self._d.told is None:
                        return DONE
                    if self._answer(address, Told, end) is not None:
                        self._lives(address)
                        return DONE
        except LineTimeout as error:
            if not left and not error.written:
                return not_done(str(error))
            self.lost = error
            return unknown(str(error))
        except LineError as error:
            self.lost = error
            return unknown(str(error)) if left or error.written else not_done(str(error))
        self._dies(address)
        return unknown(f"pad {address} did not answer 按键器 {address} 无应答")

    def accept(self, address: int, key: Key) -> None:
        """Tell the pad that its press was taken. No answer comes to that. Raises LineError."""
        raw = self._codec.accept(key, address)
        if raw:
            with self.line.turn(deadline_in(TURN_S)):
                self._hear(self.line.drain_input())
                self.line.write(raw, deadline_in(TURN_S))

    # --- below: hearing ----------------------------------------------------------------------------------------------

    def _question(self, address: int) -> bytes:
        raw = self._questions.get(address)
        if raw is None:
            raw = self._questions[address] = self._codec.poll(address)
        return raw

    def _answer(self, address: int, wanted: type[FromPad], end: float) -> FromPad | None:
        """What the pad answers; keys of others that come meanwhile are kept. A poll is answered by a key or by nothing."""
        end = min(end, deadline_in(self._d.within_s))
        while True:
            piece = self.line.read_some(end)
            if piece and piece == self._idle_words.get(address) and wanted is Nothing and not self._reader.begun:
                return Nothing(address)  # nearly every answer is this one: it need not be read again
            for item in self._reader.feed(piece) if piece else ():
                theirs = address if item.address is None else item.address
                if isinstance(item, Key):
                    self._owner.pressed(theirs, item)
                fits = isinstance(item, Told) if wanted is Told else not (isinstance(item, Key) and item.event)
                if theirs == address and fits:
                    if isinstance(item, Nothing) and self._reader.whole(piece):
                        self._idle_words[address] = piece
                    return item
            if piece:
                self._heard_at = time.monotonic()
            elif time.monotonic() >= end:
                return None

    def _hear(self, data: bytes) -> None:
        """What came unasked; nothing for longer than a gap inside a frame means that its rest will not come."""
        now = time.monotonic()
        if data:
            self._heard_at = now
        elif now - self._heard_at < GAP_S:
            return
        for item in self._reader.feed(data) if data else self._reader.idle():
            if isinstance(item, Key):
                self._owner.pressed(self._addresses[0] if item.address is None else item.address, item)

    def _lives(self, address: int) -> None:
        self.silent.discard(address)
        rested = address in self.quarantine.resting
        self.quarantine.answered(address)
        if rested:
            self._owner.back(self, address)

    def _dies(self, address: int) -> None:
        self.silent.add(address)
        self.quarantine.silent(address)
        if address in self.quarantine.resting:
            self._owner.dark(address)
