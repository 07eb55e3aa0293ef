"""A generated package is good as it is: its own tests, the compliance suite, types, style, and the station finds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devices.ports import DeviceError
from devices.tools.new import CLASSES, new

ROOT = Path(__file__).parents[3]
TOOLS = Path(sys.executable).parent


def run(folder: Path, *words: str, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*path, ROOT))), "MYPYPATH": str(ROOT)}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=110, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One package of each class, told to Python as an editable install does: a folder on the path and its metadata."""
    folder = tmp_path_factory.mktemp("packages")
    for klass in CLASSES:
        new(f"acme-{klass}", klass, folder)
        target = folder / f"acme-{klass}"
        done = run(target, sys.executable, "-c", "import setuptools; setuptools.setup()", "-q", "egg_info")
        assert done.returncode == 0, done.stderr
    return {klass: folder / f"acme-{klass}" for klass in CLASSES}


def test_its_style_is_good(made: dict[str, Path]) -> None:
    for target in made.values():
        for words in (("check",), ("format", "--check")):
            done = run(target, str(TOOLS / "ruff"), *words, "--no-cache", ".")
            assert done.returncode == 0, done.stdout + done.stderr


def test_its_types_are_good(made: dict[str, Path], tmp_path: Path) -> None:
    packages = [word for klass in CLASSES for word in ("-p", f"acme_{klass}")]
    config = ("--config-file", str(made["sign"] / "pyproject.toml"))
    env = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, (*made.values(), ROOT)))}
    words = [str(TOOLS / "mypy"), *config, "--strict", "--cache-dir", str(tmp_path), *packages]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout


def test_its_own_tests_pass(made: dict[str, Path]) -> None:
    target = made["scanner"]
    done = run(target, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path=(target,))
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout


def test_the_station_finds_it_by_its_entry_point_and_verifies_it(made: dict[str, Path]) -> None:
    target = made["sign"]
    done = run(ROOT, sys.executable, "-m", "kiosk", "devices", "verify", "sign/acme-sign", path=(target,))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAIL" not in done.stdout
    assert "sign/acme-sign" in done.stdout.splitlines()[-1]
    for check in ("fault silent", "fault unplugged", "20 reconnections", "close ends a running call", "codec 1"):
        assert f"ok   {check}" in done.stdout


def test_the_configuration_may_name_it_and_its_slips_are_told(made: dict[str, Path], tmp_path: Path) -> None:
    config = tmp_path / "config"
    subprocess.run(["cp", "-r", str(ROOT / "config"), str(config)], check=True)
    devices = config / "devices.toml"
    table = '\n[[device]]\nid = "new"\nclass = "keypad"\ndriver = "acme-keypad"\nwhere = "tcp://127.0.0.1:9"\n'
    written = devices.read_text("utf-8")
    devices.write_text(written + table, encoding="utf-8")
    check = (
        sys.executable,
        "-m",
        "kiosk",
        "config",
        "check",
        "--config",
        str(config),
        "--data",
        str(tmp_path / "data"),
    )
    done = run(ROOT, *check, path=(made["keypad"],))
    assert done.returncode == 0, done.stdout + done.stderr
    devices.write_text(written + table + "colour = 3\n", encoding="utf-8")
    done = run(ROOT, *check, path=(made["keypad"],))
    assert done.returncode == 1
    assert "colour" in done.stdout + done.stderr


def test_without_the_package_its_driver_is_not_known(tmp_path: Path) -> None:
    done = run(ROOT, sys.executable, "-m", "kiosk", "devices", "verify", "sign/acme-sign")
    assert done.returncode == 1
    assert "sign/frame" in done.stderr


@pytest.mark.parametrize("name", ["", "Acme", "a_b", "../x", "a--b", "x" * 40, "1a"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="is no name"):
        new(name, "sign", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    new("mine", "sign", tmp_path)
    with pytest.raises(DeviceError, match="is there already"):
        new("mine", "sign", tmp_path)
    with pytest.raises(DeviceError, match="one of sign, printer, keypad, scanner"):
        new("other", "camera", tmp_path)
