"""Reading a journal beside its writer: own `mode=ro` connections, nothing is ever written or checkpointed here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec


class Row(msgspec.Struct, frozen=True):
    """A fact as it stands in the file; `body` is JSON."""

    seq: int
    at: int
    kind: str
    body: bytes


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)


def _rows(conn: sqlite3.Connection, after_seq: int, limit: int) -> list[Row]:
    rows = conn.execute(
        "SELECT seq, at, kind, body FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", (after_seq, limit)
    ).fetchall()
    return [Row(seq, at, kind, body.encode()) for seq, at, kind, body in rows]


def _last(conn: sqlite3.Connection) -> int:
    return int(conn.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])


class Follower:
    """For whoever reads again and again, from one thread: the connection stays open from the first reading on, because
    opening one takes longer than reading 500 facts. Between readings it holds no transaction, so it delays no checkpoint."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: sqlite3.Connection | None = None

    @property
    def _open(self) -> sqlite3.Connection:
        if self._conn is None:
            uri = f"{self._path.resolve().as_uri()}?mode=ro"
            # Closed by whoever stops the reading thread, which is another one.
            self._conn = sqlite3.connect(uri, uri=True, timeout=5, check_same_thread=False)
        return self._conn

    def read(self, after_seq: int, limit: int) -> list[Row]:
        """Up to `limit` facts after `after_seq`, in order."""
        return _rows(self._open, after_seq, limit)

    def last_seq(self) -> int:
        return _last(self._open)

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


def read(path: Path, after_seq: int, limit: int) -> list[Row]:
    """Up to `limit` facts after `after_seq`, in order."""
    with closing(_connect(path)) as conn:
        return _rows(conn, after_seq, limit)


def store_id(path: Path) -> str:
    with closing(_connect(path)) as conn:
        return str(conn.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()[0])


def last_seq(path: Path) -> int:
    with closing(_connect(path)) as conn:
        return _last(conn)


class Day(msgspec.Struct, frozen=True):
    """How many facts of each kind a business day brought; label "" is before the first day that is told."""

    label: str
    first_seq: int
    kinds: dict[str, int]


def statistics(path: Path, days: int = 31) -> list[Day]:
    """The last `days` business days, oldest first: kinds and how many, never a body but the day's own date."""
    with closing(_connect(path)) as conn:
        opened = conn.execute(
            "SELECT seq, json_extract(body, '$.label') FROM facts WHERE kind = 'DayOpened' ORDER BY seq DESC LIMIT ?",
            (days,),
        ).fetchall()[::-1]
        end = _last(conn) + 1
        found = []
        for nth, (first, label) in enumerate(opened):
            last = opened[nth + 1][0] if nth + 1 < len(opened) else end
            rows = conn.execute(
                "SELECT kind, count(*) FROM facts WHERE seq >= ? AND seq < ? GROUP BY kind ORDER BY kind", (first, last)
            ).fetchall()
            found.append(Day(str(label), int(first), dict(rows)))
        return found
