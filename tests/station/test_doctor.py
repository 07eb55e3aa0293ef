from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path

import pytest

from kiosk.domain import facts as f
from kiosk.journal.store import Entry, Journal, recorded
from kiosk.station.doctor import main

DEMO = Path(__file__).parents[2] / "config"


def args(data: Path) -> argparse.Namespace:
    return argparse.Namespace(config=DEMO, data=data)


def a_journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "data", tmp_path / "data.key")
    journal.open()
    day = f.DayOpened(ordinal=1, label="2026-11-22", by="clock", carry=f.Carry())
    journal.commit([Entry(recorded(0, 1, [day, f.CounterOpened(counter=1)]))])
    return journal


def test_all_is_well_also_beside_a_station_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = a_journal(tmp_path)
    assert main(args(tmp_path / "data")) == 0
    assert "2 facts, each as it was written" in capsys.readouterr().out
    journal.close()


def test_a_damaged_row_is_named_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_journal(tmp_path).close()
    with sqlite3.connect(tmp_path / "data" / "journal.db") as conn:
        conn.execute("UPDATE facts SET body = '{\"counter\":2}' WHERE seq = 2")
    assert main(args(tmp_path / "data")) == 1
    out = capsys.readouterr().out
    assert "MEND" in out
    assert "fact 2" in out
    assert "restore" in out


def test_no_journal_yet_is_no_mistake(tmp_path: Path) -> None:
    assert main(args(tmp_path / "nothing")) == 0
