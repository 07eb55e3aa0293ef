"""From what a microphone took to a clip: the speech found in it, trimmed, brought to one level; or why it is no good. Pure.

Levels are dB below full scale, of the frames that are speech, so that a pause does not make a clip quieter.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

from devices.voice import sound

FRAME = sound.RATE // 100  # samples: 10 ms
BEFORE, BEHIND = 2, 4  # frames kept around the speech
RUN = 3  # frames: what is shorter is a click, not speech
SHORTEST_S, LONGEST_S = 0.1, 3.0
TARGET_DB = -20.0
PEAK = 0.89 * sound.PEAK  # -1 dB
FAINT_DB = -50.0
FULL = 32_700  # a converter at its end
FLAT = 3  # samples in a row there
FADE_S = 0.003


class BadTake(Exception):
    """What is wrong with it and what to do, in both languages."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Where the speech is: `begin` and `end` in samples; how loud it is, in dB."""

    begin: int
    end: int
    level_db: float


def find(samples: sound.Samples[int]) -> Speech | None:
    """None when there is none. What stands 10 dB out of its background counts, and all above -26 dB of the loudest."""
    loud = [sound.rms(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]
    if not loud:
        return None
    top, floor = max(loud), sorted(loud)[len(loud) // 20]
    threshold = min(max(40.0, 3 * floor, top / 50), top / 20)
    if top < 40:
        return None
    spoken = [n for n in range(len(loud)) if loud[n] > threshold]
    runs = [n for n in spoken if all(m < len(loud) and loud[m] > threshold for m in range(n, n + RUN))]
    if not runs:
        return None
    first, last = runs[0], runs[-1] + RUN
    power = [loud[n] ** 2 for n in spoken if first <= n < last]
    return Speech(first * FRAME, last * FRAME, decibel(math.sqrt(sum(power) / len(power))))


def decibel(value: float) -> float:
    return 20 * math.log10(value / sound.PEAK) if value > 0 else -120.0


def flat_tops(samples: sound.Samples[int]) -> int:
    """How often at least FLAT samples in a row stand at the very peak: a converter or an amplifier was driven too hard. Scaling
    afterwards does not hide it. What is quieter than half of full scale and flat is a shape of its own."""
    top = max(max(samples, default=0), -min(samples, default=0))
    if top < sound.PEAK // 2:
        return 0
    count = row = last = 0
    for value in samples:
        at_end = value if value in (top, -top, -top - 1) or abs(value) >= FULL else 0
        row = row + 1 if at_end and (not last or (value > 0) == (last > 0)) else int(bool(at_end))
        last = at_end
        count += row == FLAT
    return count


def clip_of(samples: sound.Samples[int]) -> sound.Samples[int]:
    """The speech in it, ready for a pack. Raises BadTake."""
    speech = find(samples)
    if speech is None or speech.level_db < FAINT_DB:
        raise BadTake(
            "没有听到声音 nothing was heard; 靠近话筒或调高录音音量 come closer, or raise the recording level"
        )
    if flat_tops(samples) > 0:
        raise BadTake(
            "声音过大、已失真 too loud, distorted; 离远些或调低录音音量 move back, or lower the recording level"
        )
    begin = max(0, speech.begin - BEFORE * FRAME)
    cut = samples[begin : speech.end + BEHIND * FRAME]
    if not SHORTEST_S <= sound.seconds(cut) <= LONGEST_S:
        raise BadTake(
            f"{sound.seconds(cut):.1f} 秒，应为 {SHORTEST_S}–{LONGEST_S:.0f} 秒 it lasts {sound.seconds(cut):.1f} s, "
            f"expected {SHORTEST_S} to {LONGEST_S:.0f}; 只说这一段，不要有杂音 say only this, without other noise"
        )
    return _faded(_levelled(cut, speech.level_db))


def spoken_too_early(samples: sound.Samples[int]) -> bool:
    """Of a recording that was begun in silence: the first 50 ms are hardly quieter than the speech, so its begin may be lost."""
    speech = find(samples)
    return speech is not None and decibel(sound.rms(samples[: 5 * FRAME])) > speech.level_db - 12


def _levelled(samples: sound.Samples[int], level_db: float) -> sound.Samples[int]:
    top = max(max(samples), -min(samples))
    factor = min(10 ** ((TARGET_DB - level_db) / 20), PEAK / top)
    return array("h", (round(value * factor) for value in samples))


def _faded(samples: sound.Samples[int]) -> sound.Samples[int]:
    """Without the click of a cut."""
    n = min(round(FADE_S * sound.RATE), len(samples) // 2)
    for i in range(n):
        samples[i] = samples[i] * i // n
        samples[-1 - i] = samples[-1 - i] * i // n
    return samples
