"""LED callers on one line: FrameSign for described frames, OnbonSign for Onbon cards.

Law of the outcomes: bytes that never left → NOT_DONE; the sign said yes → DONE; it said no → NOT_DONE; it said nothing
it can be held to → UNKNOWN. A sign that cannot answer is taken at its word once all bytes are written. `show` is
idempotent, so silence is asked again, `tries` times; an address that stays silent is then asked once per text only, so
that a dead sign does not slow the others on its bus.
"""

from __future__ import annotations

from collections.abc import Callable

from devices.led.codec import FrameCodec, SignCodec
from devices.led.description import FrameDescription
from devices.led.frames import FrameError
from devices.led.onbon import OnbonCodec, Screen
from devices.ports import DONE, Health, Outcome, SignText, not_done, unknown
from devices.transport import Line, LineError, deadline_in, open_line

ANSWER_LIMIT = 2048  # bytes listened to for one answer: more is noise


class CodecSign:
    """`opener` is `open_line` but in tests of the line itself."""

    def __init__(self, where: str, codec: SignCodec, opener: Callable[[str], Line] = open_line) -> None:
        self._where, self._codec, self._opener = where, codec, opener
        self._line: Line | None = None
        self._lost: LineError | None = None
        self._silent: set[int] = set()

    def open(self) -> None:
        """Raises LineError. Nothing is asked of the signs: a silent one shows at its first text."""
        self._line = self._opener(self._where)
        self._lost = None
        self._silent.clear()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        """Raises LineError once the line is lost: it must be opened again. Silence is `degraded`, never `fault`: a sign is
        only heard from when it is given a text, so texts must go on being given."""
        if self._line is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        if self._lost is not None:
            raise self._lost
        self._line.drain_input()
        if not self._silent:
            return Health("ready")
        names = ", ".join(str(address) for address in sorted(self._silent))
        detail = (
            f"sign {names} does not answer 屏 {names} 无应答; check its power, address and wires 请检查电源、地址和接线"
        )
        return Health("degraded", ("silent",), detail)

    def show(self, text: SignText, deadline_s: float) -> Outcome:
        if self._line is None or self._lost is not None:
            return not_done(str(self._lost or f"{self._where}: not open 未打开"))
        end = deadline_in(deadline_s)
        try:
            raw = self._codec.encode(text)
        except FrameError as error:
            return not_done(str(error))
        tries = 1 if text.address in self._silent else self._codec.tries
        outcome = self._ask(self._line, raw, text.address, end, tries)
        if self._codec.within_s:
            self._remember(text.address, outcome)
        return outcome

    def _ask(self, line: Line, raw: bytes, address: int, end: float, tries: int) -> Outcome:
        left = False
        try:
            for _ in range(tries):
                line.drain_input()
                line.write(raw, end)
                left = True
                if not self._codec.within_s:
                    return DONE
                heard, verdict = self._listen(line, address, min(end, deadline_in(self._codec.within_s)))
                if verdict is not None:
                    return DONE if verdict else not_done(f"sign {address} refused the text 屏 {address} 拒绝显示")
        except LineError as error:
            # Half a frame may be in the sign: the next text on this line would be read as its rest.
            self._lost = error
            return unknown(str(error)) if left or error.written else not_done(str(error))
        what = f"answered {heard[:16].hex(' ')}, which is no answer 应答有误" if heard else "did not answer 无应答"
        return unknown(f"sign {address} 屏 {address} {what}")

    def _listen(self, line: Line, address: int, end: float) -> tuple[bytes, bool | None]:
        heard = b""
        while len(heard) < ANSWER_LIMIT:
            piece = line.read_some(end)
            heard += piece
            verdict = self._codec.verdict(heard, address)
            if verdict is not None or not piece:
                return heard, verdict
        return heard, None

    def _remember(self, address: int, outcome: Outcome) -> None:
        if outcome.kind == "unknown":
            self._silent.add(address)
        else:
            self._silent.discard(address)


class FrameSign(CodecSign):
    """A `ports.Sign`: the signs of one line, whose frame `description` says."""

    def __init__(self, where: str, description: FrameDescription) -> None:
        super().__init__(where, FrameCodec(description))


class OnbonSign(CodecSign):
    """A `ports.Sign`: Onbon BX-5K/6K cards on one line."""

    def __init__(self, where: str, screen: Screen) -> None:
        super().__init__(where, OnbonCodec(screen))
