"""Every refusal and mistake as a problem document (RFC 9457) in the language asked for: what, where, how to mend it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.journal.store import JournalError
from kiosk.station.events import TooManyListeners

PROBLEM = "application/problem+json"

_HTTP = {
    400: Lines(zh="请求的内容不对。", en="The request is not right."),
    404: Lines(zh="没有这个地址。", en="There is nothing at this address."),
    405: Lines(zh="这个地址不接受此方法。", en="This address does not take this method."),
    413: Lines(zh="请求太大。", en="The request is too large."),
}
_REMEDY = Lines(zh="接口说明见 /schema。", en="The interface is described at /schema.")


def language(request: Request[Any, Any, Any]) -> str:
    """?lang= or the first of Accept-Language; Chinese otherwise."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language") or ""
    return "en" if asked.strip().lower().startswith("en") else "zh"


def problem(
    request: Request[Any, Any, Any], status: int, code: str, what: Lines, remedy: Lines, field: str = ""
) -> Response[bytes]:
    lang = language(request)
    body = {
        "type": f"urn:yitai:problem:{code}",
        "title": what.get(lang),
        "status": status,
        "detail": f"{what.get(lang)}{'' if lang == 'zh' else ' '}{remedy.get(lang)}",
        "remedy": remedy.get(lang),
    } | ({"field": field} if field else {})
    headers = {"Content-Language": lang} | ({"Retry-After": "2"} if status in (429, 503) else {})
    return Response(msgspec.json.encode(body), status_code=status, media_type=PROBLEM, headers=headers)


def on_refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    return problem(request, error.status, error.code, error.what, error.remedy, error.field)


def on_journal(request: Request[Any, Any, Any], error: JournalError) -> Response[bytes]:
    what = Lines(zh="无法记录，本次操作没有发生。", en="It could not be recorded; nothing was done.")
    remedy = Lines(
        zh="请技术人员查看磁盘（kiosk doctor）。", en="Ask the technician to look at the disk (kiosk doctor)."
    )
    return problem(request, 503, "journal", what, remedy)


def on_listeners(request: Request[Any, Any, Any], error: TooManyListeners) -> Response[bytes]:
    what = Lines(zh="连接太多。", en="Too many listeners.")
    remedy = Lines(zh="请关闭不用的页面。", en="Close pages that are not needed.")
    return problem(request, 503, "listeners", what, remedy)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    what = _HTTP.get(status, Lines(zh=f"请求未完成（{error.detail}）。", en=f"Not done ({error.detail})."))
    if not isinstance(error, ValidationException):
        return problem(request, status, f"http-{status}", what, _REMEDY)
    extra = [e for e in error.extra if isinstance(e, dict)] if isinstance(error.extra, list) else []
    said = "; ".join(str(e.get("message", "")) for e in extra) or error.detail
    remedy, field = _in_words(said)
    named = [str(e["key"]) for e in extra if e.get("key") not in (None, "data")]
    return problem(request, status, f"http-{status}", what, remedy, ", ".join(named) or field)


_SAYINGS = (
    (re.compile(r"unknown field `([^`]+)`"), "没有字段“{0}”，请去掉。", "There is no field “{0}”: remove it."),
    (re.compile(r"missing required field `([^`]+)`"), "缺少字段“{0}”，请补上。", "The field “{0}” is missing: add it."),
    (re.compile(r"Input data was truncated|malformed"), "内容不是完整的 JSON。", "The body is not complete JSON."),
)
_AT = re.compile(r"`\$\.([^`]+)`")


def _in_words(said: str) -> tuple[Lines, str]:
    """What the decoder said -> (remedy, field)."""
    for pattern, zh, en in _SAYINGS:
        if (match := pattern.search(said)) is not None:
            name = match[1] if match.groups() else ""
            return Lines(zh=zh.format(name), en=en.format(name)), name
    at = _AT.search(said)
    field = at[1] if at else ""
    return Lines(zh=f"“{field or 'body'}”不合要求：{said}", en=f"“{field or 'body'}” does not fit: {said}"), field


def on_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[bytes]:
    remedy = Lines(zh="内容嵌套太深，请减少层数。", en="The body is nested too deeply: send fewer levels.")
    return problem(request, 400, "http-400", _HTTP[400], remedy)


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    request.logger.exception("a bug: %s %s", request.method, request.url.path)
    what = Lines(zh="系统出错了。", en="The station made a mistake.")
    remedy = Lines(zh="请再试；仍不行请联系技术人员。", en="Try again; if it stays, call the technician.")
    return problem(request, 500, "bug", what, remedy)


HANDLERS: dict[Any, Any] = {
    Refused: on_refused,
    JournalError: on_journal,
    TooManyListeners: on_listeners,
    HTTPException: on_http,
    RecursionError: on_deep,
    Exception: on_bug,
}
