"""A pack is looked over clip by clip, and each line says what to do."""

import shutil
from array import array
from pathlib import Path

import pytest

from devices.voice import pack, sound, take

from .conftest import CLIPS
from .test_take import tone
from .test_wav import made

WANTED = pack.needed({lang: dict.fromkeys(names) for lang, names in CLIPS.items()}, ("zh", "en"))


@pytest.fixture
def copy(clip_pack: Path, tmp_path: Path) -> Path:
    shutil.copytree(clip_pack, tmp_path / "pack")
    return tmp_path / "pack"


def test_a_pack_of_real_clips_is_right(clip_pack: Path) -> None:
    found = pack.look_over(clip_pack, WANTED)
    assert [str(f) for f in found if f.wrong] == []
    assert all(0.1 < f.seconds < 1.5 and abs(f.level_db - take.TARGET_DB) < 1.0 for f in found)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "缺少 missing; 请录「三」"),
        (b"RIFF", "unusable: expected a WAV"),
        (made(48_000, 2, 16), "unusable: expected 22050 Hz"),
        (sound.to_wav(sound.silence(0.5)), "silent"),
        (sound.to_wav(tone(0.06, 5000)), "0.1–3 s"),
        (sound.to_wav(tone(3.5, 5000)), "0.1–3 s"),
        (sound.to_wav(tone(0.3, 900)), "quieter than the others"),
        (sound.to_wav(tone(0.3, 12_000)), "louder than the others"),
        (sound.to_wav(array("h", (max(-20_000, min(20_000, 9 * v)) for v in tone(0.3, 5000)))), "distorted in"),
        (sound.to_wav(sound.join([sound.silence(0.3), tone(0.3, 4600)], 0.0)), "before it静音 0.30 s of silence"),
        (sound.to_wav(sound.join([tone(0.3, 4600), sound.silence(0.5)], 0.0)), "after it静音 0.49 s of silence"),
    ],
)
def test_each_thing_that_can_be_wrong_is_told_with_its_remedy(copy: Path, data: bytes | None, told: str) -> None:
    clip = copy / "zh/numbers/3.wav"
    clip.unlink() if data is None else clip.write_bytes(data)
    wrong = {f"{f.needed.lang}/{f.needed.name}": f.wrong for f in pack.look_over(copy, WANTED) if f.wrong}
    assert list(wrong) == ["zh/numbers/3"]
    assert told in wrong["zh/numbers/3"]


def test_somebodys_recordings_are_found_by_either_name_and_converted(tmp_path: Path) -> None:
    one = pack.Needed("zh", "digits/1", "一")
    assert pack.find_file(tmp_path, one) is None
    (tmp_path / "zh-digits-1.WAV").write_bytes(made(44_100, 2, 24))
    file = pack.find_file(tmp_path, one)
    assert file is not None
    assert sound.seconds(pack.take_in(file)) == pytest.approx(0.1, abs=0.02)
    file.write_bytes(b"ID3\x04")
    with pytest.raises(take.BadTake, match="save it as a plain WAV"):
        pack.take_in(file)


def test_a_clip_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    one = pack.Needed("zh", "digits/1", "一")
    pack.write(tmp_path, one, tone(0.3, 5000))
    before = (tmp_path / "zh/digits/1.wav").read_bytes()
    (tmp_path / "zh/digits/1.part").mkdir()  # a disk that refuses
    with pytest.raises(OSError):
        pack.write(tmp_path, one, tone(0.3, 9000))
    assert (tmp_path / "zh/digits/1.wav").read_bytes() == before
    assert sound.says(before) == "一"


def test_nothing_half_is_left_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("devices.voice.pack.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        pack.write(tmp_path, pack.Needed("zh", "digits/1", "一"), tone(0.3, 5000))
    assert list((tmp_path / "zh/digits").iterdir()) == []
