"""The journal against raw SQLite: rows of the same bytes, the same tables and indexes, commits of the same size. And how
many fsyncs a commit takes, counted by strace, because that number travels to slower disks and a rate does not."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.domain import facts as f
from kiosk.domain.facts import Recorded, encode
from kiosk.journal import schema
from kiosk.journal.store import CommandRow, Entry, Journal
from tests.bench import halls
from tests.bench.figure import Figure, in_turns
from tests.bench.halls import scratch

COMMITS = {1: 150, 10: 60, 100: 20}
ANSWER = b'{"ticket":"' + b"x" * 500 + b'"}'
MAC = b"m" * 32

Facts = tuple[f.Fact, f.Fact]


def _facts(nth: int) -> Facts:
    id = f"{nth:032x}"
    promise = f.Promise(p10_s=300, p50_s=600, p90_s=960)
    return (
        f.TicketIssued(
            ticket=id, number="B001", series="B", ordinal=nth, service="enquiry", klass="ordinary", lang="zh",
            station="S1", ahead=17, promise=promise,
        ),
        f.PrintAsked(job=f"p{id[1:]}", device="printer", what="ticket", subject=id, lang="zh"),
    )  # fmt: skip


class _Rows:
    """Batches of entries that go on where the last one ended, and the very rows they mean."""

    def __init__(self, key: str) -> None:
        self._key, self._seq, self._nth = key, 0, 0

    def batch(self, size: int) -> list[Entry]:
        entries = []
        for _ in range(size):
            self._nth += 1
            first, second = _facts(self._nth)
            key = f"{self._key}-{self._nth * 7919 % 1_000_003:08d}-{self._nth:010d}"
            row = CommandRow(key, MAC, self._seq + 1, 2, ANSWER, 1_795_311_000_000 + self._nth)
            entries.append(
                Entry((Recorded(self._seq + 1, row.at, first), Recorded(self._seq + 2, row.at, second)), row)
            )
            self._seq += 2
        return entries


class _Raw:
    """SQLite as anybody would use it: WAL, FULL, the same tables, prepared rows."""

    def __init__(self, path: Path) -> None:
        self.conn = sqlite3.connect(path, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode=WAL")
        self.conn.execute("PRAGMA synchronous=FULL")
        self.conn.executescript(schema.TABLES)

    def commit(self, facts: list[tuple[object, ...]], commands: list[tuple[object, ...]]) -> None:
        conn = self.conn
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", facts)
        conn.executemany(
            "INSERT INTO commands (id, digest, first_seq, n, answer, at) VALUES (?, ?, ?, ?, ?, ?)", commands
        )
        conn.execute("COMMIT")


def _as_rows(batch: list[Entry]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    facts: list[tuple[object, ...]] = []
    commands: list[tuple[object, ...]] = []
    for entry in batch:
        for recorded in entry.facts:
            kind, body = encode(recorded.fact)
            facts.append((recorded.seq, recorded.at, kind, body.decode(), MAC))
        if (row := entry.command) is not None:
            commands.append((row.id, row.digest, row.first_seq, row.n, row.answer.decode(), row.at))
    return facts, commands


def _rate(commit: Callable[[int], None], count: int) -> float:
    begin = time.perf_counter()
    for nth in range(count):
        commit(nth)
    return count / (time.perf_counter() - begin)


def appends(quick: bool) -> list[Figure]:
    figures = []
    for size, full in COMMITS.items():
        count = max(5, full // 5) if quick else full
        with scratch("journal") as folder:
            journal = Journal(folder / "ours", folder / "key")
            journal.open()
            raw = _Raw(folder / "raw.db")
            ours, theirs = _Rows("ours"), _Rows("raw")

            def run_ours(size: int = size, count: int = count, ours: _Rows = ours, journal: Journal = journal) -> float:
                batches = [ours.batch(size) for _ in range(count)]
                return size * _rate(lambda nth: journal.commit(batches[nth]), count)

            def run_raw(size: int = size, count: int = count, rows: _Rows = theirs, raw: _Raw = raw) -> float:
                batches = [_as_rows(rows.batch(size)) for _ in range(count)]
                return size * _rate(lambda nth: raw.commit(*batches[nth]), count)

            pairs = in_turns(run_ours, run_raw, 5 if quick else 11)
            journal.close()
            raw.conn.close()
        figures.append(
            Figure(
                f"journal append, {size} in a commit", pairs.value, "commands/s", pairs.ratio, "≥ 0.8×",
                "raw sqlite3, same rows, tables and commit size",
            )
        )  # fmt: skip
    return [*figures, fsyncs(quick)]


def fsyncs(quick: bool) -> Figure:
    """Those of a run with commits less those of one without, divided by the commits."""
    commits = 100 if quick else 500
    each = (_syncs(commits) - _syncs(0)) / commits
    return Figure("fsyncs a commit", each, "fsync", each, "≤ 1.1×", "one, counted by strace")


def _syncs(commits: int) -> int:
    with scratch("strace") as folder:
        command = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", str(folder / "count")]
        command += [sys.executable, "-m", "tests.bench.writing", str(folder), str(commits)]
        subprocess.run(command, cwd=halls.ROOT, check=True)
        said = (folder / "count").read_text()
    return sum(int(calls) for calls in re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*f(?:data)?sync", said, re.M))


if __name__ == "__main__":
    made = Journal(Path(sys.argv[1]) / "data", Path(sys.argv[1]) / "key")
    made.open()
    rows = _Rows("strace")
    for _ in range(int(sys.argv[2])):
        made.commit(rows.batch(1))
    made.close()
