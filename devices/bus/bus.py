"""The bus: a device that owns a serial line, and gives its turns to the others, each over a line of its own.

    Rs485Bus (one supervisor)  ── owns ──>  Line to the adapter
       │ line(device)                          ▲ one frame at a time: HalfDuplex
       └──> BusLine of a sign ─┐               │
       └──> BusLine of keypads ┴─ take turns ──┘

Law: who writes has the wire until it gave it back (`with line.turn(…)`), read into silence, or left it alone for HOLD_S. One
write() is one frame: the gap follows it. When the adapter is lost, every line on the bus is LineClosed "unplugged".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devices.bus.quarantine import Quarantine
from devices.bus.turns import LISTENING, POLLING, URGENT, Turns
from devices.bus.wire import HalfDuplex, Timing
from devices.line import INBOX_LIMIT, InboxLine, Line, LineClosed, LineError, LineTimeout, deadline_in
from devices.ports import Health
from devices.transport import open_line
from devices.wirelog import WireLog

LINES = 64  # on one bus; a pair of wires carries 32 to 256 devices, several behind one driver

DOUBTS = {
    "echo": "the adapter hears itself 收到自己的回声; set echo = true 请设 echo = true",
    "no_echo": "there is no echo 没有回声; set echo = false 请设 echo = false",
}


class Rs485Bus:
    """A `ports.Driver`. `timing` of the line; `echo`: the adapter hears what it sends."""

    def __init__(
        self, where: str, timing: Timing, echo: bool = False, opener: Callable[[str], Line] = open_line
    ) -> None:
        self.where = where
        self._timing, self._echo, self._opener = timing, echo, opener
        self.lock = threading.Condition()
        self.turns = Turns(self.lock)
        self._wire: HalfDuplex | None = None
        self._lost: LineError | None = None
        self._lines: list[BusLine] = []

    def open(self) -> None:
        """Raises LineError. Nobody on the bus is asked anything."""
        self.close()
        line = self._opener(self.where)
        with self.lock:
            self._lost = None
            self._wire = HalfDuplex(line, self._timing, self._echo, self.lock, lambda: self._lost is not None)

    def close(self) -> None:
        with self.lock:
            wire, self._wire = self._wire, None
            if wire is not None:
                self._lost = LineClosed(self.where, "the bus is closed 总线已关闭", "it is opened again 将自动重开")
            lines, self._lines = self._lines, []
            self.lock.notify_all()
        if wire is not None:
            wire.line.close()
        for line in lines:
            line.close()

    def probe(self) -> Health:
        """ready, or degraded with who does not answer and what does not fit. Raises LineError when the line was lost."""
        wire, lost = self._wire, self._lost
        if lost is not None:
            raise lost
        if wire is None:
            return Health("absent", ("unplugged",), f"{self.where}: not open 未打开")
        self._look(wire)
        with self.lock:
            resting = {line.device: line.quarantine.resting for line in self._lines}
        silent = [f"{device} {', '.join(map(str, dead))}" for device, dead in resting.items() if dead]
        details = [f"no answer from 无应答: {'; '.join(silent)}"] if silent else []
        details += [DOUBTS[word] for word in wire.doubts]
        reasons = (*(("silent",) if silent else ()), *wire.doubts)
        return Health("degraded", reasons, "; ".join(details)) if reasons else Health("ready")

    def line(self, where: str, device: str, log: WireLog | None = None) -> BusLine:
        """A line for `device` on this bus. Raises LineClosed while the bus itself is not there."""
        with self.lock:
            if self._wire is None or self._lost is not None:
                raise LineClosed(
                    where, "the bus is not there 总线不可用", "look at the bus itself 请检查总线设备"
                ) from self._lost
            if len(self._lines) >= LINES:
                raise LineClosed(where, f"more than {LINES} lines 线路过多", "use a second bus 请另设一条总线")
            line = BusLine(self, self._wire, where, device, log or WireLog())
            self._lines.append(line)
        return line

    def fail(self, wire: HalfDuplex, error: LineError) -> None:
        """Somebody found the adapter gone: everybody hears of it."""
        with self.lock:
            if wire is self._wire and self._lost is None:
                self._lost = error
                self.lock.notify_all()

    def alive(self, wire: HalfDuplex) -> bool:
        return wire is self._wire and self._lost is None

    def leave(self, line: BusLine) -> None:
        with self.lock:
            if line in self._lines:
                self._lines.remove(line)

    def call_away(self) -> None:
        """The bus itself keeps the wire only for a look."""

    def _look(self, wire: HalfDuplex) -> None:
        """On a silent bus nobody else would notice that the adapter went; who has the wire notices it by itself."""
        if (
            not self.turns.free
            or self.turns.take(self, deadline_in(0.0), POLLING, lambda: not self.alive(wire)) == "no"
        ):
            return
        try:
            if wire.line.drain_input():
                wire.heard(b"")
        except LineError as error:
            self.fail(wire, error)
            raise
        finally:
            self.turns.give(self)


class BusLine(InboxLine):
    """One device's line. `quarantine`: who of its addresses is not to be asked; drivers share it with the bus's health."""

    def __init__(self, bus: Rs485Bus, wire: HalfDuplex, where: str, device: str, log: WireLog) -> None:
        super().__init__(where)
        self.device = device
        self.quarantine = Quarantine()
        self._bus, self._wire, self._log = bus, wire, log
        self._depth = 0  # of turn()
        self._in_call = self._closed = False

    # --- a line ------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        return self._closed

    def write(self, data: bytes, deadline: float) -> None:
        self._woken = False
        with self._call(deadline, URGENT):
            try:
                self._inbox += self._wire.send(data, deadline)
            except LineError as error:
                self._log.note(">", data[: error.written])
                raise
            self._log.note(">", data)

    def drain_input(self) -> bytes:
        """What others were told is not thrown away: without the turn only what had come for this line."""
        self._woken = False
        self._check()
        if self._bus.turns.holds(self):
            with self._call(deadline_in(0.0), URGENT):
                self._inbox += self._wire.line.drain_input()[:INBOX_LIMIT]
        return self._pop(len(self._inbox))

    def wake(self) -> None:
        with self._bus.lock:
            self._woken = True
            self._stir()

    def close(self) -> None:
        with self._bus.lock:
            self._closed = True
            if not self._in_call:
                self._bus.turns.give(self)
            self._stir()
        self._bus.leave(self)

    def hex_log(self) -> list[str]:
        return self._log.lines()

    @contextmanager
    def turn(self, deadline: float, *, polling: bool = False) -> Iterator[None]:
        self._take(deadline, POLLING if polling else URGENT)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._bus.turns.give(self)

    # --- below: turns ------------------------------------------------------------------------------------------------

    def call_away(self) -> None:
        self._wire.line.wake()

    def _stir(self) -> None:
        """End what waits, for a turn or for bytes; the lock is held."""
        self._bus.lock.notify_all()
        if self._in_call and self._bus.turns.holds(self):
            self._wire.line.wake()

    def _check(self) -> None:
        if self._closed and self._bus.alive(self._wire):
            raise LineClosed(self.where, "this end is closed 本端已关闭", "open it again 请重新打开")
        if self._closed or not self._bus.alive(self._wire):
            raise LineClosed(self.where, "the bus was lost 总线已断开", "check the bus's adapter 请检查总线转换器")

    def _useless(self) -> bool:
        return self._closed or not self._bus.alive(self._wire)

    def _take(self, deadline: float, rank: int) -> None:
        self._check()
        taken = self._bus.turns.take(self, deadline, rank, self._useless)
        if taken == "no":
            self._check()
            raise LineTimeout(
                self.where,
                "the bus was busy all the time 总线一直繁忙",
                "look who speaks on it without end 请检查谁在占用总线",
            )
        if taken == "new":
            with self._guard():
                self._wire.line.drain_input()  # an old answer to somebody else

    @contextmanager
    def _call(self, deadline: float, rank: int) -> Iterator[None]:
        """With the wire; afterwards it stays kept for a moment."""
        self._take(deadline, rank)
        with self._guard():
            yield
        if not self._depth:
            self._bus.turns.leave(self)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """A call to the adapter: whatever goes wrong gives the turn back, and a loss is everybody's."""
        with self._bus.lock:
            self._in_call = True
        failed = True
        try:
            self._check()
            yield
            failed = False
        except LineTimeout:
            raise
        except LineError as error:
            self._bus.fail(self._wire, error)
            raise
        finally:
            with self._bus.lock:
                self._in_call = False
                if self._closed or (failed and not self._depth):
                    self._bus.turns.give(self)

    # --- below: hearing ----------------------------------------------------------------------------------------------

    def _fill(self, deadline: float, *, wakeable: bool) -> bool:
        self._check()
        # Of a free wire what has come is taken also by who was woken.
        taken = self._bus.turns.take(self, deadline, LISTENING, self._useless, lambda: wakeable and self._woken)
        self._check()
        if taken == "no":
            return False
        with self._guard():
            # Now wake() ends the reading; one that came before it was begun would not.
            piece = self._wire.line.read_some(0.0 if wakeable and self._woken else deadline)
            if piece:
                self._wire.heard(piece)
                self._log.note("<", piece)
                self._inbox += piece[: INBOX_LIMIT - len(self._inbox)]
        self._check()
        if not self._depth:
            # A question was asked and something came: its rest may follow. Silence, or mere listening: the wire is free.
            (self._bus.turns.leave if piece and taken == "kept" else self._bus.turns.give)(self)
        return bool(piece)


def quarantine_of(line: Line) -> Quarantine:
    """The one that the bus's health shows, or one of the driver's own on a plain line."""
    return line.quarantine if isinstance(line, BusLine) else Quarantine()
