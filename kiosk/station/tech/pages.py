"""The technician's page on the LAN: the same as the API, for a browser. Forms work without JavaScript; htmx keeps health live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from litestar import Response, Router, get, post

from devices.tools.table import table
from kiosk.domain import tongue
from kiosk.domain.commands import Refused
from kiosk.domain.refusals import no_such
from kiosk.flows.tech.words import CLASSES
from kiosk.journal.store import JournalError
from kiosk.station import pages_render
from kiosk.station.keeper import Keeper
from kiosk.station.pages_render import (
    Form,
    Page,
    PageRequest,
    field,
    is_htmx,
    language,
    press_key,
    see_other,
    unsaved,
)
from kiosk.station.pages_text import Lang
from kiosk.station.pages_words import reasons_text
from kiosk.station.roles import Gate, logged_in
from kiosk.station.tech import config_page, detect, network, on_trial, service, wizard_page
from kiosk.station.tech.desk import Seen
from kiosk.station.tech.frame import TECH, page, piece
from kiosk.station.tech.service import Tech
from kiosk.station.tech.texts import say
from kiosk.station.tech.wizard import Wizard

ANYONE = {"roles": ("anyone",)}
FORM_MAX = 64 * 1024
STYLES = {"ready": "ok", "busy": "ok", "degraded": "soon", "starting": "off", "absent": "off"}
WORST_FIRST = ("fail", "warn", "ok")


def _refused(request: PageRequest, error: Refused) -> Response[str]:
    """Who is not logged in is led to the log-in; anything else is told in words."""
    if error.status in (401, 403) and error.code != "cross_site":
        return see_other(request, "/tech")
    lang = language(request)
    shown = {"what": error.what.get(lang), "how": error.remedy.get(lang), "fragment": is_htmx(request)}
    return pages_render.page(request, "refused.html", shown, lang, error.status)


# --- log-in and devices ----------------------------------------------------------------------------------------------


@get("/tech", opt=ANYONE)
async def tech_home(request: PageRequest, tech: Tech, keeper: Keeper) -> Response[str]:
    if logged_in(request, "tech").role != "tech":
        return _login(request, keeper)
    return await _devices(request, tech)


@post("/tech", opt=ANYONE, status_code=200)
async def tech_login(request: PageRequest, keeper: Keeper, gate: Gate) -> Response[str]:
    form = await request.form()
    try:
        session = await gate.login("tech", None, field(form, "pin"))
    except Refused as refused:
        return _login(request, keeper, refused)
    return see_other(request, "/tech", session)


def _login(request: PageRequest, keeper: Keeper, refused: Refused | None = None) -> Page:
    lang = language(request)
    shown = {
        "hall_name": keeper.hall.plan.name.get(lang),
        "here": "/tech",
        "title": say(lang, "login"),
        "counters": [],
        "chosen": 0,
    }
    return piece(request, "login.html", shown, refused=refused)


async def _devices(request: PageRequest, tech: Tech, about: str = "", said: dict[str, Any] | None = None) -> Page:
    shown = {"here": "devices", "devices": _shown(tech, language(request)), "about": about, "said": said, "oob": False}
    return await page(request, "tech/devices.html", shown)


def _shown(tech: Tech, lang: Lang) -> list[dict[str, Any]]:
    return [_device(seen, lang, tech.config.plan.utc_offset_min) for seen in tech.desk.devices()]


def _device(seen: Seen, lang: Lang, utc_offset_min: int) -> dict[str, Any]:
    view = service.device_view(seen, lang)
    since = datetime.fromtimestamp(view["since"] / 1000, UTC) + timedelta(minutes=utc_offset_min)
    total = view["ready_s"] + view["busy_s"] + view["fault_s"]
    return view | {
        "kind": class_name(seen.device.klass, lang),
        "why": reasons_text(seen.reasons, lang),
        "style": STYLES.get(seen.state, "bad"),
        "word": say(lang, f"device.{seen.state}"),
        "since": say(lang, "since", f"{since:%m-%d %H:%M:%S}") if view["since"] else "",
        "busy": f"{100 * view['busy_s'] / total if total else 0:.1f} %",
        "fault": say(lang, "minutes", f"{view['fault_s'] / 60:.1f}"),
        "lost": say(lang, "lost.n", view["lost"]),
    }


@get("/tech/page/now", opt=TECH)
async def devices_now(request: PageRequest, tech: Tech) -> Page:
    return piece(request, "tech/now.html", {"oob": True, "devices": _shown(tech, language(request))})


@post("/tech/page/devices/{id:str}/{verb:str}", opt=TECH, status_code=200)
async def device_press(request: PageRequest, tech: Tech, id: str, verb: str) -> Response[str]:
    """One line of answer beside the button; without JavaScript the whole page with it."""
    form = await request.form()
    try:
        said = await tech.once.run(
            press_key(request, form), [id, verb, dict(form)], _verb(request, tech, id, verb, form)
        )
    except Refused as refused:
        lang = language(request)
        said = {"style": "bad", "text": f"{refused.what.get(lang)} {refused.remedy.get(lang)}", "jpeg": ""}
    if is_htmx(request):
        return piece(request, "tech/said.html", {"said": said})
    return await _devices(request, tech, id, said)


def class_name(klass: str, lang: Lang) -> str:
    """As the kiosk's own screen says it; a class of a package that nobody has words for stands as its key."""
    return CLASSES[klass][1].get(lang) if klass in CLASSES else klass


