"""What a microphone takes becomes a clip, or the person is told why not."""

import math
import random
from array import array

import pytest

from devices.voice import sound, take


def tone(seconds: float, top: int, pitch: float = 220) -> "array[int]":
    turn = 2 * math.pi * pitch / sound.RATE
    return array("h", (int(top * math.sin(turn * i)) for i in range(round(seconds * sound.RATE))))


def noise(seconds: float, top: int) -> "array[int]":
    rng = random.Random(1)
    return array("h", (rng.randint(-top, top) for _ in range(round(seconds * sound.RATE))))


def mixed(one: "array[int]", other: "array[int]") -> "array[int]":
    return array("h", (a + b for a, b in zip(one, other, strict=True)))


def spoken(seconds: float = 0.4, top: int = 6000, hiss: int = 60) -> "array[int]":
    """Half a second of a quiet room, the word, half a second of room."""
    word = sound.join([sound.silence(0.5), tone(seconds, top), sound.silence(0.5)], 0.0)
    return mixed(word, noise(sound.seconds(word), hiss))


@pytest.mark.parametrize("hiss", [0, 60, 300])
def test_the_word_is_found_in_the_noise_of_a_room(hiss: int) -> None:
    found = take.find(spoken(hiss=hiss))
    assert found is not None
    assert found.begin / sound.RATE == pytest.approx(0.5, abs=0.02)
    assert found.end / sound.RATE == pytest.approx(0.9, abs=0.02)
    assert found.level_db == pytest.approx(take.decibel(6000 / math.sqrt(2)), abs=0.6)


def test_the_click_of_the_key_is_not_speech() -> None:
    click = sound.join(
        [sound.silence(0.1), noise(0.008, 20_000), sound.silence(0.4), tone(0.4, 6000), sound.silence(0.3)], 0.0
    )
    found = take.find(click)
    assert found is not None and found.begin / sound.RATE > 0.45


@pytest.mark.parametrize("top", [300, 3000, 20_000])
def test_loud_and_quiet_speakers_end_at_one_level(top: int) -> None:
    clip = take.clip_of(spoken(top=top, hiss=5))
    assert sound.seconds(clip) == pytest.approx(0.46, abs=0.03), "trimmed, with a little room around"
    found = take.find(clip)
    assert found is not None and found.level_db == pytest.approx(take.TARGET_DB, abs=0.5)
    assert abs(clip[0]) < 10 and abs(clip[-1]) < 10, "no click at its ends"


def test_a_peaky_voice_is_never_driven_into_the_limit() -> None:
    peaky = tone(0.4, 300)
    for at in range(500, len(peaky), 900):
        peaky[at] = 9000
    clip = take.clip_of(sound.join([sound.silence(0.3), peaky, sound.silence(0.3)], 0.0))
    assert max(clip) <= take.PEAK + 1


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (sound.silence(1.0), "nothing was heard"),
        (array("h"), "nothing was heard"),
        (spoken(top=40, hiss=2), "nothing was heard"),
        (array("h", (max(-32_768, min(32_767, 2 * v)) for v in spoken(top=30_000, hiss=0))), "too loud, distorted"),
        (spoken(seconds=4.0), r"it lasts 4\.\d s, expected 0.1 to 3"),
        (spoken(seconds=0.03), "it lasts 0.1 s"),
    ],
)
def test_a_bad_recording_is_refused_with_what_to_do(samples: "array[int]", told: str) -> None:
    with pytest.raises(take.BadTake, match=told):
        take.clip_of(samples)


def test_distortion_is_found_also_after_it_was_made_quieter() -> None:
    driven = array("h", (max(-32_768, min(32_767, 3 * v)) for v in tone(0.3, 30_000)))
    assert take.flat_tops(driven) > 50
    assert take.flat_tops(array("h", (int(v * 0.7) for v in driven))) > 50
    for clean in (tone(0.3, 32_000), tone(0.3, 25_000, 100), tone(0.3, 32_767, 1000), sound.chime()):
        assert take.flat_tops(clean) == 0


def test_who_speaks_before_the_recording_runs_is_told() -> None:
    assert take.spoken_too_early(sound.join([tone(0.4, 6000), sound.silence(0.5)], 0.0))
    assert not take.spoken_too_early(spoken())
    assert not take.spoken_too_early(sound.silence(0.5))
