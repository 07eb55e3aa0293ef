"""A clerk's pages: log-in with counter and PIN, then everything of one counter on one screen."""

from __future__ import annotations

from litestar import Response, get, post

from kiosk.domain import commands as c
from kiosk.domain.commands import Refused
from kiosk.domain.refusals import refuse
from kiosk.journal.store import JournalError
from kiosk.station import pages_show as show
from kiosk.station.keeper import Keeper
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
from kiosk.station.pages_text import say
from kiosk.station.roles import Gate, logged_in

CLERK = {"roles": ("counter",)}
REASON_MAX = 40


@get("/counter/{n:int}", opt=CLERK)
async def counter(request: PageRequest, keeper: Keeper, n: int) -> Page:
    return await _counter(request, keeper, n, "counter.html")


@get("/counter/{n:int}/now", opt=CLERK)
async def counter_now(request: PageRequest, keeper: Keeper, n: int) -> Page:
    return await _counter(request, keeper, n, "counter_now.html")


@post("/counter/{n:int}/{verb:str}", opt=CLERK, status_code=200)
async def counter_press(request: PageRequest, keeper: Keeper, n: int, verb: str) -> Response[str]:
    """With htmx the fragment comes back, also when the press was refused; a plain form is sent on to the page."""
    form = await request.form()
    refused = None
    try:
        await keeper.submit(command_of(n, verb, form), press_key(request, form))
    except Refused as error:
        refused = error
    except JournalError:
        refused = unsaved()
    if is_htmx(request):
        return await _counter(request, keeper, n, "counter_now.html", refused)
    if refused:
        return await _counter(request, keeper, n, "counter.html", refused)
    return see_other(request, f"/counter/{n}")


def command_of(n: int, verb: str, form: Form) -> c.Command:
    """Raises Refused for a verb no counter has, or fields that do not fit."""
    simple: dict[str, c.Command] = {
        "open": c.OpenCounter(counter=n),
        "close": c.CloseCounter(counter=n),
        "recall": c.Recall(counter=n),
        "start": c.Start(counter=n),
        "finish": c.Finish(counter=n),
        "no-show": c.NoShow(counter=n),
    }
    if verb in simple:
        return simple[verb]
    if verb == "next":
        return c.Next(counter=n, holding=field(form, "holding") or None)
    if verb == "pause":
        return c.PauseCounter(counter=n, reason=field(form, "reason")[:REASON_MAX])
    if verb == "transfer":
        to_counter = field(form, "to_counter")
        if to_counter and not (to_counter.isascii() and to_counter.isdigit() and len(to_counter) < 5):
            raise _no_such(verb)
        return c.Transfer(counter=n, service=field(form, "service"), to_counter=int(to_counter) if to_counter else None)
    raise _no_such(verb)


def _no_such(verb: str) -> Refused:
    return refuse(
        "unknown_value",
        f"没有“{verb}”这个操作。",
        f"There is no such press: “{verb}”.",
        "请刷新页面再试。",
        "Reload the page and try again.",
        "verb",
        404,
    )


async def _counter(request: PageRequest, keeper: Keeper, n: int, template: str, refused: Refused | None = None) -> Page:
    lang = language(request)
    asked = request.query_params.get("sheet", "")
    shown = {
        "hall_name": keeper.plan.name.get(lang),
        "sheet": asked if asked in ("pause", "transfer", "close") else "",
        **await keeper.read(lambda hall, at: show.counter(hall, n, at, lang)),
        **show.counter_sheets(keeper.plan, n, lang),
    }
    return page(request, template, shown, lang, refused.status if refused else 200, refused)


# --- log-in --------------------------------------------------------------------------------------------------------


@get("/counter", opt={"roles": ("anyone",)})
async def login_page(request: PageRequest, keeper: Keeper) -> Response[str]:
    who = logged_in(request, "counter")
    if who.role == "counter":
        return see_other(request, f"/counter/{who.counter}")
    return _login(request, keeper)


@post("/counter", opt={"roles": ("anyone",)}, status_code=200)
async def login(request: PageRequest, keeper: Keeper, gate: Gate) -> Response[str]:
    form = await request.form()
    chosen = field(form, "counter")
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 5 else None
    try:
        session = await gate.login("counter", number, field(form, "pin"))
    except Refused as refused:
        return _login(request, keeper, number or 0, refused)
    return see_other(request, f"/counter/{number}", session)


def _login(request: PageRequest, keeper: Keeper, chosen: int = 0, refused: Refused | None = None) -> Page:
    lang = language(request)
    hall = keeper.hall
    counters = [
        {"id": planned.id, "state": say(lang, f"counter.state.{hall.desk(planned.id).state}")}
        for planned in hall.plan.counters
    ]
    shown = {
        "hall_name": hall.plan.name.get(lang),
        "here": "/counter",
        "title": say(lang, "login.counter.title"),
        "counters": counters,
        "chosen": chosen,
    }
    return page(request, "login.html", shown, lang, refused.status if refused else 200, refused)
