"""Text → sound by a program of its own, killed when it is too slow: pyttsx3 (in our worker) or espeak-ng directly.

Debian 12's `cmn` voice reads 请 as English letters ("king three"); `cmn-latn-pinyin` says qǐng. `mandarin_problem`
asks for the phonemes before the hall hears it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Protocol

from devices.ports import DeviceError, Lang
from devices.voice import sound

ROOT = Path(__file__).resolve().parents[2]
VOICES: dict[Lang, tuple[str, int]] = {"zh": ("cmn-latn-pinyin", 150), "en": ("en-gb", 145)}  # voice, words a minute
TEXT_LIMIT = 500  # characters in one sentence
QING = "tS;h'i2"  # 请 in espeak-ng's letters: tɕʰi, third tone or its half
TRIES = 2
INSTALL = "install it 请安装: apt-get install espeak-ng"


class SynthError(DeviceError):
    """No sound came of it; the text says why and what to do."""


class Synthesiser(Protocol):
    name: str

    def speak(self, lang: Lang, text: str, deadline_s: float) -> sound.Samples[int]:
        """The sentence, silence trimmed. Raises SynthError."""


class EspeakSynth:
    """`espeak-ng` itself: about 25 ms a sentence."""

    name = "espeak"

    def speak(self, lang: Lang, text: str, deadline_s: float) -> sound.Samples[int]:
        voice, rate = VOICES[lang]
        with tempfile.TemporaryDirectory(prefix="yitai-voice-") as folder:
            out = Path(folder) / "out.wav"
            command = [program(), "-v", voice, "-s", str(rate), "-w", str(out), "--stdin"]
            run(command, text, deadline_s)
            return read(out, text)


class Pyttsx3Synth:
    """pyttsx3 in a process of its own, one sentence a run: about 150 ms."""

    name = "pyttsx3"

    def speak(self, lang: Lang, text: str, deadline_s: float) -> sound.Samples[int]:
        voice, rate = VOICES[lang]
        with tempfile.TemporaryDirectory(prefix="yitai-voice-") as folder:
            out = Path(folder) / "out.wav"
            command = [sys.executable, "-m", "devices.voice.pyttsx3_worker", voice, str(rate), str(out)]
            for nth in range(TRIES):
                try:
                    run(command, text, deadline_s / TRIES)
                    return read(out, text)
                except SynthError:
                    if nth + 1 == TRIES:
                        raise
        raise AssertionError("unreachable")


SYNTHESISERS: dict[str, type[EspeakSynth] | type[Pyttsx3Synth]] = {"pyttsx3": Pyttsx3Synth, "espeak": EspeakSynth}


def program() -> str:
    found = shutil.which("espeak-ng")
    if found is None:
        raise SynthError(f"espeak-ng is not installed 未安装 espeak-ng; {INSTALL}")
    return found


def run(command: list[str], text: str, deadline_s: float) -> str:
    """What the program wrote; SynthError when it fails, is missing, or is not done in time (it is killed then)."""
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise SynthError(f"a sentence has 1 to {TEXT_LIMIT} characters, this one has {len(text)} 句子长度不符")
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=deadline_s, cwd=ROOT)
    except subprocess.TimeoutExpired as error:
        raise SynthError(f"{Path(command[0]).name} took longer than {deadline_s:.1f} s 语音合成超时") from error
    except OSError as error:
        raise SynthError(f"{command[0]} cannot be run 无法运行: {error}; {INSTALL}") from error
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", "replace").strip()[-300:] or f"exit code {done.returncode}"
        raise SynthError(f"speech failed 语音合成失败: {why}; {INSTALL}")
    return done.stdout.decode("utf-8", "replace")


def read(out: Path, text: str) -> sound.Samples[int]:
    """A program that says all is well may still have made nothing: pyttsx3 does."""
    try:
        samples = sound.trim(sound.from_wav(out.read_bytes()))
    except (OSError, sound.BadSound) as error:
        raise SynthError(f"speech made no sound file 未生成声音: {error}") from error
    if not samples:
        raise SynthError(f"speech of {text[:20]!r} is silent 合成结果无声")
    return samples


def phonemes(lang: Lang, text: str) -> str:
    return run([program(), "-v", VOICES[lang][0], "-x", "-q", "--stdin"], text, 5.0).strip()


def mandarin_problem() -> str:
    """Empty when 请 is spoken as Mandarin, else what is wrong and what to do."""
    try:
        heard = phonemes("zh", "请")
    except SynthError as error:
        return str(error)
    if heard.startswith(QING):
        return ""
    return f"请 is spoken as {heard[:40]!r}, expected {QING}… 普通话发音不对; {INSTALL} (1.51 or later 及以上)"
