from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.domain import facts as f
from kiosk.journal import reader
from kiosk.journal.store import CommandRow, CutOff, Damaged, Entry, Journal, JournalError, Taken, recorded


@pytest.fixture
def journal(tmp_path: Path):  # type: ignore[no-untyped-def]
    journal = open_in(tmp_path)
    yield journal
    journal.close()


def open_in(folder: Path) -> Journal:
    journal = Journal(folder / "data", folder / "data.key")
    journal.open()
    return journal


def some(journal: Journal, n: int) -> Entry:
    return Entry(recorded(journal.seq, 1000, [f.TicketExpired(ticket=f"t{i}") for i in range(n)]))


def test_what_is_committed_is_read_back_in_order(journal: Journal) -> None:
    journal.commit([some(journal, 2)])
    journal.commit([Entry(recorded(journal.seq, 2000, [f.CounterOpened(counter=3, clerk="李")]))])
    assert [(r.seq, r.at) for r in journal.facts()] == [(1, 1000), (2, 1000), (3, 2000)]
    assert list(journal.facts())[-1].fact == f.CounterOpened(counter=3, clerk="李")
    assert [row.kind for row in reader.read(journal.path, 1, 10)] == ["TicketExpired", "CounterOpened"]
    assert reader.store_id(journal.path) == journal.store
    assert reader.last_seq(journal.path) == 3


def test_a_gap_is_refused_and_nothing_of_the_batch_is_written(journal: Journal) -> None:
    with pytest.raises(JournalError, match="cannot follow"):
        journal.commit([some(journal, 1), Entry(recorded(5, 0, [f.TicketExpired(ticket="x")]))])
    assert journal.seq == 0
    assert list(journal.facts()) == []


# --- facts that are gone from the end -------------------------------------------------------------------------------------


def cut(folder: Path, n: int) -> None:
    conn = sqlite3.connect(folder / "data" / "journal.db", isolation_level=None)
    conn.execute("DELETE FROM facts WHERE seq > (SELECT max(seq) FROM facts) - ?", (n,))
    conn.close()


@pytest.fixture
def shortened(tmp_path: Path) -> Path:
    """A journal of five facts, of which three are there."""
    journal = open_in(tmp_path)
    journal.commit([some(journal, 2)])
    journal.commit([some(journal, 3)])
    journal.close()
    cut(tmp_path, 2)
    return tmp_path


def test_an_end_that_was_cut_off_is_noticed_without_central(shortened: Path) -> None:
    with pytest.raises(CutOff, match="the last 2 are gone"):
        open_in(shortened)
    looking = Journal(shortened / "data", shortened / "data.key")
    looking.open_to_read()
    assert (looking.seq, looking.missing) == (3, 2)
    looking.close()
    with pytest.raises(CutOff, match=str(shortened / "data.seq")):
        open_in(shortened)


def test_a_person_who_removes_the_witness_has_confirmed_it(shortened: Path) -> None:
    (shortened / "data.seq").unlink()
    journal = open_in(shortened)
    journal.commit([some(journal, 1)])
    assert (journal.seq, journal.missing) == (4, 0)
    journal.close()


@pytest.mark.parametrize("hurt", ["a folder", "no folder"])
def test_a_witness_that_cannot_be_kept_keeps_no_hall_closed(tmp_path: Path, hurt: str) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    journal = Journal(tmp_path / "data", keys / "data.key")
    journal.open()
    journal.commit([some(journal, 200)])
    journal.close()
    (keys / "data.seq").unlink()
    if hurt == "a folder":
        (keys / "data.seq").mkdir()
    else:  # nothing can be made there
        (keys / "data.seq").symlink_to(tmp_path / "away" / "data.seq")
    journal.open()
    journal.commit([some(journal, 1)])
    journal.close()
    looking = Journal(tmp_path / "data", keys / "data.key")
    looking.open_to_read()
    assert (looking.missing, looking.unseen) == (0, 201)
    looking.close()


def test_a_journal_that_took_the_place_of_another_leaves_a_trace_of_it(tmp_path: Path) -> None:
    journal = open_in(tmp_path)
    journal.commit([some(journal, 5)])
    journal.close()
    (tmp_path / "data").rename(tmp_path / "old")
    fresh = open_in(tmp_path)
    assert fresh.store != journal.store
    assert fresh.witness.others() == {journal.store: 5}
    fresh.close()
    (tmp_path / "data").rename(tmp_path / "fresh")
    (tmp_path / "old").rename(tmp_path / "data")
    cut(tmp_path, 2)
    with pytest.raises(CutOff, match=f"data.seq.{journal.store}"):
        open_in(tmp_path)
    (tmp_path / f"data.seq.{journal.store}").unlink()
    open_in(tmp_path).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_witness_made_by_root_belongs_to_whom_the_key_belongs_to(tmp_path: Path) -> None:
    open_in(tmp_path).close()
    (tmp_path / "data.seq").unlink()
    os.chown(tmp_path / "data.key", 4711, 4712)
    open_in(tmp_path).close()
    made = (tmp_path / "data.seq").stat()
    assert (made.st_uid, made.st_gid) == (4711, 4712)


@pytest.mark.parametrize(
    "line", ["", "another 00000000000000000009\n", "{store} 000000000", "{store}", "\x00" * 64, "{store} 1\nx\n"]
)
def test_a_witness_that_is_old_torn_or_anothers_keeps_no_hall_closed(tmp_path: Path, line: str) -> None:
    journal = open_in(tmp_path)
    journal.commit([some(journal, 3)])
    journal.close()
    (tmp_path / "data.seq").write_text(line.format(store=journal.store))
    again = open_in(tmp_path)
    again.close()
    assert (tmp_path / "data.seq").read_text() == f"{journal.store} {3:020d}\n"


