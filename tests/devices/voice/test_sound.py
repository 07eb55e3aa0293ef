"""Sounds are measured, not looked at: how long, how loud, which tones."""

import io
import math
import wave
from array import array

import pytest

from devices.voice import sound


def strength(samples: "array[int]", pitch: float) -> float:
    """The part of the energy at one frequency (one bin of a Fourier transform)."""
    turn = 2 * math.pi * pitch / sound.RATE
    real = sum(value * math.cos(turn * i) for i, value in enumerate(samples))
    imag = sum(value * math.sin(turn * i) for i, value in enumerate(samples))
    return math.hypot(real, imag) / len(samples)


def tone(pitch: float, seconds: float, top: int = 8000) -> "array[int]":
    turn = 2 * math.pi * pitch / sound.RATE
    return array("h", (int(top * math.sin(turn * i)) for i in range(round(seconds * sound.RATE))))


def test_the_chime_is_two_tones_the_higher_first() -> None:
    chime = sound.chime()
    (high, first), (low, _) = sound.CHIME
    begin = round(sound.LEAD_S * sound.RATE)
    middle = begin + round(first * sound.RATE)
    one, two = chime[begin:middle], chime[middle:]
    assert strength(one, high) > 10 * strength(one, low)
    assert strength(two, low) > 3 * strength(two, high)
    assert all(strength(one, high) > 20 * strength(one, other) for other in (440.0, 587.3, 740.0, 880.0))
    assert sound.seconds(chime) == pytest.approx(sound.LEAD_S + sum(s for _, s in sound.CHIME), abs=0.01)
    assert sound.rms(chime) > 1500 and abs(chime[-1]) < 50


def test_silence_is_trimmed_at_both_ends_only() -> None:
    speech = sound.join([tone(300, 0.5), tone(300, 0.5)], 0.2)
    padded = sound.join([sound.silence(0.4), speech, sound.silence(0.7)], 0.0)
    assert sound.seconds(sound.trim(padded, keep_s=0.02)) == pytest.approx(1.24, abs=0.01)
    assert len(sound.trim(sound.silence(1.0))) == 0


def test_parts_are_joined_with_gaps() -> None:
    assert sound.seconds(sound.join([tone(300, 0.5)] * 3, 0.25)) == pytest.approx(2.0, abs=0.001)


def test_volume_sets_the_peak() -> None:
    for volume, peak in ((100, 32767), (50, 16383), (0, 0)):
        assert max(sound.louder(tone(300, 0.1, 5000), volume)) == pytest.approx(peak, abs=2)
    assert list(sound.louder(sound.silence(0.01), 80)) == list(sound.silence(0.01))


def test_a_wav_says_its_sentence_and_any_reader_reads_it() -> None:
    samples = tone(440, 0.3)
    for sentence in ("请 A001 号到 3 号窗口", "odd", "", "even"):
        data = sound.to_wav(samples, sentence)
        assert sound.says(data) == sentence
        assert sound.from_wav(data) == samples
        with wave.open(io.BytesIO(data)) as reader:
            assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (22050, 2, 1)
            assert reader.getnframes() == len(samples)


def test_what_is_no_sound_is_refused_with_expected_and_got() -> None:
    with pytest.raises(sound.BadSound, match="expected a WAV"):
        sound.from_wav(b"ID3\x04 this is something else")
    other = io.BytesIO()
    with wave.open(other, "wb") as writer:
        writer.setparams((2, 2, 44100, 0, "NONE", ""))
        writer.writeframes(bytes(400))
    with pytest.raises(sound.BadSound, match="44100 Hz, 16 bit, 2 channels"):
        sound.from_wav(other.getvalue())
    with pytest.raises(sound.BadSound, match="at most"):
        sound.from_wav(sound.to_wav(sound.silence(sound.LIMIT_S + 1)))
    assert sound.says(sound.to_wav(tone(440, 0.1), "ok")[:40]) == ""
