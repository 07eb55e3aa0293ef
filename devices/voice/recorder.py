"""Recording the clips of a pack one by one from a microphone: `arecord` as a program of its own, one run a clip.

Resumable: what is there and good is not asked for again; each clip is on the disk before the next one is asked for.
"""

from __future__ import annotations

import os
import select
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from devices.ports import DeviceError
from devices.voice import sound, synth, take
from devices.voice.pack import Needed, look_over, write
from devices.voice.program import Ended, ProgramError, Programs

LIMIT_S = 5.0  # of one recording
ENDING_S = 2.0  # arecord closes its file within this
LOOK_S = 0.05
LINE_LIMIT = 4096
MEND = "`arecord -l` lists microphones; name one with --device plughw:1 请用 --device 指定话筒"


class Keys:
    """The lines a person types, with time limits. End of input counts as q."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._typed = b""
        self._over = False

    def line(self, timeout_s: float | None = None) -> str | None:
        """The next line without its end; None when nothing was typed in time."""
        while b"\n" not in self._typed:
            if self._over or len(self._typed) > LINE_LIMIT:
                return "q"
            if not select.select([self._fd], [], [], timeout_s)[0]:
                return None
            piece = os.read(self._fd, LINE_LIMIT)
            self._over = not piece
            self._typed += piece
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace").strip().lower()


class Recorder:
    """A microphone by its ALSA name."""

    def __init__(self, device: str = "default") -> None:
        self._device = device
        self._programs = Programs()

    def record(self, over: Callable[[], bool]) -> sound.Samples[int]:
        """Until `over()` (asked every LOOK_S or so) or LIMIT_S. Raises BadTake when it was over too soon, DeviceError."""
        program = shutil.which("arecord")
        if program is None:
            raise DeviceError("arecord is not installed 未安装 arecord; install it 请安装: apt-get install alsa-utils")
        with synth.scratch() as folder:
            out = Path(folder) / "take.wav"
            form = ["-q", "-D", self._device, "-t", "wav", "-f", "S16_LE", "-r", str(sound.RATE), "-c", "1"]
            by_hand = self._run([program, *form, "-d", str(round(LIMIT_S)), str(out)], over)
            try:
                return sound.any_wav(out.read_bytes())
            except (OSError, sound.BadSound) as error:
                if by_hand:
                    raise take.BadTake(
                        "还没录到就结束了 it was ended before anything was recorded; 说完再按回车 speak first"
                    ) from error
                raise DeviceError(f"the microphone gave no sound 没有录到声音: {error}; {MEND}") from error

    def _run(self, argv: list[str], over: Callable[[], bool]) -> bool:
        """Whether a person ended it."""
        found: list[Ended | ProgramError] = []

        def work() -> None:
            try:
                found.append(self._programs.run(argv, LIMIT_S + ENDING_S))
            except ProgramError as error:
                found.append(error)

        thread = threading.Thread(target=work, name="arecord", daemon=True)
        thread.start()
        asked = 0.0
        try:
            while thread.is_alive():
                if not asked and over():
                    asked = time.monotonic()
                    self._programs.ask_to_end()
                elif asked and time.monotonic() - asked > ENDING_S:
                    self._programs.stop()
                thread.join(LOOK_S)
        finally:  # also when a person presses Ctrl-C
            self._programs.stop()
            thread.join()
        ended = found[0]
        if isinstance(ended, ProgramError):
            raise ended
        if ended.late or (not ended.well and not asked):
            raise DeviceError(f"arecord: {ended.why} 录音失败; {MEND}")
        return bool(asked)


class Session:
    """The guide: says what to say, records, tells whether it is good, writes it."""

    def __init__(
        self,
        pack: Path,
        wanted: Sequence[Needed],
        recorder: Recorder,
        keys: Keys,
        say: Callable[[str], None],
        play: Callable[[sound.Samples[int]], str],
    ) -> None:
        self._pack, self._wanted, self._recorder, self._keys = pack, list(wanted), recorder, keys
        self._say, self._play = say, play

    def run(self, *, again: bool = False) -> bool:
        """True when all that is needed is there and good. Raises DeviceError, OSError."""
        found = look_over(self._pack, self._wanted)
        missing = [f.needed for f in found if f.wrong or again]
        total, here = len(self._wanted), len(self._wanted) - len(missing)
        self._say(
            f"{self._pack}: 共 {total} 段，已有 {here} 段，还需录 {len(missing)} 段 · "
            f"{total} clips, {here} there, {len(missing)} to record"
        )
        for nth, one in enumerate(missing, here + 1):
            if not self._one(one, f"[{nth}/{total}] {one.lang}/{one.name}"):
                break
        wrong = sum(bool(f.wrong) for f in look_over(self._pack, self._wanted))
        self._say(
            f"还有 {wrong} 段待录 · {wrong} clips are still to be recorded" if wrong else "全部录好 · all recorded"
        )
        return not wrong

    def _one(self, one: Needed, title: str) -> bool:
        """False when the person ends it."""
        while True:
            self._say(f"{title}  请说 say: 「{one.says}」")
            self._say("  回车开始，s 跳过，q 结束 · Enter begins, s skips, q ends")
            key = self._keys.line()
            if key in ("q", "s"):
                return key == "s"
            self._say("  正在录音，说完按回车 · recording; press Enter when it is said")
            typed: list[str] = []
            made = self._take(lambda typed=typed: self._typed(typed))  # type: ignore[misc]
            if "q" in typed:
                return False
            if made is not None and (ended := self._keep(one, made)) is not None:
                return ended

    def _typed(self, typed: list[str]) -> bool:
        if (line := self._keys.line(LOOK_S)) is not None:
            typed.append(line)
        return bool(typed)

    def _take(self, over: Callable[[], bool]) -> sound.Samples[int] | None:
        try:
            raw = self._recorder.record(over)
            if take.spoken_too_early(raw):
                raise take.BadTake(
                    "说得太早或环境太吵 spoken too early, or a noisy room; 等半秒再说 wait a moment, then speak"
                )
            return take.clip_of(raw)
        except take.BadTake as error:
            self._say(f"  ✗ {error}")
            return None

    def _keep(self, one: Needed, made: sound.Samples[int]) -> bool | None:
        """True: on to the next, False: the person ends it, None: once more."""
        while True:
            self._say(f"  ✓ {sound.seconds(made):.2f} s  回车保存，r 重录，p 试听 · Enter keeps, r again, p plays")
            key = self._keys.line()
            if key == "p":
                if problem := self._play(made):
                    self._say(f"  {problem}")
                continue
            if key in ("r", "q"):
                return None if key == "r" else False
            write(self._pack, one, made)
            return True
