"""Reading a journal beside its writer: own `mode=ro` connections, nothing is ever written or checkpointed here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from kiosk.journal.store import JournalError


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


class Change(msgspec.Struct, frozen=True):
    """A device was lost, or is back: see `kiosk.domain.facts.DeviceChanged`; without its detail, where anything may stand."""

    seq: int
    at: int
    state: str
    reasons: list[str]
    more: int


class History(msgspec.Struct, frozen=True):
    """Of one device in the whole journal: how often it was told, how often as a fault, how many changes were not told; the last
    of them, oldest first."""

    told: int
    faults: int
    untold: int
    last: list[Change]


def device_history(path: Path, last: int = 50) -> dict[str, History]:
    """Each device's history by its id, also of devices that are configured no more. Raises JournalError."""
    try:
        return _history(path, last)
    except (sqlite3.Error, msgspec.MsgspecError, KeyError) as error:
        raise JournalError(f"{path}: the history of the devices cannot be read: {error}; run `kiosk doctor`") from error


def _history(path: Path, last: int) -> dict[str, History]:
    changed = "FROM facts WHERE kind = 'DeviceChanged'"
    with closing(_connect(path)) as conn:
        totals = conn.execute(
            "SELECT body->>'device', count(*), sum(body->>'state' = 'fault'), sum(coalesce(body->>'more', 0)) "
            f"{changed} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        rows = conn.execute(
            "SELECT device, seq, at, body FROM (SELECT body->>'device' AS device, seq, at, body, "
            f"row_number() OVER (PARTITION BY body->>'device' ORDER BY seq DESC) AS nth {changed}) "
            "WHERE nth <= ? ORDER BY seq",
            (last,),
        ).fetchall()
    changes: dict[str, list[Change]] = {}
    for device, seq, at, body in rows:
        said = msgspec.json.decode(body)
        change = Change(seq, at, said["state"], said.get("reasons", []), said.get("more", 0))
        changes.setdefault(str(device), []).append(change)
    return {str(device): History(told, faults, more, changes[str(device)]) for device, told, faults, more in totals}
