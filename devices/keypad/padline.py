"""What keypads and rating pads have in common: the line's pads are asked in turn, or speak by themselves; a press is told once.

Law of a press. It is delivered once, however often it is told (presses.py). The pad gets its acceptance when the press has been
handed over (`listen` has returned it and is called again), so a press that nobody got is told again. What a pad still
holds when the line is opened was pressed while nobody listened: it is accepted and not delivered, for the hall has moved on.

Polling: all pads one after the other, then a rest: POLL_S while somebody presses keys, IDLE_S when nobody did for a while. A
clerk feels a delay of more than about 0.3 s; so the first press waits 150 ms on the average and the next ones 75. An exchange
takes about 0.2 ms of processor time (over TCP, most of it the kernel's): twenty idle devices of one pad each 1.3 % of a core,
twenty pads on one line half of that; all at 100 ms it would be more than 4 %.
"""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from devices.keypad.codec import Key, PadCodec
from devices.keypad.description import PadDescription
from devices.keypad.presses import Press, Presses
from devices.keypad.wire import PadWire
from devices.ports import Event, Health, Outcome, not_done, unknown
from devices.transport import Line, LineError, deadline_in, open_line

POLL_S = 0.15
IDLE_S = 0.3
BUSY_S = 30.0  # since the last press
OPENING_S = 1.0  # asking all pads once when the line is opened takes at most this long
DEAF_S = 0.6  # one that speaks by itself tells a press from before again within this time
EVENTS = 64  # presses that wait to be listened to


class PadLine(ABC):
    """A `ports.Listener`; the subclass says what its pads are for. `addresses`: the pads, in the order they are asked."""

    def __init__(
        self,
        where: str,
        description: PadDescription,
        addresses: Sequence[int],
        opener: Callable[[str], Line] = open_line,
        *,
        poll_s: float = POLL_S,
    ) -> None:
        self._where, self._opener = where, opener
        self._codec, self._d = PadCodec(description), description
        self._addresses, self._poll_s = tuple(addresses), poll_s
        self._run = secrets.token_hex(4)  # press words of two runs of the station never meet
        self._count = 0
        self._wire: PadWire | None = None
        self._lost: LineError | None = None  # why it was closed
        self._woken = False
        self._forget()

    def _forget(self) -> None:
        self._events: deque[tuple[Event, Press]] = deque()
        self._presses = Presses()
        self._left: deque[int] = deque()  # of the round that was interrupted
        self._next_round = self._pressed_at = 0.0
        self._deaf_until = 0.0

    # --- a driver --------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Raises LineError. Asks every pad once, so that what it still holds from before is not taken for a press."""
        wire = self._wire = PadWire(self._opener(self._where), self._codec, self._d, self._addresses, self)
        self._woken = False
        self._forget()
        wire.line.drain_input()
        now = time.monotonic()
        self._deaf_until = now + OPENING_S
        self._round(wire, now + OPENING_S)
        if self._d.poll is None and self._d.accept is not None:
            end = self._deaf_until = now + DEAF_S
            while time.monotonic() < end:
                wire.overhear(end)
        self._pay(wire)
        if not self._left:
            self._deaf_until = 0.0

    def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            self._lost = wire.lost
            wire.line.close()

    def probe(self) -> Health:
        """Raises LineError once the line is lost. Silence is `degraded`: the others work."""
        wire = self._wire
        if wire is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        if wire.lost is None:
            wire.guarded(partial(self._pay, wire))
            wire.guarded(partial(self._idle_work, wire))
        if wire.lost is not None:
            raise wire.lost
        if not wire.silent:
            return Health("ready")
        names = ", ".join(str(address) for address in sorted(wire.silent))
        detail = f"pad {names} does not answer 按键器 {names} 无应答; check its power, address and wires 请检查电源、地址和接线"
        return Health("degraded", ("silent",), detail)

    def listen(self, deadline: float) -> Event | None:
        """Raises LineError when the line is lost."""
        wire = self._wire
        if wire is None:
            return None
        wire.guarded(partial(self._pay, wire))
        while wire.lost is None:
            if self._events:
                event, press = self._events.popleft()
                self._presses.hand(press)
                return event
            now = time.monotonic()
            if self._woken or now >= deadline:
                self._woken = False
                return None
            if self._d.poll is not None and now >= self._next_round:
                wire.guarded(partial(self._round, wire, deadline))
            else:
                end = min(deadline, self._next_round) if self._d.poll is not None else deadline
                wire.guarded(partial(wire.overhear, end))
        raise wire.lost

    def wake(self) -> None:
        self._woken = True
        wire = self._wire
        if wire is not None:
            wire.line.wake()

    # --- what the pads are for -------------------------------------------------------------------------------------

    @abstractmethod
    def _event(self, address: int, key: Key, word: str) -> Event | None:
        """The press as an event; None for a key that means nothing here."""

    @abstractmethod
    def _idle_work(self, wire: PadWire) -> None:
        """What there is to do every few seconds. Raises LineError."""

    @abstractmethod
    def back(self, wire: PadWire, address: int) -> None:
        """A pad answers again that had been silent for long: it may have lost what it was told."""

    def dark(self, address: int) -> None:
        """It may have lost its power: it counts its presses from the beginning again."""
        self._presses.forget(address)

    def _tell(self, address: int, raw: bytes, deadline_s: float) -> Outcome:
        """An exchange that a person waits for."""
        wire = self._wire
        lost = self._lost if wire is None else wire.lost
        if wire is None or lost is not None:
            return not_done(str(lost or f"{self._where}: not open 未打开"))
        pause_s = wire.quarantine.pause_s(address)
        if pause_s > 0:
            return unknown(
                f"pad {address} does not answer and is asked again in {pause_s:.0f} s "
                f"按键器 {address} 无应答，{pause_s:.0f} 秒后再试"
            )
        return wire.tell(address, raw, deadline_in(deadline_s), polling=False)

    # --- polling ---------------------------------------------------------------------------------------------------

    def _round(self, wire: PadWire, deadline: float) -> None:
        """Ask every pad, or those left of the round that was interrupted; stops when something waits to be done."""
        if self._d.poll is None:
            return
        if not self._left:
            self._left.extend(self._addresses)
        while self._left and not self._woken and time.monotonic() < deadline:
            address = self._left.popleft()
            if wire.quarantine.may_ask(address):
                wire.ask(address)
            if self._events:
                return
        if not self._left:
            now = time.monotonic()
            busy = now - self._pressed_at < BUSY_S
            self._next_round = now + (self._poll_s if busy else max(self._poll_s, IDLE_S))

    # --- presses ---------------------------------------------------------------------------------------------------

    def pressed(self, address: int, key: Key) -> None:
        if address not in self._addresses:
            return
        now = time.monotonic()
        press = self._presses.told(address, key, now)
        if press is None:
            return
        self._pressed_at = now
        if now < self._deaf_until:
            event = None
        else:
            self._count += 1
            event = self._event(address, key, f"{self._run}-{address}-{self._count}")
        if event is None or len(self._events) >= EVENTS:
            self._presses.hand(press)
        else:
            self._events.append((event, press))

    def _pay(self, wire: PadWire) -> None:
        """Accept what was handed over."""
        owed = self._presses.owed
        while owed:
            wire.accept(*owed.popleft())