def _verb(request: PageRequest, tech: Tech, id: str, verb: str, form: Form) -> Callable[[], Awaitable[dict[str, Any]]]:
    lang = language(request)

    async def work() -> dict[str, Any]:
        if verb == "restart":
            return {"style": "ok", "text": say(lang, f"device.{await tech.restart_device(id)}"), "jpeg": ""}
        if verb in ("volume", "brightness"):
            level = field(form, "level")
            if not (level.isascii() and level.isdigit() and int(level[:4]) <= 100):
                raise no_such("level", level[:8], ("0 … 100",))
            what: Literal["volume", "brightness"] = "volume" if verb == "volume" else "brightness"
            return _told(await tech.set_level(id, what, int(level)), lang)
        if verb == "test":
            return _told(await tech.test(id, field(form, "what"), lang), lang)
        raise no_such("verb", verb[:16], ("test", "restart", "volume", "brightness"))

    return work


def _told(tried: Any, lang: Lang) -> dict[str, Any]:
    style = {"done": "ok", "unknown": "soon"}.get(tried.outcome.kind, "bad")
    seen = dict(tried.seen or {})
    jpeg = seen.pop("jpeg", "")
    parts = [
        say(lang, tried.outcome.kind),
        tongue.lines(tried.outcome.detail).get(lang),
        " · ".join(f"{k} {v}" for k, v in seen.items()),
    ]
    return {"style": style, "text": "  ".join(filter(None, parts)), "jpeg": jpeg}


@get("/tech/page/devices/{id:str}/log", opt=TECH)
async def log_page(request: PageRequest, tech: Tech, id: str) -> Page:
    return await page(request, "tech/log.html", {"here": "devices", **_log(request, tech, id)})


@get("/tech/page/devices/{id:str}/log/now", opt=TECH)
async def log_now(request: PageRequest, tech: Tech, id: str) -> Page:
    return piece(request, "tech/bytes.html", _log(request, tech, id))


def _log(request: PageRequest, tech: Tech, id: str) -> dict[str, Any]:
    all = request.query_params.get("all") == "1"
    return {"id": id, "all": all, "lines": tech.desk.log(id, all=all)[1]}


# --- lines -----------------------------------------------------------------------------------------------------------


@get("/tech/page/lines", opt=TECH)
async def lines_page(request: PageRequest, tech: Tech) -> Page:
    return await _lines(request, tech)


@post("/tech/page/lines", opt=TECH, status_code=200)
async def lines_look(request: PageRequest, tech: Tech) -> Page:
    form = await request.form()
    where = field(form, "where")
    try:
        if field(form, "verb") == "numbers":
            return await _lines(request, tech, where, shown=await tech.desk.numbers(where))
        return await _lines(request, tech, where, await tech.desk.detect(where))
    except Refused as refused:
        return await _lines(request, tech, where, None, refused)


async def _lines(
    request: PageRequest,
    tech: Tech,
    where: str = "",
    found: detect.Detected | None = None,
    refused: Refused | None = None,
    shown: detect.Shown | None = None,
) -> Page:
    ports = await asyncio.to_thread(tech.desk.ports)
    heard = found or shown
    view = {
        "here": "lines",
        "ports": ports,
        "where": where,
        "found": heard,
        "advice": (found.advice(where)[language(request) == "en"] if found else ""),
        "offers": shown.offers if shown else [],
        "numbers": shown is not None,
        "table": lambda one: table(one.klass, one.driver, one.where, one.options),
    }
    return await page(request, "tech/lines.html", view, refused=refused)


