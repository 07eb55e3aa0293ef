"""A guide's pages, for a phone: who asks for help, a number for a customer, missed numbers, the state of the devices."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post

from kiosk.domain import commands as c
from kiosk.domain.commands import Refused
from kiosk.domain.hall import Hall
from kiosk.journal.store import JournalError
from kiosk.station import pages_show as show
from kiosk.station import views
from kiosk.station.keeper import Keeper, new_id
from kiosk.station.pages_render import (
    Form,
    Page,
    PageRequest,
    field,
    is_htmx,
    language,
    page,
    press_key,
    see_other,
    unsaved,
)
from kiosk.station.pages_text import Lang, say
from kiosk.station.pages_words import service_name
from kiosk.station.roles import Gate, logged_in
from kiosk.station.settings import Box

GUIDE = {"roles": ("guide",)}


@get("/guide", opt={"roles": ("anyone",)})
async def guide(request: PageRequest, keeper: Keeper) -> Response[str]:
    """The guide's page, or the log-in to it."""
    if logged_in(request, "guide").role != "guide":
        return _login(request, keeper)
    return await _guide(request, keeper, "guide.html")


@post("/guide", opt={"roles": ("anyone",)}, status_code=200)
async def guide_login(request: PageRequest, keeper: Keeper, gate: Gate) -> Response[str]:
    form = await request.form()
    try:
        session = await gate.login("guide", None, field(form, "pin"))
    except Refused as refused:
        return _login(request, keeper, refused)
    return see_other(request, "/guide", session)


@get("/guide/now", opt=GUIDE)
async def guide_now(request: PageRequest, keeper: Keeper) -> Page:
    return await _guide(request, keeper, "guide_now.html")


@post("/guide/calls/{call_id:str}/answer", opt=GUIDE, status_code=200)
async def answer(request: PageRequest, keeper: Keeper, call_id: str) -> Response[str]:
    return await _press(request, keeper, c.AnswerGuide(call=call_id), await request.form())


@post("/guide/tickets/{ticket_id:str}/return", opt=GUIDE, status_code=200)
async def give_back(request: PageRequest, keeper: Keeper, ticket_id: str) -> Response[str]:
    return await _press(request, keeper, c.Return(ticket=ticket_id), await request.form(), ticket_id, "guide.returned")


@post("/guide/tickets", opt=GUIDE, status_code=200)
async def issue(request: PageRequest, box: Box) -> Response[str]:
    form = await request.form()
    id = new_id()
    command = c.Issue(
        ticket=id,
        service=field(form, "service"),
        klass=field(form, "class") or "ordinary",
        lang=language(request),
        station=box.station,
        printer=box.printer,
        job=new_id(),
    )
    return await _press(request, box.keeper, command, form, id, "guide.issued")


async def _press(
    request: PageRequest, keeper: Keeper, command: c.Command, form: Form, ticket: str = "", said: str = ""
) -> Response[str]:
    """Submit, then show: `ticket` is the one this press is about, `said` the words above its number."""
    refused, about = None, b"null"

    def about_ticket(hall: Hall, at: int) -> object:
        return views.ticket_view(hall, ticket, at) if ticket else None

    try:
        about = await keeper.submit(command, press_key(request, form), about_ticket)
    except Refused as error:
        refused = error
    except JournalError:
        refused = unsaved()
    if not is_htmx(request) and not refused and not ticket:
        return see_other(request, "/guide")
    template = "guide_now.html" if is_htmx(request) else "guide.html"
    return await _guide(request, keeper, template, refused, msgspec.json.decode(about), said)


async def _guide(
    request: PageRequest,
    keeper: Keeper,
    template: str,
    refused: Refused | None = None,
    about: dict[str, Any] | None = None,
    said: str = "",
) -> Page:
    lang = language(request)
    shown = {
        **await keeper.read(lambda hall, at: show.guide(hall, at, lang)),
        **show.guide_offers(keeper.plan, lang),
        "issued": _issued(keeper, about, said, lang) if about else None,
    }
    return page(request, template, shown, lang, refused.status if refused else 200, refused)


def _issued(keeper: Keeper, about: dict[str, Any], said: str, lang: Lang) -> dict[str, Any]:
    return {
        "number": about["number"],
        "title": say(lang, said),
        "service": service_name(keeper.hall.plan, about["service"], lang),
        "ahead": about["ahead"],
    }


def _login(request: PageRequest, keeper: Keeper, refused: Refused | None = None) -> Page:
    lang = language(request)
    shown = {
        "hall_name": keeper.hall.plan.name.get(lang),
        "here": "/guide",
        "title": say(lang, "login.guide.title"),
        "counters": [],
        "chosen": 0,
    }
    return page(request, "login.html", shown, lang, refused.status if refused else 200, refused)
