"""Pages without log-in: the index, the hall's board, a customer's own ticket."""

from __future__ import annotations

from litestar import Response, get, post

from kiosk.domain import commands as c
from kiosk.domain.commands import Refused
from kiosk.domain.hall import Hall
from kiosk.journal.store import JournalError
from kiosk.station import pages_show as show
from kiosk.station import views
from kiosk.station.keeper import Keeper
from kiosk.station.pages_render import Page, PageRequest, is_htmx, language, page, press_key, see_other, unsaved
from kiosk.station.pages_text import Lang

ANYONE = {"roles": ("anyone",)}


@get("/", opt=ANYONE)
async def index(request: PageRequest, keeper: Keeper) -> Page:
    lang = language(request)
    counts = await keeper.read(lambda hall, at: views.counts_view(hall))
    shown = {"hall_name": keeper.plan.name.get(lang), **counts}
    return page(request, "index.html", shown, lang)


# --- board ---------------------------------------------------------------------------------------------------------


@get("/board", opt=ANYONE)
async def board(request: PageRequest, keeper: Keeper) -> Page:
    return await _board(request, keeper, "board.html")


@get("/board/now", opt=ANYONE)
async def board_now(request: PageRequest, keeper: Keeper) -> Page:
    return await _board(request, keeper, "board_now.html")


async def _board(request: PageRequest, keeper: Keeper, template: str) -> Page:
    shown = await keeper.read(lambda hall, at: show.board(hall, views.hall_view(hall, at), at))
    return page(request, template, {"hall_name": keeper.plan.name.zh, **shown}, "zh")


# --- a customer's ticket -------------------------------------------------------------------------------------------


@get("/t/{ticket_id:str}", opt=ANYONE)
async def ticket(request: PageRequest, keeper: Keeper, ticket_id: str) -> Page:
    return await _ticket(request, keeper, ticket_id, "ticket.html")


@get("/t/{ticket_id:str}/now", opt=ANYONE)
async def ticket_now(request: PageRequest, keeper: Keeper, ticket_id: str) -> Page:
    return await _ticket(request, keeper, ticket_id, "ticket_now.html")


@post("/t/{ticket_id:str}/cancel", opt=ANYONE, status_code=200)
async def ticket_cancel(request: PageRequest, keeper: Keeper, ticket_id: str) -> Response[str]:
    form = await request.form()
    refused = None
    try:
        await keeper.submit(c.Cancel(ticket=ticket_id), press_key(request, form))
    except Refused as error:
        refused = error
    except JournalError:
        refused = unsaved()
    if is_htmx(request):
        return await _ticket(request, keeper, ticket_id, "ticket_now.html", refused)
    if refused:
        return await _ticket(request, keeper, ticket_id, "ticket.html", refused)
    return see_other(request, f"/t/{ticket_id}")


async def _ticket(
    request: PageRequest, keeper: Keeper, ticket_id: str, template: str, refused: Refused | None = None
) -> Page:
    def look(hall: Hall, at: int) -> views.View | None:
        return views.ticket_view(hall, ticket_id, at) if ticket_id in hall.tickets else None

    known = await keeper.read(look)
    spoken: Lang = "en" if known and known["lang"] == "en" else "zh"
    lang = language(request, spoken)
    shown = {
        "hall_name": keeper.plan.name.get(lang),
        "here": f"/t/{ticket_id}" if known else "/t/0",
        "window": keeper.plan.return_window_min,
        "ticket": show.ticket(keeper.plan, known, lang) if known else None,
    }
    status = refused.status if refused else 200 if known else 404
    return page(request, template, shown, lang, status, refused)
