"""The writing end of the journal.

One process holds it (a lock file says so), one connection writes and checkpoints; every other reader opens its own
`mode=ro` connection (`kiosk.journal.reader`). A commit is one transaction with one fsync; if it raises, nothing of it
happened and the owner folds anew.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec
from sqlite_utils import Database

from kiosk.domain.facts import BadFact, Fact, Recorded, decode, encode
from kiosk.journal import schema
from kiosk.journal.witness import Witness

DAYS_KEPT = 8
SEEN = 1 << 20  # slots of the filter that tells most new command ids without asking the disk


class JournalError(Exception):
    """The journal cannot be opened, read or written; the text says what, where and what to do."""


class Damaged(JournalError):
    """A row is not what was written: the chain of MACs breaks at `seq`."""

    def __init__(self, seq: int, text: str) -> None:
        super().__init__(text)
        self.seq = seq


class Taken(JournalError):
    """Another process has the journal open."""


class CutOff(JournalError):
    """Facts that were committed are missing at the journal's end; all that is there is in order."""


class CommandRow(msgspec.Struct, frozen=True):
    """A command with its answer (JSON). `n` facts from `first_seq` follow from it; 0 of them is an answer too."""

    id: str
    digest: bytes
    first_seq: int
    n: int
    answer: bytes
    at: int


class Entry(msgspec.Struct, frozen=True):
    """What one command adds."""

    facts: tuple[Recorded, ...]
    command: CommandRow | None = None


