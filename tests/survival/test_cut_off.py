"""Facts are cut cleanly off the journal's end, as a restored backup does it: central has more than the station, the seals
are all in order, and only central can tell. Real station, real central."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.central.server import TOKEN, Server
from tests.glass.hall import until
from tests.survival.station import ROOT, Station
from tests.survival.test_killed import _until_pushed

TAKEN, CUT = 6, 4


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "central")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def station(tmp_path: Path, central: Server) -> Iterator[Station]:
    """Stopped; central has every fact of its journal."""
    made = Station(tmp_path / "station", central=central.url, token=TOKEN)
    made.start()
    take(made, TAKEN, "before")
    assert _until_pushed(made) == 0
    made.kill()
    made.start()  # what it wrote at the end of its first life goes up too
    assert _until_pushed(made) == 0
    made.kill()
    yield made
    made.stop()


def take(station: Station, count: int, key: str) -> None:
    line = station.screen()
    for n in range(count):
        assert line.call("POST", "/tickets", {"service": "enquiry"}, f"{key}{n}").status == 201
    line.close()


def facts(station: Station) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{station.data / 'journal.db'}?mode=ro", uri=True)) as conn:
        return conn.execute("SELECT seq, at, kind, body FROM facts ORDER BY seq").fetchall()


def cut(station: Station) -> None:
    """With the witness beside the data folder, as when a whole disk is put back; alone, the station would not start."""
    station.data.with_name("data.seq").unlink()
    with closing(sqlite3.connect(station.data / "journal.db", isolation_level=None)) as conn:
        conn.execute("DELETE FROM facts WHERE seq > (SELECT max(seq) FROM facts) - ?", (CUT,))
        conn.execute("DELETE FROM commands WHERE first_seq + n > (SELECT max(seq) FROM facts) + 1")


def pushed(station: Station) -> Any:
    line = station.line()
    try:
        return line.call("GET", "/health").body["sync"]["push"]
    finally:
        line.close()


def checked(station: Station) -> Any:
    """What `kiosk doctor` says of the copy at central."""
    argv = ["doctor", "--config", str(station.config), "--data", str(station.data), "--json", "--quick"]
    said = subprocess.run(
        [sys.executable, "-m", "kiosk", *argv], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    return next(check for check in json.loads(said.stdout)["checks"] if check["id"] == "copy")


def notice(station: Station) -> Any:
    return until(lambda: pushed(station)["error"], "a notice that the journals do not match")


def test_central_notices_the_station_says_so_and_sends_nothing(central: Server, station: Station) -> None:
    there = rows(central)
    assert len(there) == len(facts(station)) > CUT
    cut(station)
    station.start()
    said = notice(station)
    assert f"has {len(there)} facts" in said["en"]
    assert "Nothing is sent" in said["en"]
    assert "kiosk doctor" in said["en"]
    assert f"{len(there)} 条" in said["zh"]
    assert "kiosk doctor" in said["zh"]
    found = checked(station)
    assert found["state"] == "fail"
    assert "newer copy of the journal" in found["remedy"]["en"]
    assert str(station.data) in found["remedy"]["zh"]
    take(station, 3 * CUT, "after")  # the hall goes on, and its journal is soon longer than what central has
    assert len(facts(station)) > len(there)
    station.kill()
    station.start()  # it asks anew
    assert "Nothing is sent" in notice(station)["en"]
    assert checked(station)["state"] == "fail"
    assert rows(central) == there, "nothing was sent"
    assert central.rows("SELECT count(*) FROM quarantine")[0][0] == 0


def test_what_only_the_data_folder_lost_is_noticed_at_the_start(central: Server, station: Station) -> None:
    witness = station.data.with_name("data.seq").read_text()
    cut(station)
    station.data.with_name("data.seq").write_text(witness)
    argv = ["station", "--config", str(station.config), "--data", str(station.data)]
    said = subprocess.run(
        [sys.executable, "-m", "kiosk", *argv], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert said.returncode == 3
    assert f"末尾 {CUT} 条不见了" in said.stdout.decode()
    station.data.with_name("data.seq").unlink()  # a person has looked, and there is no newer one
    station.start()
    assert "Nothing is sent" in notice(station)["en"]


@pytest.mark.soak
def test_the_newer_copy_put_back_mends_it(central: Server, station: Station, tmp_path: Path) -> None:
    names = [name for name in ("journal.db", "journal.db-wal") if (station.data / name).exists()]
    for name in names:
        shutil.copyfile(station.data / name, tmp_path / name)
    cut(station)
    station.start()
    assert notice(station)
    station.stop()
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        (station.data / name).unlink(missing_ok=True)
    for name in names:
        shutil.copyfile(tmp_path / name, station.data / name)
    station.start()
    take(station, 2, "mended")
    assert _until_pushed(station) == 0
    assert pushed(station)["error"] is None
    assert checked(station)["state"] == "ok"


@pytest.mark.soak
def test_without_one_a_new_journal_mends_it_and_central_keeps_both(central: Server, station: Station) -> None:
    there = rows(central)
    cut(station)
    station.start()
    assert notice(station)
    station.stop()
    for name in ("journal.db", "journal.db-wal"):
        (station.data / name).unlink(missing_ok=True)
    station.start()
    take(station, 2, "anew")
    assert _until_pushed(station) == 0
    assert checked(station)["state"] == "ok"
    now = rows(central)
    assert [row for row in now if row in there] == there
    assert len({row[0] for row in now}) == 2


def rows(central: Server) -> list[tuple[Any, ...]]:
    return central.rows("SELECT store, seq, at, kind, body FROM facts ORDER BY store, seq")
