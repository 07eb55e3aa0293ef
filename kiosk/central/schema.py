"""The tables of central.db and how they came to be: one migration each, never edited after a release."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("central")

FIRST = """
CREATE TABLE stations (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,    -- SHA-256, hex
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL
);
CREATE TABLE stores (
    store TEXT PRIMARY KEY,             -- one journal file; a re-imaged box is a new store
    station TEXT NOT NULL,              -- the station whose token first brought it; no other may add to it
    through INTEGER NOT NULL,           -- nothing is missing up to here
    head INTEGER NOT NULL,              -- the highest seq its station has told of
    day TEXT NOT NULL,                  -- label of its open business day
    first_at INTEGER NOT NULL,
    contact_at INTEGER NOT NULL,        -- ms, this server's clock
    commands_after INTEGER NOT NULL     -- commands up to this id are durable there
);
CREATE TABLE facts (
    store TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,                -- ms, the station's clock
    kind TEXT NOT NULL,
    body BLOB NOT NULL,                 -- JSON as in the station's journal
    hash TEXT NOT NULL,                 -- kiosk.sync.wire.digest
    state TEXT NOT NULL CHECK (state IN ('applied', 'waiting', 'unread')),
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (store, seq)
);
CREATE INDEX facts_waiting ON facts (store, seq) WHERE state = 'waiting';
CREATE TABLE quarantine (
    store TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (store, seq, hash)
);
CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,           -- the Idempotency-Key it came with
    at INTEGER NOT NULL,
    station TEXT NOT NULL,              -- '' = all
    kind TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY,
    store TEXT NOT NULL,                -- '' until its TicketIssued has arrived
    station TEXT NOT NULL,
    day TEXT NOT NULL,
    number TEXT NOT NULL,
    service TEXT NOT NULL,
    klass TEXT NOT NULL,
    lang TEXT NOT NULL,
    state TEXT NOT NULL,
    counter INTEGER,
    issued_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
);
CREATE INDEX tickets_day ON tickets (day, station, state);
CREATE INDEX tickets_waiting ON tickets (service, store, issued_at) WHERE state = 'waiting';
CREATE TABLE pin_lock (
    who TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@migrations()
def first(db: Database) -> None:
    for statement in FIRST.split(";\n"):
        if statement.strip():
            db.execute(statement)


PAIRING = """
CREATE TABLE pairing_codes (
    code_hash TEXT PRIMARY KEY,         -- SHA-256, hex; open for a quarter of an hour
    station TEXT NOT NULL,
    name TEXT NOT NULL,
    until INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0,   -- wrong codes of anybody while this one was open
    used_by TEXT NOT NULL DEFAULT ''    -- SHA-256 of the Idempotency-Key that used it
);
CREATE TABLE paired (
    station TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,    -- SHA-256, hex
    name TEXT NOT NULL,
    at INTEGER NOT NULL
);
"""


@migrations()
def pairing(db: Database) -> None:
    for statement in PAIRING.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def trial_tickets(db: Database) -> None:
    """1: a technician's test, in no figure."""
    db.execute("ALTER TABLE tickets ADD COLUMN trial INTEGER NOT NULL DEFAULT 0")
