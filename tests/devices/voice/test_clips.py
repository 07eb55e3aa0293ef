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


def test_one_missing_or_broken_clip_and_the_whole_sentence_falls_back(pack: Path) -> None:
    (pack / "zh/digits/1.wav").write_bytes(b"no sound")
    assert clips.sentence(pack, "zh", CALL) is None
    assert clips.unusable(pack)[0].startswith("zh/digits/1.wav: expected a WAV")
    (pack / "zh/digits/1.wav").unlink()
    assert clips.sentence(pack, "zh", CALL) is None


def test_no_pack_no_clips_or_a_name_that_leads_out_of_the_pack(pack: Path) -> None:
    assert clips.sentence(None, "zh", CALL) is None
    assert clips.sentence(pack, "zh", ()) is None
    assert clips.sentence(pack, "en", CALL) is None
    assert clips.sentence(pack / "zh", "zh", ("../digits/1",)) is None
