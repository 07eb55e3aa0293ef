"""What each page shows, as plain values for its template: pure functions of the hall, a moment and a language.

`at` is wall-clock milliseconds since 1970 UTC; every duration is taken on the hall's own axis.
"""

from __future__ import annotations

from typing import Any

from kiosk.domain.hall import Hall
from kiosk.domain.plan import HallPlan
from kiosk.domain.ticket import Ticket
from kiosk.station.pages_text import WEEKDAYS, Lang, say, say_or
from kiosk.station.pages_words import (
    Shown,
    ago,
    answers,
    class_name,
    clock,
    devices,
    local_time,
    minutes,
    service_name,
)

WAITING_SHOWN = 50
RECENT_SHOWN = 6
FRESH_MS = 12_000  # so long a new call pulses on the board
MISSED_SHOWN = 12
NOTICES_SHOWN = 2


# --- a clerk's page ------------------------------------------------------------------------------------------------


def counter(hall: Hall, number: int, at: int, lang: Lang) -> Shown:
    """The fragment of the clerk's page; `number` is a counter of the plan."""
    planned = next(c for c in hall.plan.counters if c.id == number)
    desk = hall.desk(number)
    held = hall.ticket_at(number)
    rows, total = _queue(hall, number, at, lang)
    return {
        "counter": {"id": number, "name": planned.name.get(lang), "state": desk.state, "reason": desk.reason},
        "ticket": _current(hall, held, at, lang) if held else None,
        "hint": _hint(desk.state, total, lang),
        "can": _can(desk.state, held),
        "waiting": rows,
        "total": total,
        "troubles": [device for device in devices(hall, lang) if device["trouble"]],
        "clock": clock(hall.plan, at),
        "open_counters": " ".join(str(d.id) for d in hall.desks.values() if d.state != "closed"),
    }


def counter_sheets(plan: HallPlan, number: int, lang: Lang) -> Shown:
    """What the dialogs of the clerk's page offer; they do not change with the hall."""
    return {
        "services": [{"id": service.id, "name": service.name.get(lang)} for service in plan.services],
        "others": [{"id": c.id, "name": c.name.get(lang)} for c in plan.counters if c.id != number],
    }


def _current(hall: Hall, ticket: Ticket, at: int, lang: Lang) -> Shown:
    now = hall.time_ms(at)
    return {
        "number": ticket.number,
        "state": ticket.state,
        "service": service_name(hall.plan, ticket.service, lang),
        "class": class_name(hall.plan, ticket.klass, lang),
        "class_id": ticket.klass,
        "answers": answers(hall.plan, ticket.answers, lang),
        "waited": minutes(lang, ticket.called_ms - ticket.issued_ms),
        "issued": clock(hall.plan, ticket.issued_at),
        "calls": ticket.calls,
        "unheard": ticket.state == "called" and ticket.unheard > 0,
        "desk": minutes(lang, now - ticket.started_ms),
    }


def _hint(state: str, total: int, lang: Lang) -> str:
    if state != "open":
        return say(lang, f"counter.nobody.{state}")
    return say(lang, "counter.nobody.waiting", total) if total else say(lang, "counter.nobody.empty")


def _can(state: str, held: Ticket | None) -> dict[str, bool]:
    """Which presses make sense now. Only a courtesy: the hall itself refuses what is wrong."""
    called = held is not None and held.state == "called"
    return {
        "next": state == "open",
        "start": called,
        "finish": held is not None,
        "recall": called,
        "no-show": called,
        "transfer": held is not None,
        "open": state != "open",
        "pause": state == "open" and held is None,
        "close": state != "closed" and held is None,
    }


def _queue(hall: Hall, number: int, at: int, lang: Lang) -> tuple[list[Shown], int]:
    """Who waits for this counter, next one first (those kept for it come before all), and how many in all."""
    services = hall.serves(number)
    kept = hall.line.reserved.get(number, [])
    total = len(kept) + sum(hall.line.waiting(service) for service in services)
    places = list(kept)
    for place, _ in hall.line.in_order(services):
        if len(places) >= WAITING_SHOWN:
            break
        places.append(place)
    now = hall.time_ms(at)
    rows = []
    for place in places[:WAITING_SHOWN]:
        ticket = hall.tickets[place.ticket]
        rows.append(
            {
                "number": ticket.number,
                "service": service_name(hall.plan, ticket.service, lang),
                "class": class_name(hall.plan, ticket.klass, lang),
                "class_id": ticket.klass,
                "waited": minutes(lang, now - ticket.issued_ms),
            }
        )
    return rows, total


# --- the hall's board ----------------------------------------------------------------------------------------------


