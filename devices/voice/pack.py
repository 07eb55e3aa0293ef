"""A pack of recorded clips as a thing to be made and looked over: what a hall needs, what is there, what is wrong with it."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.ports import Lang
from devices.voice import clips, sound, take
from devices.voice.words import clip_says

EDGE_S = 0.12  # of silence at either end; the player cuts it off, but whoever recorded it meant no pause
LEVEL_DB = 6.0  # from the median of its language
IMPORT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Needed:
    """`says`: what a person must say for it."""

    lang: str
    name: str
    says: str


@dataclass(slots=True)
class Finding:
    """One clip; `seconds` and `level_db` are 0 when it is not there. `wrong`: what, and how to mend it; "" = well."""

    needed: Needed
    seconds: float = 0.0
    level_db: float = 0.0
    wrong: str = ""

    def __str__(self) -> str:
        figures = f"{self.seconds:5.2f} s {self.level_db:6.1f} dB" if self.seconds else " " * 17
        name = f"{self.needed.lang}/{self.needed.name}"
        return f"{'ok  ' if not self.wrong else 'FAIL'} {name:<22} {figures}  {self.wrong or self.needed.says}"


def needed(names: Mapping[Lang, Iterable[str]], languages: Sequence[str]) -> list[Needed]:
    """`names`: "zh" and "en" -> the clips of their sentences; a dialect has those of "zh"."""
    return [
        Needed(lang, name, clip_says(name, lang))
        for lang in languages
        for name in names["en" if lang == "en" else "zh"]
    ]


def look_over(pack: Path, wanted: Sequence[Needed]) -> list[Finding]:
    """Every needed clip with what is wrong about it."""
    found = [_look(pack, one) for one in wanted]
    for lang in dict.fromkeys(one.lang for one in wanted):
        there = [f for f in found if f.needed.lang == lang and f.seconds]
        median = statistics.median([f.level_db for f in there]) if there else 0.0
        for finding in there:
            off = finding.level_db - median
            if not finding.wrong and abs(off) > LEVEL_DB:
                finding.wrong = (
                    f"比其他录音{'响' if off > 0 else '轻'} {abs(off):.0f} dB {abs(off):.0f} dB "
                    f"{'louder' if off > 0 else 'quieter'} than the others; 重录 record it again"
                )
    return found


def _look(pack: Path, one: Needed) -> Finding:
    finding = Finding(one)
    try:
        samples = clips.read(pack, one.lang, one.name)
    except FileNotFoundError:
        finding.wrong = f"缺少 missing; 请录「{one.says}」 record “{one.says}”"
        return finding
    except (OSError, sound.BadSound) as error:
        finding.wrong = f"无法使用 unusable: {error}; 用 --from 导入可转换格式 import it with --from, which converts"
        return finding
    finding.seconds = sound.seconds(samples)
    speech = take.find(samples)
    if speech is None or speech.level_db < take.FAINT_DB:
        finding.wrong = "没有声音 silent; 重录 record it again"
        return finding
    finding.level_db = speech.level_db
    before, behind = speech.begin / sound.RATE, sound.seconds(samples) - speech.end / sound.RATE
    if not take.SHORTEST_S <= finding.seconds <= take.LONGEST_S:
        limits = f"{take.SHORTEST_S}–{take.LONGEST_S:.0f} s"
        finding.wrong = f"长度应为 {limits} must last {limits}; 重录 record it again"
    elif tops := take.flat_tops(samples):
        finding.wrong = f"{tops} 处失真 distorted in {tops} places; 调低录音音量后重录 lower the level, record it again"
    elif max(before, behind) > EDGE_S:
        where = "开头 before it" if before > behind else "结尾 after it"
        length = f"{max(before, behind):.2f} s"
        finding.wrong = (
            f"{where}静音 {length} of silence; 用 --from 重新导入可修剪 import it again with --from, which trims"
        )
    return finding


def write(pack: Path, one: Needed, samples: sound.Samples[int]) -> None:
    """Whole or not at all, and on the disk when this returns. Raises OSError."""
    file = pack / one.lang / f"{one.name}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".part")
    try:
        with half.open("wb") as out:
            out.write(sound.to_wav(samples, one.says))
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def find_file(folder: Path, one: Needed) -> Path | None:
    """Where a folder of somebody's recordings has this clip: zh/words/please.wav or zh-words-please.wav, also in capitals."""
    flat = f"{one.lang}-{one.name.replace('/', '-')}"
    for stem in (f"{one.lang}/{one.name}", flat):
        for ending in (".wav", ".WAV", ".Wav"):
            if (file := folder / f"{stem}{ending}").is_file():
                return file
    return None


def take_in(file: Path) -> sound.Samples[int]:
    """Somebody's recording as a clip: converted, trimmed, levelled. Raises take.BadTake, OSError."""
    if file.stat().st_size > IMPORT_BYTES:
        raise take.BadTake(f"文件过大 {file.stat().st_size} bytes is too large; 最多 at most {IMPORT_BYTES}")
    try:
        return take.clip_of(sound.any_wav(file.read_bytes()))
    except sound.BadSound as error:
        raise take.BadTake(f"无法使用 unusable: {error}; 请另存为 WAV save it as a plain WAV") from error
