"""The keypads or rating pads at the other end of the wire: keys can be pressed, displays looked at, and faults set.

Beyond the faults of every wire (devices.farend): dead (one address does nothing), lost_ack (our acceptance does not reach
the pad, so it tells the press again) and bounce (each press is told twice). Without `addresses` it is every pad spoken to.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from devices.farclient import Client
from devices.keypad.codec import PadCodec
from devices.keypad.description import PadDescription
from devices.led.farend import WIRE_FAULTS, AnsweringEnd
from devices.led.frames import Read, Reader

AGAIN_S = 0.25  # one that speaks by itself and needs an acceptance tells a press again after this
TELLINGS = 8  # and so often at most
BOUNCE_S = 0.03
PADS = 64
WAITING_KEYS = 16


@dataclass(slots=True)
class _Key:
    code: int
    sequence: int
    tellings: int = 1  # that it makes whether it is accepted or not


@dataclass(slots=True)
class Pad:
    """What one pad knows. `text` and `waiting`: its display; `asked`: a rating pad's light."""

    text: str = ""
    waiting: int = 0
    asked: int = 0
    sequence: int = 0
    keys: deque[_Key] = field(default_factory=lambda: deque(maxlen=WAITING_KEYS))


class PadSimulator(AnsweringEnd[Reader]):
    """`host` "" = a pty instead of TCP. `rating`: rating pads, whose keys are "1" to "5"."""

    faults: tuple[str, ...] = ("dead", "lost_ack", "bounce", *WIRE_FAULTS)

    def __init__(
        self,
        host: str,
        port: int,
        description: PadDescription,
        addresses: Sequence[int] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(host, port, clock)
        self._codec, self._d = PadCodec(description), description
        self._any = not addresses
        self._pads: dict[int, Pad] = {address: Pad() for address in addresses}
        self._codes = {name: code for code, name in description.codes.items()}
        self.accepted = 0  # acceptances that a pad has heard
        self.polled = 0

    # --- for hands and eyes, from any thread -----------------------------------------------------------------------

    def press(self, address: int, key: str, times: int = 1) -> None:
        """Press a key (its name, or a score "1" to "5"); told `times` times. Raises ValueError."""
        if key not in self._codes:
            raise ValueError(f"no key {key!r}: one of {', '.join(self._codes)}")
        if address not in self._pads and not self._any:
            raise ValueError(f"no pad {address}: one of {', '.join(map(str, self._pads))}")
        self.on_thread(lambda: self._press(address, self._codes[key], times))

    def power_cycle(self, address: int) -> None:
        """Off and on again: a dark display, and it counts its presses from the beginning."""
        with self._changed:
            self._pads[address] = Pad()

    @property
    def addresses(self) -> tuple[int, ...]:
        with self._changed:
            return tuple(self._pads)

    @property
    def showing(self) -> dict[int, str]:
        with self._changed:
            return {address: pad.text for address, pad in self._pads.items()}

    @property
    def pads(self) -> dict[int, tuple[str, int, int]]:
        """address → (text, waiting, how often it was asked to rate)."""
        with self._changed:
            return {address: (pad.text, pad.waiting, pad.asked) for address, pad in self._pads.items()}

    def wait(self, condition: Callable[[], bool], timeout_s: float = 5.0) -> bool:
        """Until something happened on the wire that makes it true."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    def pending(self, address: int) -> int:
        """Presses it still holds."""
        with self._changed:
            return len(self._pads[address].keys) if address in self._pads else 0

    # --- below: the thread -----------------------------------------------------------------------------------------

    def _new_reader(self) -> Reader:
        return self._codec.far_reader()

    def _received(self, client: Client, reader: Reader, data: bytes) -> None:
        for item in reader.feed(data):
            if isinstance(item, Read):
                with self._changed:
                    answer, address = self._reply(item)
                    self._changed.notify_all()
                self._send(client, answer, address)

    def _paused(self, client: Client, reader: Reader) -> None:
        reader.idle()

    def _pad(self, address: int) -> Pad | None:
        if self._any and address not in self._pads and len(self._pads) < PADS:
            self._pads[address] = Pad()
        return None if self.off(address) else self._pads.get(address)

    def _reply(self, read: Read) -> tuple[bytes, int]:
        address = read.numbers.get("address", next(iter(self._pads), 1))
        pad = self._pad(address)
        if pad is None:
            return b"", address
        if read.frame == self._d.poll:
            self.polled += 1
            return self._answer(pad, address), address
        if read.frame == self._d.accept:
            self._accept(pad, read)
            return b"", address
        if "text" in self._d.tell.layout:
            pad.text, pad.waiting = read.text, read.numbers.get("waiting", 0)
        else:
            pad.asked += 1
        return self._codec.plain(self._d.told, address), address

    def _answer(self, pad: Pad, address: int) -> bytes:
        assert self._d.answer is not None
        if not pad.keys:
            if self._d.nothing is not None:
                return self._codec.plain(self._d.nothing, address)
            return self._codec.key(self._d.answer, address, self._d.none or 0, pad.sequence)
        key = pad.keys[0]
        key.tellings -= 1
        if self._d.accept is None and key.tellings <= 0:
            pad.keys.popleft()
        return self._codec.key(self._d.answer, address, key.code, key.sequence)

    def _accept(self, pad: Pad, read: Read) -> None:
        if self.has("lost_ack"):
            return
        self.accepted += 1
        key = pad.keys[0] if pad.keys else None
        if key and read.numbers.get("sequence", key.sequence) == key.sequence and key.tellings <= 0:
            pad.keys.popleft()

    def _press(self, address: int, code: int, times: int) -> None:
        tellings = max(times, 2 if self.has("bounce") else 1)
        with self._changed:
            pad = self._pad(address)
            if pad is None:
                return
            pad.sequence = pad.sequence % 255 + 1
            key = _Key(code, pad.sequence, tellings)
            if self._d.event is None or self._d.accept is not None:
                pad.keys.append(key)
        if self._d.event is not None:
            self._speak(address, key, 0)

    def _speak(self, address: int, key: _Key, nth: int) -> None:
        """Tell a press unasked; again until it is accepted, or as often as it was pressed for."""
        assert self._d.event is not None
        with self._changed:
            pad = self._pad(address)
            held = pad is not None and key in pad.keys
        if pad is None or nth >= TELLINGS or (self._d.accept is not None and nth and not held):
            return
        key.tellings -= 1
        raw = self._codec.key(self._d.event, address, key.code, key.sequence)
        self._send(None, raw, address)
        if self._d.accept is not None:
            self._later(AGAIN_S, lambda: self._speak(address, key, nth + 1))
        elif key.tellings > 0:
            self._later(BOUNCE_S, lambda: self._speak(address, key, nth + 1))
