"""The hall as people and pages see it: pure functions to plain values, in the words of the HTTP interface."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.domain import estimate
from kiosk.domain.facts import Lines, Promise
from kiosk.domain.hall import Hall
from kiosk.domain.ticket import Ticket

View = dict[str, Any]

WAITING_SHOWN = 50


def _lines(text: Lines) -> View:
    return {"zh": text.zh, "en": text.en}


def _promise(promise: Promise | None) -> View | None:
    return None if promise is None else {"p10_s": promise.p10_s, "p50_s": promise.p50_s, "p90_s": promise.p90_s}


def local_date(hall: Hall, at: int) -> str:
    return (datetime.fromtimestamp(at / 1000, UTC) + timedelta(minutes=hall.plan.utc_offset_min)).date().isoformat()


def notices(hall: Hall, at: int) -> list[View]:
    today = local_date(hall, at)
    return [_lines(n.text) for n in hall.notices.values() if not n.until or n.until >= today]


def hall_view(hall: Hall, at: int) -> View:
    waits = estimate.wait_minutes(hall, at)
    return {
        "seq": hall.seq,
        "day": {"ordinal": hall.ordinal, "label": hall.label},
        "services": [
            {
                "id": service.id,
                "name": _lines(service.name),
                "waiting": hall.line.waiting(service.id),
                "estimate": _promise(estimate.promise(hall, waits.get(service.id))),
                "open": service.id in waits,
            }
            for service in hall.plan.services
        ],
        "counters": [_counter(hall, counter.id) for counter in hall.plan.counters],
        "calls": [
            {
                "number": call.number,
                "counter": call.counter,
                "at": call.at,
                "nth": call.nth,
                "heard": _heard(hall, call.ticket),
            }
            for call in _latest_calls(hall)
        ],
        "notices": notices(hall, at),
        "devices": _devices(hall),
        "guide_calls": len(hall.guide_calls),
    }


def _devices(hall: Hall) -> list[View]:
    return [
        {"id": d.device, "state": d.state, "reasons": list(d.reasons), "detail": d.detail}
        for d in hall.devices_now().values()
    ]


def counts_view(hall: Hall) -> View:
    return {
        "waiting": sum(map(hall.line.waiting, hall.plan.service_ids)),
        "open": sum(desk.state == "open" for desk in hall.desks.values()),
    }


def health_view(hall: Hall, at: int) -> View:
    day = {"ordinal": hall.ordinal, "label": hall.label}
    return {"seq": hall.seq, "at": at, "day": day, "devices": _devices(hall)}


def _latest_calls(hall: Hall) -> list[Any]:
    """The latest call of each ticket, newest first."""
    seen: set[str] = set()
    calls = []
    for call in hall.calls:
        if call.ticket not in seen:
            seen.add(call.ticket)
            calls.append(call)
    return calls


def _heard(hall: Hall, ticket: str) -> bool:
    known = hall.tickets.get(ticket)
    return known is None or known.unheard < known.calls


def _counter(hall: Hall, n: int) -> View:
    planned = hall.plan.counter(n)
    desk = hall.desks.get(n)
    ticket = hall.ticket_at(n) if desk else None
    return {
        "id": n,
        "name": _lines(planned.name) if planned else {"zh": str(n), "en": str(n)},
        "state": desk.state if desk else "closed",
        "ticket": ticket.number if ticket else None,
        "ticket_state": ticket.state if ticket else None,
    }


def ticket_view(hall: Hall, id: str, at: int, base_url: str = "") -> View:
    """Raises KeyError for a ticket that is not of this day."""
    ticket = hall.tickets[id]
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        "class": ticket.klass,
        "lang": ticket.lang,
        "state": ticket.state,
        "ahead": _ahead(hall, ticket),
        "estimate": _estimate(hall, ticket, at),
        "counter": ticket.counter if ticket.state != "waiting" else None,
        "issued_at": ticket.issued_at,
        "answers": ticket.answers,
        "url": f"{base_url}/t/{ticket.id}",
        "print": ticket.print,
        "calls": ticket.calls,
        "heard": ticket.calls - ticket.unheard,
        "can_return": ticket.state == "no_show" and ticket.misses <= 1,
    }


def _ahead(hall: Hall, ticket: Ticket) -> int:
    """Only those who will really be called before it: waiting now, with an earlier place."""
    if ticket.state != "waiting":
        return 0
    return hall.line.ahead(hall.reach(ticket.service), ticket.place)


def _estimate(hall: Hall, ticket: Ticket, at: int) -> View | None:
    if ticket.state != "waiting":
        return None
    if ticket.issued_at == at:
        return _promise(ticket.promise)  # just issued: the very promise that is on record
    waits = estimate.wait_minutes(hall, at, ticket.place)
    return _promise(estimate.promise(hall, waits.get(ticket.service)))


def counter_view(hall: Hall, n: int, at: int, base_url: str = "") -> View:
    """Without the list of who waits: what a command at a counter is answered with."""
    desk = hall.desks.get(n)
    held = hall.ticket_at(n) if desk else None
    planned = hall.plan.counter(n)
    counter = _counter(hall, n) | {
        "clerk": desk.clerk if desk else "",
        "reason": desk.reason if desk else "",
        "serves": list((planned.serves if planned else ()) or hall.plan.service_ids),
    }
    ticket = None
    if held is not None:
        now = hall.time_ms(at)
        ticket = ticket_view(hall, held.id, at, base_url) | {
            "waited_s": max(0, held.called_ms - held.issued_ms) // 1000,
            "serving_s": max(0, now - (held.started_ms or held.called_ms)) // 1000,
        }
    return {"counter": counter, "ticket": ticket}


def waiting_view(hall: Hall, n: int, at: int) -> list[View]:
    """Who waits for this counter, next one first."""
    now = hall.time_ms(at)
    reserved = [(place, hall.tickets[place.ticket].service) for place in hall.line.reserved.get(n, ())]
    rows: list[View] = []
    for place, service in (*reserved, *hall.line.in_order(hall.serves(n))):
        if len(rows) == WAITING_SHOWN:
            break
        ticket = hall.tickets[place.ticket]
        rows.append(
            {
                "id": ticket.id,
                "number": ticket.number,
                "service": service,
                "class": ticket.klass,
                "wait_s": max(0, now - ticket.issued_ms) // 1000,
                "reserved": ticket.counter == n,
            }
        )
    return rows


def guide_view(hall: Hall) -> View:
    return {
        "calls": [
            {
                "call": call.fact.call,
                "station": call.fact.station,
                "where": call.fact.where,
                "lang": call.fact.lang,
                "at": call.at,
            }
            for call in hall.guide_calls.values()
        ],
        "missed": [
            {"id": t.id, "number": t.number, "service": t.service}
            for t in hall.tickets.values()
            if t.state == "no_show" and t.misses <= 1
        ][-20:],
    }
