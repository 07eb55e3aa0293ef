"""The plug that is pulled: the places where the power may go, and what is left of the journal then."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kiosk.journal import schema
from kiosk.journal.store import Journal, JournalError


class PowerGone(BaseException):
    """The plug was pulled at this point."""


class Points:
    """Every place where the power may go, in the order the story passes them; it goes at the one that `at` says."""

    def __init__(self) -> None:
        self.left = 0
        self.hits: Counter[str] = Counter()

    def arm(self, at: int) -> None:
        self.left = at

    def passed(self, where: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.hits[where] += 1
            raise PowerGone(where)


class DyingLine:
    """The journal's connection; the power may go before, within and after each transaction."""

    def __init__(self, conn: sqlite3.Connection, points: Points, full: Callable[[], bool]) -> None:
        self._conn, self._points, self._full = conn, points, full

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE":
            self._points.passed("before the transaction")
            if self._full():
                raise sqlite3.OperationalError("database or disk is full")
        if sql == "COMMIT":
            self._points.passed("rows written, not committed")
        cursor = self._conn.execute(sql, *given)
        if sql == "COMMIT":
            self._points.passed("committed, nobody told")
        return cursor

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        cursor = self._conn.executemany(sql, rows)
        self._points.passed("some rows written")
        return cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)


class MemoryDisk:
    """The real Journal on SQLite in memory: committed is durable, an open transaction is not."""

    def __init__(self) -> None:
        self.conn = sqlite3.connect(":memory:", isolation_level=None)
        schema.create(Database(self.conn), "5eed")

    def journal(self, points: Points, full: Callable[[], bool]) -> Journal:
        return _MemoryJournal(self.conn, DyingLine(self.conn, points, full))

    def power_cut(self, journal: Journal) -> None:
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")


class _MemoryJournal(Journal):
    def __init__(self, conn: sqlite3.Connection, line: DyingLine) -> None:
        super().__init__(Path("memory"), Path("memory.key"))
        self._real, self._line = conn, line

    def open(self) -> None:
        self._key = b"k" * 32
        self._conn = self._answers = self._line  # type: ignore[assignment]
        self._read_head(self._real)
        self._read_seen(self._real)

    def close(self) -> None:
        self._conn = self._answers = None


class FileDisk:
    """The real Journal in files: at the cut they are copied as they lie there, and the next life opens the copy. The
    old connection is dropped only then, so nothing it does in closing can help."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lives = folder, 0

    @property
    def _place(self) -> Path:
        return self.folder / f"life{self.lives}"

    def journal(self, points: Points, full: Callable[[], bool]) -> Journal:
        return _FileJournal(self._place, self.folder / "hall.key", points, full)

    def power_cut(self, journal: Journal) -> None:
        old = self._place
        self.lives += 1
        self._place.mkdir()
        for name in ("journal.db", "journal.db-wal"):
            if (old / name).exists():
                shutil.copyfile(old / name, self._place / name)
        journal.close()
        shutil.rmtree(old)


class _FileJournal(Journal):
    def __init__(self, folder: Path, key_file: Path, points: Points, full: Callable[[], bool]) -> None:
        super().__init__(folder, key_file)
        self._points, self._full = points, full

    def open(self) -> None:
        super().open()
        self._conn = DyingLine(self.conn, self._points, self._full)  # type: ignore[assignment]


class HeldThread(Executor):
    """The commit's thread: it works when it is told to."""

    def __init__(self) -> None:
        self.job: tuple[Future[Any], Callable[..., Any], tuple[Any, ...]] | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        assert self.job is None, "one commit at a time"
        future: Future[Any] = Future()
        self.job = (future, fn, args)
        return future

    def work(self) -> None:
        if self.job is None:
            return
        (future, fn, args), self.job = self.job, None
        try:
            result = fn(*args)
        except JournalError as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.job = None
