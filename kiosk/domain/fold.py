"""The hall as a fold of facts: `apply(hall, recorded)` is the only place where its state changes.

A new business day drops all that belongs to the day before, so a fold may start at any `DayOpened`, which carries over
the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from kiosk.domain import facts as f
from kiosk.domain.hall import LEARNED, Call, GuideCall, Hall
from kiosk.domain.ticket import IllegalFact, Ticket


def apply(hall: Hall, recorded: f.Recorded) -> None:
    """Raises IllegalFact; then the hall is half changed and must be thrown away."""
    fact = recorded.fact
    handler = _APPLY.get(type(fact))
    if handler is not None:
        handler(hall, fact, recorded.at)
    hall.seq = recorded.seq
    hall.last_at = recorded.at


# --- day and clock -------------------------------------------------------------------------------------------------


def _day_opened(hall: Hall, fact: f.DayOpened, at: int) -> None:
    carry = fact.carry
    fresh = Hall(plan=hall.plan)
    fresh.ordinal, fresh.label, fresh.first_label = fact.ordinal, fact.label, fact.label
    fresh.stepped_ms = carry.stepped_ms
    fresh.day_opened_ms = fresh.time_ms(at)
    fresh.minutes = {service: deque(values, maxlen=LEARNED) for service, values in carry.minutes.items()}
    fresh.ratios = deque(carry.ratios, maxlen=LEARNED)
    fresh.guide_calls = {id: GuideCall(call, at) for id, call in carry.guide_calls.items()}
    fresh.notices = dict(carry.notices)
    fresh.devices = dict(carry.devices)
    fresh.live = hall.live
    fresh.pins = dict(carry.pins)
    fresh.took = dict(carry.took)
    fresh.config = carry.config
    for name in Hall.__slots__:
        setattr(hall, name, getattr(fresh, name))


def carry_over(hall: Hall) -> f.Carry:
    """What the next day takes over; tickets never are: they have been closed by facts of their own."""
    return f.Carry(
        guide_calls={id: call.fact for id, call in hall.guide_calls.items()},
        took=dict(hall.took),
        pins=dict(hall.pins),
        minutes={service: list(values) for service, values in hall.minutes.items()},
        ratios=list(hall.ratios),
        notices=dict(hall.notices),
        config=hall.config,
        stepped_ms=hall.stepped_ms,
        devices=dict(hall.devices),
    )


def _day_relabelled(hall: Hall, fact: f.DayRelabelled, at: int) -> None:
    hall.label = fact.label


def _clock_stepped(hall: Hall, fact: f.ClockStepped, at: int) -> None:
    hall.stepped_ms += fact.by_ms
    hall.stepped_today_ms += fact.by_ms


# --- tickets -------------------------------------------------------------------------------------------------------


def _issued(hall: Hall, fact: f.TicketIssued, at: int) -> None:
    if fact.ticket in hall.tickets or fact.number in hall.numbers:
        raise IllegalFact(f"number {fact.number} has been given already on day {hall.ordinal}")
    ticket = Ticket(
        id=fact.ticket,
        number=fact.number,
        service=fact.service,
        klass=fact.klass,
        lang=fact.lang,
        answers=fact.answers,
        station=fact.station,
        order=len(hall.tickets),
        issued_ms=hall.time_ms(at),
        issued_at=at,
        head_start_ms=hall.head_start_ms(fact.klass),
        promise=fact.promise,
        trial=fact.trial,
    )
    hall.series[fact.series] = max(fact.ordinal, hall.series.get(fact.series, 0))
    hall.tickets[ticket.id] = ticket
    hall.numbers[ticket.number] = ticket.id
    hall.line.join(ticket.service, ticket.klass, ticket.place)


def _ticket(hall: Hall, id: str) -> Ticket:
    ticket = hall.tickets.get(id)
    if ticket is None:
        raise IllegalFact(f"no ticket {id} on day {hall.ordinal}")
    return ticket


def _leave_line(hall: Hall, ticket: Ticket) -> None:
    hall.line.leave(ticket.service, ticket.klass, ticket.counter, ticket.place)


def _leave_desk(hall: Hall, ticket: Ticket) -> None:
    if ticket.counter is not None:
        hall.desk(ticket.counter).ticket = None


def _called(hall: Hall, fact: f.TicketCalled, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    desk = hall.desk(fact.counter)
    if desk.ticket is not None:
        raise IllegalFact(f"counter {fact.counter} still has a ticket and cannot be given {ticket.number}")
    if ticket.state == "waiting":
        _leave_line(hall, ticket)
    ticket.move(fact)
    now = hall.time_ms(at)
    counts = not ticket.misses and not ticket.trial
    if ticket.promise is not None and ticket.promise.p50_s >= 60 and counts:
        hall.ratios.append(max(0.0, (now - ticket.issued_ms) / 1000) / ticket.promise.p50_s)
    ticket.counter, ticket.called_ms, ticket.calls, ticket.unheard = fact.counter, now, 1, 0
    desk.ticket = ticket.id
    hall.calls.appendleft(Call(ticket.number, fact.counter, at, 1, ticket.id))


def _recalled(hall: Hall, fact: f.TicketRecalled, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    ticket.move(fact)
    ticket.calls = fact.nth
    hall.calls.appendleft(Call(ticket.number, fact.counter, at, fact.nth, ticket.id))


def _started(hall: Hall, fact: f.TicketStarted, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    ticket.move(fact)
    ticket.started_ms = hall.time_ms(at)


def _finished(hall: Hall, fact: f.TicketFinished, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    began = ticket.started_ms or ticket.called_ms
    ticket.move(fact)
    if fact.outcome == "normal" and not ticket.trial:
        minutes = max(0, hall.time_ms(at) - began) / 60_000
        hall.minutes.setdefault(ticket.service, deque(maxlen=LEARNED)).append(round(minutes, 2))
        hall.line.walk = None  # it was made with the service times known before
    if ticket.counter is not None:
        desk = hall.desk(ticket.counter)
        desk.last, desk.last_ms = ticket.id, hall.time_ms(at)
    _leave_desk(hall, ticket)


def _rated(hall: Hall, fact: f.Rated, at: int) -> None:
    _ticket(hall, fact.ticket).score = fact.score


def _missed(hall: Hall, fact: f.TicketMissed, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    ticket.move(fact)
    _leave_desk(hall, ticket)
    ticket.misses += 1
    ticket.missed_ms = hall.time_ms(at)


def _returned(hall: Hall, fact: f.TicketReturned, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    ticket.move(fact)
    ticket.counter = None
    ticket.head_start_ms = max(ticket.head_start_ms, hall.head_start_ms("returning"))
    hall.line.join(ticket.service, ticket.klass, ticket.place)


def _transferred(hall: Hall, fact: f.TicketTransferred, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    ticket.move(fact)
    _leave_desk(hall, ticket)
    ticket.service, ticket.counter, ticket.started_ms = fact.service, fact.to_counter, 0
    if fact.to_counter is None:
        hall.line.join(ticket.service, ticket.klass, ticket.place)
    else:
        hall.line.reserve(fact.to_counter, ticket.place)


def _released(hall: Hall, fact: f.TicketReleased, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    _leave_line(hall, ticket)
    ticket.move(fact)
    ticket.counter = None
    hall.line.join(ticket.service, ticket.klass, ticket.place)


def _ended(hall: Hall, fact: f.TicketCancelled | f.TicketExpired, at: int) -> None:
    ticket = _ticket(hall, fact.ticket)
    if ticket.state == "waiting":
        _leave_line(hall, ticket)
    elif ticket.state in ("called", "serving"):
        _leave_desk(hall, ticket)
    ticket.move(fact)


# --- counters, people, devices, sync -------------------------------------------------------------------------------


def _opened(hall: Hall, fact: f.CounterOpened, at: int) -> None:
    desk = hall.desk(fact.counter)
    desk.state, desk.clerk, desk.reason = "open", fact.clerk, ""


def _paused(hall: Hall, fact: f.CounterPaused, at: int) -> None:
    desk = hall.desk(fact.counter)
    desk.state, desk.reason = "paused", fact.reason


def _closed(hall: Hall, fact: f.CounterClosed, at: int) -> None:
    desk = hall.desk(fact.counter)
    desk.state, desk.clerk, desk.reason = "closed", "", ""


def _guide_called(hall: Hall, fact: f.GuideCalled, at: int) -> None:
    hall.guide_calls[fact.call] = GuideCall(fact, at)


def _guide_answered(hall: Hall, fact: f.GuideAnswered, at: int) -> None:
    hall.guide_calls.pop(fact.call, None)


PIN_FREE_TRIES = 5
PIN_FIRST_LOCK_MS = 30_000
PIN_LONGEST_LOCK_MS = 3_600_000


def _pin_tried(hall: Hall, fact: f.PinTried, at: int) -> None:
    if fact.ok:
        hall.pins.pop(fact.who, None)
        return
    before = hall.pins.get(fact.who)
    failures = (before.failures if before else 0) + 1
    over = failures - PIN_FREE_TRIES
    lock = min(PIN_FIRST_LOCK_MS << min(over, 16), PIN_LONGEST_LOCK_MS) if over >= 0 else 0
    hall.pins[fact.who] = f.PinState(failures=failures, locked_until=hall.time_ms(at) + lock)


def _device_changed(hall: Hall, fact: f.DeviceChanged, at: int) -> None:
    hall.devices[fact.device] = fact


def _print_asked(hall: Hall, fact: f.PrintAsked, at: int) -> None:
    hall.jobs[fact.job] = fact
    if fact.what == "ticket" and fact.subject in hall.tickets:
        hall.tickets[fact.subject].print = "asked"


def _print_ended(hall: Hall, fact: f.PrintEnded, at: int) -> None:
    job = hall.jobs.pop(fact.job, None)
    if job and job.what == "ticket" and job.subject in hall.tickets:
        hall.tickets[job.subject].print = fact.outcome


def _announced(hall: Hall, fact: f.Announced, at: int) -> None:
    ticket = hall.tickets.get(fact.ticket)
    if ticket and fact.outcome != "done" and ticket.counter == fact.counter:
        ticket.unheard += 1


def _took(hall: Hall, fact: f.TookFrom, at: int) -> None:
    hall.took[fact.store] = fact.seq


def _config(hall: Hall, fact: f.ConfigAdopted, at: int) -> None:
    hall.config = fact.version


def _notice(hall: Hall, fact: f.NoticePublished, at: int) -> None:
    hall.notices[fact.notice] = fact


def _withdrawn(hall: Hall, fact: f.NoticeWithdrawn, at: int) -> None:
    hall.notices.pop(fact.notice, None)


_APPLY: dict[type[f.Fact], Callable[[Hall, Any, int], None]] = {
    f.DayOpened: _day_opened,
    f.DayRelabelled: _day_relabelled,
    f.ClockStepped: _clock_stepped,
    f.TicketIssued: _issued,
    f.TicketCalled: _called,
    f.TicketRecalled: _recalled,
    f.TicketStarted: _started,
    f.TicketFinished: _finished,
    f.TicketMissed: _missed,
    f.Rated: _rated,
    f.TicketReturned: _returned,
    f.TicketTransferred: _transferred,
    f.TicketReleased: _released,
    f.TicketCancelled: _ended,
    f.TicketExpired: _ended,
    f.CounterOpened: _opened,
    f.CounterPaused: _paused,
    f.CounterClosed: _closed,
    f.GuideCalled: _guide_called,
    f.GuideAnswered: _guide_answered,
    f.PinTried: _pin_tried,
    f.DeviceChanged: _device_changed,
    f.PrintAsked: _print_asked,
    f.PrintEnded: _print_ended,
    f.Announced: _announced,
    f.TookFrom: _took,
    f.ConfigAdopted: _config,
    f.NoticePublished: _notice,
    f.NoticeWithdrawn: _withdrawn,
}
