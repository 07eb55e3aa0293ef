"""Keypads and rating pads on one line: asked in turn, or speaking by themselves.

Law of a press. It is delivered once, however often it is told (presses.py). The pad gets its acceptance when the press has been
handed over (`listen` has returned it and is called again), so a press that nobody got is told again. What a pad still
holds when the line is opened was pressed while nobody listened: it is accepted and not delivered, for the hall has moved on.
`holding` is the number the display had last acknowledged when the key came; after a silence that looks like a power cut the
display is dark, so it is "" until the display, painted again, has acknowledged.

Polling: all pads one after the other, then a rest: POLL_S while somebody presses keys, IDLE_S when nobody did for a while. A
clerk feels a delay of more than about 0.3 s; so the first press waits 150 ms on the average and the next ones 75. An exchange
takes about 0.2 ms of processor time (over TCP, most of it the kernel's): twenty idle devices of one pad each 1.3 % of a core,
twenty pads on one line half of that; all at 100 ms it would be more than 4 %.
A dead pad is asked less and less often (Quarantine). On a bus all of this is `polling`: what a person waits for goes first.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from devices.bus.quarantine import Quarantine
from devices.keypad.codec import FromPad, Key, Nothing, PadCodec, PadReader, Told
from devices.keypad.description import PadDescription
from devices.keypad.presses import Press, Presses
from devices.led.frames import FrameError
from devices.ports import DONE, Event, Health, KeypadText, Outcome, Pressed, Rated, not_done, unknown
from devices.transport import Line, LineError, LineTimeout, deadline_in, open_line

POLL_S = 0.15
IDLE_S = 0.3
BUSY_S = 30.0  # since the last press
RETOLD_S = 10.0  # a sequence number that comes again later than this is a new press of a pad that was restarted
OPENING_S = 1.0  # asking all pads once when the line is opened takes at most this long
DEAF_S = 0.6  # one that speaks by itself tells a press from before again within this time
GAP_S = 0.1  # a silence this long inside a frame means its rest will not come
EVENTS = 64  # presses that wait to be listened to
TURN_S = 1.0
REPAINT_S = 60.0


class PadLine:
    """What keypads and rating pads have in common. `addresses`: the pads, in the order they are asked."""

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
        self._line: Line | None = None
        self._lost: LineError | None = None
        self._quarantine = Quarantine()
        self._woken = False
        self._questions: dict[int, bytes] = {}
        self._shown: dict[int, KeypadText] = {}
        self._forget()

    def _forget(self) -> None:
        self._reader: PadReader = self._codec.reader()
        self._events: deque[tuple[Event, Press]] = deque()
        self._idle_words: dict[int, bytes] = {}
        self._presses = Presses()
        self._silent: set[int] = set()
        self._left: deque[int] = deque()  # of the round that was interrupted
        self._next_round = self._pressed_at = 0.0
        self._deaf_until = 0.0
        self._heard_at = 0.0
        self._acked: dict[int, str] = {}
        self._due: dict[int, float] = {}

    # --- a driver --------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Raises LineError. Asks every pad once, so that what it still holds from before is not taken for a press."""
        self._line = self._opener(self._where)
        self._lost = None
        self._quarantine = getattr(self._line, "quarantine", self._quarantine)
        self._quarantine.clear()
        self._woken = False
        self._forget()
        self._line.drain_input()
        now = time.monotonic()
        self._deaf_until = now + OPENING_S
        self._round(now + OPENING_S, self._line)
        if self._d.poll is None and self._d.accept is not None:
            end = self._deaf_until = now + DEAF_S
            while time.monotonic() < end:
                self._overhear(end, self._line)
        self._pay(self._line)
        if not self._left:
            self._deaf_until = 0.0

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        """Raises LineError once the line is lost. Silence is `degraded`: the others work."""
        if self._line is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        if self._lost is None:
            self._guarded(self._line, self._pay)
            self._guarded(self._line, self._idle_work)
        if self._lost is not None:
            raise self._lost
        if not self._silent:
            return Health("ready")
        names = ", ".join(str(address) for address in sorted(self._silent))
        detail = f"pad {names} does not answer 按键器 {names} 无应答; check its power, address and wires 请检查电源、地址和接线"
        return Health("degraded", ("silent",), detail)

    def listen(self, deadline: float) -> Event | None:
        """Raises LineError when the line is lost."""
        line = self._line
        if line is None:
            return None
        self._guarded(line, self._pay)
        while self._lost is None:
            if self._events:
                event, press = self._events.popleft()
                self._presses.hand(press)
                return event
            now = time.monotonic()
            if self._woken or now >= deadline:
                self._woken = False
                return None
            if self._d.poll is not None and now >= self._next_round:
                self._guarded(line, partial(self._round, deadline))
            else:
                end = min(deadline, self._next_round) if self._d.poll is not None else deadline
                self._guarded(line, partial(self._overhear, end))
        raise self._lost

    def wake(self) -> None:
        self._woken = True
        line = self._line
        if line is not None:
            line.wake()

    # --- for the subclass ------------------------------------------------------------------------------------------

    def _event(self, address: int, key: Key, word: str) -> Event | None:
        """The press as an event; None for a key that means nothing here."""
        raise NotImplementedError

    def _back(self, line: Line, address: int) -> None:
        """A pad answers again that had been silent for long: it may have lost what it was told."""

    def _idle_work(self, line: Line) -> None:
        """What there is to do every few seconds."""

    def _tell(self, address: int, raw: bytes, deadline_s: float) -> Outcome:
        """An exchange that a person waits for."""
        if self._line is None or self._lost is not None:
            return not_done(str(self._lost or f"{self._where}: not open 未打开"))
        pause_s = self._quarantine.pause_s(address)
        if pause_s > 0:
            return unknown(
                f"pad {address} does not answer and is asked again in {pause_s:.0f} s "
                f"按键器 {address} 无应答，{pause_s:.0f} 秒后再试"
            )
        return self._told(self._line, address, raw, deadline_in(deadline_s), polling=False)

    def _told(self, line: Line, address: int, raw: bytes, end: float, *, polling: bool) -> Outcome:
        left = False
        try:
            with line.turn(end, polling=polling):
                for _ in range(1 if address in self._silent else self._d.tries):
                    self._hear(line.drain_input())
                    line.write(raw, end)
                    left = True
                    if self._d.told is None:
                        return DONE
                    if self._answer(line, address, Told, end) is not None:
                        self._lives(line, address)
                        return DONE
        except LineTimeout as error:
            if not left and not error.written:
                return not_done(str(error))
            self._lost = error
            return unknown(str(error))
        except LineError as error:
            self._lost = error
            return unknown(str(error)) if left or error.written else not_done(str(error))
        self._dies(address)
        return unknown(f"pad {address} did not answer 按键器 {address} 无应答")

    # --- exchanges -------------------------------------------------------------------------------------------------

    def _guarded(self, line: Line, what: Callable[[Line], None]) -> None:
        """A line that is lost is remembered; `listen` and `probe` raise it."""
        try:
            what(line)
        except LineError as error:
            self._lost = error

    def _overhear(self, end: float, line: Line) -> None:
        self._hear(line.read_some(end))

    def _round(self, deadline: float, line: Line) -> None:
        """Ask every pad, or those left of the round that was interrupted; stops when something waits to be done."""
        if self._d.poll is None:
            return
        if not self._left:
            self._left.extend(self._addresses)
        while self._left and not self._woken and time.monotonic() < deadline:
            address = self._left.popleft()
            if self._quarantine.may_ask(address):
                self._ask(line, address)
            if self._events:
                return
        if not self._left:
            now = time.monotonic()
            busy = now - self._pressed_at < BUSY_S
            self._next_round = now + (self._poll_s if busy else max(self._poll_s, IDLE_S))

    def _ask(self, line: Line, address: int) -> None:
        end = deadline_in(TURN_S)
        try:
            with line.turn(end, polling=True):
                self._hear(line.drain_input())
                line.write(self._question(address), end)
                heard = self._answer(line, address, Nothing, end)
        except LineTimeout as error:
            if error.written:
                raise
            return  # the bus is busy: the next round comes
        if heard is None:
            self._dies(address)
        else:
            self._lives(line, address)

    def _question(self, address: int) -> bytes:
        raw = self._questions.get(address)
        if raw is None:
            raw = self._questions[address] = self._codec.poll(address)
        return raw

    def _answer(self, line: Line, address: int, wanted: type[FromPad], end: float) -> FromPad | None:
        """What the pad answers; keys of others that come meanwhile are kept. A poll is answered by a key or by nothing."""
        end = min(end, deadline_in(self._d.within_s))
        while True:
            piece = line.read_some(end)
            if piece and piece == self._idle_words.get(address) and wanted is Nothing and not self._reader.begun:
                return Nothing(address)  # nearly every answer is this one: it need not be read again
            for item in self._reader.feed(piece) if piece else ():
                theirs = address if item.address is None else item.address
                if isinstance(item, Key):
                    self._pressed(theirs, item)
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
                self._pressed(self._addresses[0] if item.address is None else item.address, item)

    def _lives(self, line: Line, address: int) -> None:
        self._silent.discard(address)
        rested = address in self._quarantine.resting
        self._quarantine.answered(address)
        if rested:
            self._back(line, address)

    def _dies(self, address: int) -> None:
        self._silent.add(address)
        self._quarantine.silent(address)
        if address in self._quarantine.resting:
            self._presses.forget(address)
            self._dark(address)

    def _dark(self, address: int) -> None:
        """It has been silent for so long that it may have lost its power."""

    # --- presses ---------------------------------------------------------------------------------------------------

    def _pressed(self, address: int, key: Key) -> None:
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

    def _pay(self, line: Line) -> None:
        """Accept what was handed over. No answer comes to that."""
        owed = self._presses.owed
        while owed:
            address, key = owed.popleft()
            raw = self._codec.accept(key, address)
            if raw:
                with line.turn(deadline_in(TURN_S)):
                    self._hear(line.drain_input())
                    line.write(raw, deadline_in(TURN_S))


