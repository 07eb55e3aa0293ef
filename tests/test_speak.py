"""`kiosk voice`: a technician says a text, imports and checks a pack; every answer says what to do next."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from devices.voice import pack, sound, synth
from devices.voice.simulator import SpeakerSimulator
from kiosk.__main__ import main
from kiosk.config import load
from kiosk.effects.speech import clips_needed

ROOT = Path(__file__).resolve().parent.parent
WHERE = "tcp://127.0.0.1:8613"


class Said(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def kiosk(*words: str) -> Said:
    """The verb, in this process: one of its own costs a second."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["voice", *words])
    return Said(status, out.getvalue(), err.getvalue())


def config(folder: Path, where: str = WHERE, more: str = "") -> str:
    """The demo's, with one service and one counter less to speak of, and its voice elsewhere."""
    shutil.copytree(ROOT / "config", folder / "config")
    devices = folder / "config" / "devices.toml"
    text = devices.read_text("utf-8").replace(WHERE, where)
    devices.write_text(text.replace('driver = "pyttsx3"', f'driver = "espeak"\n{more}'), "utf-8")
    return str(folder / "config")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the demo's hall needs, in one flat folder, as somebody's phone recorded it."""
    folder = tmp_path_factory.mktemp("recordings")
    speaks = synth.EspeakSynth()
    for one in pack.needed(clips_needed(load(ROOT / "config").plan), ("zh", "en")):
        made = sound.join([sound.silence(0.2), speaks.speak(one.lang, one.says, 10.0), sound.silence(0.4)], 0.0)
        (folder / f"{one.lang}-{one.name.replace('/', '-')}.wav").write_bytes(sound.to_wav(made))
    return folder


@pytest.mark.parametrize("words", [("请 A001 号到 3 号窗口",), ("say", "请 A001 号到 3 号窗口")])
def test_a_text_is_written_with_and_without_say(tmp_path: Path, words: tuple[str, ...]) -> None:
    out = tmp_path / "call.wav"
    done = kiosk(*words, "--out", str(out), "--config", config(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    samples = sound.from_wav(out.read_bytes())
    assert 1.5 < sound.seconds(samples) < 5.0 and sound.rms(samples) > 800


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("say",), "needs a TEXT"),
        (("record",), "needs a PACK"),
        (("check",), "needs a PACK"),
        (("你好", "世界"), "put a text into quotes"),
    ],
)
def test_what_is_mistyped_is_answered_with_what_would_be_right(words: tuple[str, ...], told: str) -> None:
    done = kiosk(*words)
    assert done.returncode == 2 and told in done.stderr


def test_recordings_become_a_pack_that_is_complete_and_heard(tmp_path: Path, recordings: Path) -> None:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=0)
    simulator.start()
    try:
        place, made = config(tmp_path, simulator.where), tmp_path / "clips"
        done = kiosk("record", str(made), "--from", str(recordings), "--config", place)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "47 clips taken in, 0 refused" in done.stdout and "all 47 clips are there" in done.stdout
        done = kiosk("check", str(made), "--play", "--config", place)
        assert done.returncode == 0, done.stdout + done.stderr
        (spoken,) = simulator.spoken
        assert spoken.text == "请 A001 号到 1 号窗口 / Number A001, please go to counter 1"
        again = kiosk("record", str(made), "--from", str(recordings), "--config", place)
        assert "0 clips taken in" in again.stdout, "what is there and good is left alone"
        (made / "zh/digits/7.wav").unlink()
        (made / "en/letters/C.wav").write_bytes(b"RIFF")
        done = kiosk("check", str(made), "--config", place)
        assert done.returncode == 1
        assert (
            "zh/digits/7" in done.stdout
            and "record “七”" in done.stdout
            and "2 of 47 clips are not right" in done.stdout
        )
    finally:
        simulator.stop()


def test_a_dialect_asks_for_its_own_clips(tmp_path: Path) -> None:
    place = config(tmp_path, more='languages = ["zh", "yue", "en"]\n')
    (tmp_path / "clips").mkdir()
    done = kiosk("check", str(tmp_path / "clips"), "--config", place)
    assert done.returncode == 1
    assert "yue/words/please" in done.stdout and "of 71 clips" in done.stdout


def test_the_guide_begins_with_what_is_missing_and_can_be_left(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "voice", "record", str(tmp_path / "clips"), "--config", config(tmp_path)],
        input="s\nq\n",
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1 and done.stderr == ""
    assert "47 clips, 0 there, 47 to record" in done.stdout
    assert "[1/47] zh/words/please  请说 say: 「请」" in done.stdout and "[2/47] zh/words/to" in done.stdout
    assert "47 clips are still to be recorded" in done.stdout


def test_folders_that_are_not_there_are_named(tmp_path: Path) -> None:
    for words in (("check", str(tmp_path / "none")), ("record", str(tmp_path / "p"), "--from", str(tmp_path / "none"))):
        done = kiosk(*words, "--config", config(tmp_path) if words[0] == "check" else str(tmp_path / "config"))
        assert done.returncode == 1 and "is no folder" in done.stderr


def test_a_bad_recording_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/zh-digits-1.wav").write_bytes(sound.to_wav(sound.silence(1.0)))
    done = kiosk("record", str(tmp_path / "p"), "--from", str(tmp_path / "raw"), "--config", config(tmp_path))
    assert done.returncode == 1
    assert (
        "zh-digits-1.wav: 没有听到声音 nothing was heard" in done.stdout
        and "0 clips taken in, 1 refused" in done.stdout
    )
