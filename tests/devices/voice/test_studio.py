"""Which languages are said, by what, and what happens when one of them cannot be."""

import shutil
from pathlib import Path

import pytest

from devices.ports import DeviceError, Speech, Utterance
from devices.voice import pack, sound, synth
from devices.voice.cache import SoundCache
from devices.voice.studio import BETWEEN_S, Sentence, Studio, sentences

from .conftest import BY_CLIPS, CALL, CLIPS, EN, ZH

ONE = Utterance("one", (ZH,), (CLIPS["zh"],), chime=False)


def said(utterance: Utterance, *languages: str) -> list[str]:
    return [one.lang for one in sentences(utterance, languages)]


def test_a_full_call_is_said_in_each_language_in_the_order_of_the_hall() -> None:
    assert said(CALL, "zh", "en") == ["zh", "en"]
    assert said(CALL, "en", "zh") == ["en", "zh"]
    assert said(CALL, "zh") == ["zh"]
    assert said(CALL, "zh", "yue", "en") == ["zh", "yue", "en"]


def test_a_dialect_says_the_chinese_sentence_and_its_clips_once_more() -> None:
    dialect = sentences(BY_CLIPS, ("zh", "yue"))[1]
    assert dialect == Sentence("yue", ZH.text, CLIPS["zh"], dialect=True)


def test_a_shortened_call_stays_one_sentence_and_none_is_dropped_for_its_language() -> None:
    for languages in (("zh", "yue", "en"), ("en",)):
        assert said(ONE, *languages) == ["zh"]
    assert said(Utterance("e", (EN, EN)), "zh", "yue") == ["en", "en"]


@pytest.mark.parametrize("count", [0, 9])
def test_an_announcement_has_one_to_eight_sentences(count: int) -> None:
    with pytest.raises(DeviceError, match="1 to 8 sentences"):
        sentences(Utterance("x", (EN,) * count), ("zh", "en"))


def studio(folder: Path, clips: Path | None, *languages: str, speaks: synth.Synthesiser | None = None) -> Studio:
    made = Studio(speaks or synth.EspeakSynth(), SoundCache(folder / "cache"), clips, languages or ("zh", "en"))
    made.open()
    return made


def reasons(made: Studio) -> list[str]:
    return [reason for reason, _ in made.troubles()]


def test_cantonese_is_really_spoken_between_the_other_two(tmp_path: Path) -> None:
    plain, three = (studio(tmp_path, None, *langs).make(CALL, 20.0) for langs in (("zh", "en"), ("zh", "yue", "en")))
    assert 1.5 < sound.seconds(three) - sound.seconds(plain) - BETWEEN_S < 4.0


def test_a_dialect_that_cannot_be_made_is_left_out_and_told(tmp_path: Path) -> None:
    made = studio(tmp_path, None, "zh", "wuu", "en")
    assert made.troubles()[0][0] == "wrong_voice" and "no voice 'wuu'" in made.troubles()[0][1]
    assert made.make(CALL, 20.0) == studio(tmp_path, None, "zh", "en").make(CALL, 20.0)


def test_a_dialect_of_recorded_clips_needs_no_voice_of_the_synthesiser(clip_pack: Path, tmp_path: Path) -> None:
    shutil.copytree(clip_pack, tmp_path / "pack")
    shutil.copytree(clip_pack / "zh", tmp_path / "pack" / "wuu")
    made = studio(tmp_path, tmp_path / "pack", "zh", "wuu")
    twice = made.make(BY_CLIPS, 20.0)
    once = studio(tmp_path, clip_pack, "zh").make(BY_CLIPS, 20.0)
    assert made.troubles() == []
    assert sound.seconds(twice) > sound.seconds(once) + 3.0
    (tmp_path / "pack/wuu/digits/0.wav").unlink()
    assert made.make(BY_CLIPS, 20.0) == once, "one clip missing, and the whole dialect is left out"
    assert set(reasons(made)) == {"clips", "no_voice"}


def test_a_sentence_with_a_missing_clip_is_synthesised_whole_and_the_clip_is_named(
    clip_pack: Path, tmp_path: Path
) -> None:
    shutil.copytree(clip_pack, tmp_path / "pack")
    made = studio(tmp_path, tmp_path / "pack")
    assert made.make(ONE, 10.0) != studio(tmp_path, None).make(ONE, 10.0)
    (tmp_path / "pack/zh/digits/0.wav").unlink()
    assert made.make(ONE, 10.0) == studio(tmp_path, None).make(ONE, 10.0), "not one recorded word in it"
    assert reasons(made) == ["clips"] and "zh/digits/0.wav is missing" in made.troubles()[0][1]
    shutil.copy(clip_pack / "zh/digits/0.wav", tmp_path / "pack/zh/digits")
    made.make(ONE, 10.0)
    assert made.troubles() == []


def test_a_pack_that_vanishes_and_comes_back_is_noticed(clip_pack: Path, tmp_path: Path) -> None:
    shutil.copytree(clip_pack, tmp_path / "pack")
    made = studio(tmp_path, tmp_path / "pack")
    shutil.rmtree(tmp_path / "pack")
    assert sound.seconds(made.make(ONE, 10.0)) > 1.0
    made.ask_again()
    assert reasons(made) == ["clips"] and "kiosk voice record" in made.troubles()[0][1]
    shutil.copytree(clip_pack, tmp_path / "pack")
    made.ask_again()
    assert made.troubles() == []


def test_clips_alone_say_what_they_hold_and_nothing_else(clip_pack: Path, tmp_path: Path) -> None:
    made = studio(tmp_path, clip_pack, speaks=synth.NoSynth())
    assert sound.seconds(made.make(BY_CLIPS, 10.0)) > 7.0
    with pytest.raises(DeviceError, match="not in the clips"):
        made.make(Utterance("free", (Speech("zh", "请稍候"),)), 10.0)


def test_what_wrong_chinese_would_say_is_never_said_but_english_is(tmp_path: Path) -> None:
    made = studio(tmp_path, None, speaks=synth.EspeakSynth({"zh": "cmn", "en": "en-gb"}))
    assert reasons(made) == ["wrong_voice"]
    with pytest.raises(DeviceError, match="is spoken as"):
        made.make(CALL, 10.0)
    assert sound.seconds(made.make(Utterance("e", (EN,), chime=False), 10.0)) > 1.0


def test_the_deadline_is_for_all_sentences_together(tmp_path: Path) -> None:
    made = studio(tmp_path, None)
    with pytest.raises(DeviceError, match="no time was left"):
        made.make(CALL, 0.0)


def test_a_disk_without_room_is_told_and_the_sound_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    made = studio(tmp_path, None)
    assert sound.seconds(made.make(ONE, 10.0)) > 1.0
    assert reasons(made) == ["disk"]


def test_names_of_a_pack_are_what_a_person_says(clip_pack: Path) -> None:
    wanted = pack.needed({"zh": CLIPS["zh"], "en": CLIPS["en"]}, ("zh", "en"))
    assert [one.says for one in wanted[:8]] == ["请", "A", "零", "零", "一", "号到", "三", "号窗口"]
    assert " ".join(one.says for one in wanted[8:]) == "number A zero zero one please go to counter three"
