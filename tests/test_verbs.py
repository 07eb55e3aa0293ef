"""The command line: every verb explains itself, and what is mistyped is answered with what would have been right."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.__main__ import VERBS, build_parser
from kiosk.pin import BadPin, hash_pin

ROOT = Path(__file__).resolve().parent.parent


def kiosk(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *words],
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_leads_to_a_function_that_is_there(name: str) -> None:
    module, _, function = VERBS[name].work.partition(":")
    spec = importlib.util.find_spec(module)
    assert spec is not None, f"kiosk {name}: {module} is missing"
    assert spec.origin is not None
    assert f"def {function}(" in Path(spec.origin).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_explains_itself_with_an_example(name: str) -> None:
    done = kiosk(name, "--help")
    assert done.returncode == 0
    assert f"example: {VERBS[name].example}" in " ".join(done.stdout.split())
    assert "--config" in done.stdout


@pytest.mark.parametrize("name", VERBS)
def test_the_example_of_each_verb_is_one_it_understands(name: str) -> None:
    words = shlex.split(VERBS[name].example)
    assert words[0] == "kiosk"
    assert build_parser().parse_args(words[1:]).verb == name


def test_asking_for_help_loads_neither_the_window_nor_the_server() -> None:
    code = "import sys, kiosk.__main__ as m; m.build_parser(); print({'kivy','litestar','requests','argon2'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "set()"


def test_an_unknown_verb_is_answered_with_the_known_ones() -> None:
    done = kiosk("satation")
    assert done.returncode == 2
    for name in VERBS:
        assert f"'{name}'" in done.stderr


def test_no_verb_at_all_is_answered_too() -> None:
    done = kiosk()
    assert done.returncode == 2
    assert "VERB" in done.stderr


# --- kiosk pin -----------------------------------------------------------------------------------------------------


def test_a_pin_becomes_a_hash_that_verifies_it_and_no_other() -> None:
    done = kiosk("pin", said="246810\n")
    assert done.returncode == 0
    hashed = done.stdout.strip()
    assert "246810" not in done.stdout + done.stderr
    assert PasswordHasher().verify(hashed, "246810")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_pin_never_gives_the_same_hash() -> None:
    assert hash_pin("1234") != hash_pin("1234")


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "\uff11\uff12\uff13\uff14", " 1234"])
def test_what_is_not_four_to_eight_digits_is_refused(pin: str) -> None:
    with pytest.raises(BadPin, match="4 to 8 digits"):
        hash_pin(pin)


def test_a_refused_pin_says_why_and_prints_no_hash() -> None:
    done = kiosk("pin", said="12\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "4 to 8 digits" in done.stderr


# --- kiosk voice ---------------------------------------------------------------------------------------------------


def test_a_text_becomes_a_sound_that_can_be_heard(tmp_path: Path) -> None:
    out = tmp_path / "call.wav"
    done = kiosk("voice", "请 A001 号到 3 号窗口", "--out", str(out))
    assert done.returncode == 0, done.stderr
    with wave.open(str(out)) as sound:
        assert sound.getnframes() / sound.getframerate() > 1.0
        assert any(sound.readframes(sound.getnframes()))


def test_a_speaker_that_is_not_there_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    devices = tmp_path / "config" / "devices.toml"
    devices.write_text(devices.read_text(encoding="utf-8").replace(":8613", ":1"), encoding="utf-8")
    done = kiosk("voice", "你好", "--config", str(tmp_path / "config"))
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
