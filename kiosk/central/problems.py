"""Refusals: RFC 9457 problem documents in the reader's language."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from kiosk.domain.facts import Lines

Asked = Request[Any, Any, State]

log = logging.getLogger("kiosk.central")


class Problem(Exception):
    """A refusal with its words. `field` names the part of the request, `remedy` what to do."""

    def __init__(
        self, status: int, title: Lines, *, detail: str = "", field: str = "", remedy: Lines | None = None
    ) -> None:
        super().__init__(f"{status} {title.en} {detail}")
        self.status, self.title, self.detail, self.field, self.remedy = status, title, detail, field, remedy
        self.headers: dict[str, str] = {}


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457; `field` and `remedy` are ours."""

    type: str
    title: str
    status: int
    detail: str = ""
    field: str = ""
    remedy: str = ""


def language(request: Asked) -> str:
    """zh or en: ?lang= first, then Accept-Language, else zh."""
    asked = request.query_params.get("lang", "")
    if asked in ("zh", "en"):
        return str(asked)
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def _answer(document: Document, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(document),
        status_code=document.status,
        media_type="application/problem+json",
        headers=headers,
    )


def on_problem(request: Asked, problem: Problem) -> Response[bytes]:
    lang = language(request)
    detail = problem.detail or problem.title.get(lang)
    remedy = problem.remedy.get(lang) if problem.remedy else ""
    document = Document("about:blank", problem.title.get(lang), problem.status, detail, problem.field, remedy)
    return _answer(document, problem.headers)


def on_http(request: Asked, error: HTTPException) -> Response[bytes]:
    """What the framework refuses: no such path or method, a parameter that does not fit."""
    try:
        title = HTTPStatus(error.status_code).phrase
    except ValueError:
        title = "Error"
    return _answer(
        Document("about:blank", title, error.status_code, str(error.detail)[:300]), dict(error.headers or {})
    )


def on_bug(request: Asked, error: Exception) -> Response[bytes]:
    """Ours: the log has the trace, the sender tries again."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    title = Lines(zh="中心服务器出错", en="The central server failed").get(language(request))
    return _answer(Document("about:blank", title, 500))
