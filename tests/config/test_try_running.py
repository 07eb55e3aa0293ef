"""`kiosk config try` against a real station: it starts again with the change, and goes back by itself when that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.config import box
from kiosk.config.layers import load_box
from tests.config.halls import hall
from tests.survival.station import Station


class Shell:
    def __init__(self, folder: Path) -> None:
        self.station, self.new = Station(folder), folder / "hall.toml"
        self.new.write_text(hall(6), "utf-8")

    def kiosk(self, *words: str | Path) -> int:
        return main(
            ["config", *map(str, words), "--config", str(self.station.config), "--data", str(self.station.data)]
        )

    @property
    def limit(self) -> int:
        return load_box(self.station.config, self.station.data).plan.recall_limit


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path)
    yield made
    made.station.stop()


def test_refused_with_its_mistakes_then_tried_looked_at_and_confirmed(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.station.start()
    shell.new.write_text(hall(60), "utf-8")
    assert shell.kiosk("try", shell.new) == 1
    said = capsys.readouterr().out
    assert f"{shell.new}:8: [hall]: recall_limit: 60 超出范围。请用 1 到 9。" in said, "the file that was named"
    assert "60 is out of range. Use 1 to 9." in said
    assert box.trial(shell.station.data) is None
    shell.new.write_text(hall(6), "utf-8")
    assert shell.kiosk("try", "--no-wait", shell.new) == 0
    assert shell.station.process is not None
    assert shell.station.process.wait(30) == 0, "it ends, to be started again"
    shell.station.start()
    assert shell.limit == 6
    assert shell.kiosk("confirm") == 0
    assert box.trial(shell.station.data) is None
    assert shell.limit == 6


def test_a_file_of_the_boxs_own_is_dropped_by_the_station(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    box.put(shell.station.config, shell.station.data, {"hall.toml": hall(5)})
    shell.station.start()
    assert shell.kiosk("try", "--drop", "hall.tml") == 1, "no such file"
    assert shell.kiosk("try", "--no-wait", "--drop", "hall.toml") == 0, capsys.readouterr().err
    assert shell.station.process is not None
    assert shell.station.process.wait(30) == 0
    shell.station.start()
    assert shell.limit == 3


def test_a_station_that_dies_with_it_comes_back_with_the_one_before(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.kiosk("try", "--no-wait", shell.new) == 0, "none runs: the next start takes it"
    shell.station.start()
    assert shell.limit == 6
    shell.station.kill()
    shell.station.start()
    assert shell.limit == 3
    assert shell.kiosk("confirm") == 1
    capsys.readouterr()
    assert shell.kiosk("show") == 0
    said = capsys.readouterr().out
    assert "hall.toml       base" in said
    assert "the last trial (hall.toml)" in said and "the station did not survive it" in said
    assert "in force: the station runs with it" in said


def test_the_set_before_comes_true_at_once(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    box.put(shell.station.config, shell.station.data, {"hall.toml": hall(5)})
    box.put(shell.station.config, shell.station.data, {"hall.toml": hall(6)})
    shell.station.start()
    assert shell.kiosk("rollback", "--last") == 0
    assert "starts again with the set before" in capsys.readouterr().out
    assert shell.station.process is not None
    assert shell.station.process.wait(30) == 0
    shell.station.start()
    assert shell.limit == 5
    assert shell.kiosk("show") == 0
    assert "in force: the station runs with it" in capsys.readouterr().out
