"""The routes stations and operators use: facts up, commands down. Contract: JSON, errors as RFC 9457 documents.

POST /facts            station    gzip JSON batch → {"through", "items"}
GET  /facts/through    station    ?store= → {"store", "through", "highest", "digest"}
GET  /commands         station    ?store=&after=&wait_s= → {"commands": [{"id", "kind", "at", "body"}]}, a long poll
POST /commands         operator   {"kind", …, "station"?} with Idempotency-Key → 201 {"id"}
POST /login, /logout   anyone     {"pin"} → {"token"} and a cookie
GET  /health           anyone     {"release", "stores"}
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
import zlib
from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery

import kiosk
from kiosk.central.access import COOKIE, TOKEN_MS, Access, same_origin
from kiosk.central.problems import Asked, Problem
from kiosk.central.store import OtherContent, Store, WrongStation
from kiosk.domain.facts import Lines
from kiosk.sync import wire

MAX_WAIT_S = 30
MAX_POLLS = 4  # questions of one station that wait at the same time; a station needs one
MAX_TEXT = 200  # characters of a notice in one language
MAX_ORDER_BYTES = 128 * 1024  # a configuration with a large triage
_KEY = re.compile(r"[A-Za-z0-9._:-]{8,128}")


class News:
    """Wakes the long polls of this process. Lives on the event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.waiting: dict[str, int] = {}

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        event = self._event
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return


class NoticePublish(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="notice_publish"):
    """Shown on screens and boards until the end of the local date `until` ("" = until it is withdrawn)."""

    text: Lines
    until: str = ""
    station: str = ""
    notice: str = ""


class NoticeWithdraw(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="notice_withdraw"):
    notice: str
    station: str = ""


class SendConfig(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="config"):
    """Files of the hall's configuration, name -> text; a station checks them and refuses what does not load."""

    files: Annotated[dict[str, str], msgspec.Meta(min_length=1, max_length=8)]
    station: str = ""


Order = NoticePublish | NoticeWithdraw | SendConfig


class _FilesBody(msgspec.Struct, frozen=True):
    files: dict[str, str]


class _Pin(msgspec.Struct, frozen=True):
    pin: str


class _NoticeBody(msgspec.Struct, frozen=True):
    notice: str
    text: Lines
    until: str


class _WithdrawBody(msgspec.Struct, frozen=True):
    notice: str


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _parts(request: Asked) -> tuple[Store, Access, News]:
    state = request.app.state
    return state.store, state.access, state.news


# --- facts up ---------------------------------------------------------------------------------------------------------


@post("/facts", status_code=200)
async def take_facts(request: Asked) -> Response[bytes]:
    store, access, _ = _parts(request)
    station = access.station(request)
    packed = await read_body(request, wire.MAX_PACKED_BYTES)
    encoding = request.headers.get("content-encoding", "identity").lower()
    taken = await asyncio.to_thread(_take, store, station, packed, encoding)
    return Response(msgspec.json.encode(taken), media_type="application/json")


def _take(store: Store, station: str, packed: bytes, encoding: str) -> wire.Taken:
    batch = _batch(_unpack(packed, encoding))
    if batch.station != station:
        raise Problem(
            403,
            Lines(zh="令牌属于另一站点", en="The token belongs to another station"),
            detail=f"expected {station}, got {batch.station}",
            field="station",
        )
    try:
        return store.take(station, batch, now_ms())
    except WrongStation as error:
        raise _wrong_station(error) from error


def _batch(data: bytes) -> wire.Batch:
    try:
        return wire.decode(data)
    except wire.BadBatch as error:
        title = Lines(zh="这批记录不合规约", en="The batch breaks the protocol")
        raise Problem(400, title, detail=str(error), field=error.field) from error


