"""Real synthesis: every backend speaks once, and what they must not do wrong is shown on the real programs."""

import sys
from pathlib import Path

import pytest

from devices.voice import sound, synth
from devices.voice.program import Programs

from .conftest import fake, nothing_left
from .test_wav import made


def test_qing_is_mandarin() -> None:
    assert synth.phonemes("cmn-latn-pinyin", "请").startswith(synth.KNOWN["zh"][1])
    assert synth.mandarin_problem() == ""


@pytest.mark.parametrize(
    ("lang", "voice", "reason"),
    [
        ("zh", "cmn-latn-pinyin", ""),
        ("zh", "cmn", "wrong_voice"),  # Debian 12: "king three"
        ("zh", "en-gb", "wrong_voice"),
        ("zh", "yue", "wrong_voice"),
        ("yue", "yue", ""),
        ("yue", "cmn-latn-pinyin", "wrong_voice"),
        ("en", "en-gb", ""),
        ("en", "en-us", ""),
        ("en", "cmn-latn-pinyin", "wrong_voice"),
        ("wuu", "nobody", "wrong_voice"),  # espeak-ng has no such voice
        ("wuu", "yue", ""),  # nobody knows how it must sound; only that it speaks
    ],
)
def test_each_voice_is_known_by_what_it_says(lang: str, voice: str, reason: str) -> None:
    trouble = synth.mispronounced(Programs(), lang, voice)
    assert (trouble.reason if trouble else "") == reason


def test_a_wrong_voice_is_told_with_what_was_heard_and_what_to_do() -> None:
    (trouble,) = synth.EspeakSynth({"zh": "cmn", "en": "en-gb"}).troubles(("zh", "en")).values()
    assert "“cmn”: 请 is spoken as (en)kI" in trouble.detail and "tS;h'i2" in trouble.detail
    assert "name another voice" in trouble.detail


def test_without_espeak_no_language_can_be_spoken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    troubles = synth.EspeakSynth().troubles(("zh", "en"))
    assert {lang: t.reason for lang, t in troubles.items()} == {"zh": "no_voice", "en": "no_voice"}
    assert "apt-get install espeak-ng" in synth.mandarin_problem()
    with pytest.raises(synth.SynthError, match="apt-get install espeak-ng"):
        synth.EspeakSynth().speak("en", "hello", 1.0)


def test_an_espeak_that_hangs_is_no_voice_soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "espeak-ng", "exec tail -f /dev/null")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(synth, "ASK_S", 0.2)
    with nothing_left():
        assert synth.EspeakSynth().troubles(("zh", "en"))["en"].reason == "no_voice"


@pytest.mark.parametrize("speaks", [synth.Pyttsx3Synth(), synth.EspeakSynth()], ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("lang", "text"), [("zh", "请 A 零零一 号到 3 号窗口"), ("en", "Please go to counter 3"), ("yue", "请到 3 号窗口")]
)
def test_a_sentence_is_really_spoken(speaks: synth.EspeakSynth, lang: str, text: str) -> None:
    with nothing_left():
        samples = speaks.speak(lang, text, 15.0)
    assert 1.0 < sound.seconds(samples) < 6.0
    assert sound.rms(samples) > 800


def test_pyttsx3_speaks_with_the_very_voice_that_was_asked_for() -> None:
    """It says nothing about a voice it does not have; so its sound is held against espeak-ng's own."""
    text = "请到 3 号窗口"
    lengths = {
        voice: len(synth.EspeakSynth({"zh": voice}).speak("zh", text, 10.0)) for voice in ("yue", "cmn-latn-pinyin")
    }
    for voice, length in lengths.items():
        assert len(synth.Pyttsx3Synth({"zh": voice}).speak("zh", text, 15.0)) == pytest.approx(length, rel=0.02)
    assert abs(lengths["yue"] - lengths["cmn-latn-pinyin"]) > 0.05 * lengths["yue"]


