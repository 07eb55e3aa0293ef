"""Sounds as 16-bit samples, 22,050 a second, one channel: chime, joining, trimming, volume, WAV in and out. Pure.

Every function takes and gives `Samples` (array of signed 16-bit); times are in seconds. A WAV made here says its
sentence in words too (RIFF LIST/INFO, INAM, UTF-8), so whoever receives it knows what is said.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Sequence

from devices.voice import wav
from devices.voice.wav import LIMIT_S as LIMIT_S
from devices.voice.wav import RATE as RATE
from devices.voice.wav import BadSound as BadSound

PEAK = 32_767
QUIET = 330  # below 1 % of full scale: silence
CHIME = ((659.26, 0.38), (523.25, 0.62))  # E5, C5: "ding-dong"
LEAD_S = 0.15  # amplifiers that sleep swallow what comes first

Samples = array  # array("h")


def silence(seconds: float) -> Samples[int]:
    return array("h", bytes(2 * round(seconds * RATE)))


def chime() -> Samples[int]:
    """Two bell tones, each with its octave softly above, dying away; the second is struck while the first still rings."""
    out = [0.0] * round(RATE * (LEAD_S + sum(seconds for _, seconds in CHIME)))
    begin = LEAD_S
    for pitch, seconds in CHIME:
        first = round(begin * RATE)
        for i in range(len(out) - first):
            t = i / RATE
            swell = min(1.0, t / 0.006) * math.exp(-t / (seconds * 0.42))
            tone = math.sin(2 * math.pi * pitch * t) + 0.25 * math.sin(4 * math.pi * pitch * t)
            out[first + i] += swell * tone
        begin += seconds
    last = round(0.03 * RATE)
    for i in range(last):
        out[-1 - i] *= i / last
    return louder(array("h", (round(value * 12_000) for value in out)), 80)


def trim(samples: Samples[int], keep_s: float = 0.02) -> Samples[int]:
    """Without the silence before and behind, but `keep_s` of it; all silence becomes nothing."""
    loud = [i for i, value in enumerate(samples) if value > QUIET or value < -QUIET]
    if not loud:
        return array("h")
    keep = round(keep_s * RATE)
    return samples[max(0, loud[0] - keep) : loud[-1] + keep]


def join(parts: Sequence[Samples[int]], gap_s: float) -> Samples[int]:
    out = array("h")
    for nth, part in enumerate(parts):
        if nth:
            out.extend(silence(gap_s))
        out.extend(part)
    return out


def louder(samples: Samples[int], volume: int) -> Samples[int]:
    """Scaled so that its peak is `volume` percent of full scale, 0 to 100; silence stays silence."""
    top = max(max(samples, default=0), -min(samples, default=0))
    if not top:
        return samples
    factor = PEAK * min(100, max(0, volume)) / 100 / top
    return array("h", (int(value * factor) for value in samples))


def scaled(samples: Samples[int], volume: int) -> Samples[int]:
    """Every sample times `volume` percent."""
    if volume >= 100:
        return samples
    factor = max(0, volume) / 100
    return array("h", (int(value * factor) for value in samples))


def rms(samples: Samples[int]) -> float:
    return math.sqrt(sum(value * value for value in samples) / len(samples)) if samples else 0.0


def seconds(samples: Samples[int]) -> float:
    return len(samples) / RATE


def to_wav(samples: Samples[int], says: str = "") -> bytes:
    data = samples if sys.byteorder == "little" else array("h", samples)
    if data is not samples:
        data.byteswap()
    body = data.tobytes()
    chunks = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    if says:
        name = says.encode() + b"\x00"
        name += b"\x00" * (len(name) % 2)
        info = b"INFOINAM" + struct.pack("<I", len(name)) + name
        chunks += struct.pack("<4sI", b"LIST", len(info)) + info
    chunks += struct.pack("<4sI", b"data", len(body)) + body
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


def from_wav(data: bytes) -> Samples[int]:
    """Raises BadSound for anything but a whole 22,050 Hz, 16-bit, mono WAV of at most LIMIT_S."""
    found = wav.parse(data)
    if (found.rate, found.bits, found.channels) != (RATE, 16, 1):
        got = f"{found.rate} Hz, {found.bits} bit, {found.channels} channel{'s' * (found.channels > 1)}"
        raise BadSound(f"expected 22050 Hz, 16 bit, 1 channel, got {got}")
    return wav.samples_of(found)


def any_wav(data: bytes) -> Samples[int]:
    """Any common WAV, brought to our rate and one channel. Raises BadSound."""
    return wav.samples_of(wav.parse(data))


def says(data: bytes) -> str:
    """The sentence that a WAV carries; empty when it carries none."""
    return wav.says_in(data)
