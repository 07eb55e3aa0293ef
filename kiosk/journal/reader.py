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


def read(path: Path, after_seq: int, limit: int) -> list[Row]:
    """Up to `limit` facts after `after_seq`, in order."""
    with closing(_connect(path)) as conn:
        rows = conn.execute(
            "SELECT seq, at, kind, body FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", (after_seq, limit)
        ).fetchall()
    return [Row(seq, at, kind, body.encode()) for seq, at, kind, body in rows]


def store_id(path: Path) -> str:
    with closing(_connect(path)) as conn:
        return str(conn.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()[0])


def last_seq(path: Path) -> int:
    with closing(_connect(path)) as conn:
        return int(conn.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])
