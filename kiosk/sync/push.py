"""Facts up: reads the journal after what the receiver has acknowledged, and posts it in gzip batches, for ever.

The law: the receiver is the truth. The cursor takes exactly the receiver's highest contiguous seq, from an answer to a
batch or to the question asked at the start and after every failure, and moves by nothing else. Sending twice is safe
(the receiver applies once), so every failure has one cure: ask, and send again. Days offline are normal.

While one batch is on its way the next is read and packed, as if the receiver will take all of the first; if it does not,
that work is thrown away.

Days of silence are told apart from a journal that forked: when the receiver knows facts that this journal does not
have, or has with another content (a restored backup), nothing is sent and the status says so.
"""

from __future__ import annotations

import base64
import gzip
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import msgspec

from kiosk import http
from kiosk.domain.facts import Lines
from kiosk.sync import answers
from kiosk.sync.loop import Failed, Loop, Pace
from kiosk.sync.wire import MAX_BATCH_BYTES, MAX_FACTS, Batch, Item, Note, Taken, Through, digest

KEPT_NOTES = 20
PACKED = 3  # gzip level: 500 facts become 7.1 kB in 0.6 ms; level 6 makes 6.6 kB of them in 1.4 ms
_ITEM_EXTRA = 128  # JSON around a body: names, numbers, kind