def run(command: list[str], text: str, deadline_s: float) -> str:
    return synth.run(Programs(), command, text, deadline_s)


def test_a_program_that_hangs_is_killed() -> None:
    with nothing_left(), pytest.raises(synth.SynthError, match="took longer"):
        run([sys.executable, "-c", "import threading; threading.Event().wait()"], "x", 0.3)


def test_a_worker_without_the_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ctypes that finds no library stands in for a machine without libespeak-ng."""
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes\n"
        "def gone(name): raise OSError(f'{name}: cannot open shared object file')\n"
        "ctypes.cdll.LoadLibrary = gone\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(synth.SynthError, match=r"no speech engine.*apt-get install espeak-ng"):
        synth.Pyttsx3Synth().speak("zh", "请", 15.0)


def test_a_program_that_makes_nothing_is_not_believed() -> None:
    with pytest.raises(synth.SynthError, match="no sound file"):
        synth.read(Path("/nonexistent/out.wav"), "x")
    for text in ("", " ", "长" * 501):
        with pytest.raises(synth.SynthError, match="1 to 500"):
            run(["true"], text, 1.0)


def test_a_disk_without_room_is_an_answer_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    with pytest.raises(synth.SynthError, match="no room for the sound"):
        synth.EspeakSynth().speak("en", "hello", 5.0)


# --- a configured command --------------------------------------------------------------------------------------------


def test_a_command_gets_its_text_on_its_input_and_its_voice_by_the_language(tmp_path: Path) -> None:
    command = ["espeak-ng", "-v", "{voice}", "-w", "{out}", "--stdin"]
    speaks = synth.CommandSynth(command, tmp_path, {"zh": "cmn-latn-pinyin", "yue": "yue"})
    mandarin, cantonese = (speaks.speak(lang, "请到 3 号窗口", 10.0) for lang in ("zh", "yue"))
    assert sound.seconds(mandarin) > 1 and len(mandarin) != len(cantonese)


def test_a_command_gets_its_text_as_an_argument_and_braces_in_it_stay(tmp_path: Path) -> None:
    fake(tmp_path, "speak", f'cp {tmp_path}/tone.wav "$2"; echo "$1|$3" >{tmp_path}/asked')
    (tmp_path / "tone.wav").write_bytes(made(48_000, 2, 24))
    speaks = synth.CommandSynth(["./speak", "say:{text}", "{out}", "{lang}"], tmp_path)
    samples = speaks.speak("en", "{out} $(id) {lang}", 10.0)
    assert (tmp_path / "asked").read_text() == "say:{out} $(id) {lang}|en\n"
    assert sound.seconds(samples) == pytest.approx(0.1, abs=0.005), "48 kHz, 24 bit, stereo became ours"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exec tail -f /dev/null", "took longer than"),
        ("echo licence expired >&2; exit 4", "licence expired; mend `command`"),
        ("kill -9 $$", "exit code -9"),
        ("exit 0", "no sound file"),
        ('head -c 9000 /dev/urandom >"$1"', "expected a WAV"),
        ('printf RIFF >"$1"', "expected a WAV"),
        ('exec head -c 80000000 /dev/zero >"$1"', "speech failed"),
        ("yes", "took longer than"),
    ],
)
def test_a_command_that_goes_wrong_is_an_answer_in_time(tmp_path: Path, script: str, told: str) -> None:
    fake(tmp_path, "speak", script)
    with nothing_left(), pytest.raises(synth.SynthError, match=told):
        synth.CommandSynth(["./speak", "{out}"], tmp_path).speak("zh", "请", 1.0)


def test_a_command_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    for name in ("./speak", "no-such-program-anywhere"):
        troubles = synth.CommandSynth([name, "{out}"], tmp_path).troubles(("zh",))
        assert troubles["zh"].reason == "no_voice" and name in troubles["zh"].detail
    fake(tmp_path, "speak", "")
    assert synth.CommandSynth(["./speak", "{out}"], tmp_path).troubles(("zh",)) == {}
