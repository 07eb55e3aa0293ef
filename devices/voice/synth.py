"""Text -> sound by a program of its own, killed when it is too slow: pyttsx3 (in our worker), espeak-ng directly, or a configured
command. GPL programs are only ever run, never loaded here.

Debian 12's `cmn` voice reads 请 as English letters ("king three"); `cmn-latn-pinyin` says qǐng. So before the hall hears a
voice of espeak-ng it is asked for the phonemes of a word it must know (KNOWN).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from devices.ports import DeviceError
from devices.voice import sound
from devices.voice.program import Ended, ProgramError, Programs

ROOT = Path(__file__).resolve().parents[2]
VOICES = {"zh": "cmn-latn-pinyin", "en": "en-gb"}  # a dialect has the voice of its own name: yue
WORDS_A_MINUTE = {"en": 145}
CHINESE_A_MINUTE = 150
TEXT_LIMIT = 500  # characters in one sentence
ASK_S = 2.0  # for phonemes; measured 10 ms
TRIES = 2
INSTALL = "install it 请安装: apt-get install espeak-ng"
# A word each language's voice must know, and how its phonemes begin in espeak-ng's letters: tɕʰi with the third tone or its half,
# tsʰɪŋ with the second tone of Cantonese, θriː.
KNOWN: Mapping[str, tuple[str, str]] = {
    "zh": ("请", "tS;h'i2"),
    "yue": ("请", "c'ing2"),
    "en": ("three", "Tr'i"),
}


class SynthError(DeviceError):
    """No sound came of it; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a language cannot be spoken. `reason`: "no_voice" (nothing to speak with) or "wrong_voice" (it would say otherwise)."""

    reason: str
    detail: str


class Synthesiser(Protocol):
    """`name` stands in the cache's keys; `voice(lang)` too."""

    name: str
    programs: Programs

    def voice(self, lang: str) -> tuple[str, int]:
        """(voice, words a minute)"""

    def speak(self, lang: str, text: str, deadline_s: float) -> sound.Samples[int]:
        """The sentence, silence trimmed. Raises SynthError."""

    def troubles(self, langs: Sequence[str]) -> dict[str, Trouble]:
        """What is wrong with each language; bounded by ASK_S a language."""


@dataclass
class EspeakSynth:
    """`espeak-ng` itself: about 25 ms a sentence. `voices`: language -> voice."""

    voices: Mapping[str, str] = field(default_factory=lambda: dict(VOICES))
    programs: Programs = field(default_factory=Programs)
    name: str = "espeak"

    def voice(self, lang: str) -> tuple[str, int]:
        return self.voices.get(lang, lang), WORDS_A_MINUTE.get(lang, CHINESE_A_MINUTE)

    def speak(self, lang: str, text: str, deadline_s: float) -> sound.Samples[int]:
        voice, rate = self.voice(lang)
        with scratch() as folder:
            out = Path(folder) / "out.wav"
            run(
                self.programs,
                [program(), "-v", voice, "-s", str(rate), "-w", str(out), "--stdin"],
                text,
                deadline_s,
            )
            return read(out, text)

    def troubles(self, langs: Sequence[str]) -> dict[str, Trouble]:
        found: dict[str, Trouble] = {}
        for lang in langs:
            trouble = mispronounced(self.programs, lang, self.voice(lang)[0])
            if trouble is not None:
                found[lang] = trouble
                if trouble.reason == "no_voice":
                    return dict.fromkeys(langs, trouble)
        return found


@dataclass
class Pyttsx3Synth(EspeakSynth):
    """pyttsx3 in a process of its own, one sentence a run: about 150 ms. It speaks with espeak-ng's voices."""

    name: str = "pyttsx3"

    def speak(self, lang: str, text: str, deadline_s: float) -> sound.Samples[int]:
        voice, rate = self.voice(lang)
        with scratch() as folder:
            out = Path(folder) / "out.wav"
            command = [sys.executable, "-m", "devices.voice.pyttsx3_worker", voice, str(rate), str(out)]
            for nth in range(TRIES):
                try:
                    run(self.programs, command, text, deadline_s / TRIES, ROOT)
                    return read(out, text)
                except SynthError:
                    if nth + 1 == TRIES:
                        raise
        raise AssertionError("unreachable")


@dataclass
class CommandSynth:
    """A configured command line. {text}, {lang}, {voice} and {out} are replaced; without {text} the text is on its input. It must
    leave a WAV at {out}. `folder`: where it runs, so that its files may be named beside the configuration."""

    command: Sequence[str]
    folder: Path
    voices: Mapping[str, str] = field(default_factory=dict)
    programs: Programs = field(default_factory=Programs)
    name: str = "command"

    def __post_init__(self) -> None:
        self.name = "\x1f".join(("command", *self.command))

    def voice(self, lang: str) -> tuple[str, int]:
        return self.voices.get(lang, lang), 0

    def speak(self, lang: str, text: str, deadline_s: float) -> sound.Samples[int]:
        with scratch() as folder:
            out = Path(folder) / "out.wav"
            words = {"{text}": text, "{lang}": lang, "{voice}": self.voice(lang)[0], "{out}": str(out)}
            argv = [_filled(word, words) for word in self.command]
            on_input = not any("{text}" in word for word in self.command)
            run(
                self.programs,
                argv,
                text,
                deadline_s,
                self.folder,
                on_input=on_input,
                mend="mend `command` 请检查 command",
            )
            return read(out, text)

    def troubles(self, langs: Sequence[str]) -> dict[str, Trouble]:
        """Only whether it is there: what it says no program can hear."""
        name = self.command[0]
        there = shutil.which(str(self.folder / name)) if "/" in name else shutil.which(name)
        if there is not None:
            return {}
        trouble = Trouble(
            "no_voice", f"{name} is not there or may not be run 找不到或不可执行; mend `command` 请检查 command"
        )
        return dict.fromkeys(langs, trouble)


