from pathlib import Path

import pytest

from devices.voice import clips, sound

CALL = ("words/please", "letters/A", "digits/0", "digits/0", "digits/1", "words/to", "numbers/3", "words/counter")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    for nth, name in enumerate(sorted(set(CALL))):
        file = tmp_path / "zh" / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sound.to_wav(sound.chime()[: 8000 + 100 * nth]))
    return tmp_path


def test_a_sentence_is_its_clips_joined(pack: Path) -> None:
    said = clips.sentence(pack, "zh", CALL)
    assert said is not None and sound.seconds(said) > 1.5 and sound.rms(said) > 500


def test_one_missing_silent_or_broken_clip_and_the_whole_sentence_falls_back(pack: Path) -> None:
    clip = pack / "zh/digits/1.wav"
    for data, told in (
        (b"no sound", "zh/digits/1.wav: expected a WAV"),
        (sound.to_wav(sound.silence(0.5)), "zh/digits/1.wav is silent"),
        (bytes(clips.CLIP_BYTES + 1), "expected at most"),
    ):
        clip.write_bytes(data)
        with pytest.raises(clips.NoClips, match=told):
            clips.sentence(pack, "zh", CALL)
    assert clips.unusable(pack)[0].startswith("zh/digits/1.wav: expected a WAV")
    clip.unlink()
    with pytest.raises(clips.NoClips, match=r"zh/digits/1.wav is missing"):
        clips.sentence(pack, "zh", CALL)


def test_a_pack_that_vanished_is_named(pack: Path) -> None:
    with pytest.raises(clips.NoClips, match="gone is not there"):
        clips.sentence(pack / "gone", "zh", CALL)


def test_no_pack_no_clips_or_a_name_that_leads_out_of_the_pack(pack: Path) -> None:
    assert clips.sentence(None, "zh", CALL) is None
    assert clips.sentence(pack, "zh", ()) is None
    for lang, names in (("en", CALL), ("zh", ("../digits/1",)), ("../zh", CALL), ("zh", CALL * 4)):
        with pytest.raises(clips.NoClips):
            clips.sentence(pack, lang, names)
