"""The guide, with a real process in the microphone's place: it is a person's session, told as one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.ports import DeviceError
from devices.voice import pack, recorder, sound
from devices.voice.recorder import Keys, Recorder, Session
from devices.voice.take import BadTake

from .conftest import fake, nothing_left
from .test_take import spoken

WANTED = [pack.Needed("zh", "words/please", "请"), pack.Needed("zh", "digits/1", "一")]


class Patient(Keys):
    """A person presses Enter again only when the word is said."""

    def __init__(self, fd: int, spoke: Path) -> None:
        super().__init__(fd)
        self._spoke = spoke

    def line(self, timeout_s: float | None = None) -> str | None:
        if timeout_s is not None:
            if not self._spoke.exists():
                return None
            self._spoke.unlink()
        return super().line(timeout_s)


class Person:
    """What is typed at the keyboard, and what stood on the screen."""

    def __init__(self, folder: Path) -> None:
        self.read, self.write = os.pipe()
        self.seen: list[str] = []
        self.played: list[float] = []
        self.pack, self.spoke = folder / "pack", folder / "spoke"

    def types(self, *keys: str) -> "Person":
        os.write(self.write, "".join(f"{key}\n" for key in keys).encode())
        return self

    def goes_away(self) -> None:
        os.close(self.write)
        self.write = -1

    def session(self, wanted: list[pack.Needed] = WANTED) -> Session:
        return Session(self.pack, wanted, Recorder("mic"), Patient(self.read, self.spoke), self.seen.append, self._hear)

    def _hear(self, made: "sound.Samples[int]") -> str:
        self.played.append(sound.seconds(made))
        return ""

    def was_told(self, words: str) -> bool:
        return any(words in line for line in self.seen)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """An arecord that gives room.wav and goes on until it is told to end."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "room.wav").write_bytes(sound.to_wav(spoken()))
    microphone(tmp_path, "cp $FOLDER/room.wav $OUT; trap 'exit 1' TERM; touch $FOLDER/spoke; tail -f /dev/null & wait")
    made = Person(tmp_path)
    yield made
    os.close(made.read)
    if made.write >= 0:
        os.close(made.write)


def microphone(folder: Path, script: str) -> None:
    """$OUT is the file that arecord was told to write; what it was asked is kept."""
    head = f'FOLDER={folder}; for OUT; do :; done; echo "$@" >$FOLDER/asked'
    fake(folder, "arecord", f"{head}\n{script}")


def test_each_clip_is_said_recorded_heard_and_kept(person: Person, tmp_path: Path) -> None:
    with nothing_left():
        assert person.types("", "", "p", "", "", "", "").session().run()
    assert person.was_told("2 clips, 0 there, 2 to record") and person.was_told(
        "[1/2] zh/words/please  请说 say: 「请」"
    )
    assert person.played == [pytest.approx(0.46, abs=0.03)]
    assert [f.wrong for f in pack.look_over(person.pack, WANTED)] == ["", ""]
    assert person.seen[-1] == "全部录好 · all recorded"
    asked = (tmp_path / "asked").read_text().split()
    assert asked[:3] == ["-q", "-D", "mic"] and asked[asked.index("-r") + 1] == "22050"


def test_it_can_be_ended_at_any_time_and_goes_on_where_it_was(person: Person) -> None:
    assert not person.types("", "", "", "q").session().run()
    assert person.was_told("1 clips are still to be recorded")
    person.seen.clear()
    assert person.types("", "", "").session().run()
    assert person.was_told("2 clips, 1 there, 1 to record") and not person.was_told("words/please")


def test_what_was_not_good_is_said_again(person: Person, tmp_path: Path) -> None:
    (tmp_path / "room.wav").write_bytes(sound.to_wav(sound.silence(1.0)))
    person.types("", "", "q")
    assert not person.session().run()
    assert person.was_told("✗ 没有听到声音 nothing was heard")
    (tmp_path / "room.wav").write_bytes(sound.to_wav(spoken()))
    assert not person.types("", "", "r", "", "", "", "s").session().run()
    assert (person.pack / "zh/words/please.wav").exists()


def test_who_goes_away_leaves_what_was_kept(person: Person) -> None:
    person.types("", "", "").goes_away()
    with nothing_left():
        assert not person.session().run()
    assert (person.pack / "zh/words/please.wav").exists() and not (person.pack / "zh/digits").exists()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo audio open error: No such device >&2; exit 1", "audio open error.*--device"),
        ("exit 0", "gave no sound"),
        ("head -c 5000 /dev/urandom >$OUT", "gave no sound"),
    ],
)
def test_a_microphone_that_is_not_there_is_told_with_what_to_do(
    person: Person, tmp_path: Path, script: str, told: str
) -> None:
    microphone(tmp_path, script)
    with nothing_left(), pytest.raises(DeviceError, match=told):
        Recorder("mic").record(lambda: False)


def test_an_arecord_that_hangs_does_not_hold_the_person(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "ENDING_S", 0.2)
    microphone(tmp_path, "trap '' TERM; while :; do tail -f /dev/null; done")
    with nothing_left(), pytest.raises(BadTake, match="before anything was recorded"):
        Recorder("mic").record(lambda: True)
    monkeypatch.setattr(recorder, "LIMIT_S", 0.3)
    with nothing_left(), pytest.raises(DeviceError, match="录音失败"):
        Recorder("mic").record(lambda: False)


def test_without_arecord_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="apt-get install alsa-utils"):
        Recorder().record(lambda: False)


def test_the_real_arecord_takes_from_the_null_card() -> None:
    """It gives silence at once; what matters is that the program understands us."""
    assert sound.seconds(Recorder("null").record(lambda: False)) == pytest.approx(recorder.LIMIT_S, abs=0.1)
