"""Real synthesis: both backends speak once, and what they must not do wrong is shown on the real programs."""

import sys
from pathlib import Path

import pytest

from devices.voice import sound, synth


def test_qing_is_mandarin() -> None:
    assert synth.phonemes("zh", "请").startswith(synth.QING)
    assert synth.mandarin_problem() == ""


def test_the_usual_chinese_voice_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(synth.VOICES, "zh", ("en-gb", 150))
    assert "expected tS;h'i2" in synth.mandarin_problem()


@pytest.mark.parametrize("backend", ["pyttsx3", "espeak"])
@pytest.mark.parametrize(("lang", "text"), [("zh", "请 A 零零一 号到 3 号窗口"), ("en", "Please go to counter 3")])
def test_a_sentence_is_really_spoken(backend: str, lang: str, text: str) -> None:
    samples = synth.SYNTHESISERS[backend]().speak(lang, text, 15.0)  # type: ignore[arg-type]
    assert 1.0 < sound.seconds(samples) < 6.0
    assert sound.rms(samples) > 800


def test_a_program_that_hangs_is_killed() -> None:
    with pytest.raises(synth.SynthError, match="took longer"):
        synth.run([sys.executable, "-c", "import threading; threading.Event().wait()"], "x", 0.3)


def test_what_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install espeak-ng" in synth.mandarin_problem()
    with pytest.raises(synth.SynthError, match="apt-get install espeak-ng"):
        synth.EspeakSynth().speak("en", "hello", 1.0)


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
            synth.run(["true"], text, 1.0)
