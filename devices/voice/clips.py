"""Recorded clips: a pack has a folder for each language (zh/, en/, yue/) with WAV files in words/, letters/, digits/, numbers/.

A sentence is said by clips wholly or not at all: one missing clip, and the whole sentence is synthesised, because two
voices in one sentence are not understood. Clips are 22,050 Hz, 16 bit, mono.
"""

from __future__ import annotations

import re
from pathlib import Path

from devices.voice import sound

GAP_S = 0.03
CLIPS_LIMIT = 24  # clips in one sentence
KEEP_S = 0.005  # of the silence at both ends of a clip
CLIP_BYTES = 1024 * 1024
NAME = re.compile(r"[a-z]+/[A-Za-z0-9_-]{1,32}")
LANG = re.compile(r"[a-z][a-z0-9-]{1,15}")


class NoClips(Exception):
    """The pack cannot say this sentence: which clip, and why."""


def sentence(pack: Path | None, lang: str, clips: tuple[str, ...]) -> sound.Samples[int] | None:
    """The joined clips; None when there is no pack, or no clips are known for this sentence. Raises NoClips when one of them is
    missing or unusable."""
    if pack is None or not clips:
        return None
    if len(clips) > CLIPS_LIMIT:
        raise NoClips(f"{len(clips)} clips in one sentence, at most {CLIPS_LIMIT} 片段过多")
    return sound.join([_clip(pack, lang, name) for name in clips], GAP_S)


def _clip(pack: Path, lang: str, name: str) -> sound.Samples[int]:
    try:
        found = sound.trim(read(pack, lang, name), keep_s=KEEP_S)
    except FileNotFoundError:
        what = f"{lang}/{name}.wav is missing 缺少录音" if pack.is_dir() else f"{pack} is not there 录音包不存在"
        raise NoClips(what) from None
    except (OSError, sound.BadSound) as error:
        raise NoClips(f"{lang}/{name}.wav: {error} 录音不可用") from error
    if not found:
        raise NoClips(f"{lang}/{name}.wav is silent 录音无声")
    return found


def read(pack: Path, lang: str, name: str) -> sound.Samples[int]:
    """One clip as it was recorded. Raises OSError, BadSound."""
    if not NAME.fullmatch(name) or not LANG.fullmatch(lang):
        raise sound.BadSound(f"{lang}/{name} is no name of a clip")
    file = pack / lang / f"{name}.wav"
    if file.stat().st_size > CLIP_BYTES:
        raise sound.BadSound(f"expected at most {CLIP_BYTES} bytes, got {file.stat().st_size}")
    return sound.from_wav(file.read_bytes())


def unusable(pack: Path) -> list[str]:
    """Every file of a pack that cannot be used, and why: for `kiosk doctor`."""
    found = []
    for file in sorted(pack.glob("*/*/*.wav"))[:2000]:
        try:
            sound.from_wav(file.read_bytes())
        except (OSError, sound.BadSound) as error:
            found.append(f"{file.relative_to(pack)}: {error}")
    return found
