"""How the day has gone: numbers given and waits by the half hour, for whoever decides how many counters to open."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median, quantiles

from litestar import get

from kiosk.domain.hall import Hall
from kiosk.domain.ticket import Ticket
from kiosk.station.keeper import Keeper
from kiosk.station.pages_render import Page, PageRequest, language, page
from kiosk.station.pages_text import Lang, say
from kiosk.station.pages_words import Shown, clock

STEP_MS = 30 * 60_000
STEPS = 48
WIDTH, HEIGHT, FLOOR = 960, 260, 220  # of the drawing; FLOOR is where the bars stand
STAFF = {"roles": ("guide", "counter", "tech")}


@dataclass(slots=True)
class _Step:
    given: int = 0
    waits: list[float] = field(default_factory=list)  # minutes, of those called in this half hour


@get("/today", opt=STAFF)
async def today(request: PageRequest, keeper: Keeper) -> Page:
    return await _page(request, keeper, "today.html")


@get("/today/now", opt=STAFF)
async def today_now(request: PageRequest, keeper: Keeper) -> Page:
    return await _page(request, keeper, "today_now.html")


async def _page(request: PageRequest, keeper: Keeper, template: str) -> Page:
    lang = language(request)
    return page(request, template, await keeper.read(lambda hall, at: show(hall, at, lang)), lang)


def show(hall: Hall, at: int, lang: Lang) -> Shown:
    """The figures and the drawing; pure."""
    tickets = [ticket for ticket in hall.tickets.values() if not ticket.trial]
    first = min((t.issued_at for t in tickets), default=at) // STEP_MS
    steps = [_Step() for _ in range(max(8, min(STEPS, at // STEP_MS - first + 1)))]
    waits: list[float] = []
    scores: list[int] = []
    for ticket in tickets:
        place = min(len(steps) - 1, ticket.issued_at // STEP_MS - first)
        steps[place].given += 1
        if ticket.called_ms:
            wait = max(0, ticket.called_ms - ticket.issued_ms) / 60_000
            called = min(len(steps) - 1, place + int(wait * 60_000 // STEP_MS))
            steps[called].waits.append(wait)
            waits.append(wait)
        if ticket.score:
            scores.append(ticket.score)
    return {
        "label": hall.label,
        "figures": _figures(tickets, waits, scores, lang),
        "bars": _bars(hall, steps, first, lang),
        "width": WIDTH,
        "height": HEIGHT,
        "floor": FLOOR,
        "most": max(step.given for step in steps),
        "longest": round(max((median(step.waits) for step in steps if step.waits), default=0)),
    }


def _figures(tickets: list[Ticket], waits: list[float], scores: list[int], lang: Lang) -> list[tuple[str, str]]:
    waiting = sum(ticket.state == "waiting" and ticket.counter is None for ticket in tickets)
    late = quantiles(waits, n=10)[-1] if len(waits) > 1 else waits[0] if waits else None

    def minutes(value: float | None) -> str:
        return "—" if value is None else say(lang, "today.minutes", round(value))

    return [
        (say(lang, "today.given"), str(len(tickets))),
        (say(lang, "today.called"), str(len(waits))),
        (say(lang, "today.waiting"), str(waiting)),
        (say(lang, "today.median"), minutes(median(waits) if waits else None)),
        (say(lang, "today.p90"), minutes(late)),
        (say(lang, "today.rated"), f"{sum(scores) / len(scores):.1f} ({len(scores)})" if scores else "—"),
    ]


def _bars(hall: Hall, steps: list[_Step], first: int, lang: Lang) -> list[Shown]:
    """One for each half hour: a bar for the numbers given, a dot for the median wait, in the drawing's own units."""
    wide = WIDTH / len(steps)
    most = max(1, *(step.given for step in steps))
    longest = max(1.0, *(median(step.waits) for step in steps if step.waits)) if any(s.waits for s in steps) else 1.0
    bars = []
    for n, step in enumerate(steps):
        middle = median(step.waits) if step.waits else None
        at = clock(hall.plan, (first + n) * STEP_MS)
        wait = "—" if middle is None else say(lang, "today.minutes", round(middle))
        bars.append(
            {
                "x": round(n * wide + wide * 0.15, 1),
                "w": round(wide * 0.7, 1),
                "h": round(step.given / most * (FLOOR - 30), 1),
                "given": step.given,
                "cx": round((n + 0.5) * wide, 1),
                "cy": None if middle is None else round(FLOOR - middle / longest * (FLOOR - 30), 1),
                "at": at if at.endswith(":00") else "",
                "title": f"{at}: {say(lang, 'today.given')} {step.given}, {say(lang, 'today.median')} {wait}",
            }
        )
    return bars