def board(hall: Hall, view: dict[str, Any], at: int) -> Shown:
    """`view` is `views.hall_view` of the same moment; the board always speaks both languages."""
    plan = hall.plan
    calls = _latest_calls(hall, at)
    local = local_time(plan, at)
    return {
        "latest": calls[0] if calls else None,
        "recent": calls[1 : 1 + RECENT_SHOWN],
        "services": [_service_line(service) for service in view["services"]],
        "counters": [_counter_tile(counter) for counter in view["counters"]],
        "notices": view["notices"][:NOTICES_SHOWN],
        "window": plan.return_window_min,
        "date": f"{local.month} 月 {local.day} 日 {WEEKDAYS['zh'][local.weekday()]}",
        "clock": clock(plan, at),
        "offset_min": plan.utc_offset_min,
        "at": at,
    }


def _latest_calls(hall: Hall, at: int) -> list[Shown]:
    """The latest call of each ticket, latest first; a call that was not spoken flashes while it is still waited for."""
    seen = set()
    shown = []
    for call in hall.calls:
        if call.ticket in seen:
            continue
        seen.add(call.ticket)
        ticket = hall.tickets.get(call.ticket)
        shown.append(
            {
                "number": call.number,
                "counter": call.counter,
                "nth": call.nth,
                "fresh": 0 <= at - call.at < FRESH_MS,
                "unheard": bool(ticket and ticket.state == "called" and ticket.unheard),
            }
        )
    return shown


def _service_line(service: dict[str, Any]) -> Shown:
    estimate = service["estimate"]
    return {
        "zh": service["name"]["zh"],
        "en": service["name"]["en"],
        "waiting": service["waiting"],
        "open": service["open"],
        "minutes": max(1, round(estimate["p50_s"] / 60)) if estimate else None,
    }


def _counter_tile(counter: dict[str, Any]) -> Shown:
    words = {"open": "—", "paused": "暂停", "closed": "未开"}
    return {
        "id": counter["id"],
        "state": counter["state"],
        "shows": counter["ticket"] or words[counter["state"]],
    }


# --- a guide's page ------------------------------------------------------------------------------------------------


def guide(hall: Hall, at: int, lang: Lang) -> Shown:
    calls = [
        {
            "id": id,
            "where": _where(hall.plan, call.fact.where, lang),
            "station": call.fact.station,
            "lang": say_or(lang, f"guide.lang.{call.fact.lang}", call.fact.lang),
            "ago": ago(lang, at - call.at),
        }
        for id, call in hall.guide_calls.items()
    ]
    return {"calls": calls, "missed": _missed(hall, at, lang), "devices": devices(hall, lang)}


def guide_offers(plan: HallPlan, lang: Lang) -> Shown:
    """What a guide may issue. `returning` is a class the hall gives by itself."""
    return {
        "services": [{"id": service.id, "name": service.name.get(lang)} for service in plan.services],
        "classes": [{"id": k.id, "name": k.name.get(lang)} for k in plan.classes if k.ask or not k.head_start_min],
    }


def _where(plan: HallPlan, step: str, lang: Lang) -> str:
    node = plan.node(step)
    if node:
        return node.title.get(lang)
    service = plan.service(step)
    return service.name.get(lang) if service else say_or(lang, f"where.{step}", step)


def _missed(hall: Hall, at: int, lang: Lang) -> list[Shown]:
    """No-shows that may still return, latest first."""
    now = hall.time_ms(at)
    window_ms = hall.plan.return_window_min * 60_000
    rows = [
        t for t in hall.tickets.values() if t.state == "no_show" and t.misses < 2 and now - t.missed_ms <= window_ms
    ]
    rows.sort(key=lambda ticket: -ticket.missed_ms)
    return [
        {
            "id": ticket.id,
            "number": ticket.number,
            "service": service_name(hall.plan, ticket.service, lang),
            "ago": ago(lang, now - ticket.missed_ms),
        }
        for ticket in rows[:MISSED_SHOWN]
    ]


# --- a customer's phone --------------------------------------------------------------------------------------------


def ticket(plan: HallPlan, view: dict[str, Any], lang: Lang) -> Shown:
    """`view` is the ticket of `views.ticket_view`."""
    planned = plan.counter(view["counter"]) if view["counter"] is not None else None
    return {
        "id": view["id"],
        "number": view["number"],
        "state": view["state"],
        "ahead": view["ahead"],
        "estimate": _range(view["estimate"], lang),
        "counter": planned.name.get(lang) if planned else "",
        "service": service_name(plan, view["service"], lang),
        "class": class_name(plan, view["class"], lang),
        "class_id": view["class"],
        "issued": clock(plan, view["issued_at"]),
    }


def _range(estimate: dict[str, int] | None, lang: Lang) -> str:
    """Seconds p10 to p90 as whole minutes people can plan with."""
    if not estimate:
        return ""
    low, high = estimate["p10_s"] // 60, -(-estimate["p90_s"] // 60)
    if high <= 2 or low < 1:
        return say(lang, "ticket.under", max(2, high))
    return say(lang, "ticket.range", low, max(high, low + 1))
