"""The tables of `journal.db`, complete from the first release, and the chain that seals them.

facts     seq without gaps; `body` is JSON text, so plain SQL and Datasette can read it; `mac` chains over the row before
commands  written in the commit of their facts: the same id gets the stored answer
vault     personal values, each sealed with the key of its visit; dropping the key forgets them
meta      store id (random per file), schema version
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from sqlite_utils import Database

SCHEMA_VERSION = 1

TABLES = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE facts (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE INDEX facts_days ON facts (seq) WHERE kind = 'DayOpened';
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    first_seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    money INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE vault (
    ref TEXT PRIMARY KEY,
    visit TEXT NOT NULL,
    ciphertext BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE vault_keys (
    visit TEXT PRIMARY KEY,
    sealed_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

GENESIS = b"\0" * 32


def create(db: Database, store: str) -> None:
    """All tables and the store's id, in one transaction."""
    db.conn.executescript(
        f"BEGIN IMMEDIATE; {TABLES}"
        f"INSERT INTO meta VALUES ('store', '{store}'), ('schema', '{SCHEMA_VERSION}'); COMMIT;"
    )


def seal(key: bytes, before: bytes, seq: int, at: int, kind: str, body: bytes) -> bytes:
    """The MAC of a row: HMAC-SHA256 over the MAC before it and everything in the row."""
    inner, outer = _keyed(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(b"%b%d|%d|%b|%b" % (before, seq, at, kind.encode(), body))
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Both halves of the HMAC with the key taken in already (RFC 2104, 4): `hmac.digest` looks its hash up anew each time,
    which took four times as long as the hashing."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))
