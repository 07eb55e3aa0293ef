"""Templates to bytes, with the headers every page carries: nothing from elsewhere, no inline script, never cached."""

from __future__ import annotations

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie, FormMultiDict

import kiosk
from kiosk.domain.commands import Refused
from kiosk.domain.refusals import refuse
from kiosk.station.pages_text import Lang, say
from kiosk.station.roles import COOKIES, Identity

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # a ticket's address is its secret; "no-referrer" would make forms come from Origin: null
}
LANG_COOKIE = "yitai_lang"
YEAR_S = 365 * 24 * 3600

PageRequest = Request[Any, Any, Any]
Page = Response[str]
Form = FormMultiDict
FIELD_MAX = 200


@lru_cache(maxsize=1)
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language(request: PageRequest, otherwise: Lang = "zh") -> Lang:
    """?lang= first, then what this browser chose before, then `otherwise`."""
    asked = request.query_params.get("lang") or request.cookies.get(LANG_COOKIE)
    return "en" if asked == "en" else "zh" if asked == "zh" else otherwise


def page(
    request: PageRequest,
    name: str,
    shown: dict[str, Any],
    lang: Lang,
    status: int = 200,
    refused: Refused | None = None,
) -> Page:
    """`shown` adds to what every template knows: t, zh, en, lang, other, release, key, and what was refused."""
    known: dict[str, Any] = {
        "t": lambda key, *given: say(lang, key, *given),
        "zh": lambda key, *given: say("zh", key, *given),
        "en": lambda key, *given: say("en", key, *given),
        "lang": lang,
        "other": "zh" if lang == "en" else "en",
        "release": kiosk.__version__,
        "key": secrets.token_hex(12),  # of presses made without JavaScript: one page, one press
        "error": refused.what.get(lang) if refused else "",
        "remedy": refused.remedy.get(lang) if refused else "",
    }
    html = _environment().get_template(name).render(**(known | shown))
    cookies = []
    if request.query_params.get("lang") in ("zh", "en"):
        cookies.append(Cookie(key=LANG_COOKIE, value=lang, max_age=YEAR_S, samesite="lax", httponly=True))
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=HEADERS, cookies=cookies)


def see_other(request: PageRequest, path: str, login: tuple[Identity, str] | None = None) -> Page:
    """On to another page; htmx, which would follow a redirect unseen, is told to load it. `login`, as `Gate.login` gives it, logs
    this browser in."""
    cookies = [Cookie(key=COOKIES[login[0].role], value=login[1], httponly=True, samesite="strict")] if login else []
    if is_htmx(request):
        headers = HEADERS | {"HX-Redirect": path}
        return Response("", media_type=MediaType.HTML, status_code=200, headers=headers, cookies=cookies)
    headers = HEADERS | {"Location": path}
    return Response("", media_type=MediaType.HTML, status_code=303, headers=headers, cookies=cookies)


def is_htmx(request: PageRequest) -> bool:
    return request.headers.get("hx-request") == "true"


def field(form: Form, name: str) -> str:
    """A text field; absent, a file or longer than any real one -> ""."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) and len(value) <= FIELD_MAX else ""


def press_key(request: PageRequest, form: Form) -> str:
    """The Idempotency-Key of this press; a page without JavaScript carries one for each button in its form."""
    return (request.headers.get("idempotency-key") or field(form, "key"))[:FIELD_MAX]


def unsaved() -> Refused:
    """What a person is told when the journal could not be written."""
    return refuse(
        "not_saved",
        "没有存下来，什么也没有发生。",
        "It could not be saved; nothing happened.",
        "请再按一次；还不行请叫技术人员。",
        "Press again; if it happens again, call a technician.",
        status=503,
    )
