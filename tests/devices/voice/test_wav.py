"""WAV files of every make that recorders and synthesisers leave."""

import math
import struct

import pytest

from devices.voice import sound, wav

from .test_sound import strength


def made(rate: int, channels: int, bits: int, *, floating: bool = False, extensible: bool = False) -> bytes:
    """0.1 s of 1000 Hz at half of full scale."""
    body = b""
    for i in range(rate // 10):
        value = 0.5 * math.sin(2 * math.pi * 1000 * i / rate)
        if floating:
            one = struct.pack("<f", value)
        elif bits == 8:
            one = bytes((int(value * 127) + 128,))
        else:
            one = int(value * (2 ** (bits - 1) - 1)).to_bytes(bits // 8, "little", signed=True)
        body += one * channels
    tag = wav.FLOAT if floating else wav.PCM
    head = (channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    form = struct.pack("<HHIIHH", wav.EXTENSIBLE if extensible else tag, *head)
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 4, tag) + bytes.fromhex("000000001000800000aa00389b71")
    return riff(form, body)


def riff(form: bytes, body: bytes, size: int | None = None) -> bytes:
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(body) if size is None else size) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize("rate", wav.RATES)
def test_every_usual_rate_becomes_ours_and_sounds_the_same(rate: int) -> None:
    samples = sound.any_wav(made(rate, 1, 16))
    assert sound.seconds(samples) == pytest.approx(0.1, abs=0.001)
    middle = samples[441:-441]
    assert 2 * strength(middle, 1000) == pytest.approx(16_384, rel=0.02)
    assert sound.rms(middle) == pytest.approx(16_384 / math.sqrt(2), rel=0.02), "nothing else was added"


@pytest.mark.parametrize(
    ("channels", "bits", "floating", "extensible"),
    [
        (2, 16, False, False),
        (1, 8, False, False),
        (2, 24, False, True),
        (1, 32, False, False),
        (2, 32, True, False),
        (1, 32, True, True),
    ],
)
def test_every_usual_form_is_read(channels: int, bits: int, floating: bool, extensible: bool) -> None:
    samples = sound.any_wav(made(22_050, channels, bits, floating=floating, extensible=extensible))
    assert len(samples) == 2205
    assert max(samples) == pytest.approx(16_384, rel=0.02)


def test_what_our_rate_cannot_hold_is_filtered_out() -> None:
    high = [0.5 * math.sin(2 * math.pi * 15_000 * i / 48_000) for i in range(4800)]
    form = struct.pack("<HHIIHH", wav.FLOAT, 1, 48_000, 192_000, 4, 32)
    samples = sound.any_wav(riff(form, struct.pack(f"<{len(high)}f", *high)))
    assert sound.rms(samples[100:-100]) < 30, "15 kHz would come back as 7 kHz"


def test_a_length_that_was_never_filled_in_is_the_rest_and_one_that_is_not_there_is_cut_off() -> None:
    form = struct.pack("<HHIIHH", 1, 1, 22_050, 44_100, 2, 16)
    for size in (0, 0x7FFF_F000, 0xFFFF_FFFF):
        assert len(sound.from_wav(riff(form, bytes(200), size))) == 100
    with pytest.raises(sound.BadSound, match="expected 300 bytes of sound, got 200: the file is cut off"):
        sound.from_wav(riff(form, bytes(200), 300))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "expected a WAV, got nothing"),
        (b"RIFF\x04\0\0\0WAVE", "with sound in it"),
        (riff(struct.pack("<HHIIHH", 1, 1, 22_051, 44_102, 2, 16), b"ab"), "got 1 at 22051 Hz"),
        (riff(struct.pack("<HHIIHH", 1, 6, 48_000, 0, 12, 16), b""), "got 6 at 48000 Hz"),
        (riff(struct.pack("<HHIIHH", 85, 2, 44_100, 16_000, 1, 0), b""), "got format 85 of 0 bits"),
        (riff(b"\x01\x00", b""), "a format of 2 bytes"),
        (b"RIFF\x04\0\0\0WAVEdata\x02\0\0\0ab", "without its format"),
    ],
)
def test_what_cannot_be_used_is_refused_with_expected_and_got(data: bytes, told: str) -> None:
    with pytest.raises(sound.BadSound, match=told):
        sound.any_wav(data)
