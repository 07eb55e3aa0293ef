"""Which key is a new press, and which is one told again. Pure but for the names of its events.

The same sequence number, or where the protocol has none the same key within DEBOUNCE_S, is the same press, told again because
our acceptance was lost or a contact bounced.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from devices.keypad.codec import Key

DEBOUNCE_S = 0.2
RETOLD_S = 10.0  # a sequence number that comes again later than this is a new press of a pad that was restarted
REMEMBERED = 8  # presses of one pad that may be told again
OWED = 64  # acceptances that wait to be sent


@dataclass(slots=True, eq=False)
class Press:
    """One press of one pad. `handed`: whoever listens has got it, or nobody shall."""

    address: int
    key: Key
    at: float
    handed: bool = False


class Presses:
    """`owed` are the acceptances of presses that were handed over, oldest first. `now` is a moment on time.monotonic()."""

    def __init__(self) -> None:
        self._known: dict[int, deque[Press]] = {}
        self.owed: deque[tuple[int, Key]] = deque(maxlen=OWED)

    def clear(self) -> None:
        self._known.clear()
        self.owed.clear()

    def forget(self, address: int) -> None:
        """It was switched off, perhaps: it counts from the beginning again."""
        self._known.pop(address, None)

    def told(self, address: int, key: Key, now: float) -> Press | None:
        """A new press, or None for one told again; that is accepted again once it was handed over."""
        presses = self._known.setdefault(address, deque(maxlen=REMEMBERED))
        same = _same(presses, key, now)
        if same is None:
            press = Press(address, key, now)
            presses.append(press)
            return press
        same.at = now
        if same.handed:
            self.owed.append((address, key))
        return None

    def hand(self, press: Press) -> None:
        press.handed = True
        self.owed.append((press.address, press.key))


def _same(presses: deque[Press], key: Key, now: float) -> Press | None:
    """The press that this one is told again of. With numbers that may be one before the last; without, only the last."""
    if key.sequence is None:
        last = presses[-1] if presses else None
        return last if last and last.key.code == key.code and now - last.at < DEBOUNCE_S else None
    known = (p for p in presses if (p.key.code, p.key.sequence) == (key.code, key.sequence))
    return next((p for p in known if now - p.at < RETOLD_S), None)
