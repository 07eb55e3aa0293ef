"""Committed facts -> device jobs, and what became of them -> facts again.

Paper is a job, asked for by a fact before its first byte and ended by another. Signs are a function of the hall: each
supervisor keeps the latest text of each address and repaints by itself. An announcement is a moment: spoken once, soon,
or recorded as not heard.

Everything here runs on the station's event loop; supervisors call back from their threads through it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.ports import DeviceError, Health, Outcome, Paper, SignText, Utterance
from devices.supervisor import Limits, Supervisor
from kiosk.config import Config, Device
from kiosk.domain import facts as f
from kiosk.domain.facts import Fact, Recorded
from kiosk.effects.paper import sheet
from kiosk.effects.sign import sign_of
from kiosk.effects.speech import call_utterance
from kiosk.station.drivers import make_driver
from kiosk.station.keeper import Keeper

PAPER_DEADLINE_S = 20.0
SIGN_DEADLINE_S = 2.0
VOICE_DEADLINE_S = 30.0
CALL_MAX_AGE_S = 20.0  # a call that could not be spoken by then is not spoken late
PREPARED_MAX = 400

_log = logging.getLogger(__name__)

# What changes a sign: every fact about a ticket at a counter, or the counter itself.
_MOVES = (
    f.TicketCalled,
    f.TicketStarted,
    f.TicketFinished,
    f.TicketMissed,
    f.TicketTransferred,
    f.TicketCancelled,
    f.TicketExpired,
    f.CounterOpened,
    f.CounterPaused,
    f.CounterClosed,
    f.DayOpened,
)


@dataclass(frozen=True, slots=True)
class Announcement:
    ticket: str
    counter: int
    nth: int
    utterance: Utterance
    shortened: bool


class Outputs:
    """One supervisor for each configured device. `open` starts them, `close` stops them all."""

    def __init__(self, keeper: Keeper, config: Config, data: Path, base_url: str) -> None:
        self._keeper = keeper
        self._config = config
        self._data = data
        self._base_url = base_url
        self._printers: dict[str, Supervisor[Any, Paper]] = {}
        self._signs: dict[str, Supervisor[Any, SignText]] = {}
        self._voice: Supervisor[Any, Announcement] | None = None
        self._speaker: Any = None
        self._speaking = 0
        self._prepared: set[str] = set()
        self._preparer: ThreadPoolExecutor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self._told: dict[str, tuple[str, tuple[str, ...]]] = {}

    # --- life ---

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        for device in self._config.devices:
            self._add(device)
        for supervisor in self._all():
            supervisor.start()
        self._paint(c.id for c in self._config.plan.counters)
        self._prepare()

    async def close(self) -> None:
        self._closing = True
        await asyncio.gather(*(asyncio.to_thread(s.stop) for s in self._all()), return_exceptions=True)
        if self._preparer is not None:
            await asyncio.to_thread(self._preparer.shutdown, wait=True, cancel_futures=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _all(self) -> list[Supervisor[Any, Any]]:
        voice = [self._voice] if self._voice else []
        return [*self._printers.values(), *self._signs.values(), *voice]

    def _add(self, device: Device) -> None:
        driver = make_driver(device, self._config.folder, self._data)
        health = self._from_thread(lambda h: self._on_health(device.id, h))
        if device.klass == "printer":
            self._printers[device.id] = Supervisor(
                device.id,
                driver,
                lambda d, paper: d.print(paper, PAPER_DEADLINE_S),
                health,
                self._from_thread(self._on_printed),
            )
        elif device.klass == "sign":
            self._signs[device.id] = Supervisor(
                device.id, driver, lambda d, text: d.show(text, SIGN_DEADLINE_S), health, lambda job, outcome: None
            )
        elif self._voice is None:
            self._speaker = driver
            self._preparer = ThreadPoolExecutor(1, thread_name_prefix="prepare-speech")
            self._voice = Supervisor(
                device.id,
                driver,
                lambda d, call: d.say(call.utterance, VOICE_DEADLINE_S),
                health,
                self._from_thread(self._on_spoken),
                limits=Limits(queue=20, max_age_s=CALL_MAX_AGE_S),
            )

    def _from_thread(self, method: Callable[..., None]) -> Callable[..., None]:
        def post(*args: Any) -> None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(method, *args)

        return post

    # --- facts out ---

    def committed(self, facts: Sequence[Recorded]) -> None:
        touched: set[int] = set()
        for recorded in facts:
            fact = recorded.fact
            if isinstance(fact, f.PrintAsked):
                self._print(fact, recorded.at)
            elif isinstance(fact, f.TicketCalled):
                self._announce(fact.ticket, fact.counter, 1)
            elif isinstance(fact, f.TicketRecalled):
                self._announce(fact.ticket, fact.counter, fact.nth)
            if isinstance(fact, _MOVES):
                counter = getattr(fact, "counter", None)
                touched |= {counter} if counter is not None else {c.id for c in self._config.plan.counters}
        if touched:
            self._paint(touched)
        self._prepare()

    def _print(self, job: f.PrintAsked, at: int) -> None:
        printer = self._printers.get(job.device)
        paper = sheet(self._keeper.hall, job, self._base_url, at)
        if printer is None or paper is None or not printer.submit(paper):
            detail = "the printer's queue is full" if printer and paper else "no such printer or ticket"
            self._record(f.PrintEnded(job=job.job, outcome="not_done", detail=detail))

    def _paint(self, counters: Any) -> None:
        for counter in counters:
            shown = sign_of(self._keeper.hall, counter)
            if shown is not None and (sign := self._signs.get(shown[0])) is not None:
                sign.keep(shown[1].address, shown[1])

    def _announce(self, ticket_id: str, counter: int, nth: int) -> None:
        ticket = self._keeper.hall.tickets.get(ticket_id)
        if ticket is None or not self._keeper.plan.voice:
            return  # without a voice it is on record with the call itself
        utterance, shortened = call_utterance(ticket, counter, nth, self._speaking)
        call = Announcement(ticket_id, counter, nth, utterance, shortened)
        if self._voice is not None and self._voice.submit(call):
            self._speaking += 1
        else:
            detail = "no voice in this hall" if self._voice is None else "too many calls wait to be spoken"
            self._record_spoken(call, "not_done", detail)

    def _prepare(self) -> None:
        """Make the sound of the calls that can come next, so that none waits for its synthesis."""
        if self._preparer is None:
            return
        hall = self._keeper.hall
        for desk in list(hall.desks.values()):
            place = hall.line.head(hall.serves(desk.id)) if desk.state == "open" else None
            if place is None:
                continue
            utterance, _ = call_utterance(hall.tickets[place.ticket], desk.id, 1)
            said = "|".join(part.text for part in utterance.parts)
            if said not in self._prepared:
                if len(self._prepared) >= PREPARED_MAX:
                    self._prepared.clear()
                self._prepared.add(said)
                self._preparer.submit(self._make_sound, utterance)

    def _make_sound(self, utterance: Utterance) -> None:
        """In the preparing thread. A failure shows again, and on record, when the sentence is to be spoken."""
        try:
            self._speaker.prepare(utterance)
        except DeviceError as error:
            _log.warning("could not prepare %s: %s", utterance.job, error)

    # --- what became of it ---

    def _on_printed(self, paper: Paper, outcome: Outcome) -> None:
        if paper.job in self._keeper.hall.jobs:
            self._record(f.PrintEnded(job=paper.job, outcome=outcome.kind, detail=outcome.detail))

    def _on_spoken(self, call: Announcement, outcome: Outcome) -> None:
        self._speaking -= 1
        self._record_spoken(call, outcome.kind, outcome.detail)

    def _record_spoken(self, call: Announcement, outcome: Any, detail: str) -> None:
        self._record(
            f.Announced(
                ticket=call.ticket,
                counter=call.counter,
                nth=call.nth,
                outcome=outcome,
                shortened=call.shortened,
                detail=detail,
            )
        )

    def _on_health(self, device: str, health: Health) -> None:
        """Working and broken are facts; busy, starting, the steps of a backoff and our own closing are not."""
        if self._closing or health.state in ("busy", "starting"):
            return
        state = "fault" if health.state in ("backoff", "absent") else health.state
        if self._told.get(device) == (state, health.reasons):
            return
        self._told[device] = (state, health.reasons)
        self._record(f.DeviceChanged(device=device, state=state, reasons=health.reasons, detail=health.detail))

    def _record(self, fact: Fact) -> None:
        self._spawn(self._keeper.record(fact))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._loop is None or self._loop.is_closed():
            work.close()
            return
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an outcome could not be recorded: %s", error)
