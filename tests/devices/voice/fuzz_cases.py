"""The voice's codecs for the common fuzzer: the speaker's protocol, from both ends, and WAV files from anywhere."""

from __future__ import annotations

import struct
from array import array

from devices.voice import sound, speaker, wav
from tests.devices.fuzzing import FuzzCase

TONE = array("h", (0, 9000, -9000, 1) * 8)
FRAMES = (
    speaker.Frame(speaker.PLAY, 7, sound.to_wav(TONE, "请")).to_bytes(),
    speaker.Frame(speaker.ASK, 1).to_bytes() + speaker.Frame(speaker.STOP, 2).to_bytes(),
    speaker.Frame(speaker.STARTED, 7).to_bytes() + speaker.Frame(speaker.DONE, 7).to_bytes(),
    speaker.Frame(speaker.REFUSED, 0xFFFF_FFFF, "已静音".encode()).to_bytes(),
    speaker.Frame(speaker.WELL, 1).to_bytes(),
)


def _wav(tag: int, channels: int, rate: int, bits: int, size: int | None = None) -> bytes:
    body = bytes(range(96))
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body) if size is None else size)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks) + len(body)) + b"WAVE" + chunks + body


WAVS = (
    sound.to_wav(TONE, "请 A001 号到 3 号窗口"),
    _wav(wav.PCM, 2, 48_000, 24),
    _wav(wav.FLOAT, 1, 44_100, 32),
    _wav(wav.PCM, 1, 22_050, 8, size=0xFFFF_FFFF),
    _wav(wav.PCM, 1, 16_000, 16),
)


def hear(data: bytes) -> object:
    """As a line gives it: in pieces."""
    reader = speaker.Reader()
    return [frame for at in range(0, len(data), 11) for frame in reader.feed(data[at : at + 11])]


def listen(data: bytes) -> object:
    return sound.says(data), sound.any_wav(data), sound.from_wav(data)


CASES: tuple[FuzzCase, ...] = (
    FuzzCase("voice-speaker", FRAMES, hear, (speaker.SpeakerError,)),
    FuzzCase("voice-wav", WAVS, listen, (sound.BadSound,)),
)
