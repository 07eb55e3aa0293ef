"""Days of a hall made of facts, as long as a figure needs them: issued, printed, called, announced, served."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kiosk.config import load
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.decide import decide
from kiosk.domain.facts import Fact, Recorded
from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.domain.plan import HallPlan
from kiosk.domain.ticket import number
from kiosk.journal.store import Entry, Journal
from tests.bench.halls import DEMO

DAY_MS = 86_400_000
BATCH = 1_000
REASON = f.CallReason(rule="longest_wait", wait_s=600, head_start_s=0, waiting=200)
FACTS_A_TICKET = 7


def plan() -> HallPlan:
    made = load(DEMO).plan
    endless = tuple(msgspec.structs.replace(service, day_cap=1_000_000) for service in made.services)
    return msgspec.structs.replace(made, services=endless)


class Days:
    """Facts in order from a hall of its own; `at` in milliseconds."""

    def __init__(self, at: int) -> None:
        self.hall = Hall(plan())
        self.at = at
        self._numbers = itertools.count(1)

    def _record(self, *facts: Fact) -> Iterator[Recorded]:
        for fact in facts:
            recorded = Recorded(self.hall.seq + 1, self.at, fact)
            apply(self.hall, recorded)
            yield recorded

    def open_day(self) -> Iterator[Recorded]:
        yield from self._record(*decide(self.hall, c.Tick(), self.at))
        self._numbers = itertools.count(1)
        for desk in self.hall.plan.counters:
            yield from self._record(*decide(self.hall, c.OpenCounter(counter=desk.id), self.at))

    def issue(self) -> Iterator[Recorded]:
        nth = next(self._numbers)
        id = f"{self.hall.ordinal:06x}{nth:026x}"
        promise = f.Promise(p10_s=300, p50_s=600, p90_s=960)
        self.at += 3
        yield from self._record(
            f.TicketIssued(
                ticket=id, number=number("B", nth), series="B", ordinal=nth, service="enquiry", klass="ordinary",
                lang="zh", station="S1", ahead=nth % 200, promise=promise,
            ),
            f.PrintAsked(job=f"p{id[1:]}", device="printer", what="ticket", subject=id, lang="zh"),
            f.PrintEnded(job=f"p{id[1:]}", outcome="done"),
        )  # fmt: skip

    def serve(self, counter: int = 1) -> Iterator[Recorded]:
        """The next one in line, from the call to the end."""
        place = self.hall.line.head(self.hall.plan.service_ids)
        if place is None:
            return
        id = place.ticket
        yield from self._record(
            f.TicketCalled(ticket=id, counter=counter, reason=REASON),
            f.Announced(ticket=id, counter=counter, nth=1, outcome="done"),
            f.TicketStarted(ticket=id, counter=counter),
        )
        yield from self._record(f.TicketFinished(ticket=id, counter=counter))

    def facts(self, upto: int) -> Iterator[Recorded]:
        """Whole visits until the journal has `upto` facts."""
        while self.hall.seq + FACTS_A_TICKET <= upto:
            yield from self.issue()
            yield from self.serve()


def write(folder: Path, total: int, open_day: int, end_ms: int) -> Journal:
    """-> a closed journal of `total` facts, the last `open_day` of them in the day that `end_ms` belongs to."""
    journal = Journal(folder, folder.with_name(folder.name + ".key"))
    journal.open()
    days = Days(end_ms - 20 * DAY_MS)
    try:
        for nth in range(19):
            _commit(journal, days.open_day())
            _commit(journal, days.facts((total - open_day) * (nth + 1) // 19))
            days.at = end_ms - (19 - nth) * DAY_MS
        days.at = end_ms
        _commit(journal, days.open_day())
        _commit(journal, days.facts(total))
    finally:
        journal.close()
    return journal


def _commit(journal: Journal, facts: Iterator[Recorded]) -> None:
    while batch := tuple(itertools.islice(facts, BATCH)):
        journal.commit([Entry(batch)])