@dataclass
class NoSynth:
    """Recorded clips only: a sentence that they do not hold cannot be said."""

    programs: Programs = field(default_factory=Programs)
    name: str = "clips"

    def voice(self, lang: str) -> tuple[str, int]:
        return "", 0

    def speak(self, lang: str, text: str, deadline_s: float) -> sound.Samples[int]:
        raise SynthError(
            f"{text[:30]!r} is not in the clips, and this voice has nothing else 录音中没有此句，且未配置语音合成; "
            "run `kiosk voice check PACK` 请检查录音包"
        )

    def troubles(self, langs: Sequence[str]) -> dict[str, Trouble]:
        return {}


def _filled(word: str, words: Mapping[str, str]) -> str:
    """Each placeholder once, in one pass: a text that reads "{out}" stays one."""
    at, out = 0, ""
    while at < len(word):
        name = next((name for name in words if word.startswith(name, at)), None)
        out += words[name] if name else word[at]
        at += len(name) if name else 1
    return out


def program() -> str:
    found = shutil.which("espeak-ng")
    if found is None:
        raise SynthError(f"espeak-ng is not installed 未安装 espeak-ng; {INSTALL}")
    return found


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for what a program writes. Raises SynthError when the disk has no room for it."""
    try:
        return tempfile.TemporaryDirectory(prefix="yitai-voice-", ignore_cleanup_errors=True)
    except OSError as error:
        raise SynthError(f"no room for the sound 磁盘无法写入: {error}; free some space 请清理磁盘") from error


def run(
    programs: Programs,
    command: Sequence[str],
    text: str,
    deadline_s: float,
    folder: Path | None = None,
    *,
    on_input: bool = True,
    mend: str = INSTALL,
) -> str:
    """What the program wrote; SynthError when it fails, is missing, or is not done in time (it is killed then)."""
    ended = _ended(programs, command, text, deadline_s, folder, on_input, mend)
    if ended.late:
        raise SynthError(f"{Path(command[0]).name} took longer than {deadline_s:.1f} s 语音合成超时; {mend}")
    if ended.code:
        raise SynthError(f"speech failed 语音合成失败: {ended.why}; {mend}")
    return ended.out


def _ended(
    programs: Programs,
    command: Sequence[str],
    text: str,
    deadline_s: float,
    folder: Path | None,
    on_input: bool,
    mend: str,
) -> Ended:
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise SynthError(f"a sentence has 1 to {TEXT_LIMIT} characters, this one has {len(text)} 句子长度不符")
    try:
        return programs.run(command, deadline_s, text.encode("utf-8", "replace") if on_input else b"", folder)
    except ProgramError as error:
        raise SynthError(f"{error}; {mend}") from error


def read(out: Path, text: str) -> sound.Samples[int]:
    """A program that says all is well may still have made nothing, or something else: pyttsx3 does."""
    try:
        samples = sound.trim(sound.any_wav(out.read_bytes()))
    except (OSError, sound.BadSound) as error:
        raise SynthError(f"speech made no sound file 未生成声音: {error}") from error
    if not samples:
        raise SynthError(f"speech of {text[:20]!r} is silent 合成结果无声")
    return samples


# --- is it the right voice? ------------------------------------------------------------------------------------------


def phonemes(voice: str, text: str, programs: Programs | None = None) -> str:
    """In espeak-ng's letters. Raises SynthError."""
    command = [program(), "-v", voice, "-x", "-q", "--stdin"]
    return run(programs or Programs(), command, text, ASK_S).strip()


def mispronounced(programs: Programs, lang: str, voice: str) -> Trouble | None:
    """A language that KNOWN does not name is only asked whether espeak-ng has its voice."""
    word, expected = KNOWN.get(lang, ("1", ""))
    try:
        espeak = program()
        ended = _ended(programs, [espeak, "-v", voice, "-x", "-q", "--stdin"], word, ASK_S, None, True, INSTALL)
    except SynthError as error:
        return Trouble("no_voice", str(error))
    if ended.late:
        return Trouble("no_voice", f"espeak-ng does not answer 无应答; {INSTALL}")
    if ended.code:
        return Trouble(
            "wrong_voice", f"espeak-ng has no voice {voice!r} 没有此语音 ({ended.why}); `espeak-ng --voices`"
        )
    heard = ended.out.strip()
    if heard.startswith(expected) and heard:
        return None
    told = f"{lang} “{voice}”: {word} is spoken as {heard[:40]}, expected {expected}… 发音不对"
    return Trouble("wrong_voice", f"{told}; name another voice 请改用其他语音, or {INSTALL} (1.51 or later 及以上)")


def mandarin_problem(voice: str = VOICES["zh"]) -> str:
    """Empty when 请 is spoken as Mandarin, else what is wrong and what to do."""
    trouble = mispronounced(Programs(), "zh", voice)
    return trouble.detail if trouble else ""
