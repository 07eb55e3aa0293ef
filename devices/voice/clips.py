"""Recorded clips: a pack is a folder a language (zh/, en/) with words/, letters/, digits/ and numbers/ of WAV files.

A sentence is said by clips wholly or not at all: one missing clip, and the whole sentence is synthesised, because two
voices in one sentence are not understood. Clips are 22,050 Hz, 16 bit, mono.
"""

from __future__ import annotations

import re
from pathlib import Path

from devices.ports import Lang
from devices.voice import sound

GAP_S = 0.03
CLIPS_LIMIT = 24  # clips in one sentence
_NAME = re.compile(r"[a-z]+/[A-Za-z0-9_-]{1,32}")


def sentence(pack: Path | None, lang: Lang, clips: tuple[str, ...]) -> sound.Samples[int] | None:
    """The joined clips; None when there is no pack, no clips for this sentence, or one of them is missing or unusable."""
    if pack is None or not clips or len(clips) > CLIPS_LIMIT:
        return None
    parts = []
    for name in clips:
        if not _NAME.fullmatch(name):
            return None
        try:
            parts.append(sound.trim(sound.from_wav((pack / lang / f"{name}.wav").read_bytes()), keep_s=0.005))
        except (OSError, sound.BadSound):
            return None
    return sound.join(parts, GAP_S)


def unusable(pack: Path) -> list[str]:
    """Every file of a pack that cannot be used, and why: for `kiosk doctor`."""
    found = []
    for file in sorted(pack.glob("*/*/*.wav"))[:2000]:
        try:
            sound.from_wav(file.read_bytes())
        except (OSError, sound.BadSound) as error:
            found.append(f"{file.relative_to(pack)}: {error}")
    return found