def _unpack(packed: bytes, encoding: str) -> bytes:
    """gzip or plain; at most MAX_INFLATED_BYTES are ever unpacked."""
    if encoding == "identity":
        return packed
    if encoding != "gzip":
        title = Lines(zh="不支持的压缩方式", en="This encoding is not supported")
        raise Problem(415, title, detail=f"expected gzip, got {encoding[:40]}", field="Content-Encoding")
    inflate = zlib.decompressobj(31)
    try:
        data = inflate.decompress(packed, wire.MAX_INFLATED_BYTES + 1)
    except zlib.error as error:
        raise Problem(400, Lines(zh="gzip 数据损坏", en="The gzip data are damaged"), detail=str(error)) from error
    if len(data) > wire.MAX_INFLATED_BYTES:
        title = Lines(zh="解压后过大", en="Too large when unpacked")
        raise Problem(413, title, detail=f"expected at most {wire.MAX_INFLATED_BYTES} bytes unpacked")
    if not inflate.eof or inflate.unused_data:
        raise Problem(400, Lines(zh="gzip 数据不完整", en="The gzip data are not complete"))
    return data


@get("/facts/through")
async def facts_through(request: Asked, store: FromQuery[str]) -> Response[bytes]:
    books, access, _ = _parts(request)
    station = access.station(request)
    _check_store(store)
    try:
        known = await asyncio.to_thread(books.through, station, store, now_ms())
    except WrongStation as error:
        raise _wrong_station(error) from error
    return Response(msgspec.json.encode(known), media_type="application/json")


# --- commands down ----------------------------------------------------------------------------------------------------


@get("/commands")
async def give_commands(
    request: Asked, store: FromQuery[str], after: FromQuery[int] = 0, wait_s: FromQuery[float] = 25.0
) -> Response[bytes]:
    books, access, news = _parts(request)
    station = access.station(request)
    _check_store(store)
    if not 0 <= after <= wire.MAX_SEQ or not 0 <= wait_s <= MAX_WAIT_S:
        title = Lines(zh="参数超出范围", en="A parameter is out of range")
        raise Problem(400, title, detail=f"expected after ≥ 0 and wait_s from 0 to {MAX_WAIT_S}")
    if news.waiting.get(station, 0) >= MAX_POLLS:
        raise Problem(429, Lines(zh="同时等待的请求过多", en="Too many questions wait at the same time"))
    news.waiting[station] = news.waiting.get(station, 0) + 1
    try:
        await asyncio.to_thread(books.acknowledge, station, store, after, now_ms())
        found = await asyncio.to_thread(books.commands, station, after)
        until = time.monotonic() + wait_s
        while not found and (left := until - time.monotonic()) > 0:
            await news.wait(min(left, 2.0))  # another worker's command rings no bell here, so look now and then
            found = await asyncio.to_thread(books.commands, station, after)
    except WrongStation as error:
        raise _wrong_station(error) from error
    finally:
        news.waiting[station] -= 1
    return Response(msgspec.json.encode({"commands": found}), media_type="application/json")


@post("/commands", status_code=201)
async def give_order(request: Asked) -> Response[bytes]:
    books, access, news = _parts(request)
    access.operator(request, now_ms())
    body = await read_body(request, MAX_ORDER_BYTES)
    try:
        order = msgspec.json.decode(body, type=Order)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        title = Lines(zh="命令无法理解", en="The command cannot be understood")
        raise Problem(400, title, detail=str(error)[:300]) from error
    number = await place(books, news, order, request.headers.get("idempotency-key", ""))
    return Response(msgspec.json.encode({"id": number}), media_type="application/json", status_code=201)


