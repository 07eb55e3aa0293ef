"""Where the sound goes: a sound card by `aplay`, or a network speaker. A player plays one sound at a time.

Law of the outcomes: no sound can have been heard → NOT_DONE; it was played to its end → DONE; it began, or may have,
and nobody said that it ended → UNKNOWN.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable
from typing import Protocol

from devices.ports import DONE, DeviceError, Health, Outcome, not_done, unknown
from devices.transport import Line, LineError, LineTimeout, deadline_in, open_line
from devices.voice import sound, speaker
from devices.voice.program import Ended, ProgramError, Programs

START_S = 2.0  # a speaker says STARTED within this, or it is not there
ASK_S = 1.0
TEST_S = 2.0  # aplay with 20 ms of silence
CARD_AGAIN = 20  # a card that was well is asked again at every so many probes
OPENING_S = 0.2  # aplay that fails within this has not sounded
NO_CARD = "audio open error"  # aplay's words for a card that is not there, or taken


class Player(Protocol):
    def open(self) -> None: ...

    def probe(self) -> Health: ...

    def close(self) -> None: ...

    def play(self, wav: bytes, seconds: float, deadline_s: float) -> Outcome: ...


def player_for(where: str, opener: Callable[[str], Line] = open_line) -> Player:
    """ "alsa:DEVICE" or "tcp://host:port"; raises DeviceError for anything else."""
    if where.startswith("alsa:") and len(where) > len("alsa:"):
        return AlsaPlayer(where.removeprefix("alsa:"))
    if where.startswith("tcp://"):
        return NetworkPlayer(where, opener)
    raise DeviceError(
        f"{where}: unknown place for sound 未知的音频输出; write alsa:default or tcp://host:port 请按此格式填写"
    )


class AlsaPlayer:
    """`aplay -D device`. A missing program or card is a state (`no_sound`), not an error: the sound is still made and
    kept, and every announcement is told at once that nobody heard it."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._programs = Programs()
        self._open = False
        self._problem = ""
        self._well_for = 0

    def open(self) -> None:
        self._open = True
        self._well_for = 0
        self._problem = self._test()

    def close(self) -> None:
        """Ends a sound that plays."""
        self._open = False
        self._programs.stop()

    def probe(self) -> Health:
        if not self._open:
            return Health("absent", ("closed",), f"alsa:{self._device}: not open 未打开")
        self._well_for += 1
        if self._problem or self._well_for >= CARD_AGAIN:
            self._well_for = 0
            self._problem = self._test()
        return Health("degraded", ("no_sound",), self._problem) if self._problem else Health("ready")

    def play(self, wav: bytes, seconds: float, deadline_s: float) -> Outcome:
        if not self._open:
            return not_done(f"alsa:{self._device}: not open 未打开")
        if seconds > deadline_s:
            return not_done(f"{seconds:.1f} s of sound do not fit into {deadline_s:.1f} s 时间不够")
        ended = self._aplay(wav, deadline_s)
        if isinstance(ended, str):
            self._problem = ended
            return not_done(ended)
        if ended.late:
            return unknown(f"aplay was stopped after {deadline_s:.1f} s 播放超时，已中止")
        self._problem = self._told(ended)
        if not self._problem:
            return DONE
        silent = NO_CARD in ended.why or ended.seconds < OPENING_S
        return not_done(self._problem) if silent else unknown(self._problem)

    def _test(self) -> str:
        ended = self._aplay(sound.to_wav(sound.silence(0.02)), TEST_S)
        if isinstance(ended, str):
            return ended
        if ended.late:
            return f"sound card {self._device} does not take sound 声卡无响应; is another program using it? 是否被占用"
        return self._told(ended)

    def _aplay(self, wav: bytes, deadline_s: float) -> Ended | str:
        """How it ended, or why it could not begin."""
        program = shutil.which("aplay")
        if program is None:
            return "aplay is not installed 未安装 aplay; install it 请安装: apt-get install alsa-utils"
        try:
            return self._programs.run([program, "-q", "-D", self._device], deadline_s, wav)
        except ProgramError as error:
            return str(error)

    def _told(self, ended: Ended) -> str:
        """Empty when all was played."""
        if ended.well:
            return ""
        return (
            f"sound card {self._device}: {ended.why} 声卡无法播放; "
            '`aplay -l` lists the cards; name one as where = "alsa:plughw:0" 请在 devices.toml 中改用已有的声卡'
        )