# --- network ---------------------------------------------------------------------------------------------------------


@get("/tech/page/network", opt=TECH)
async def network_page(request: PageRequest, tech: Tech) -> Page:
    return await _network(request, tech)


@post("/tech/page/network", opt=TECH, status_code=200)
async def network_pair(request: PageRequest, tech: Tech) -> Page:
    form = await request.form()
    url, code, lang = field(form, "url"), field(form, "code").replace(" ", ""), language(request)
    try:
        token = await tech.once.run(press_key(request, form), ["pair", url, code], lambda: tech.pair(url, code, lang))
    except Refused as refused:
        return await _network(request, tech, url, refused=refused)
    return await _network(request, tech, url, f"{token.station} {token.name}")


async def _network(
    request: PageRequest, tech: Tech, url: str = "", paired: str = "", refused: Refused | None = None
) -> Page:
    found = await tech.reach()
    listen, addresses = tech.config.station.listen, await asyncio.to_thread(network.addresses)
    lan = network.lan_host(listen, addresses)
    shown = {
        "here": "network",
        "host": network.host(),
        "addresses": addresses,
        "lan": f"http://{lan}:{listen.rpartition(':')[2]}/tech" if lan else "",
        "listen": listen,
        "found": found,
        "why": found.why.get(language(request)) if found.why else "",
        "url": url or found.url,
        "paired": paired,
    }
    return await page(request, "tech/network.html", shown, refused=refused)


# --- checks and restart ----------------------------------------------------------------------------------------------


@get("/tech/page/checks", opt=TECH)
async def checks_page(request: PageRequest, tech: Tech) -> Page:
    return await _checks(request, tech)


@post("/tech/page/restart", opt=TECH, status_code=200)
async def restart_press(request: PageRequest, tech: Tech) -> Page:
    form = await request.form()
    what: Literal["station", "screen"] = "screen" if field(form, "what") == "screen" else "station"
    await tech.once.run(press_key(request, form), ["restart", what], lambda: tech.restart_part(what))
    return await _checks(request, tech, said="restart.done")


async def _checks(request: PageRequest, tech: Tech, said: str = "") -> Page:
    found = sorted(await tech.checks(), key=lambda check: WORST_FIRST.index(check.state))
    return await page(request, "tech/checks.html", {"here": "checks", "checks": found, "said": said})


# --- wizard ----------------------------------------------------------------------------------------------------------


@get("/tech/page/wizard", opt=TECH)
async def wizard_shown(request: PageRequest, wizard: Wizard) -> Page:
    return await _wizard(request, await wizard.view())


@post("/tech/page/wizard", opt=TECH, status_code=200)
async def wizard_press(request: PageRequest, wizard: Wizard) -> Page:
    form = await request.form()
    if field(form, "verb") == "anew":
        return await _wizard(request, await wizard.restart())
    step = field(form, "step")
    given = {"back": True} if field(form, "verb") == "back" else wizard_page.given(await wizard.view(), form)
    try:
        return await _wizard(request, await wizard.answer(step, given))
    except Refused as refused:
        return await _wizard(request, await wizard.view(), refused, given)


async def _wizard(
    request: PageRequest, view: dict[str, Any], refused: Refused | None = None, given: dict[str, Any] | None = None
) -> Page:
    shown = wizard_page.shown(view, language(request), given or {})
    return await page(request, "tech/wizard.html", {"here": "wizard", **shown}, refused=refused)


tech_pages = Router(
    path="/",
    route_handlers=[
        tech_home,
        tech_login,
        devices_now,
        device_press,
        log_page,
        log_now,
        lines_page,
        lines_look,
        network_page,
        network_pair,
        config_page.config_shown,
        config_page.config_press,
        on_trial.trial_now,
        checks_page,
        restart_press,
        wizard_shown,
        wizard_press,
    ],
    exception_handlers={Refused: _refused, JournalError: lambda request, error: _refused(request, unsaved())},
    request_max_body_size=FORM_MAX,
    include_in_schema=False,
)
