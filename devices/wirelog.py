"""What went over one wire, for the person who has to mend it: a bounded hex log, and the same with what repeats folded.

A line is "08:15:02.345 > 1B 40": the time of day, the way (> to the device, < from it), the bytes in hex; before the time the
month and day when it was not today. Folded, a question with its answer that was there a moment ago is not written again: the
line it has says how often it came, and when last: "08:15:02.351 < 12  # ×37 → 08:16:14.002". Both can be read as a capture.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Literal

ENTRIES = 1_024  # pieces, each with its own time
ENTRY_BYTES = 512  # of one piece, the rest is left out
EXCHANGES = 256  # of the folded log, which reaches back further
AMONG = 32  # an exchange is folded when it was among the last so many: polls of some pads by turns, not two presses in a row
JOIN_S = 0.05  # one piece of an answer follows the other sooner than that, however long the whole takes
SETTLED_S = 0.5  # what comes later than that belongs to nothing before it

Way = Literal[">", "<"]  # to the device, from it
Data = bytes | int  # int: how many bytes, where the bytes are personal


@dataclass(frozen=True, slots=True)
class _Piece:
    """`nth`: counted from 1 since the log began; `at`: the wall clock, seconds, when it began: for people, it may be set back;
    `ended`: the monotonic clock, seconds, when the last of its bytes went or came: gaps are told by this one."""

    nth: int
    at: float
    ended: float
    way: Way
    data: Data


@dataclass(slots=True)
class _Exchange:
    """A question and what came for it, or bytes that came by themselves. `times`: how often it came, `last`: when it last
    began; `turn`: which exchange of this log it last was."""

    pieces: list[_Piece]
    times: int = 1
    last: float = 0.0
    turn: int = 0

    @property
    def said(self) -> tuple[tuple[Way, Data], ...]:
        return tuple((piece.way, piece.data) for piece in self.pieces)


class WireLog:
    """Bounded to ENTRIES pieces of ENTRY_BYTES each, and EXCHANGES folded. Any thread may write and read it; it outlives the
    lines that write to it."""

    def __init__(self, now: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now, self._monotonic = now, monotonic
        self._entries: deque[_Piece] = deque(maxlen=ENTRIES)
        self._folded: deque[_Exchange] = deque(maxlen=EXCHANGES)
        self._recent: OrderedDict[tuple[tuple[Way, Data], ...], _Exchange] = OrderedDict()
        self._open: _Exchange | None = None
        self._count = self._turn = 0
        self.private = False  # from now on keep how many bytes there were, never which: they are personal
        self._lock = threading.Lock()

    def note(self, way: Way, data: bytes) -> None:
        with self._lock:
            self._count += 1
            kept = len(data) if self.private else data[:ENTRY_BYTES]
            piece = _Piece(self._count, self._now(), self._monotonic(), way, kept)
            self._entries.append(piece)
            self._fold(piece)

    @property
    def noted(self) -> bool:
        """Whether anything ever went over the wire."""
        return self._count > 0

    def lines(self) -> list[str]:
        """Every piece that is kept, oldest first, in this machine's own time."""
        return self.read(all=True)[1]

    def read(self, after: int = 0, *, all: bool = False, utc_offset_min: int | None = None) -> tuple[int, list[str]]:
        """-> (what to give as `after` the next time, the lines that began after it), oldest first. `all`: every piece, else
        folded. `utc_offset_min`: the hall's time; None = this machine's."""
        with self._lock:
            if all:
                shown, count = [_Exchange([p]) for p in self._entries if p.nth > after], self._count
            else:
                shown, count = self._exchanges(after)
        zone = None if utc_offset_min is None else timezone(timedelta(minutes=utc_offset_min))
        today = datetime.fromtimestamp(self._now(), zone).date()

        def clock(at: float) -> str:
            when = datetime.fromtimestamp(at, zone)
            return f"{when:%H:%M:%S.%f}"[:-3] if when.date() == today else f"{when:%m-%d %H:%M:%S.%f}"[:-3]

        return count, [line for exchange in shown for line in _lines(exchange, clock)]

    def _exchanges(self, after: int) -> tuple[list[_Exchange], int]:
        """Copies, so that what is noted meanwhile cannot change them. What is still under way is told the next time, whole."""
        if self._open is not None and self._monotonic() - self._open.pieces[-1].ended > SETTLED_S:
            self._close()
        shown = [replace(e, pieces=list(e.pieces)) for e in self._folded if e.pieces[0].nth > after]
        return shown, self._count if self._open is None else self._open.pieces[0].nth - 1

    # --- folding, under the lock -------------------------------------------------------------------------------------

    def _fold(self, piece: _Piece) -> None:
        before = self._open.pieces[-1] if self._open is not None else None
        if self._open is None or before is None or not _belongs(piece, before):
            self._close()
            self._open = _Exchange([piece])
        elif before.way == ">":
            self._open.pieces.append(piece)
        else:
            self._open.pieces[-1] = replace(before, ended=piece.ended, data=_joined(before.data, piece.data))

    def _close(self) -> None:
        done, self._open = self._open, None
        if done is None:
            return
        self._turn += 1
        while self._recent and next(iter(self._recent.values())).turn < self._turn - AMONG:
            self._recent.popitem(last=False)
        said = done.said
        known = self._recent.get(said)
        if known is not None:
            known.times, known.last, known.turn = known.times + 1, done.pieces[0].at, self._turn
            self._recent.move_to_end(said)
            return
        if len(self._folded) == EXCHANGES:  # its line goes: it must not be counted where nobody sees it
            oldest = self._folded[0]
            if self._recent.get(oldest.said) is oldest:
                del self._recent[oldest.said]
        done.turn = self._turn
        self._folded.append(done)
        self._recent[said] = done


def _belongs(piece: _Piece, before: _Piece) -> bool:
    """An answer to the question before, or more of the answer before."""
    gap = piece.ended - before.ended
    if piece.way == ">" or before.way == ">":
        return piece.way == "<" and gap < SETTLED_S
    return gap < JOIN_S and _size(before.data) + _size(piece.data) <= ENTRY_BYTES  # what does not fit is told by itself


def _joined(one: Data, more: Data) -> Data:
    if isinstance(one, bytes) and isinstance(more, bytes):
        return one + more
    return _size(one) + _size(more)


def _size(data: Data) -> int:
    return data if isinstance(data, int) else len(data)


def _lines(exchange: _Exchange, clock: Callable[[float], str]) -> list[str]:
    lines = []
    for piece in exchange.pieces:
        said = (
            f"[{piece.data} bytes, personal 个人信息]" if isinstance(piece.data, int) else piece.data.hex(" ").upper()
        )
        lines.append(f"{clock(piece.at)} {piece.way} {said}")
    if exchange.times > 1:
        lines[-1] += f"  # ×{exchange.times} → {clock(exchange.last)}"
    return lines
