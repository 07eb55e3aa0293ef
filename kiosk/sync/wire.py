"""What travels between a sender of facts and its receiver, one frozen struct each, and the limits both sides keep.

A fact's `body` stays the very bytes of its journal: it is embedded in the batch as raw JSON and hashed as received,
so that contents can be compared years later. Source: `design.md`, Sync.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import msgspec

MAX_FACTS = 500  # facts of one batch
MAX_BATCH_BYTES = 256 * 1024  # JSON of one batch before gzip; a single longer fact travels alone
MAX_INFLATED_BYTES = 4 * 1024 * 1024  # what a receiver unpacks of one batch
MAX_PACKED_BYTES = 1024 * 1024  # what a receiver reads of one batch
MAX_AHEAD = 5_000  # facts a receiver keeps beyond a gap, for each store
MAX_SEQ = 2**53 - 1  # whole numbers that JSON carries safely everywhere

_STORE = re.compile(r"[0-9a-f]{8,64}")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

ItemState = Literal["applied", "duplicate", "deferred", "quarantined"]


class Item(msgspec.Struct, frozen=True):
    """One fact on the way: `at` in milliseconds since 1970 UTC, `body` raw JSON."""

    seq: int
    at: int
    kind: str
    body: msgspec.Raw


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of one store in ascending order. `head` is the highest seq in the sender's journal, if it says so."""

    store: str
    station: str
    first_seq: int
    facts: list[Item]
    head: int = 0


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one fact that was not plainly applied."""

    seq: int
    status: ItemState
    why: str = ""


class Taken(msgspec.Struct, frozen=True):
    """The receiver's answer to a batch: `through` = the highest seq below which nothing is missing."""

    through: int
    items: list[Note] = []


class Through(msgspec.Struct, frozen=True, kw_only=True):
    """How far a receiver has a store: `digest` is that of fact `through` (empty when through is 0)."""

    store: str
    through: int
    highest: int
    digest: str = ""


class BadBatch(Exception):
    """A batch that breaks the protocol. `field` names the part, the text says expected and got."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field
        self.text = text


_batches = msgspec.json.Decoder(Batch)


def digest(at: int, kind: str, body: bytes) -> str:
    """SHA-256 over what a fact says: two facts with the same (store, seq) and another digest contradict each other."""
    return hashlib.sha256(b"%d\0%s\0%s" % (at, kind.encode(), body)).hexdigest()


def decode(data: bytes) -> Batch:
    """JSON bytes -> a batch that keeps every rule of the protocol; raises BadBatch."""
    try:
        batch = _batches.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadBatch("body", f"expected a batch of facts as JSON, got: {error}") from error
    check(batch)
    return batch


def check(batch: Batch) -> None:
    """Raises BadBatch for the first rule broken."""
    check_store(batch.store)
    if len(batch.facts) > MAX_FACTS:
        raise BadBatch("facts", f"expected at most {MAX_FACTS}, got {len(batch.facts)}")
    if not 1 <= len(batch.station) <= 32:
        raise BadBatch("station", f"expected 1 to 32 characters, got {len(batch.station)}")
    if not 0 <= batch.head <= MAX_SEQ:
        raise BadBatch("head", f"expected 0 to {MAX_SEQ}, got {batch.head}")
    if batch.facts and batch.facts[0].seq != batch.first_seq:
        raise BadBatch("first_seq", f"expected {batch.facts[0].seq} as in the first fact, got {batch.first_seq}")
    before = 0
    for place, item in enumerate(batch.facts):
        if not before < item.seq <= MAX_SEQ:
            raise BadBatch(f"facts[{place}].seq", f"expected more than {before}, at most {MAX_SEQ}, got {item.seq}")
        if not 0 <= item.at <= MAX_SEQ:
            raise BadBatch(f"facts[{place}].at", f"expected milliseconds from 0 to {MAX_SEQ}, got {item.at}")
        if not _KIND.fullmatch(item.kind):
            raise BadBatch(f"facts[{place}].kind", f"expected a name of 1 to 64 letters, got {item.kind[:80]!r}")
        before = item.seq


def check_store(store: str) -> None:
    """Raises BadBatch unless this can be a store's id."""
    if not _STORE.fullmatch(store):
        raise BadBatch("store", f"expected 8 to 64 lower-case hex digits, got {store[:80]!r}")