def test_a_commit_that_failed_is_not_witnessed(journal: Journal, tmp_path: Path) -> None:
    journal.commit([some(journal, 1)])
    journal.conn.execute("PRAGMA query_only=ON")
    with pytest.raises(JournalError, match="could not be written"):
        journal.commit([some(journal, 1)])
    assert (tmp_path / "data.seq").read_text().endswith(f" {1:020d}\n")


def test_commands_keep_their_answers_also_without_facts(journal: Journal) -> None:
    journal.commit([Entry((), CommandRow("k", b"d", 1, 0, b'{"ticket":null}', 5))])
    row = journal.command("k")
    assert row is not None
    assert row.answer == b'{"ticket":null}'
    assert journal.command("other") is None


def test_answers_are_kept_for_eight_business_days_whatever_the_clock_says(journal: Journal) -> None:
    journal.commit([Entry((), CommandRow("k", b"d", 1, 0, b"{}", 5))])
    for ordinal in range(1, 11):
        day = f.DayOpened(ordinal=ordinal, label="x", by="clock", carry=f.Carry())
        journal.commit([Entry(recorded(journal.seq, 9 * 10**12, [day]))])
        journal.forget_commands()
        assert (journal.command("k") is None) == (ordinal > 8), ordinal


def test_the_settings_that_keep_what_was_acknowledged(journal: Journal) -> None:
    assert journal.conn.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"
    assert journal.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_fold_starts_at_the_last_day(journal: Journal) -> None:
    day = f.DayOpened(ordinal=2, label="2026-11-22", by="clock", carry=f.Carry())
    journal.commit([some(journal, 3)])
    journal.commit([Entry(recorded(journal.seq, 9, [day, f.TicketExpired(ticket="x")]))])
    assert [r.seq for r in journal.open_day()] == [4, 5]


def test_only_one_process_holds_it(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(Taken, match="another station"):
        open_in(tmp_path)


def test_a_reader_beside_the_writer_never_writes(journal: Journal) -> None:
    journal.commit([some(journal, 1)])
    with sqlite3.connect(f"{journal.path.as_uri()}?mode=ro", uri=True) as conn, pytest.raises(sqlite3.OperationalError):
        conn.execute("DELETE FROM facts")


def test_without_its_key_it_is_not_opened(tmp_path: Path) -> None:
    open_in(tmp_path).close()
    (tmp_path / "data.key").unlink()
    with pytest.raises(JournalError, match="key"):
        open_in(tmp_path)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    open_in(tmp_path).close()
    with sqlite3.connect(tmp_path / "data" / "journal.db") as conn:
        conn.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    with pytest.raises(JournalError, match="newer release"):
        open_in(tmp_path)


def test_an_unknown_kind_is_kept_as_it_is(journal: Journal) -> None:
    journal.commit([Entry(recorded(0, 1, [f.Unknown(kind="FromTheFuture", body=b'{"a":1}')]))])
    assert next(iter(journal.facts())).fact == f.Unknown(kind="FromTheFuture", body=b'{"a":1}')


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE facts SET at = at + 1 WHERE seq = 7",
        "UPDATE facts SET body = replace(body, 't', 'u') WHERE seq = 7",
        "UPDATE facts SET kind = 'TicketReturned' WHERE seq = 7",
        "DELETE FROM facts WHERE seq = 7",
    ],
)
def test_a_row_that_was_touched_is_found_and_named(tmp_path: Path, sql: str) -> None:
    journal = open_in(tmp_path)
    journal.commit([some(journal, 10)])
    journal.close()
    with sqlite3.connect(tmp_path / "data" / "journal.db") as conn:
        conn.execute(sql)
    journal = open_in(tmp_path)
    with pytest.raises(Damaged, match="fact 7"):
        list(journal.facts())
    journal.close()


def test_200_flipped_bits_are_each_found_or_harmless(tmp_path: Path) -> None:
    """Every flip is either refused or leaves every fact readable just as it was written: never silently wrong data."""
    journal = open_in(tmp_path)
    for _ in range(40):
        journal.commit([some(journal, 5)])
    before = list(journal.facts())
    journal.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()
    path = tmp_path / "data" / "journal.db"
    good = path.read_bytes()
    rng = random.Random(3)
    found = 0
    for _ in range(200):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(bad))
        for beside in ("-wal", "-shm"):
            path.with_name(path.name + beside).unlink(missing_ok=True)
        again = Journal(tmp_path / "data", tmp_path / "data.key")
        try:
            again.open()
            assert list(again.facts()) == before
        except JournalError as error:
            found += 1
            assert "journal.db" in str(error)
        finally:
            again.close()
    assert found > 40


COMMITTER = """
import sys
from pathlib import Path
from kiosk.domain import facts as f
from kiosk.journal.store import Entry, Journal, recorded
journal = Journal(Path(sys.argv[1]) / "data", Path(sys.argv[1]) / "data.key")
journal.open()
for i in range(200):
    journal.commit([Entry(recorded(journal.seq, 1, [f.TicketExpired(ticket="a"), f.TicketExpired(ticket="b")]))])
journal.close()
"""


def test_one_fsync_a_commit(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    subprocess.run(
        [
            "strace",
            "-f",
            "-c",
            "-o",
            str(trace),
            "-e",
            "trace=fsync,fdatasync",
            sys.executable,
            "-c",
            COMMITTER,
            str(tmp_path),
        ],
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    calls = sum(int(line.split()[3]) for line in trace.read_text().splitlines() if line.strip().endswith("sync"))
    assert 200 <= calls <= 200 * 1.1 + 12, trace.read_text()