class FrameKeypad(PadLine):
    """A `ports.Keypad`: the counters' keypads of one line."""

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
        line, address = self._line, text.address
        if line is None or self._lost is not None or self._d.poll is None:
            return
        if self._acked.get(address, "") != text.number and self._quarantine.may_ask(address):
            self._guarded(line, partial(self._ask, address=address))

    def _remember(self, text: KeypadText, outcome: Outcome) -> None:
        if outcome.kind == "done":
            self._acked[text.address] = text.number
            self._due[text.address] = time.monotonic() + REPAINT_S

    def _event(self, address: int, key: Key, word: str) -> Event | None:
        if not key.name:
            return None
        name = cast(Any, key.name)  # one of description.KEYS, which are those of the port
        return Pressed(address, name, self._acked.get(address, ""), word)

    def _dark(self, address: int) -> None:
        self._acked.pop(address, None)

    def _back(self, line: Line, address: int) -> None:
        self._paint(line, address)

    def _idle_work(self, line: Line) -> None:
        """Show again what a display may have lost in a power cut too short to be noticed; one at a time."""
        now = time.monotonic()
        late = [address for address, at in self._due.items() if at <= now and self._quarantine.may_ask(address)]
        if late:
            self._paint(line, min(late, key=self._due.__getitem__))

    def _paint(self, line: Line, address: int) -> None:
        text = self._shown.get(address)
        if text is not None:
            self._due[address] = time.monotonic() + REPAINT_S
            raw = self._codec.tell(address, text.number, text.waiting)
            self._remember(text, self._told(line, address, raw, deadline_in(TURN_S), polling=True))


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