async def place(books: Store, news: News, order: Order, key: str) -> int:
    """-> the command's id, after it is on disk; raises Problem."""
    key = key or secrets.token_hex(16)
    if not _KEY.fullmatch(key):
        title = Lines(zh="幂等键格式不对", en="The idempotency key has the wrong form")
        raise Problem(400, title, detail="expected 8 to 128 letters, digits or . _ : -", field="Idempotency-Key")
    kind: Literal["notice_publish", "notice_withdraw", "config"]
    if isinstance(order, NoticePublish):
        check_notice(order)
        # The id follows from the key, so that a repeated request is the same notice.
        notice = order.notice or wire.digest(0, "notice", key.encode())[:16]
        kind, body = "notice_publish", msgspec.json.encode(_NoticeBody(notice, order.text, order.until))
    elif isinstance(order, SendConfig):
        kind, body = "config", msgspec.json.encode(_FilesBody(order.files))
    else:
        kind, body = "notice_withdraw", msgspec.json.encode(_WithdrawBody(order.notice[:64]))
    try:
        number = await asyncio.to_thread(books.order, key, order.station[:16], kind, body, now_ms())
    except OtherContent as error:
        title = Lines(zh="同一个键对应了不同的命令", en="The same key came with another command before")
        raise Problem(422, title, field="Idempotency-Key") from error
    news.ring()
    return number


def check_notice(order: NoticePublish) -> None:
    """Raises Problem unless both languages say something short and the date is one."""
    for lang, text in (("zh", order.text.zh), ("en", order.text.en)):
        if not 1 <= len(text.strip()) <= MAX_TEXT:
            title = Lines(
                zh=f"公告每种语言需 1 到 {MAX_TEXT} 字", en=f"A notice takes 1 to {MAX_TEXT} characters a language"
            )
            raise Problem(400, title, field=f"text.{lang}")
    if order.until:
        try:
            date.fromisoformat(order.until)
        except ValueError as error:
            title = Lines(zh="日期应形如 2026-11-30", en="A date looks like 2026-11-30")
            raise Problem(400, title, field="until") from error


# --- the operator -----------------------------------------------------------------------------------------------------


@post("/login", status_code=200)
async def login(request: Asked) -> Response[bytes]:
    _, access, _ = _parts(request)
    same_origin(request)
    try:
        given = msgspec.json.decode(await read_body(request, 1024), type=_Pin)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(400, Lines(zh="需要 pin", en="A pin is needed"), detail=str(error)[:300], field="pin") from error
    token = await asyncio.to_thread(access.login, given.pin, now_ms())
    answer = Response(msgspec.json.encode({"token": token}), media_type="application/json", status_code=200)
    answer.set_cookie(operator_cookie(token))
    return answer


@post("/logout", status_code=200)
async def logout(request: Asked) -> Response[bytes]:
    _, access, _ = _parts(request)
    same_origin(request)
    access.logout(request)
    answer = Response(b"{}", media_type="application/json", status_code=200)
    answer.delete_cookie(COOKIE)
    return answer


def operator_cookie(token: str) -> Cookie:
    return Cookie(COOKIE, value=token, path="/", max_age=TOKEN_MS // 1000, httponly=True, samesite="strict")


@get("/health")
async def health(request: Asked) -> Response[bytes]:
    books, _, _ = _parts(request)
    count = await asyncio.to_thread(_count_stores, books)
    body = msgspec.json.encode({"release": kiosk.__version__, "stores": count})
    return Response(body, media_type="application/json")


def _count_stores(books: Store) -> int:
    with books.reading() as conn:
        return int(conn.execute("SELECT count(*) FROM stores").fetchone()[0])


# --- shared -----------------------------------------------------------------------------------------------------------


async def read_body(request: Asked, limit: int) -> bytes:
    """The whole body; raises Problem 413 before it is read further than `limit` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            title = Lines(zh="请求过大", en="The request is too large")
            raise Problem(413, title, detail=f"expected at most {limit} bytes")
    return bytes(body)


def _check_store(store: str) -> None:
    try:
        wire.check_store(store)
    except wire.BadBatch as error:
        raise Problem(400, Lines(zh="参数不对", en="A parameter is wrong"), detail=str(error), field="store") from error


def _wrong_station(error: WrongStation) -> Problem:
    return Problem(
        403,
        Lines(zh="该日志属于另一站点", en="This journal belongs to another station"),
        detail=str(error),
        field="store",
        remedy=Lines(zh="请勿在两台机器上使用同一数据目录。", en="never use one data folder on two boxes"),
    )


ROUTES = [take_facts, facts_through, give_commands, give_order, login, logout, health]