class Row(Protocol):
    """A fact as the journal's reader gives it (kiosk.journal.reader.Row). `body` is JSON, `at` in milliseconds."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> bytes: ...


Read = Callable[[int, int], Sequence[Row]]  # (after_seq, limit) -> rows in order


class Cursor(Protocol):
    """Where the acknowledged seq is remembered, for people and for the next start; losing it costs nothing."""

    def get(self) -> int: ...
    def set(self, seq: int) -> None: ...


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """For `GET /health` and staff. `behind`: facts not yet acknowledged, None before the receiver was first asked.
    `last_ok_at`: wall-clock milliseconds. `deferred`, `quarantined`: since the start; `notes` are the latest of them."""

    through: int = 0
    behind: int | None = None
    last_ok_at: int | None = None
    error: Lines | None = None
    deferred: int = 0
    quarantined: int = 0
    notes: tuple[Note, ...] = ()


class _Packed(msgspec.Struct, frozen=True):
    """A batch ready to be posted: facts `first` to `last` of a journal that ended at `head`."""

    first: int
    last: int
    head: int
    facts: int
    body: bytes


class Pusher(Loop):
    """One store's facts to one receiver. `head` gives the highest seq of the journal (kiosk.journal.reader.last_seq).
    `wake()` when there are new facts; `status()` from any thread."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        store: str,
        station: str,
        read: Read,
        head: Callable[[], int],
        cursor: Cursor,
        ca: Path | None = None,
        pace: Pace | None = None,
        rng: random.Random | None = None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        super().__init__("push", pace or Pace(), rng)
        self._url = url.rstrip("/")
        self._token, self._ca = token, ca
        self._store, self._station = store, station
        self._read, self._head, self._cursor, self._now_ms = read, head, cursor, now_ms
        self._session: http.Session | None = None
        self._asked = False
        self._most = MAX_FACTS
        self._packer: ThreadPoolExecutor | None = None
        self._ahead: Future[_Packed | None] | None = None  # the batch after the one on its way
        self._guard = threading.Lock()
        self._status = Status()

    def status(self) -> Status:
        with self._guard:
            return self._status

    # --- one round ----------------------------------------------------------------------------------------------------

    def opened(self) -> None:
        self._session = http.session(ca=self._ca, token=self._token)
        self._packer = ThreadPoolExecutor(1, thread_name_prefix="pack")
        self._asked = False

    def interrupt(self) -> None:
        if (session := self._session) is not None:
            session.hang_up()

    def closed(self) -> None:
        if self._packer is not None:
            self._packer.shutdown(wait=True, cancel_futures=True)
        if self._session is not None:
            self._session.close()

    def round(self) -> bool:
        ahead = self._packed_ahead()
        head = self._head()
        through = self._cursor.get() if self._asked else self._ask(head)
        packed = ahead if ahead is not None and ahead.first == through + 1 else self._pack(through, head)
        if packed is None:
            self._tell(through=through, behind=0, error=None)
            return False
        head = max(head, packed.last)  # the journal has grown meanwhile
        if head > packed.last and self._packer is not None:
            self._ahead = self._packer.submit(self._pack, packed.last, head)
        taken = self._post(packed)
        if taken.through > head:
            raise Failed(_text_fork(taken.through, head))
        self._cursor.set(taken.through)
        self._take_notes(taken)
        if taken.through <= through:
            raise Failed(_text_stuck(through))
        self._most = min(MAX_FACTS, self._most * 2)
        self._tell(through=taken.through, behind=head - taken.through, last_ok_at=self._now_ms(), error=None)
        return True

    def _packed_ahead(self) -> _Packed | None:
        """What was packed during the last round, waited for: one connection reads, one thread at a time."""
        ahead, self._ahead = self._ahead, None
        return ahead.result() if ahead is not None else None

    def _pack(self, after: int, head: int) -> _Packed | None:
        rows = self._read(after, self._most) if head > after else []
        if not rows:
            return None
        items = _fit(rows)
        first, last = items[0].seq, items[-1].seq
        head = max(head, last)
        batch = Batch(store=self._store, station=self._station, first_seq=first, facts=items, head=head)
        body = gzip.compress(msgspec.json.encode(batch), compresslevel=PACKED, mtime=0)
        return _Packed(first, last, head, len(items), body)

    def failed(self, text: Lines) -> None:
        self._asked = False
        self._tell(error=text, behind=self._behind())

    def _ask(self, head: int) -> int:
        """How far the receiver has this store; sets the cursor to it."""
        answer = self._call("GET", f"{self._url}/facts/through?store={self._store}")
        known = answers.read(answer, Through)
        if known.through > head:
            raise Failed(_text_fork(known.through, head))
        if known.through > 0 and known.digest:
            row = next(iter(self._read(known.through - 1, 1)), None)
            if row is None or digest_of(row) != known.digest:
                raise Failed(_text_fork(known.through, head))
        self._cursor.set(known.through)
        self._asked = True
        self._tell(through=known.through, behind=head - known.through, last_ok_at=self._now_ms(), error=None)
        return known.through

    def _post(self, packed: _Packed) -> Taken:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = self._call("POST", f"{self._url}/facts", packed.body, headers)
        if answer.status in (400, 413, 422) and packed.facts > 1:
            self._most = packed.facts // 2  # so that one odd fact is found and does not hold back those before it
        return answers.read(answer, Taken)

    def _call(
        self, method: str, url: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.Answer:
        assert self._session is not None, "round() runs between opened() and closed()"
        try:
            return http.call(self._session, method, url, data=data, headers=headers, deadline_s=self.pace.deadline_s)
        except http.HttpError as error:
            raise Failed(error.text) from error

    # --- what people see ----------------------------------------------------------------------------------------------

    def _behind(self) -> int | None:
        old = self.status()
        try:
            return None if old.behind is None else max(0, self._head() - old.through)
        except (OSError, sqlite3.Error):
            return old.behind  # the journal itself cannot be read, which is what the status says already

    def _take_notes(self, taken: Taken) -> None:
        odd = [note for note in taken.items if note.status in ("deferred", "quarantined")]
        if odd:
            old = self.status()
            self._tell(
                deferred=old.deferred + sum(note.status == "deferred" for note in odd),
                quarantined=old.quarantined + sum(note.status == "quarantined" for note in odd),
                notes=(old.notes + tuple(odd))[-KEPT_NOTES:],
            )

    def _tell(self, **changes: object) -> None:
        with self._guard:
            self._status = msgspec.structs.replace(self._status, **changes)


_raw = msgspec.json.Decoder(msgspec.Raw)  # looks at every byte, as the receiver's decoder will, and builds nothing

# --- from rows to a batch ---------------------------------------------------------------------------------------------


def _fit(rows: Sequence[Row]) -> list[Item]:
    """As many rows, in order, as a batch may carry; always at least one."""
    items: list[Item] = []
    size = 0
    for row in rows:
        body = _sound(row.body)
        size += len(body) + _ITEM_EXTRA
        if items and size > MAX_BATCH_BYTES:
            break
        items.append(Item(row.seq, row.at, row.kind, msgspec.Raw(body)))
    return items


def _sound(body: bytes) -> bytes:
    """The body, if it can stand inside a batch. One damaged row must not stop those after it: it travels wrapped, the
    receiver cannot read it as its kind, keeps it raw and says so."""
    body = body.strip(b" \t\r\n")  # a receiver gets a raw value without the space around it
    try:
        _raw.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return msgspec.json.encode({"unreadable_base64": base64.b64encode(body).decode()})
    return body


def digest_of(row: Row) -> str:
    """What a receiver that has this fact says of it (`Through.digest`)."""
    return digest(row.at, row.kind, _sound(row.body))


def _text_fork(known: int, head: int) -> Lines:
    return Lines(
        zh=f"中心已有本机 {known} 条记录，与本机日志（{head} 条）不符：日志可能被旧备份替换。已停止上传，请运行 kiosk doctor。",
        en=f"the receiver has {known} facts of this store that do not match the journal here ({head} facts): it may have "
        "been replaced by an old backup. Nothing is sent; run `kiosk doctor`",
    )


def _text_stuck(through: int) -> Lines:
    return Lines(
        zh=f"中心没有收下 {through + 1} 号之后的记录，稍后重试。请查看中心页面。",
        en=f"the receiver did not take the facts after {through}; they will be sent again. Look at the receiver's page",
    )
