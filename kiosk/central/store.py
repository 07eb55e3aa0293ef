"""central.db behind a small class, so that PostgreSQL can take its place: nobody else here says SQL that writes, but for
the folds in `projections` and `pairing`, which get a transaction from here.

One process (a lock file sees to it), one connection that writes and checkpoints, WAL with synchronous=FULL: what was
acknowledged survives a power cut. Every writing transaction is a BEGIN IMMEDIATE (`_writing`): a deferred BEGIN, which
sqlite-utils' `atomic()` is, fails at once when another writer was quicker (`limits.md` §1c).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlite_utils import Database

from kiosk.central import projections
from kiosk.central.schema import migrations
from kiosk.central.settings import Station
from kiosk.sync import receive
from kiosk.sync.wire import Batch, Item, Note, Taken, Through

MAX_QUARANTINE = 1_000  # facts put aside for each store; more are counted in the answer but not kept
MAX_COMMANDS = 50  # commands of one answer
MAX_COMMAND_BYTES = 2 * 1024 * 1024


T = TypeVar("T")


class AlreadyOpen(Exception):
    """Another central works on this folder."""


class WrongStation(Exception):
    """A store belongs to the station that first brought it; `owner` is its id."""

    def __init__(self, store: str, owner: str) -> None:
        super().__init__(f"store {store} belongs to station {owner}")
        self.owner = owner


class OtherContent(Exception):
    """The same idempotency key came with another command."""


class Command(msgspec.Struct, frozen=True):
    """A command on its way down; `body` is the JSON object of its fields."""

    id: int
    kind: str
    at: int
    body: msgspec.Raw


class Store:
    """`open()`, then from any thread; `close()` ends it. Times are this server's wall clock in milliseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._conn: sqlite3.Connection | None = None
        self._lock_file = -1

    def open(self, stations: tuple[Station, ...]) -> None:
        """Creates what is missing, brings the tables up to date; raises AlreadyOpen, sqlite3.Error, OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock_file)
            raise AlreadyOpen(f"{self._path.parent}: another central works on this folder; stop it first") from error
        # isolation_level None: Python begins no transaction of its own, `_writing` is the only one who does.
        conn = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5)
        self._path.chmod(0o600)
        self._conn = conn
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        migrations.apply(Database(conn))
        with self._writing() as tx:
            self._admit(tx, stations)
            self._refold(tx)

    def close(self) -> None:
        with self._guard:
            if self._conn is not None:
                self._conn.close()
                self._conn = None
                os.close(self._lock_file)

    @property
    def is_open(self) -> bool:
        return self._conn is not None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            if self._conn is None:
                raise RuntimeError("the store is not open")
            self._conn.execute("BEGIN IMMEDIATE")
            try:
                yield self._conn
                self._conn.execute("COMMIT")
            except BaseException:
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection that sees one moment; rows by name."""
        with closing(sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as conn:
            conn.row_factory = sqlite3.Row
            conn.execute("BEGIN")
            yield conn

    @staticmethod
    def _admit(tx: sqlite3.Connection, stations: tuple[Station, ...]) -> None:
        tx.execute("DELETE FROM stations")
        tx.executemany(
            "INSERT INTO stations (id, token_hash, name_zh, name_en) VALUES (?, ?, ?, ?)",
            [(s.id, s.token_sha256, s.name.zh if s.name else "", s.name.en if s.name else "") for s in stations],
        )
        tx.execute(
            "INSERT OR IGNORE INTO stations (id, token_hash, name_zh, name_en) SELECT station, token_hash, name, name FROM paired"
        )

    @staticmethod
    def _refold(tx: sqlite3.Connection) -> None:
        """Folds every fact anew when this release folds otherwise than the one that wrote the tables."""
        row = tx.execute("SELECT value FROM meta WHERE key = 'projections'").fetchone()
        if row is not None and row[0] == projections.version():
            return
        projections.clear(tx)
        owners = dict(tx.execute("SELECT store, station FROM stores").fetchall())
        states: list[tuple[str, str, int]] = []
        for store, station in owners.items():
            rows = tx.execute(
                "SELECT seq, at, kind, body, state FROM facts WHERE store = ? AND state <> 'waiting' ORDER BY seq",
                (store,),
            )
            for seq, at, kind, body, before in rows:
                state = "unread" if _effect(tx, store, station, at, kind, body) else "applied"
                if state != before:
                    states.append((state, store, seq))
        tx.executemany("UPDATE facts SET state = ? WHERE store = ? AND seq = ?", states)
        tx.execute(
            "INSERT INTO meta (key, value) VALUES ('projections', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (projections.version(),),
        )

    # --- facts up -----------------------------------------------------------------------------------------------------

    def take(self, station: str, batch: Batch, now: int) -> Taken:
        """Applies each fact of the batch once, in one transaction; raises WrongStation."""
        with self._writing() as tx:
            through = self._meet(tx, batch.store, station, now)
            first, last = (batch.facts[0].seq, batch.facts[-1].seq) if batch.facts else (0, 0)
            known = tx.execute(
                "SELECT seq, hash FROM facts WHERE store = ? AND seq BETWEEN ? AND ?", (batch.store, first, last)
            ).fetchall()
            ahead = tx.execute("SELECT seq FROM facts WHERE store = ? AND state = 'waiting'", (batch.store,)).fetchall()
            plan = receive.sort(through, dict(known), [seq for (seq,) in ahead], batch.facts)
            unread = self._keep(tx, batch.store, station, plan, now)
            self._put_aside(tx, batch.store, plan.strange, now)
            tx.execute(
                "UPDATE stores SET through = ?, head = max(head, ?, ?) WHERE store = ?",
                (plan.through, batch.head, max(last, plan.through), batch.store),
            )
            return Taken(plan.through, sorted([*plan.notes, *unread], key=lambda note: note.seq))

    def _meet(self, tx: sqlite3.Connection, store: str, station: str, now: int) -> int:
        """Notes the contact; -> how far this store is."""
        tx.execute(
            "INSERT INTO stores (store, station, through, head, day, first_at, contact_at, commands_after) "
            "VALUES (?, ?, 0, 0, '', ?, ?, 0) ON CONFLICT (store) DO NOTHING",
            (store, station, now, now),
        )
        through, owner = tx.execute("SELECT through, station FROM stores WHERE store = ?", (store,)).fetchone()
        if owner != station:
            raise WrongStation(store, owner)
        tx.execute("UPDATE stores SET contact_at = ? WHERE store = ?", (now, store))
        return int(through)

    @staticmethod
    def _keep(tx: sqlite3.Connection, store: str, station: str, plan: receive.Sorted, now: int) -> list[Note]:
        """Stores the new facts and applies what has become contiguous; -> notes of those that cannot be read here."""
        tx.executemany(
            "INSERT INTO facts (store, seq, at, kind, body, hash, state, taken_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (store, item.seq, item.at, item.kind, bytes(item.body), mark, _state(item, plan), now)
                for item, mark in plan.new
            ],
        )
        fresh = {item.seq: (item.at, item.kind, bytes(item.body)) for item, _ in plan.new}
        notes: list[Note] = []
        for seq in plan.apply:
            fact = fresh.get(seq)
            if fact is None:  # it waited beyond the gap that has just been filled
                row = "SELECT at, kind, body FROM facts WHERE store = ? AND seq = ?"
                fact = tx.execute(row, (store, seq)).fetchone()
                tx.execute("UPDATE facts SET state = 'applied' WHERE store = ? AND seq = ?", (store, seq))
            why = _effect(tx, store, station, *fact)
            if why:
                tx.execute("UPDATE facts SET state = 'unread' WHERE store = ? AND seq = ?", (store, seq))
                notes.append(Note(seq, "deferred", why))
        return notes

    @staticmethod
    def _put_aside(tx: sqlite3.Connection, store: str, strange: list[tuple[Item, str]], now: int) -> None:
        (count,) = tx.execute("SELECT count(*) FROM quarantine WHERE store = ?", (store,)).fetchone()
        for item, mark in strange:
            again = tx.execute(
                "UPDATE quarantine SET times = times + 1 WHERE store = ? AND seq = ? AND hash = ?",
                (store, item.seq, mark),
            )
            if again.rowcount == 0 and count < MAX_QUARANTINE:
                count += 1
                tx.execute(
                    "INSERT INTO quarantine (store, seq, hash, at, kind, body, first_at, times) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
                    (store, item.seq, mark, item.at, item.kind, bytes(item.body), now),
                )

    def through(self, station: str, store: str, now: int) -> Through:
        """How far this store is; raises WrongStation."""
        with self._writing() as tx:
            through = self._meet(tx, store, station, now)
            (head,) = tx.execute("SELECT head FROM stores WHERE store = ?", (store,)).fetchone()
            row = tx.execute("SELECT hash FROM facts WHERE store = ? AND seq = ?", (store, through)).fetchone()
            return Through(store=store, through=through, highest=int(head), digest=row[0] if row else "")

    # --- commands down ------------------------------------------------------------------------------------------------

    def acknowledge(self, station: str, store: str, after: int, now: int) -> None:
        """The store has everything up to command `after`; raises WrongStation."""
        with self._writing() as tx:
            self._meet(tx, store, station, now)
            tx.execute(
                "UPDATE stores SET commands_after = max(commands_after, ?) WHERE store = ?", (min(after, 2**53), store)
            )

    def commands(self, station: str, after: int) -> list[Command]:
        """The next commands for this station, in order, at most MAX_COMMANDS and, but for the first, MAX_COMMAND_BYTES: the
        station takes no answer above 4 MiB."""
        with self.reading() as conn:
            rows = conn.execute(
                "SELECT id, kind, at, body FROM commands WHERE id > ? AND station IN ('', ?) ORDER BY id LIMIT ?",
                (after, station, MAX_COMMANDS),
            ).fetchall()
        total, found = 0, list[Command]()
        for row in rows:
            total += len(row["body"])
            if found and total > MAX_COMMAND_BYTES:
                break
            found.append(Command(row["id"], row["kind"], row["at"], msgspec.Raw(row["body"])))
        return found

    def order(self, key: str, station: str, kind: str, body: bytes, now: int) -> int:
        """A new command, or the id it got when it came with this key before; raises OtherContent."""
        with self._writing() as tx:
            tx.execute(
                "INSERT INTO commands (key, at, station, kind, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                (key, now, station, kind, body),
            )
            got = tx.execute("SELECT id, station, kind, body FROM commands WHERE key = ?", (key,)).fetchone()
            if tuple(got[1:]) != (station, kind, body):
                raise OtherContent(key)
            return int(got[0])

    def writing(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`work` in one writing transaction (`kiosk.central.pairing`)."""
        with self._writing() as tx:
            return work(tx)

    # --- the operator's PIN -------------------------------------------------------------------------------------------

    def pin_attempt(self, who: str, now: int) -> int:
        """Counts an attempt before the PIN is looked at; -> ms still locked (then it does not count), 0 = may try."""
        with self._writing() as tx:
            row = tx.execute("SELECT failures, locked_until FROM pin_lock WHERE who = ?", (who,)).fetchone()
            failures, until = row if row is not None else (0, 0)
            if now < until:
                return int(until - now)
            failures += 1
            pause_s = 0 if failures < 3 else min(900, 5 * 2 ** min(failures - 3, 10))
            tx.execute(
                "INSERT INTO pin_lock (who, failures, locked_until) VALUES (?, ?, ?) "
                "ON CONFLICT (who) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until",
                (who, failures, now + pause_s * 1000),
            )
            return 0

    def pin_right(self, who: str) -> None:
        """The PIN was right: the lock is forgotten."""
        with self._writing() as tx:
            tx.execute("DELETE FROM pin_lock WHERE who = ?", (who,))


def _state(item: Item, plan: receive.Sorted) -> str:
    return "applied" if item.seq <= plan.through else "waiting"


def _effect(tx: sqlite3.Connection, store: str, station: str, at: int, kind: str, body: bytes) -> str:
    """-> "" or why the fact cannot be read here."""
    try:
        projections.apply(tx, store, station, at, kind, body)
    except projections.Unread as error:
        return str(error)
    return ""
