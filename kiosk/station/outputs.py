"""Committed facts -> device jobs, and what became of them -> facts again.

Paper is a job, asked for by a fact before its first byte and ended by another; when its printer cannot work, the printer that
stands in gets it. Signs and keypads are a function of the hall: each supervisor keeps the latest text of each address and
repaints by itself. An announcement is a moment, see `calling`.

Everything here runs on the station's event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from devices.ports import DONE, Health, KeypadText, Outcome, Paper, SignRows
from kiosk.config import Config
from kiosk.domain import facts as f
from kiosk.domain.facts import Fact, Recorded
from kiosk.effects.paper import sheet
from kiosk.effects.sign import hall_rows, sign_of
from kiosk.station.calling import Announcement, Calling
from kiosk.station.fleet import Fleet
from kiosk.station.inputs import Inputs
from kiosk.station.keeper import Keeper

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
# What changes how many wait, which every keypad shows.
_WAITING = (*_MOVES, f.TicketIssued, f.TicketReturned, f.TicketReleased)


PAPER_AGE_S = 30.0  # after that no ticket is printed by itself


@dataclass(frozen=True, slots=True)
class _Sheet:
    """`printer` was asked for it; `until` on time.monotonic()."""

    paper: Paper
    printer: str
    until: float


class Outputs:
    """`open` starts the devices and paints what they must show, `close` stops them all."""

    def __init__(self, keeper: Keeper, config: Config, data: Path, base_url: str) -> None:
        self._keeper = keeper
        self._config = config
        self._base_url = base_url
        self._tasks: set[asyncio.Task[None]] = set()
        self.fleet = Fleet(config, data, self._record, keeper.now)
        self.inputs = Inputs(keeper, config, self._record, self._spawn)
        self.calling = Calling(keeper, config, self.fleet, self._record)
        self.fleet.on_done, self.fleet.on_event, self.fleet.on_health = self._ended, self.inputs.take, self._on_health
        self.fleet.on_seen = self._see
        self.on_seen: Callable[[], None] = lambda: None
        self._seen: dict[str, f.DeviceChanged] = {}
        self._papers: dict[str, _Sheet] = {}  # job -> what is to come out
        self._moved: set[str] = set()  # jobs that went to the printer that stands in
        self._boards = [d for d in self.fleet.of("sign") if getattr(d.options, "rows", 1) > 1]

    # --- life ---

    def open(self) -> None:
        self.fleet.open()
        self._paint(c.id for c in self._config.plan.counters)
        self._count()
        self.calling.open()

    async def close(self) -> None:
        await self.fleet.close()
        await self.calling.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- facts out ---

    def committed(self, facts: Sequence[Recorded]) -> None:
        touched: set[int] = set()
        count = False
        for recorded in facts:
            fact = recorded.fact
            if isinstance(fact, f.PrintAsked):
                self._print(fact, recorded.at)
            elif isinstance(fact, f.TicketCalled):
                self.calling.call(fact.ticket, fact.counter, 1)
            elif isinstance(fact, f.TicketRecalled):
                self.calling.call(fact.ticket, fact.counter, fact.nth)
            elif isinstance(fact, f.TicketFinished) and fact.outcome == "normal":
                self._ask_rating(fact)
            if isinstance(fact, _MOVES):
                counter = getattr(fact, "counter", None)
                touched |= {counter} if counter is not None else {c.id for c in self._config.plan.counters}
            count = count or isinstance(fact, _WAITING)
        if touched:
            self._paint(touched)
        if count:
            self._count()
        self.calling.prepare()

    def _paint(self, counters: Iterable[int]) -> None:
        for counter in counters:
            shown = sign_of(self._keeper.hall, counter)
            if shown is not None and (sign := self.fleet.supervisors.get(shown[0])) is not None:
                sign.keep(shown[1].address, shown[1])
        for board in self._boards:
            address = getattr(board.options, "address", 1)
            text = SignRows(address, hall_rows(self._keeper.hall, board.options.rows))
            self.fleet.supervisors[board.id].keep(address, text)

    def _count(self) -> None:
        """The keypads: whom the counter has, and how many wait for it."""
        hall = self._keeper.hall
        for device in self.fleet.of("keypad"):
            for pad in device.options.pad:
                ticket = hall.ticket_at(pad.counter)
                reserved = len(hall.line.reserved.get(pad.counter, ()))
                waiting = sum(map(hall.line.waiting, hall.serves(pad.counter))) + reserved
                text = KeypadText(pad.address, ticket.number if ticket else "", waiting)
                self.fleet.supervisors[device.id].keep(pad.address, text)

    def _ask_rating(self, fact: f.TicketFinished) -> None:
        for device in self.fleet.of("rating"):
            address = device.options.address_of(fact.counter)
            if address is not None:
                self.fleet.supervisors[device.id].submit(address)

    # --- paper ---

    def _print(self, job: f.PrintAsked, at: int) -> None:
        paper = sheet(self._keeper.hall, job, self._base_url, at)
        if paper is None:
            self._record(f.PrintEnded(job=job.job, outcome="not_done", detail="no such ticket or page"))
            return
        self._papers[job.job] = _Sheet(paper, job.device, time.monotonic() + PAPER_AGE_S)
        printer = job.device
        if not self.fleet.works(printer) and (other := self._standin(printer)) is not None:
            self._moved.add(job.job)
            printer = other
        self._give(printer, paper)

    def _give(self, printer: str, paper: Paper) -> None:
        supervisor = self.fleet.supervisors.get(printer)
        # Nobody stands before the kiosk for ever: a stand-in gets only the time that is left.
        left = self._papers[paper.job].until - time.monotonic()
        if supervisor is None or not supervisor.submit(paper, max(0.0, left)):
            detail = "the printer's queue is full" if supervisor is not None else "no such printer"
            self._printed(printer, paper, Outcome("not_done", detail))

    def _standin(self, printer: str) -> str | None:
        """The printer that prints when this one cannot, if it can."""
        device = next((d for d in self.fleet.of("printer") if d.id == printer), None)
        other = getattr(device.options, "standin", "") if device is not None else ""
        return other if other and self.fleet.works(other) else None

    def _printed(self, printer: str, paper: Paper, outcome: Outcome) -> None:
        known = self._papers.get(paper.job)
        if known is None:
            return  # a technician's test sheet
        in_time = time.monotonic() < known.until
        moved = paper.job in self._moved
        if outcome.kind == "not_done" and in_time and not moved and (other := self._standin(known.printer)):
            self._moved.add(paper.job)
            self._give(other, paper)
            return
        del self._papers[paper.job]
        self._moved.discard(paper.job)
        if paper.job in self._keeper.hall.jobs:
            instead = printer if printer != known.printer else ""
            self._record(f.PrintEnded(job=paper.job, outcome=outcome.kind, detail=outcome.detail, device=instead))

    def _see(self, seen: f.DeviceChanged) -> None:
        """Screens and pages show a device as it is; the journal hears of it at most once a minute."""
        self._seen[seen.device] = seen
        live = self._keeper.hall.live
        live[seen.device] = seen
        for id in [d.id for d in self.fleet.of("printer") if d.id in self._seen]:
            # A customer gets paper all the same: it wants mending, but it is no fault of the hall.
            told = self._seen[id]
            helped = told.state == "fault" and self._standin(id) is not None
            live[id] = msgspec.structs.replace(told, state="degraded") if helped else told
        self.on_seen()

    def _on_health(self, device: str, health: Health) -> None:
        """What waits for a printer that cannot work goes to the one that stands in: when the one breaks, or the other is well."""
        waits = health.state in ("fault", "backoff")
        for printer in [d.id for d in self.fleet.of("printer")] if not waits else [device]:
            if not self.fleet.works(printer) and self._standin(printer) is not None:
                for paper in self.fleet.supervisors[printer].withdraw():
                    if isinstance(paper, Paper):
                        self._printed(
                            printer, paper, Outcome("not_done", self.fleet.supervisors[printer].health.detail)
                        )

    # --- what became of it ---

    def _ended(self, device: str, job: Any, outcome: Outcome) -> None:
        if isinstance(job, Paper):
            self._printed(device, job, outcome)
        elif isinstance(job, Announcement):
            self.calling.spoken(device, job, outcome)
        elif outcome != DONE and isinstance(job, int):
            _log.info("rating pad %s: %s", device, outcome.detail)

    def _record(self, fact: Fact) -> None:
        self._spawn(self._keeper.record(fact))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            task = asyncio.get_running_loop().create_task(work)
        except RuntimeError:  # the loop has ended: nothing can be recorded any more
            work.close()
            return
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an outcome could not be recorded: %s", error)
