"""Files that are not as they should be: cut off, from another release, with keys of another release."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.config import ConfigError, load
from kiosk.config.files import FILES
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.facts import Recorded
from kiosk.journal import reader
from kiosk.journal.store import Entry, Journal, JournalError, recorded
from kiosk.station.keeper import Keeper
from tests.domain.hall_of import MORNING, PLAN
from tests.station.test_keeper import FakeTime, issue, keeper_in, number
from tests.survival.station import ROOT, Station, write_config

CUTS = 40


def journal_in(folder: Path) -> Journal:
    journal = Journal(folder / "data", folder / "data.key")
    journal.open()
    return journal


def write(folder: Path, commits: int) -> tuple[Journal, list[Recorded]]:
    """So many commits, not checkpointed -> the open journal, and what was written."""
    journal = journal_in(folder)
    day = f.DayOpened(ordinal=1, label="2026-11-22", by="clock", carry=f.Carry())
    journal.commit([Entry(recorded(0, MORNING, [day]))])
    for n in range(commits):
        fact = f.TicketFinished(ticket=f"t{n}", counter=1)
        journal.commit([Entry(recorded(journal.seq, MORNING + n, [fact]))])
    return journal, list(journal.facts())


@pytest.mark.parametrize("file", ["journal.db", "journal.db-wal"])
def test_a_journal_cut_off_anywhere_is_refused_or_gives_what_is_whole(tmp_path: Path, file: str) -> None:
    whole = tmp_path / "whole"
    journal, written = write(whole, 60)
    if file == "journal.db":
        journal.close()  # moves the log into the database
    size = (whole / "data" / file).stat().st_size
    found = {"refused": 0, "prefix": 0}
    for cut in range(CUTS):
        place = tmp_path / f"cut{cut}"
        (place / "data").mkdir(parents=True)
        shutil.copyfile(whole / "data.key", place / "data.key")
        for name in ("journal.db", "journal.db-wal"):
            if (whole / "data" / name).exists():
                shutil.copyfile(whole / "data" / name, place / "data" / name)
        with (place / "data" / file).open("r+b") as cut_off:
            cut_off.truncate(1 + size * cut // CUTS)
        found[_look(place, written)] += 1
    journal.close()
    assert found["refused" if file == "journal.db" else "prefix"] > CUTS * 3 // 4, found


def _look(place: Path, written: list[Recorded]) -> str:
    journal = Journal(place / "data", place / "data.key")
    try:
        journal.open()
        facts = list(journal.facts())
    except JournalError as error:
        assert "journal.db" in str(error)
        assert re.search(r"doctor|restore|key", str(error)), f"what to do: {error}"
        return "refused"
    finally:
        journal.close()
    assert facts == written[: len(facts)]
    return "prefix"


def test_a_station_says_which_fact_is_damaged_and_does_not_start(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.start()
    screen = station.screen()
    for n in range(5):
        screen.call("POST", "/tickets", {"service": "payment"}, f"k{n}")
    station.stop()
    with closing(sqlite3.connect(station.data / "journal.db", isolation_level=None)) as conn:
        conn.execute("UPDATE facts SET body = replace(body, 'A003', 'A007') WHERE kind = 'TicketIssued'")
        seq = conn.execute("SELECT seq FROM facts WHERE body LIKE '%A007%'").fetchone()[0]
    with pytest.raises(AssertionError, match=rf"fact {seq} .*restore the"):
        station.start()


def test_a_fact_of_a_newer_release_is_kept_folded_over_and_passed_on(tmp_path: Path) -> None:
    newer = f.Unknown(kind="DroneLanded", body='{"drone":"七","height_cm":12}'.encode())
    more = f.Unknown(
        kind="TicketIssued",
        body=b'{"ticket":"t9","number":"A009","series":"A","ordinal":9,"service":"pay","klass":"ordinary","lang":"zh","mood":"calm"}',
    )

    async def story() -> None:
        keeper = keeper_in(tmp_path, FakeTime())
        await keeper.open()
        await keeper.record(newer)
        await keeper.close()
        journal = journal_in(tmp_path)
        journal.commit([Entry(recorded(journal.seq, MORNING, [more]))])
        journal.close()
        keeper = keeper_in(tmp_path, FakeTime())
        await keeper.open()
        assert await keeper.submit(issue("t10"), render=number("t10")) == b'"A010"'
        rows = reader.read(keeper.journal.path, 0, 100)
        assert [(row.kind, row.body) for row in rows if row.kind == newer.kind] == [(newer.kind, newer.body)]
        await keeper.close()

    asyncio.run(story())


def _a_bug(facts: object) -> None:
    raise ValueError("a bug")


def test_a_listener_that_raises_does_not_stop_the_hall(tmp_path: Path) -> None:
    async def story() -> None:
        said: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: said.append(str(what["exception"])))
        keeper: Keeper = keeper_in(tmp_path, FakeTime())
        await keeper.open()
        keeper.subscribe(_a_bug)
        heard: list[Recorded] = []
        keeper.subscribe(heard.extend)
        assert await keeper.submit(issue("t1"), render=number("t1")) == b'"A001"'
        assert await keeper.submit(issue("t2"), render=number("t2")) == b'"A002"'
        await asyncio.sleep(0)  # answers come before what listens
        assert len(heard) == 2
        assert len(said) == 2
        await keeper.close()

    asyncio.run(asyncio.wait_for(story(), 20))


# --- configuration -------------------------------------------------------------------------------------------------


def test_an_older_configuration_without_later_keys_is_taken_with_their_defaults(tmp_path: Path) -> None:
    folder = write_config(tmp_path / "config", 8600)
    optional = {
        "hall.toml": "reset_hour|utc_offset_min|recall_limit|return_window_min|hint|ask|head_start_min",
        "services.toml": "triage|day_cap",
        "station.toml": r"\[central\]\nurl|token",
    }
    for name, keys in optional.items():
        text = (folder / name).read_text()
        (folder / name).write_text(re.sub(rf"(?m)^({keys}) = .*\n", "", text))
    config = load(folder)
    assert config.plan.reset_hour == 4
    assert config.plan.utc_offset_min == 480
    assert config.screen.idle_s == 45
    assert config.central.url == ""
    assert PLAN.reset_hour == config.plan.reset_hour


@pytest.mark.parametrize("name", FILES)
def test_a_newer_configuration_is_refused_with_file_line_key_and_remedy(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    lines = (folder / name).read_text().splitlines()
    table = next(i for i, line in enumerate(lines) if line.startswith("["))
    lines.insert(table + 1, "from_the_future = true")
    (folder / name).write_text("\n".join(lines) + "\n")
    with pytest.raises(ConfigError) as refused:
        load(folder)
    said = str(refused.value)
    assert name in said
    assert "from_the_future" in said
    assert re.search(rf"\b{table + 2}\b", said), said
    assert "Known here" in said or "Did you mean" in said


def test_a_command_of_the_same_key_survives_a_restart_with_the_same_words(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path, FakeTime())
        await keeper.open()
        first = await keeper.submit(c.OpenCounter(counter=1, clerk="李"), "k", lambda hall, at: {"at": at})
        await keeper.close()
        keeper = keeper_in(tmp_path, FakeTime())
        await keeper.open()
        assert await keeper.submit(c.OpenCounter(counter=1, clerk="李"), "k", lambda hall, at: {"at": 0}) == first
        await keeper.close()

    asyncio.run(story())
