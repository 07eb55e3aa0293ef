"""WAV files of any common make: RIFF chunks -> format and bytes -> 16-bit samples, 22,050 a second, one channel. Pure.

Sources: Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE, LIST INFO); Microsoft "Multiple
Channel Audio Data and WAVE Files" (the extensible format). A writer that could not go back to its header leaves a length of 0
or above 0x7FFF0000 there: then what follows is the sound. Any other length must be there in full, or the file was cut off.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

RATE = 22_050  # what everything here is brought to
RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
LIMIT_S = 60.0  # nothing longer is ever said
CHUNKS_LIMIT = 64
STREAMED = 0x7FFF_0000
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
LOBES = 12  # of the resampling filter, on each side
_FMT = struct.Struct("<HHIIHH")


class BadSound(ValueError):
    """Not a WAV that can be used here: expected and got."""


@dataclass(frozen=True, slots=True)
class Wav:
    """`body`: the samples as they stand in the file, whole frames. `says`: the sentence it carries (LIST INFO INAM)."""

    rate: int
    channels: int
    bits: int
    floating: bool
    body: bytes
    says: str = ""

    @property
    def seconds(self) -> float:
        return len(self.body) / (self.rate * self.channels * self.bits // 8)


def parse(data: bytes) -> Wav:
    """Raises BadSound for what is no WAV, is cut off, longer than LIMIT_S, or of a make nobody uses for speech."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise BadSound(f"expected a WAV, got {data[:12].hex(' ') or 'nothing'}")
    at, form, says = 12, None, ""
    for _ in range(CHUNKS_LIMIT):
        if at + 8 > len(data):
            break
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"data":
            return _whole(data, at + 8, size, form, says)
        if name == b"fmt ":
            form = _form(data[at + 8 : at + 8 + min(size, 40)])
        elif name == b"LIST":
            says = _says(data[at + 8 : at + 8 + min(size, 4096)])
        at += 8 + size + size % 2
    raise BadSound("expected a WAV with sound in it, got one without")


def _form(chunk: bytes) -> tuple[int, int, int, bool]:
    if len(chunk) < _FMT.size:
        raise BadSound(f"expected a WAV, got a format of {len(chunk)} bytes")
    tag, channels, rate, _, align, bits = _FMT.unpack_from(chunk)
    if tag == EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)
    kinds = {PCM: (8, 16, 24, 32), FLOAT: (32,)}
    if tag not in kinds or bits not in kinds[tag]:
        raise BadSound(f"expected PCM of 8 to 32 bits, got format {tag} of {bits} bits")
    if rate not in RATES or channels not in (1, 2) or align != channels * bits // 8:
        known = ", ".join(map(str, RATES))
        raise BadSound(f"expected 1 or 2 channels at one of {known} Hz, got {channels} at {rate} Hz")
    return rate, channels, bits, tag == FLOAT


def _whole(data: bytes, at: int, size: int, form: tuple[int, int, int, bool] | None, says: str) -> Wav:
    if form is None:
        raise BadSound("expected a WAV, got sound without its format")
    rate, channels, bits, floating = form
    there, frame = len(data) - at, channels * bits // 8
    if size == 0 or size >= STREAMED:
        size = there
    if size > there:
        raise BadSound(f"expected {size} bytes of sound, got {there}: the file is cut off")
    if size > LIMIT_S * rate * frame:
        raise BadSound(f"expected at most {LIMIT_S:.0f} s, got {size / (rate * frame):.0f} s")
    return Wav(rate, channels, bits, floating, data[at : at + size // frame * frame], says)


def says_in(data: bytes) -> str:
    """The sentence that a WAV carries, also of one that is cut off; empty when it carries none."""
    at = 12
    for _ in range(CHUNKS_LIMIT):
        if at + 8 > len(data):
            return ""
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"data":
            return ""
        if name == b"LIST" and (found := _says(data[at + 8 : at + 8 + min(size, 4096)])):
            return found
        at += 8 + size + size % 2
    return ""


def _says(chunk: bytes) -> str:
    if chunk[:8] != b"INFOINAM" or len(chunk) < 12:
        return ""
    (length,) = struct.unpack_from("<I", chunk, 8)
    return chunk[12 : 12 + length].split(b"\x00")[0].decode("utf-8", "replace")


# --- to our samples --------------------------------------------------------------------------------------------------


def samples_of(wav: Wav) -> array[int]:
    """Signed 16-bit samples, RATE a second, one channel."""
    samples = _sixteen(wav)
    if wav.channels == 2:
        samples = array("h", ((left + right) >> 1 for left, right in zip(samples[::2], samples[1::2], strict=True)))
    return samples if wav.rate == RATE else _resample(samples, wav.rate)


def _sixteen(wav: Wav) -> array[int]:
    body, wide = wav.body, wav.bits // 8
    if wav.floating:
        floats = array("f", body)
        if sys.byteorder != "little":
            floats.byteswap()
        return array("h", (round(max(-1.0, min(1.0, v)) * 32_767) if math.isfinite(v) else 0 for v in floats))
    if wide == 1:
        return array("h", ((value - 128) << 8 for value in body))
    if wide > 2:  # the two upper bytes of each sample
        upper = bytearray(len(body) // wide * 2)
        upper[0::2], upper[1::2] = body[wide - 2 :: wide], body[wide - 1 :: wide]
        body = bytes(upper)
    samples = array("h", body)
    if sys.byteorder != "little":
        samples.byteswap()
    return samples


def _resample(samples: array[int], rate: int) -> array[int]:
    """Windowed-sinc interpolation, one set of factors a phase; what the new rate cannot hold is filtered out."""
    up, down, half, phases = _filter(rate)
    padded = array("d", bytes(8 * half)) + array("d", samples) + array("d", bytes(8 * half))
    out = array("h")
    for n in range(len(samples) * up // down):
        first = n * down // up + 1
        value = round(sum(map(mul, phases[n * down % up], padded[first : first + 2 * half])))
        out.append(max(-32_768, min(32_767, value)))
    return out


@lru_cache(maxsize=len(RATES))
def _filter(rate: int) -> tuple[int, int, int, tuple[array[float], ...]]:
    """-> up, down, half the length, the factors of each of `up` phases."""
    common = math.gcd(RATE, rate)
    up, down = RATE // common, rate // common
    cut = min(1.0, up / down) * 0.94
    half = math.ceil(LOBES / cut)
    phases = []
    for phase in range(up):
        factors = [_tap(phase / up + half - 1 - k, cut, half) for k in range(2 * half)]
        whole = sum(factors)
        phases.append(array("d", (factor / whole for factor in factors)))
    return up, down, half, tuple(phases)


def _tap(distance: float, cut: float, half: int) -> float:
    if abs(distance) >= half:
        return 0.0
    x = math.pi * cut * distance
    return (math.sin(x) / x if x else 1.0) * (0.5 + 0.5 * math.cos(math.pi * distance / half))