class Journal:
    """`folder/journal.db`; the key that seals it is kept outside the folder (`key_file`)."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self.path = folder / "journal.db"
        self.key_file = key_file
        self.store = ""
        self.seq = 0
        self.missing = 0  # facts that the witness saw behind the last one that is there
        self.unseen = 0  # facts at the end that the witness has not seen
        self.witness = Witness(key_file.with_suffix(".seq"), key_file)
        self._mac = schema.GENESIS
        self._key = b""
        self._lock: IO[str] | None = None
        self._conn: sqlite3.Connection | None = None
        self._answers: sqlite3.Connection | None = None  # read-only: looked at while a commit is under way
        self._seen = bytearray(SEEN)  # 0: no command whose id falls into this slot was ever written

    # --- open and close ---

    def open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            new = not self.path.exists() or self.path.stat().st_size == 0
            self._key = _key(self.key_file, may_create=new)
            conn = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
            self._conn = conn
            conn.execute("PRAGMA journal_mode=WAL")
            conn.execute("PRAGMA synchronous=FULL")
            conn.execute("PRAGMA secure_delete=ON")
            db = Database(conn)
            if not db.table("meta").exists():
                schema.create(db, secrets.token_hex(8))
                fsync_folder(self.path.parent)
            self._read_head(conn)
            self._refuse_cut_off()
            self.witness.open(self.store, self.seq)
            self._answers = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)
            self._read_seen(conn)
        except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
            self.close()
            raise JournalError(
                f"{self.path}: {error}. The disk may be full, read-only or damaged: run `kiosk doctor`; "
                "if it says the file is damaged, keep a copy and restore the last good one."
            ) from error
        except JournalError:
            self.close()
            raise

    def open_to_read(self) -> None:
        """For looking only, also beside the station that writes: no lock, nothing is made or changed."""
        try:
            self._key = _key(self.key_file, may_create=False)
            self._conn = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)
            self._read_head(self._conn)
        except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
            self.close()
            raise JournalError(
                f"{self.path}: {error}. Keep a copy of the file and restore the last good one, or the station from central."
            ) from error
        except JournalError:
            self.close()
            raise

    def _refuse_cut_off(self) -> None:
        """Numbers that customers hold would be given again."""
        if not self.missing:
            return
        gone, last = self.missing, self.seq + self.missing
        path = ", ".join(map(str, self.witness.files(self.store)))
        raise CutOff(
            f"{self.path}: 日志到第 {self.seq} 条为止，而本机曾写到第 {last} 条：末尾 {gone} 条不见了（可能恢复了旧备份），"
            f"已发的号会重发。请恢复较新的日志（journal.db 连同 journal.db-wal）；确实没有时，删除 {path} 后再启动。\n"
            f"{self.path}: ends at fact {self.seq}, but this machine wrote up to {last}: the last {gone} are gone, as after an "
            "older copy was put back, and numbers that were given would be given again. Put the newer journal back "
            f"(journal.db together with journal.db-wal); if there is none, remove {path} and start again."
        )

    def _take_lock(self) -> None:
        self._lock = (self.path.parent / "journal.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            self._lock = None
            raise Taken(
                f"{self.path} is in use by another station: stop it first, or give this one another --data."
            ) from error

    def _read_head(self, conn: sqlite3.Connection) -> None:
        meta = dict(conn.execute("SELECT key, value FROM meta").fetchall())
        version, self.store = str(meta.get("schema")), str(meta.get("store"))
        if not version.isdigit() or self.store == "None":
            raise JournalError(f"{self.path}: its table meta is damaged: keep a copy and restore the last good one.")
        if int(version) > schema.SCHEMA_VERSION:
            raise JournalError(
                f"{self.path}: written by a newer release (schema {version}): start that release, not this one."
            )
        seen = self.witness.seen(self.store)  # before the journal, which may grow meanwhile
        row = conn.execute("SELECT seq, mac FROM facts ORDER BY seq DESC LIMIT 1").fetchone()
        self.seq, self._mac = (row[0], row[1]) if row else (0, schema.GENESIS)
        self.missing, self.unseen = max(0, seen - self.seq), max(0, self.seq - seen)

    def _read_seen(self, conn: sqlite3.Connection) -> None:
        for (id,) in conn.execute("SELECT id FROM commands"):
            self._seen[hash(id) % SEEN] = 1

    def close(self) -> None:
        if self._answers is not None:
            self._answers.close()
            self._answers = None
        if self._conn is not None:
            self._conn.close()
            self._conn = None
        self.witness.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def conn(self) -> sqlite3.Connection:
        if self._conn is None:
            raise JournalError(f"{self.path} is not open")
        return self._conn

    # --- write ---

    def commit(self, batch: Iterable[Entry]) -> None:
        """All of the batch in one transaction, or nothing. Facts must go on where the journal ends. Raises JournalError."""
        seq, mac = self.seq, self._mac
        facts: list[tuple[int, int, str, str, bytes]] = []
        commands: list[tuple[str, bytes, int, int, str, int]] = []
        for entry in batch:
            for recorded in entry.facts:
                if recorded.seq != seq + 1:
                    raise JournalError(f"{self.path}: fact {recorded.seq} cannot follow {seq}")
                kind, body = encode(recorded.fact)
                seq = recorded.seq
                mac = schema.seal(self._key, mac, seq, recorded.at, kind, body)
                facts.append((seq, recorded.at, kind, body.decode(), mac))
            if (row := entry.command) is not None:
                commands.append((row.id, row.digest, row.first_seq, row.n, row.answer.decode(), row.at))
        conn = self.conn
        try:
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", facts)
            if commands:
                conn.executemany(
                    "INSERT INTO commands (id, digest, first_seq, n, answer, at) VALUES (?, ?, ?, ?, ?, ?)", commands
                )
            conn.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise JournalError(
                f"{self.path}: could not be written ({error}). Free space or mend the disk; nothing of this step was recorded."
            ) from error
        self.seq, self._mac = seq, mac
        self.witness.saw(self.store, seq)
        for command in commands:
            self._seen[hash(command[0]) % SEEN] = 1

    def forget_commands(self) -> None:
        """Answers of more than eight business days ago are not needed for a repeat any more (days, not dates: a clock in
        2035 must not forget today's); those of money are kept for ever."""
        try:
            self.conn.execute(
                "DELETE FROM commands WHERE money = 0 AND first_seq < "
                "(SELECT seq FROM facts WHERE kind = 'DayOpened' ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (DAYS_KEPT - 1,),
            )
        except sqlite3.DatabaseError as error:
            raise JournalError(
                f"{self.path}: old answers could not be dropped ({error}). Free space or mend the disk."
            ) from error

    # --- read ---

    def command(self, id: str) -> CommandRow | None:
        """The stored answer of a command; safe while a commit is under way in another thread."""
        if self._answers is None:
            raise JournalError(f"{self.path} is not open")
        if not self._seen[hash(id) % SEEN]:
            return None
        try:
            row = self._answers.execute(
                "SELECT id, digest, first_seq, n, answer, at FROM commands WHERE id = ?", (id,)
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{self.path}: could not be read ({error}). Run `kiosk doctor`.") from error
        return CommandRow(row[0], row[1], row[2], row[3], row[4].encode(), row[5]) if row else None

    def open_day(self) -> Iterator[Recorded]:
        """The facts from the last `DayOpened` on, their chain verified; raises Damaged."""
        try:
            row = self.conn.execute(
                "SELECT seq FROM facts WHERE kind = 'DayOpened' ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise self._damaged(1, f"cannot be read ({error})") from error
        return self.facts(row[0] if row else 1)

    def facts(self, first: int = 1, last: int | None = None) -> Iterator[Recorded]:
        """Facts in order with their chain verified; raises Damaged at the first row that is not what was written."""
        end = self.seq if last is None else last
        expected = first
        try:
            before = self._mac_of(first - 1)
            rows = self.conn.execute(
                "SELECT seq, at, kind, body, mac FROM facts WHERE seq >= ? AND seq <= ? ORDER BY seq", (first, end)
            )
            for seq, at, kind, body, mac in rows:
                if not (isinstance(at, int) and isinstance(kind, str) and isinstance(body, str)):
                    raise self._damaged(expected, "is not what was written")
                raw = body.encode()
                if seq != expected:
                    raise self._damaged(expected, f"is missing (the next one found is {seq})")
                if schema.seal(self._key, before, seq, at, kind, raw) != mac:
                    raise self._damaged(seq, f"({kind}) is not what was written")
                yield Recorded(seq, at, decode(kind, raw))
                before, expected = mac, seq + 1
        except (sqlite3.DatabaseError, BadFact, UnicodeDecodeError) as error:
            raise self._damaged(expected, f"cannot be read ({error})") from error
        if expected != end + 1:
            raise self._damaged(expected, "is missing")

    def _mac_of(self, seq: int) -> bytes:
        if seq == 0:
            return schema.GENESIS
        row = self.conn.execute("SELECT mac FROM facts WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            raise self._damaged(seq, "is missing")
        return bytes(row[0])

    def _damaged(self, seq: int, what: str) -> Damaged:
        return Damaged(
            seq,
            f"{self.path}: fact {seq} {what}. Keep a copy of the file, look at the disk (smartctl), and restore the "
            f"station from central or from a backup; facts up to {seq - 1} are good.",
        )


def _key(path: Path, *, may_create: bool) -> bytes:
    """The sealing key, 32 bytes; made with the journal, and never again: a new key would fit no old row."""
    if path.exists():
        key = path.read_bytes()
        if len(key) != 32:
            raise JournalError(
                f"{path}: a journal key has 32 bytes, this file has {len(key)}: restore it from the backup."
            )
        return key
    if not may_create:
        raise JournalError(f"{path}: the key of this journal is missing: restore it from the backup of the station.")
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    part = path.with_name(path.name + ".part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(fd, key)
        os.fsync(fd)
    finally:
        os.close(fd)
    part.replace(path)
    fsync_folder(path.parent)
    return key


def fsync_folder(folder: Path) -> None:
    """A new or renamed file is there for good only when its folder is on disk too."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def recorded(seq: int, at: int, facts: Iterable[Fact]) -> tuple[Recorded, ...]:
    """Facts in their places after `seq`."""
    return tuple(Recorded(seq + i, at, fact) for i, fact in enumerate(facts, start=1))
