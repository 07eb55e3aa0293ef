"""The keeper of the hall: turns commands into committed facts, one after another, on the event loop.

The law of the commit: decide and apply at once; release answers, events and device jobs only after the commit of their
batch; on any commit failure throw the fold away and fold again from disk, by the code that starting uses. While a batch
is being written, what queues up meanwhile is the next one: no locks, no timers. When several come at once, a batch waits
for those who are coming in already, so that they share its fsync. On a disk that answers at once the batch is written
right here: handing it to a thread and back cost more than the writing. A slow disk is waited for in the thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.decide import decide
from kiosk.domain.facts import Fact, Recorded
from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.domain.plan import HallPlan
from kiosk.domain.refusals import key_reused, refuse
from kiosk.domain.ticket import IllegalFact
from kiosk.journal.store import CommandRow, Entry, Journal, JournalError, recorded
from kiosk.station.clock import Clock

QUEUE_MAX = 2_000
QUICK_S = 0.002  # a disk slower than that is waited for in a thread, so that the pages go on meanwhile
TURNS_MAX = 8  # turns of the loop that a batch waits for more of it

_log = logging.getLogger(__name__)

Render = Callable[[Hall, int], object]
Listener = Callable[[Sequence[Recorded]], None]
T = TypeVar("T")


@dataclass(slots=True)
class _Waiting:
    entry: Entry
    done: asyncio.Future[bool]  # False: nothing of it happened, look again (readers only)
    reads: bool = False
    # Who asked again with the same key meanwhile. Each waits for a future of its own: one who hangs up ends only its own.
    others: list[asyncio.Future[bool]] = field(default_factory=list)

    def everyone(self) -> list[asyncio.Future[bool]]:
        return [one for one in (self.done, *self.others) if not one.done()]


class Keeper:
    """Owned by the station's event loop; only a commit may leave it, to a thread of its own."""

    def __init__(self, journal: Journal, plan: HallPlan, clock: Clock | None = None) -> None:
        self.journal = journal
        self.plan = plan
        self.hall = Hall(plan)
        self.clock = clock or Clock()
        self._queue: list[_Waiting] = []
        self._flight: dict[str, _Waiting] = {}
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._task: asyncio.Task[None] | None = None
        self._listeners: list[Listener] = []
        self._writing = False
        self._disk_s = 1.0  # how long a commit took lately: the longest, fading by a tenth with each
        self._together = 1  # how many entries the last batch had
        self._half_changed = False
        self.broken = ""  # why the journal could not be written or read; "" when all is well

    def subscribe(self, listener: Listener) -> None:
        """`listener` gets every committed fact, in order, on the event loop. It must not block or raise."""
        self._listeners.append(listener)

    # --- life ---

    async def open(self) -> None:
        """Folds the open day and begins to take commands; raises JournalError."""
        self.journal.open()
        self._fold()
        step = self.clock.resume(self.hall.last_at)
        self._task = asyncio.create_task(self._commit_loop(), name="commit")
        if step:
            await self.record(f.ClockStepped(by_ms=step))
        lost = [f.PrintEnded(job=job, outcome="unknown", detail="restart") for job in self.hall.jobs]
        await self.record(*lost)
        await self.tick()

    async def close(self) -> None:
        """Commits what is queued, then lets go of the journal."""
        if self._task is not None:
            while (self._queue or self._writing) and not self._task.done():
                self._wake.set()
                await asyncio.sleep(0.005)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._thread.shutdown(wait=True)
        self.journal.close()

    def _fold(self) -> None:
        hall = Hall(self.plan)
        try:
            for fact in self.journal.open_day():
                apply(hall, fact)
        except IllegalFact as error:
            raise JournalError(
                f"{self.journal.path}: {error}. Run `kiosk doctor`, and start the release that wrote it."
            ) from error
        hall.seq = self.journal.seq
        hall.live = self.hall.live
        self.hall = hall

    # --- commands ---

    async def submit(self, command: c.Command, key: str = "", render: Render | None = None) -> bytes:
        """-> the answer as JSON, after its facts are on disk. The same key and command get the same answer; the same
        key with another command is refused. `render(hall, at)` makes the answer right after the facts are applied.
        Raises Refused; JournalError when it could not be written (nothing of it happened)."""
        digest = b""
        if key:
            digest = _digest(command)
            if (stored := await self._answered(key, digest)) is not None:
                return stored
        self._room()
        at = self.now()
        answer, done = self._take(decide(self.hall, command, at), at, key, digest, render)
        await done
        return answer

    async def record(self, *facts: Fact) -> None:
        """Facts that happened outside (devices, clock, roles): nothing to decide."""
        if facts:
            _, done = self._take(facts, self.now(), "", b"", None)
            await done

    async def tick(self) -> None:
        """Look at the clock; a business day opens when it is due, and answers of a week ago are forgotten."""
        before = self.hall.ordinal
        await self.submit(c.Tick())
        if self.hall.ordinal != before:
            await asyncio.get_running_loop().run_in_executor(self._thread, self.journal.forget_commands)

    async def read(self, show: Callable[[Hall, int], T]) -> T:
        """-> `show(hall, now)`, told only when all it can have seen is on disk: a reader must not be told what a crash
        could undo. It looks first and waits then, since by the end of a wait the hall may be ahead of the disk again."""
        while True:
            at = self.now()
            shown = show(self.hall, at)
            if not (self._queue or self._writing or self._half_changed):
                return shown
            done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._queue.append(_Waiting(Entry(()), done, reads=True))
            self._wake.set()
            if await done:
                return shown

    def now(self) -> int:
        """The wall clock, ms; a jump of it becomes a fact before anything else happens."""
        at, step = self.clock.look()
        if step:
            self._take((f.ClockStepped(by_ms=step),), at, "", b"", None)
        return at

    def _room(self) -> None:
        if self.broken:
            self._fold()  # raises while the journal still cannot be read
            self.broken = ""
        if len(self._queue) >= QUEUE_MAX:
            raise refuse(
                "busy",
                "系统正忙。",
                "The station is busy.",
                "请过几秒再试。",
                "Try again in a few seconds.",
                status=503,
            )

    async def _answered(self, key: str, digest: bytes) -> bytes | None:
        if (flight := self._flight.get(key)) is not None and (command := flight.entry.command) is not None:
            _same(command.digest, digest)
            done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            flight.others.append(done)
            await done
            return command.answer
        row = self.journal.command(key)
        if row is None:
            return None
        _same(row.digest, digest)
        return row.answer

    def _take(
        self, facts: tuple[Fact, ...], at: int, key: str, digest: bytes, render: Render | None
    ) -> tuple[bytes, asyncio.Future[bool]]:
        """Apply at once and queue for the next commit."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        placed = recorded(self.hall.seq, at, facts)
        try:
            for fact in placed:
                apply(self.hall, fact)
            answer = msgspec.json.encode(render(self.hall, at)) if render else b"{}"
        except Exception:
            # A bug: the hall is half changed. What is decided from here to the next fold is thrown away with it.
            self._half_changed = True
            self._wake.set()
            raise
        row = CommandRow(key, digest, self.hall.seq - len(placed) + 1, len(placed), answer, at) if key else None
        if not placed and row is None and not self._queue and not self._writing:
            done.set_result(True)  # nothing to write, and nothing is known that is not on disk
            return answer, done
        waiting = _Waiting(Entry(placed, row), done)
        if key:
            self._flight[key] = waiting
        self._queue.append(waiting)
        self._wake.set()
        return answer, done

    # --- commits ---

    async def _commit(self, entries: list[Entry]) -> None:
        begun = time.perf_counter()
        try:
            if self._disk_s <= QUICK_S:
                self.journal.commit(entries)
            else:
                await asyncio.get_running_loop().run_in_executor(self._thread, self.journal.commit, entries)
        finally:
            self._disk_s = max(time.perf_counter() - begun, 0.9 * self._disk_s)

    async def _assemble(self) -> None:
        """Lets in who is coming: as long as each turn of the loop brings more, they share one fsync. Who is alone does not
        wait."""
        if max(len(self._queue), self._together) == 1:
            return
        for _ in range(TURNS_MAX):
            known = len(self._queue)
            await asyncio.sleep(0)  # requests that have arrived are read,
            await asyncio.sleep(0)  # and then decided
            if len(self._queue) == known or self._half_changed:
                return

    async def _commit_loop(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue or self._half_changed:
                await self._assemble()
                if self._half_changed:
                    self._half_changed = False
                    self._fail(self._queue, JournalError("the station made a mistake and has folded its journal anew"))
                    continue
                batch, self._queue = self._queue, []
                self._together = len(batch)
                self._writing = True
                try:
                    await self._commit([w.entry for w in batch])
                except JournalError as error:
                    self._writing = False
                    self._fail([*batch, *self._queue], error)
                    continue
                except Exception as error:  # noqa: BLE001 (a fact that cannot be written must not end the keeping)
                    self._writing = False
                    _log.exception("a batch could not be written")
                    self._fail([*batch, *self._queue], JournalError(f"a fact could not be written: {error!r}"))
                    continue
                self._writing = False
                self._release(batch)

    def _release(self, batch: list[_Waiting]) -> None:
        loop = asyncio.get_running_loop()
        facts: list[Recorded] = []
        for waiting in batch:
            facts.extend(waiting.entry.facts)
            if waiting.entry.command is not None:
                self._flight.pop(waiting.entry.command.id, None)
        # Answers first: a customer waits for one. Each listener in a callback of its own: one that raises is a bug the loop
        # reports, and the hall goes on.
        for waiting in batch:
            for done in waiting.everyone():
                done.set_result(True)
        for listener in self._listeners if facts else ():
            loop.call_soon(listener, facts)

    def _fail(self, waiting: list[_Waiting], error: JournalError) -> None:
        """Nothing of the batch, nor of what was decided on top of it, has happened."""
        self._queue = []
        self._flight.clear()
        try:
            self._fold()
        except JournalError as unreadable:
            self.broken = str(unreadable)
        for done, reads in [(done, one.reads) for one in waiting for done in one.everyone()]:
            if reads and not self.broken:
                done.set_result(False)
            else:
                done.set_exception(error)
                done.exception()  # some have nobody waiting for them


def new_id() -> str:
    """128 random bits: a ticket's id is the secret that lets its holder look it up and cancel it."""
    return secrets.token_hex(16)


# Ids the station makes for a command differ between two tries of the same touch, so they stay out of its digest.
_OWN_IDS = frozenset({"ticket", "job", "call"})


def _digest(command: c.Command) -> bytes:
    own = _OWN_IDS if isinstance(command, (c.Issue, c.CallGuide, c.EndTriage, c.PrintPapers)) else {"job"}
    said = {k: v for k, v in msgspec.structs.asdict(command).items() if k not in own}
    return hashlib.sha256(type(command).__name__.encode() + msgspec.json.encode(said, order="sorted")).digest()


def _same(known: bytes, digest: bytes) -> None:
    if known != digest:
        raise key_reused()
