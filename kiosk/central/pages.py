"""The pages: `/` for the operator (open to look at, a PIN to act), `/t/{ticket}` for a phone outside the hall."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

import kiosk
from kiosk.central import views
from kiosk.central.access import COOKIE, same_origin
from kiosk.central.api import NoticePublish, NoticeWithdraw, now_ms, operator_cookie, place, read_body
from kiosk.central.pairing import Made, Wanted, make_checked
from kiosk.central.problems import Asked, Problem, language
from kiosk.central.texts import TEXTS
from kiosk.domain.facts import Lines

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
MAX_FORM_BYTES = 16 * 1024


def _render(name: str, lang: str, status: int = 200, **values: Any) -> Response[str]:
    def text(key: str) -> str:
        return TEXTS[key].get(lang)

    html = _TEMPLATES.get_template(name).render(t=text, lang=lang, release=kiosk.__version__, **values)
    return Response(html, media_type="text/html", status_code=status)


def _board(request: Asked, lang: str) -> dict[str, Any]:
    with request.app.state.store.reading() as conn:
        return views.board(conn, lang, now_ms(), request.app.state.offset_s)


async def _home(
    request: Asked, said: str = "", bad: bool = False, status: int = 200, made: Made | None = None
) -> Response[str]:
    lang = language(request)
    now = await asyncio.to_thread(_board, request, lang)
    operator = request.app.state.access.is_operator(request, now_ms())
    return _render(
        "home.html",
        lang,
        status,
        now=now,
        operator=operator,
        said=said,
        bad=bad,
        made=made,
        key=secrets.token_hex(16),
        **_brand(request),
    )


def _brand(request: Asked) -> dict[str, str]:
    name = request.app.state.hall
    return {"hall": name.get(language(request)) if name else ""}


@get("/")
async def home(request: Asked) -> Response[str]:
    done = request.query_params.get("done", "")
    said = TEXTS[f"done_{done}"].get(language(request)) if f"done_{done}" in TEXTS else ""
    return await _home(request, said)


@get("/board")
async def board(request: Asked) -> Response[str]:
    """The changing part of `/`, fetched again every 3 s."""
    lang = language(request)
    now = await asyncio.to_thread(_board, request, lang)
    operator = request.app.state.access.is_operator(request, now_ms())
    return _render("board.html", lang, now=now, operator=operator, key=secrets.token_hex(16))


@get("/t/{ticket:str}")
async def phone(request: Asked, ticket: FromPath[str]) -> Response[str]:
    lang, state = language(request), request.app.state

    def read() -> dict[str, Any] | None:
        with state.store.reading() as conn:
            return views.ticket(conn, ticket[:64], lang, now_ms(), state.offset_s, state.services)

    found = await asyncio.to_thread(read)
    return _render("phone.html", lang, 200 if found else 404, it=found, near=_near(request), **_brand(request))


def _near(request: Asked) -> bool:
    """Whether the phone is on the hall's own network, where the ten megabytes of the face cost nothing; on mobile data
    the phone's own Chinese face serves."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_private
    except ValueError:
        return False


# --- forms of the operator's page -------------------------------------------------------------------------------------


@post("/page/login")
async def login_form(request: Asked) -> Response[Any]:
    same_origin(request)
    form = await _form(request)
    try:
        token = await asyncio.to_thread(request.app.state.access.login, form.get("pin", ""), now_ms())
    except Problem as problem:
        return await _home(request, problem.title.get(language(request)), True, problem.status)
    answer = _back(request)
    answer.set_cookie(operator_cookie(token))
    return answer


@post("/page/logout")
async def logout_form(request: Asked) -> Response[Any]:
    same_origin(request)
    request.app.state.access.logout(request)
    answer = _back(request)
    answer.delete_cookie(COOKIE)
    return answer


@post("/page/notice")
async def notice_form(request: Asked) -> Response[Any]:
    request.app.state.access.operator(request, now_ms())
    form = await _form(request)
    order: NoticePublish | NoticeWithdraw
    if "withdraw" in form:
        order, done = NoticeWithdraw(notice=form["withdraw"]), "withdraw"
    else:
        text = Lines(zh=form.get("zh", "").strip(), en=form.get("en", "").strip())
        order, done = NoticePublish(text=text, until=form.get("until", "")), "publish"
    try:
        await place(request.app.state.store, request.app.state.news, order, form.get("key", ""))
    except Problem as problem:
        return await _home(request, problem.title.get(language(request)), True, problem.status)
    return _back(request, done)


@post("/page/pairing", status_code=200)
async def pairing_form(request: Asked) -> Response[Any]:
    """The code is shown once, in the answer itself: it stands in no address and no history."""
    request.app.state.access.operator(request, now_ms())
    form = await _form(request)
    wanted = Wanted(station=form.get("station", "").strip(), name=form.get("name", ""))
    try:
        made = await asyncio.to_thread(make_checked, request.app.state.store, wanted, now_ms())
    except Problem as problem:
        return await _home(request, problem.title.get(language(request)), True, problem.status)
    return await _home(request, made=made)


async def _form(request: Asked) -> dict[str, str]:
    body = await read_body(request, MAX_FORM_BYTES)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}


def _back(request: Asked, done: str = "") -> Redirect:
    return Redirect(f"/?lang={language(request)}" + (f"&done={done}" if done else ""), status_code=303)


ROUTES = [home, board, phone, login_form, logout_form, notice_form, pairing_form]
