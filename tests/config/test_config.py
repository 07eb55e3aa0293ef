"""Every mistake at once, each with file, line, key and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.config import ConfigError, load

DEMO = Path(__file__).parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "config"))


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` -> the line it stood on."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [m.told("en").replace(str(folder) + "/", "") for m in caught.value.mistakes]


def test_the_demo_is_a_whole_power_companys_hall() -> None:
    config = load(DEMO)
    assert {s.id for s in config.plan.services} >= {"payment", "enquiry", "intake", "works", "sundry"}
    assert len(config.plan.counters) == 4
    assert len(config.plan.classes) == 5
    assert all(not c.serves for c in config.plan.counters), "all-in-one"
    assert {n.kind for n in config.plan.nodes} == {"question", "number", "self_service", "papers", "guide"}


def test_all_mistakes_of_all_files_are_shown_at_once(folder: Path) -> None:
    lines = [
        change(folder, "hall.toml", "reset_hour", "reset_our"),
        change(folder, "services.toml", "minutes = 4", 'minutes = "four"'),
        change(folder, "counters.toml", 'sign = "signs:2"', 'sign = "sings:2"'),
        change(folder, "station.toml", '"127.0.0.1:8600"', '"8600"'),
        change(folder, "triage.toml", 'goto = "pay_guide"', 'goto = "pay_gide"'),
        change(folder, "devices.toml", "columns = 48", "columns = 480"),
    ]
    found = mistakes(folder)
    assert len(found) == 6
    assert f"hall.toml:{lines[0]}: [hall]: reset_our: is not a known key. Did you mean “reset_hour”?" in found
    assert any(
        m.startswith(f"services.toml:{lines[1]}: [[service]] 1 (payment): minutes:") and "four" in m for m in found
    )
    assert any(m.startswith(f"counters.toml:{lines[2]}:") and "Did you mean “signs”" in m for m in found)
    assert any(m.startswith(f"station.toml:{lines[3]}:") and "host:port" in m for m in found)
    assert any(m.startswith(f"triage.toml:{lines[4]}:") and "Did you mean “pay_guide”" in m for m in found)
    assert any(m.startswith(f"devices.toml:{lines[5]}:") and "24 to 72" in m for m in found)


def test_a_wrong_key_hides_neither_its_neighbours_nor_what_they_mean(folder: Path) -> None:
    """Syntax, types and meaning in one go: what cannot be read is left out, the rest is looked at."""
    line = change(folder, "hall.toml", "recall_limit = 3", "recall_limit = = 3")
    for file, old, new in (
        ("services.toml", "minutes = 4", 'minutes = "four"'),
        ("services.toml", 'series = "B"', 'series = "A"'),
        ("counters.toml", 'sign = "signs:2"', 'sign = "sings:2"'),
        ("station.toml", "warn_s = 20", "warn_s = 2"),
        ("devices.toml", "columns = 48", 'columns = "48"\ncolums = 4'),
        ("devices.toml", 'standin = "printer2"', 'standin = "main"'),
        ("devices.toml", "signs/sum8.toml", "signs/sum9.toml"),
        ("triage.toml", 'kind = "self_service"', 'kind = "self-service"'),
        ("triage.toml", 'goto = "pay_guide"', 'goto = "pay_gide"'),
        ("station.toml", "idle_s = 45", 'idle_s = "45"'),
        ("station.toml", '"127.0.0.1:8600"', '"8600"'),
    ):
        change(folder, file, old, new)
    found = mistakes(folder)
    wanted = (
        f"hall.toml:{line}: is not TOML",
        "minutes: 'four' does not fit",
        "own letter",
        "Did you mean “signs”",
        "warn_s: 2 is out of range",
        "columns: '48' does not fit",
        "colums: is not a known key. Did you mean “columns”?",
        "there is no printer “main”",
        "an existing UTF-8 file",
        "kind: 'self-service' does not fit",
        "Did you mean “pay_guide”",
        "idle_s: '45' does not fit",
        "host:port",
    )
    assert [words for words in wanted if not any(words in one for one in found)] == []
    assert len(found) == len(wanted), found


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("devices.toml", 'id = "signs"', "id = 5"),  # counters name it: nobody can say that they are wrong
        ("devices.toml", 'class = "sign"', 'class = "sing"'),
        ("services.toml", 'id = "enquiry"', "id = 7"),
        ("triage.toml", 'id = "pay_guide"', "id = 3"),
        ("counters.toml", "id = 2", 'id = "two"'),
    ],
)
def test_what_is_unknown_is_complained_of_once(folder: Path, file: str, old: str, new: str) -> None:
    line = change(folder, file, old, new)
    found = mistakes(folder)
    assert any(one.startswith(f"{file}:{line}:") for one in found)
    assert all(one.startswith(f"{file}:") for one in found if "sign device" not in one), found


def test_a_device_is_named_by_its_place_and_id_in_both_languages(folder: Path) -> None:
    line = change(folder, "devices.toml", "columns = 48", "columns = 480")
    with pytest.raises(ConfigError) as caught:
        load(folder)
    (one,) = caught.value.mistakes
    where = f"{folder / 'devices.toml'}:{line}: [[device]] 1 (printer): columns: "
    assert one.told("zh") == where + "480 超出范围。请用 24 到 72。"
    assert one.told("en") == where + "480 is out of range. Use 24 to 72."
    assert str(caught.value) == (
        "配置有 1 处错误 · 1 mistake in the configuration:\n"
        f"{where}480 超出范围。请用 24 到 72。\n    480 is out of range. Use 24 to 72."
    )
    assert one.key == "device.1.columns"


def test_a_triage_that_goes_round_is_named(folder: Path) -> None:
    change(folder, "triage.toml", 'goto = "papers_ready"', 'goto = "intake"')
    assert any("go round: intake → intake" in m for m in mistakes(folder))


def test_a_service_without_a_counter_is_named(folder: Path) -> None:
    text = (folder / "counters.toml").read_text("utf-8")
    (folder / "counters.toml").write_text(text.replace("sign =", 'serves = ["payment"]\nsign ='), "utf-8")
    found = mistakes(folder)
    assert len(found) == 5
    assert all("no counter serves" in m and m.startswith("services.toml:") for m in found)


def test_broken_toml_says_where(folder: Path) -> None:
    line = change(folder, "hall.toml", "recall_limit = 3", "recall_limit = = 3")
    assert mistakes(folder)[0].startswith(f"hall.toml:{line}:")


def test_a_missing_file_and_a_missing_key(folder: Path) -> None:
    (folder / "counters.toml").unlink()
    change(folder, "services.toml", 'icon = "pay"\n', "")
    found = mistakes(folder)
    assert any("counters.toml:1" in m and "missing" in m for m in found)
    assert any("“icon” is missing" in m for m in found)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("services.toml", 'series = "B"', 'series = "A"', "own letter"),
        ("services.toml", 'series = "B"', 'series = "b1"', "capital letters"),
        ("services.toml", 'id = "enquiry"', 'id = "payment"', "used twice"),
        ("station.toml", 'counter = "$argon2id', 'counter = "1111 $argon2id', "kiosk pin"),
        ("devices.toml", 'where = "tcp://127.0.0.1:8612"', 'where = "tcp://127.0.0.1:8611"', "share a line"),
        ("devices.toml", 'driver = "frame"', 'driver = "escpos"', "driver for a sign"),
        ("devices.toml", "signs/sum8.toml", "signs/sum9.toml", "an existing UTF-8 file"),
        ("triage.toml", 'kind = "self_service"', 'kind = "self-service"', "does not fit"),
        ("hall.toml", 'id = "ordinary"', 'id = "ordinery"', "ordinary"),
        ("station.toml", "[screen]", "[scren]", "Did you mean “screen”"),
    ],
)
def test_each_mistake_with_its_remedy(folder: Path, file: str, old: str, new: str, says: str) -> None:
    line = change(folder, file, old, new)
    found = mistakes(folder)
    assert any(says in m for m in found), found
    assert any(m.startswith(f"{file}:{line}:") for m in found) or says == "ordinary", found


def test_the_verb_prints_them_and_fails(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verb = ["config", "check", "--config", str(folder), "--data", str(tmp_path / "data")]
    assert main(verb) == 0
    assert "good" in capsys.readouterr().out
    change(folder, "hall.toml", "recall_limit", "recal_limit")
    assert main(verb) == 1
    assert "Did you mean “recall_limit”?" in capsys.readouterr().out