class NetworkPlayer:
    """A speaker at the other end of a TCP line; see speaker.py."""

    def __init__(self, where: str, opener: Callable[[str], Line] = open_line) -> None:
        self._where = where
        self._opener = opener
        self._line: Line | None = None
        self._reader = speaker.Reader()
        self._heard: deque[speaker.Frame] = deque()  # STARTED and DONE of a short sound may come in one piece
        self._lost: DeviceError | None = None
        self._next = 0

    def open(self) -> None:
        """Raises LineError."""
        self._line = self._opener(self._where)
        self._reader = speaker.Reader()
        self._heard.clear()
        self._lost = None

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        """Raises DeviceError when the line is lost, out of step, or nobody answers: it must be opened again."""
        if self._line is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        if self._lost is not None:
            raise self._lost
        end = deadline_in(ASK_S)
        number = self._send(self._line, speaker.ASK, b"", end)
        if self._await(self._line, number, (speaker.WELL,), end) is None:
            raise LineTimeout(self._where, "the speaker does not answer 音箱无应答", "check its power 请检查电源")
        return Health("ready")

    def play(self, wav: bytes, seconds: float, deadline_s: float) -> Outcome:
        line = self._line
        if line is None or self._lost is not None:
            return not_done(str(self._lost or f"{self._where}: not open 未打开"))
        if seconds > deadline_s:
            return not_done(f"{seconds:.1f} s of sound do not fit into {deadline_s:.1f} s 时间不够")
        end = deadline_in(deadline_s)
        try:
            # What has not left while it could still be played to its end is not worth sending.
            number = self._send(line, speaker.PLAY, wav, max(end - seconds, deadline_in(ASK_S)))
        except LineError as error:
            self._lost = error
            # The speaker plays whole sounds only, so half a frame was never heard.
            whole = speaker.HEAD.size + len(wav)
            return unknown(str(error)) if error.written >= whole else not_done(str(error))
        try:
            return self._follow(line, number, end)
        except DeviceError as error:
            self._lost = error
            return unknown(str(error))

    def _follow(self, line: Line, number: int, end: float) -> Outcome:
        began = self._await(line, number, (speaker.STARTED, speaker.REFUSED), min(end, deadline_in(START_S)))
        if began is None:
            return unknown("the speaker does not answer 音箱无应答")
        if began.kind == speaker.REFUSED:
            return not_done(f"the speaker refused 音箱拒绝播放: {_text(began)}")
        ended = self._await(line, number, (speaker.DONE, speaker.REFUSED), end)
        if ended is None:
            self._send(line, speaker.STOP, b"", deadline_in(ASK_S))
            return unknown("the speaker began but did not end in time 音箱未按时播完")
        if ended.kind == speaker.REFUSED:
            return unknown(f"the speaker began, then gave up 音箱中途停止: {_text(ended)}")
        return DONE

    def _send(self, line: Line, kind: int, payload: bytes, end: float) -> int:
        self._next = self._next % 0xFFFF_FFFF + 1
        line.write(speaker.Frame(kind, self._next, payload).to_bytes(), end)
        return self._next

    def _await(self, line: Line, number: int, kinds: tuple[int, ...], end: float) -> speaker.Frame | None:
        """The answer to `number`; answers to older questions are passed over. None when the moment passes."""
        while True:
            while self._heard:
                frame = self._heard.popleft()
                if frame.id == number and frame.kind in kinds:
                    return frame
            piece = line.read_some(end)
            if not piece:
                return None
            self._heard.extend(self._reader.feed(piece))


def _text(frame: speaker.Frame) -> str:
    return frame.payload[:200].decode("utf-8", "replace")
