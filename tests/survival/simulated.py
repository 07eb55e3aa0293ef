"""A hall in simulated time that loses its power again and again.

Real: Keeper, Clock, Journal (its commit, chain, commands and fold), decide and apply, each fact through its bytes.
Simulated: time, people, printer, voice, and the thread of the commit, which runs when the seed says so; so one seed is
one story, to the bit.

A crash drops the process: the keeper, its queue, its fold, all tasks; what had been told (answers released, paper out,
calls spoken) stays in the world, and is held against what the next life reads back.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Recorded
from kiosk.domain.hall import Hall
from kiosk.journal.store import DAYS_KEPT, JournalError
from kiosk.station import views
from kiosk.station.clock import Clock
from kiosk.station.keeper import Keeper
from tests.domain.hall_of import MORNING, PLAN
from tests.survival.plug import FileDisk, HeldThread, MemoryDisk, Points, PowerGone

COUNTERS = (1, 2, 3, 4)
LONGEST_DAY = 10  # tickets; then the night comes (a short day keeps a refold, and so 10,000 of them, short)


class Lost(AssertionError):
    """Something that people were told has been lost or has happened twice."""


@dataclass
class World:
    """What is outside the box and survives it: the clocks, and everything that people saw, hold or heard."""

    true: int = MORNING  # the right time, ms
    wall: int = MORNING  # what the box's clock says
    mono: int = 0
    told: dict[int, dict[str, str]] = field(default_factory=dict)  # day -> number -> ticket
    answers: dict[str, tuple[c.Command, bytes]] = field(default_factory=dict)  # key -> what it was answered
    doubt: dict[str, c.Command] = field(default_factory=dict)  # sent, never answered: pressed again after the crash
    fresh: list[str] = field(default_factory=list)  # keys answered in this life
    effects: set[str] = field(default_factory=set)  # each sheet that came out, each call that was spoken
    believes: dict[int, tuple[int, str | None]] = field(default_factory=dict)  # counter -> day, number; absent: unsure
    seen_seq: int = 0  # the latest fact that a device, a screen or a person has been told of


class Sim:
    def __init__(self, seed: int, disk: MemoryDisk | FileDisk) -> None:
        self.rng = random.Random(seed)
        self.disk = disk
        self.world = World()
        self.points = Points()
        self.thread = HeldThread()
        self.keeper = self._new_keeper()
        self.pressed: dict[asyncio.Task[bytes], tuple[str, c.Command]] = {}
        self.outbox: list[Recorded] = []  # committed: paper to print, calls to speak
        self.records: set[asyncio.Task[None]] = set()
        self.ids = 0
        self.crashes = 0
        self.log = hashlib.sha256()
        self.full = 0.0

    def _new_keeper(self) -> Keeper:
        self.journal = self.disk.journal(self.points, lambda: self.rng.random() < self.full)
        keeper = Keeper(self.journal, PLAN, Clock(lambda: self.world.wall, lambda: self.world.mono))
        self.thread = HeldThread()
        keeper._thread = self.thread  # type: ignore[assignment]
        keeper._disk_s = math.inf  # every commit by the thread: the seed alone decides, not this machine's disk
        return keeper

    # --- lives ---

    def run(self, crashes: int) -> None:
        asyncio.run(self._lives(crashes))

    async def _lives(self, crashes: int) -> None:
        life = 0
        while self.crashes < crashes:
            life += 1
            # Each life's cut is at another place: every point is met, also the first ones of a start.
            self.points.arm(1 + (life * 7) % 19)
            try:
                await self._life()
            except PowerGone:
                self.crashes += 1
                await self._dark()
        self.points.arm(0)
        self.full = 0.0
        await self._start()
        self._whole_story()
        await self._dark()

    async def _life(self) -> None:
        await self._start()
        self.full = 0.01
        while True:
            choice = self.rng.random()
            if choice < 0.35:
                self._touch()
            elif choice < 0.60:
                self.thread.work()
            elif choice < 0.90:
                self._effect()
            else:
                self._time()
            for _ in range(self.rng.randrange(1, 4)):
                await asyncio.sleep(0)
            self._hear_answers()
            if choice > 0.80:
                self.points.passed("between two touches")

    async def _start(self) -> None:
        """Opens, and holds what is read back against what people were told. Starting may itself be cut short."""
        self.full = 0.0
        opening = asyncio.create_task(self.keeper.open())
        await self._until(opening)
        opening.result()
        self._remembered()
        self.keeper.subscribe(self._heard)
        since = self.keeper.hall.ordinal - DAYS_KEPT + 1  # older answers may have been forgotten by now
        kept = sorted(k for k, (_, answer) in self.world.answers.items() if msgspec.json.decode(answer)[1] > since)
        fresh = [key for key in self.world.fresh if key in kept]
        for key in [*fresh, *self.rng.sample(kept, min(2, len(kept)))]:
            command, answer = self.world.answers[key]
            again = asyncio.create_task(self.keeper.submit(command, key, self._render(command)))
            await self._until(again)
            if again.result() != answer:
                raise Lost(f"{key}: told {answer!r}, and after the crash {again.result()!r}")
        self.world.fresh.clear()
        doubt, self.world.doubt = self.world.doubt, {}
        for key, command in doubt.items():
            self._send(key, command)

    def _heard(self, facts: Sequence[Recorded]) -> None:
        self.world.seen_seq = facts[-1].seq
        self.outbox.extend(r for r in facts if isinstance(r.fact, f.PrintAsked | f.TicketCalled))

    async def _until(self, task: asyncio.Task[Any]) -> None:
        for _ in range(300):
            if task.done():
                return
            await asyncio.sleep(0)
            self.thread.work()
        raise AssertionError("the keeper does not come to an end")

    async def _dark(self) -> None:
        """Everything of the process is gone."""
        self._hear_answers(dying=True)
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        self.thread.job = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.pressed.clear()
        self.outbox.clear()
        self.disk.power_cut(self.journal)
        night = len(self.keeper.hall.tickets) >= LONGEST_DAY
        off = 24 * 3_600_000 if night else self.rng.choice((1_000, 60_000, 600_000))
        self.world.mono = 0
        self.world.true += off
        wrong = self.rng.random() < 0.02
        self.world.wall = self.rng.choice((5_000, self.world.true - 3_600_000)) if wrong else self.world.true
        self.keeper = self._new_keeper()

    # --- people and devices ---

    def _id(self, what: str) -> str:
        self.ids += 1
        return f"{what}{self.ids}"

    def _touch(self) -> None:
        self._send(self._id("key"), self._command())

    def _command(self) -> c.Command:
        counter = self.rng.choice(COUNTERS)
        desk = self.keeper.hall.desk(counter)
        if self.rng.random() < 0.35:
            klass = self.rng.choice(("ordinary", "ordinary", "elderly"))
            service = self.rng.choice(("pay", "ask", "new"))
            return c.Issue(ticket=self._id("t"), service=service, klass=klass, printer="printer", job=self._id("job"))
        if desk.state != "open":
            return c.OpenCounter(counter=counter)
        held = self.keeper.hall.ticket_at(counter)
        _, shown = self.world.believes.get(counter, (0, held.number if held else None))
        tickets = list(self.keeper.hall.tickets)
        some = self.rng.choice(tickets) if tickets else "none"
        return self.rng.choice(
            (
                c.Next(counter=counter, holding=shown),
                c.Next(counter=counter, holding=shown),
                c.Next(counter=counter, holding=shown),
                c.Start(counter=counter),
                c.Finish(counter=counter),
                c.NoShow(counter=counter),
                c.Recall(counter=counter),
                c.Transfer(counter=counter, to_counter=counter % 4 + 1),
                c.Transfer(counter=counter, service="ask"),
                c.CloseCounter(counter=counter),
                c.Return(ticket=some),
                c.Cancel(ticket=some),
            )
        )

    def _render(self, command: c.Command) -> Callable[[Hall, int], object]:
        counter, ticket = getattr(command, "counter", 0), getattr(command, "ticket", "")
        if counter:
            return lambda hall, at: [views.counter_view(hall, counter, at)["counter"]["ticket"], hall.ordinal]
        return lambda hall, at: [hall.tickets[ticket].number, hall.ordinal]

    def _send(self, key: str, command: c.Command) -> None:
        counter = getattr(command, "counter", 0)
        if counter:
            self.world.believes.pop(counter, None)  # unsure until the answer is there
        task = asyncio.create_task(self.keeper.submit(command, key, self._render(command)))
        self.pressed[task] = (key, command)

    def _hear_answers(self, *, dying: bool = False) -> None:
        for task, (key, command) in list(self.pressed.items()):
            if not task.done():
                if dying and key:
                    self.world.doubt[key] = command
                continue
            del self.pressed[task]
            error = task.exception()
            if isinstance(error, JournalError):
                if key:
                    self.world.doubt[key] = command
            elif isinstance(error, Refused):
                continue
            elif error is not None:
                raise error
            elif key:
                self._told(key, command, task.result())

    def _told(self, key: str, command: c.Command, answer: bytes) -> None:
        self.world.answers[key] = (command, answer)
        self.world.fresh.append(key)
        number, day = msgspec.json.decode(answer)
        if isinstance(command, c.Issue):
            self._number_told(day, number, command.ticket)
        counter = getattr(command, "counter", 0)
        if counter and not any(getattr(other, "counter", 0) == counter for _, other in self.pressed.values()):
            twice = [n for n, seen in self.world.believes.items() if seen == (day, number) and number and n != counter]
            if twice:
                raise Lost(f"{number} stands at counters {counter} and {twice}")
            self.world.believes[counter] = (day, number)

    def _number_told(self, day: int, number: str, ticket: str) -> None:
        if self.world.told.setdefault(day, {}).setdefault(number, ticket) != ticket:
            raise Lost(f"number {number} of day {day} was given twice")

    def _effect(self) -> None:
        """The next job of printer or voice, done by a device that does it whatever becomes of us."""
        if not self.outbox:
            return
        recorded = self.outbox.pop(0)
        fact = recorded.fact
        if isinstance(fact, f.PrintAsked):
            self.points.passed("before the paper")
            self._once(f"the sheet of {fact.job}")
            known = self.keeper.hall.tickets.get(fact.subject)
            if known is not None:
                self._number_told(self.keeper.hall.ordinal, known.number, known.id)
            self.points.passed("paper out, outcome not recorded")
            self._record(f.PrintEnded(job=fact.job, outcome="done"))
        elif isinstance(fact, f.TicketCalled):
            self.points.passed("before the call is spoken")
            self._once(f"call {recorded.seq} of {fact.ticket}")
            self.points.passed("spoken, outcome not recorded")
            self._record(f.Announced(ticket=fact.ticket, counter=fact.counter, nth=1, outcome="done"))

    def _once(self, effect: str) -> None:
        if effect in self.world.effects:
            raise Lost(f"{effect} came twice")
        self.world.effects.add(effect)

    def _record(self, fact: f.Fact) -> None:
        task = asyncio.create_task(self._on_record(fact))
        self.records.add(task)
        task.add_done_callback(self.records.discard)

    async def _on_record(self, fact: f.Fact) -> None:
        try:
            await self.keeper.record(fact)
        except JournalError:
            return  # the disk was full: the job stays open and a restart calls it unknown

    def _time(self) -> None:
        passed = self.rng.randrange(1_000, 180_000)
        if len(self.keeper.hall.tickets) >= LONGEST_DAY:
            passed = 24 * 3_600_000
        self.world.true += passed
        self.world.mono += passed
        self.world.wall = self.world.true  # a clock that was wrong at the start has been set by now
        self.pressed[asyncio.create_task(self.keeper.submit(c.Tick()))] = ("", c.Tick())

    # --- what must hold ---

    def _remembered(self) -> None:
        """After a start: each fact that was told is there, and no fact was told that is not."""
        hall = self.keeper.hall
        for number, ticket in self.world.told.get(hall.ordinal, {}).items():
            if hall.numbers.get(number) != ticket:
                raise Lost(f"{number} of day {hall.ordinal} was told of and is gone")
        if hall.seq < self.world.seen_seq:
            raise Lost(f"the journal ends at {hall.seq}, but fact {self.world.seen_seq} had been told of")

    def _whole_story(self) -> None:
        """The journal from its first fact: no number twice in a day, nobody called who was not waiting."""
        numbers: set[tuple[int, str]] = set()
        calls: dict[str, int] = {}
        day = 0
        for recorded in self.journal.facts():
            fact = recorded.fact
            self.log.update(b"%d|%d|%b|%b\n" % (recorded.seq, recorded.at, *_bytes(fact)))
            if isinstance(fact, f.DayOpened):
                day = fact.ordinal
                calls.clear()
            elif isinstance(fact, f.TicketIssued):
                if (day, fact.number) in numbers:
                    raise Lost(f"{fact.number} of day {day} is in the journal twice")
                numbers.add((day, fact.number))
            elif isinstance(fact, f.TicketCalled):
                if calls.get(fact.ticket):
                    raise Lost(f"{fact.ticket} was called to {fact.counter} while at {calls[fact.ticket]}")
                calls[fact.ticket] = fact.counter
            elif isinstance(fact, f.TicketReturned | f.TicketTransferred | f.TicketReleased):
                calls[fact.ticket] = 0
        self.numbers = len(numbers)


def _bytes(fact: f.Fact) -> tuple[bytes, bytes]:
    kind, body = f.encode(fact)
    return kind.encode(), body


def story(seed: int, crashes: int, disk: MemoryDisk | FileDisk) -> Sim:
    """One seed's hall, through so many crashes; a failure says the seed."""
    sim = Sim(seed, disk)
    try:
        sim.run(crashes)
    except Exception as error:
        raise AssertionError(f"seed {seed}, after {sim.crashes} crashes: {error!r}") from error
    return sim


def spread(sims: Sequence[Sim]) -> Counter[str]:
    return sum((sim.points.hits for sim in sims), Counter())
