"""LED callers on one line: one driver for every frame format, and its named forms.

Law of the outcomes: bytes that never left → NOT_DONE; the sign said yes → DONE; it said no → NOT_DONE; it said nothing
it can be held to → UNKNOWN. A sign that cannot answer is taken at its word once all bytes are written. `show` is
idempotent, so silence is asked again, `tries` times; an address that stays silent is then asked once per text only, and
from the third silence on less and less often (Quarantine), so that a dead sign does not slow the others on its bus.

Repainting: a sign that lost its power comes back dark and says nothing, or says hello if its protocol has that. The driver
knows what it last put on each sign, so `probe`, which the supervisor calls every few seconds, paints again what is due: at
once after a hello, at the next permitted try after a silence, and otherwise each sign once in `repaint_s`, a few at a
time (REPAINT_BUDGET_S), so that a call never waits long behind it. That also finds the silent ones before a customer is
called to them. Brightness is lost with the power too, and is told again with the next text.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from devices.bus.quarantine import Quarantine
from devices.led.alpha import AlphaCodec
from devices.led.codec import FrameCodec, Shown, SignCodec
from devices.led.description import FrameDescription
from devices.led.frames import FrameError
from devices.led.modbus import Framing, ModbusCodec, Registers
from devices.led.onbon import OnbonCodec, Screen
from devices.ports import DONE, Health, Outcome, not_done, unknown
from devices.transport import Line, LineError, LineTimeout, deadline_in, open_line

ANSWER_LIMIT = 2048  # bytes listened to for one answer: more is noise
SIGNS = 256  # signs of one line that are kept for repainting
REPAINT_S = 60.0
REPAINT_BUDGET_S = 0.3  # of line time in one probe
REPAINT_TRY_S = 1.5  # for one sign
SOON_S = 3.0  # a text that was not surely shown is painted again after this
Opener = Callable[[str], Line]


class CodecSign:
    """`opener` opens the line (a bus gives its own). `repaint_s` 0 = never of itself."""

    def __init__(
        self,
        where: str,
        codec: SignCodec,
        opener: Opener = open_line,
        *,
        repaint_s: float = REPAINT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where, self._codec, self._opener = where, codec, opener
        self._repaint_s, self._clock = repaint_s, clock
        self._line: Line | None = None
        self._lost: LineError | None = None
        self._quarantine = Quarantine(clock=clock)
        self._silent: set[int] = set()
        self._shown: dict[int, Shown] = {}
        self._due: dict[int, float] = {}
        self._level: int | None = None
        self._dimmed: set[int] = set()  # signs that know `_level`
        self._polling = False  # repainting: on a bus, a call goes first

    def open(self) -> None:
        """Raises LineError. Nothing is asked of the signs: a silent one shows at its first text."""
        self._line = self._opener(self._where)
        self._lost = None
        # A bus gives each of its lines a quarantine, so that its own health can say who is resting.
        self._quarantine = getattr(self._line, "quarantine", self._quarantine)
        self._quarantine.clear()
        self._silent.clear()
        self._dimmed.clear()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        """Raises LineError once the line is lost: it must be opened again. Silence is `degraded`, never `fault`: a sign is
        only heard from when it is given a text, so texts must go on being given. Repaints what is due."""
        if self._line is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        if self._lost is None:
            self._greet(self._line.drain_input())
            self._repaint()
        if self._lost is not None:
            raise self._lost
        if not self._silent:
            return Health("ready")
        names = ", ".join(str(address) for address in sorted(self._silent))
        detail = (
            f"sign {names} does not answer 屏 {names} 无应答; check its power, address and wires 请检查电源、地址和接线"
        )
        return Health("degraded", ("silent",), detail)

    def show(self, text: Shown, deadline_s: float) -> Outcome:
        if self._line is None or self._lost is not None:
            return not_done(str(self._lost or f"{self._where}: not open 未打开"))
        try:
            self._codec.frames(text)
        except FrameError as error:
            return not_done(str(error))
        if text.address in self._shown or len(self._shown) < SIGNS:
            self._shown[text.address] = text
        wait_s = self._quarantine.pause_s(text.address)
        if wait_s > 0:
            return unknown(
                f"sign {text.address} does not answer and is asked again in {wait_s:.0f} s "
                f"屏 {text.address} 无应答，{wait_s:.0f} 秒后再试"
            )
        return self._paint(self._line, text, deadline_in(deadline_s))

    def dim(self, level: int, deadline_s: float) -> Outcome:
        """Told now to the signs that show something, and to the others with their first text."""
        if self._line is None or self._lost is not None:
            return not_done(str(self._lost or f"{self._where}: not open 未打开"))
        if not 0 <= level <= 100:
            return not_done(f"brightness {level} 亮度超出范围: use 0 to 100")
        try:
            self._codec.dim(1, level)
        except FrameError as error:
            return not_done(str(error))
        if level != self._level:
            self._level = level
            self._dimmed.clear()
        worst, end = DONE, deadline_in(deadline_s)
        for address in [a for a in self._shown if a not in self._dimmed]:
            if self._quarantine.may_ask(address):
                outcome = self._told_level(self._line, address, end)
                worst = worst if outcome.kind == "done" else outcome
        return worst

    # --- one sign --------------------------------------------------------------------------------------------------

    def _paint(self, line: Line, text: Shown, end: float) -> Outcome:
        address = text.address
        outcome = DONE
        if self._level is not None and address not in self._dimmed:
            outcome = self._told_level(line, address, end)
        if outcome.kind != "unknown":  # a sign that refuses a brightness still shows
            outcome = self._exchanges(line, self._codec.frames(text), address, end)
        self._plan(address, outcome)
        return outcome

    def _plan(self, address: int, outcome: Outcome) -> None:
        """When it is painted next."""
        if outcome.kind == "unknown":
            self._due[address] = self._clock() + SOON_S
        elif self._repaint_s:
            self._due[address] = self._clock() + self._repaint_s
        else:
            self._due.pop(address, None)

    def _told_level(self, line: Line, address: int, end: float) -> Outcome:
        outcome = self._exchanges(line, self._codec.dim(address, self._level or 0), address, end)
        if outcome.kind != "unknown":
            self._dimmed.add(address)  # one that refused is not asked every time
        return outcome

    def _exchanges(self, line: Line, frames: list[bytes], address: int, end: float) -> Outcome:
        """All frames, one after the other, as long as the sign says yes."""
        tries = 1 if address in self._silent else self._codec.tries
        outcome = DONE
        for raw in frames:
            outcome = self._ask(line, raw, address, end, tries)
            if outcome.kind != "done":
                break
        if self._codec.within_s and self._lost is None:
            self._remember(address, outcome)
        return outcome

    def _remember(self, address: int, outcome: Outcome) -> None:
        if outcome.kind == "unknown":
            self._silent.add(address)
            self._quarantine.silent(address)
            self._dimmed.discard(address)
        else:
            self._silent.discard(address)
            self._quarantine.answered(address)

    def _ask(self, line: Line, raw: bytes, address: int, end: float, tries: int) -> Outcome:
        left, heard = False, b""
        with ExitStack() as turn:
            try:
                turn.enter_context(line.turn(end, polling=self._polling))
            except LineTimeout as error:
                return not_done(str(error))  # the bus is busy with others; nothing is wrong with the line
            except LineError as error:
                self._lost = error
                return not_done(str(error))
            try:
                for _ in range(tries):
                    self._greet(line.drain_input())
                    line.write(raw, end)
                    left = True
                    if not self._codec.within_s:
                        return DONE
                    heard, verdict = self._listen(line, raw, address, min(end, deadline_in(self._codec.within_s)))
                    if verdict is not None:
                        return verdict
            except LineError as error:
                # Half a frame may be in the sign: the next text on this line would be read as its rest.
                self._lost = error
                return unknown(str(error)) if left or error.written else not_done(str(error))
        if heard:
            said = heard[:16].hex(" ")
            return unknown(
                f"sign {address} answered {said}, which is no answer 屏 {address} 应答 {said}，不是应有的应答"
            )
        return unknown(f"sign {address} did not answer 屏 {address} 无应答")

    def _listen(self, line: Line, raw: bytes, address: int, end: float) -> tuple[bytes, Outcome | None]:
        heard, verdict = b"", None
        while len(heard) < ANSWER_LIMIT:
            piece = line.read_some(end)
            heard += piece
            verdict = self._codec.verdict(heard, address, raw)
            if verdict is not None or not piece:
                break
        self._greet(heard)
        return heard, verdict

    # --- repainting ------------------------------------------------------------------------------------------------

    def _greet(self, heard: bytes) -> None:
        """Signs that were just switched on: dark, and at full brightness."""
        for address in self._codec.greeted(heard) if heard else ():
            self._silent.discard(address)
            self._quarantine.answered(address)
            self._dimmed.discard(address)
            if address in self._shown:
                self._due[address] = self._clock()

    def _repaint(self) -> None:
        stop = self._clock() + REPAINT_BUDGET_S
        for address in sorted(self._due, key=self._due.__getitem__):
            now = self._clock()
            if self._line is None or self._lost is not None or now >= stop or self._due[address] > now:
                break
            if self._quarantine.may_ask(address):
                self._polling = True
                try:
                    self._paint(self._line, self._shown[address], deadline_in(REPAINT_TRY_S))
                finally:
                    self._polling = False


class FrameSign(CodecSign):
    """A `ports.Sign`: the signs of one line, whose frame `description` says."""

    def __init__(self, where: str, description: FrameDescription, opener: Opener = open_line) -> None:
        super().__init__(where, FrameCodec(description), opener)


class OnbonSign(CodecSign):
    """A `ports.Sign`: Onbon BX-5K/6K cards on one line."""

    def __init__(self, where: str, screen: Screen, opener: Opener = open_line) -> None:
        super().__init__(where, OnbonCodec(screen), opener)


class ModbusSign(CodecSign):
    """A `ports.Sign`: Modbus number signs on one line."""

    def __init__(self, where: str, registers: Registers, framing: Framing, opener: Opener = open_line) -> None:
        super().__init__(where, ModbusCodec(registers, framing), opener)


class AlphaSign(CodecSign):
    """A `ports.Sign`: Alpha signs on one line."""

    def __init__(self, where: str, opener: Opener = open_line) -> None:
        super().__init__(where, AlphaCodec(), opener)
