"""The receiving rule, pure: what a receiver (central, or a leading station) does with a batch.

The law, for each fact (store, seq) of a batch:

    known, same content                    duplicate     nothing happens
    known, other content                   quarantined   the first stays; the other is kept beside, for people
    new, nothing missing before it         applied       stored, and its effect, in one transaction
    new, after a gap                       deferred      stored, its effect waits until the gap is filled
    new, more than MAX_AHEAD after a gap   deferred      not stored; the sender sends it again

`through` only ever grows, and never over a gap. One fact never stands in another's way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from kiosk.sync.wire import MAX_AHEAD, Item, Note, digest


class Sorted(msgspec.Struct, frozen=True):
    """What to do, in one transaction: store `new` (ascending, with digests), apply the facts `apply` (seqs, ascending;
    some may have been stored earlier, beyond a gap), put `strange` aside, then the store stands at `through`."""

    through: int
    new: list[tuple[Item, str]]
    apply: range
    strange: list[tuple[Item, str]]
    notes: list[Note]


def sort(through: int, known: Mapping[int, str], ahead: Collection[int], facts: list[Item]) -> Sorted:
    """`known`: digest of each seq of `facts` that the receiver has; `ahead`: all seqs it keeps beyond the gap."""
    new: list[tuple[Item, str]] = []
    strange: list[tuple[Item, str]] = []
    notes: list[Note] = []
    beyond = set(ahead)
    reach = _reach(through, beyond | {item.seq for item in facts if item.seq not in known})
    for item in facts:
        mark = digest(item.at, item.kind, bytes(item.body))
        if item.seq in known:
            if known[item.seq] == mark:
                notes.append(Note(item.seq, "duplicate"))
            else:
                strange.append((item, mark))
                notes.append(Note(item.seq, "quarantined", "another content is known for this seq"))
        elif item.seq <= reach:
            new.append((item, mark))
        elif len(beyond) < MAX_AHEAD:
            beyond.add(item.seq)
            new.append((item, mark))
            notes.append(Note(item.seq, "deferred", f"{reach + 1} is missing before it"))
        else:
            notes.append(Note(item.seq, "deferred", f"not kept: {MAX_AHEAD} already wait for {reach + 1}"))
    return Sorted(reach, new, range(through + 1, reach + 1), strange, notes)


def _reach(through: int, there: Collection[int]) -> int:
    while through + 1 in there:
        through += 1
    return through
