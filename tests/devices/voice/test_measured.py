"""The announcement itself, rendered and measured: chime first, nothing clipped, loud enough, gaps as they must be."""

from array import array
from pathlib import Path
from typing import TypeAlias

import pytest

from devices.ports import Utterance
from devices.voice import clips, sound, studio, take
from devices.voice.clips import GAP_S

from .conftest import BY_CLIPS, CALL, CLIPS, ZH, make
from .test_sound import strength

CHIME_S = sound.LEAD_S + sum(seconds for _, seconds in sound.CHIME)
Sound: TypeAlias = "array[int]"


@pytest.fixture(params=["clips", "espeak"])
def announcement(request: pytest.FixtureRequest, clip_pack: Path, tmp_path: Path) -> Sound:
    by_clips = request.param == "clips"
    driver = make("alsa:null", tmp_path, clips=clip_pack if by_clips else None, volume=80)
    return sound.from_wav(driver.wav(BY_CLIPS if by_clips else CALL, 20.0))


def part(samples: Sound, begin_s: float, end_s: float) -> Sound:
    return samples[round(begin_s * sound.RATE) : round(end_s * sound.RATE)]


def test_nothing_is_clipped_and_the_volume_is_kept(announcement: Sound) -> None:
    assert take.flat_tops(announcement) == 0
    assert max(max(announcement), -min(announcement)) == pytest.approx(0.8 * sound.PEAK, rel=0.01)


def test_the_chime_comes_first_the_higher_tone_before_the_lower(announcement: Sound) -> None:
    (high, first_s), (low, _) = sound.CHIME
    assert sound.rms(part(announcement, 0.0, sound.LEAD_S - 0.01)) < 5, "what a sleeping amplifier swallows is silence"
    one = part(announcement, sound.LEAD_S, sound.LEAD_S + first_s)
    two = part(announcement, sound.LEAD_S + first_s, CHIME_S)
    assert strength(one, high) > 10 * strength(one, low)
    assert strength(two, low) > 3 * strength(two, high)
    after = part(announcement, CHIME_S + 0.02, CHIME_S + studio.AFTER_CHIME_S - 0.03)
    assert sound.rms(after) < 20, "a breath between chime and words"


def test_it_is_as_loud_as_a_hall_needs_and_both_sentences_alike(announcement: Sound) -> None:
    speech = announcement[round((CHIME_S + studio.AFTER_CHIME_S) * sound.RATE) :]
    found = take.find(speech)
    assert found is not None and -24.0 < found.level_db < -8.0
    middle = len(speech) // 2
    halves = [take.find(half) for half in (speech[:middle], speech[middle:])]
    levels = [half.level_db for half in halves if half is not None]
    assert len(levels) == 2 and abs(levels[0] - levels[1]) < 6.0


def test_its_length_is_sane(announcement: Sound) -> None:
    assert 7.0 < sound.seconds(announcement) < 13.0


def quiet_around(samples: Sound, at: int) -> float:
    """How long it is quiet around this sample, in seconds."""
    assert abs(samples[at]) <= sound.QUIET
    begin = end = at
    while begin > 0 and abs(samples[begin - 1]) <= sound.QUIET:
        begin -= 1
    while end + 1 < len(samples) and abs(samples[end + 1]) <= sound.QUIET:
        end += 1
    return (end - begin + 1) / sound.RATE


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_gaps_between_clips_are_20_to_40_ms(clip_pack: Path, lang: str) -> None:
    names = CLIPS[lang]  # type: ignore[index]
    joined = clips.sentence(clip_pack, lang, names)
    assert joined is not None
    gap, at, gaps = round(GAP_S * sound.RATE), 0, []
    for name in names[:-1]:
        at += len(sound.trim(clips.read(clip_pack, lang, name), keep_s=clips.KEEP_S))
        assert not any(joined[at : at + gap])
        gaps.append(quiet_around(joined, at + gap // 2))
        at += gap
    assert all(0.020 <= seconds <= 0.041 for seconds in gaps), gaps


def test_a_third_language_makes_it_longer_by_that_sentence_only(tmp_path: Path) -> None:
    plain, three = (
        sound.from_wav(make("alsa:null", tmp_path, languages=langs).wav(CALL, 20.0))
        for langs in (("zh", "en"), ("zh", "yue", "en"))
    )
    assert 2.0 < sound.seconds(three) - sound.seconds(plain) < 5.0
    assert sound.seconds(three) < 18.0, "it fits into the station's 30 s with its waiting"


def test_shortened_it_is_one_sentence_without_the_chime(tmp_path: Path, clip_pack: Path) -> None:
    short = Utterance(
        "s", (ZH,), (("letters/A", "digits/0", "digits/0", "digits/1", "numbers/3", "words/counter"),), chime=False
    )
    made = sound.from_wav(make("alsa:null", tmp_path, clips=clip_pack, languages=("zh", "yue", "en")).wav(short, 10.0))
    assert 2.0 < sound.seconds(made) < 4.5
