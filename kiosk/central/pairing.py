"""Bringing a new station to central: the operator makes a code, the technician types it at the box, the box gets a token.

POST /pairing   operator   {"station", "name"} → 201 {"code", "station", "name", "until"}
POST /pair      anyone     {"code"} → {"station", "name", "token"}

A code has eight digits and works once, for a quarter of an hour; a new one for the same station ends the one before. Guessing
is slowed for each address by a lock that grows, and a code dies with the fiftieth wrong one from anywhere. Kept are hashes only.
A box that lost the answer asks again with the same Idempotency-Key: it gets a new token, and the one it never saw is void.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import sqlite3
from typing import Annotated

import msgspec
from litestar import Response, post

from kiosk.central.api import now_ms, read_body
from kiosk.central.problems import Asked, Problem
from kiosk.central.settings import token_hash
from kiosk.central.store import Store
from kiosk.domain.facts import Lines

CODE_MS = 15 * 60 * 1000
WRONG_MAX = 50
NAME_MAX = 40
FORGET_MS = 3_600_000  # locks of addresses that have been quiet so long
_STATION = re.compile(r"[A-Za-z0-9]{1,16}")


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    station: str
    name: str = ""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: ms, this server's clock."""

    code: str
    station: str
    name: str
    until: int


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(max_length=64)]


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    station: str
    name: str
    token: str


def make(tx: sqlite3.Connection, wanted: Wanted, now: int) -> Made:
    """A fresh code for the station; the one before it ends."""
    code = f"{secrets.randbelow(10**8):08d}"
    tx.execute("DELETE FROM pairing_codes WHERE station = ? OR until < ?", (wanted.station, now))
    tx.execute(
        "INSERT OR REPLACE INTO pairing_codes (code_hash, station, name, until) VALUES (?, ?, ?, ?)",
        (token_hash(code), wanted.station, wanted.name, now + CODE_MS),
    )
    return Made(code=code, station=wanted.station, name=wanted.name, until=now + CODE_MS)


def use(tx: sqlite3.Connection, code: str, key: str, now: int) -> Paired | None:
    """None for a code that is wrong, used, too old or worn out by guessing: which of these is nobody's business."""
    mark = hashlib.sha256(key.encode()).hexdigest() if key else "used"
    row = tx.execute(
        "SELECT station, name, used_by FROM pairing_codes WHERE code_hash = ? AND until > ? AND wrong < ?",
        (token_hash(code), now, WRONG_MAX),
    ).fetchone()
    if row is None or (row[2] and (not key or row[2] != mark)):
        tx.execute("UPDATE pairing_codes SET wrong = wrong + 1")
        return None
    station, name, _ = row
    token = secrets.token_urlsafe(32)
    tx.execute("UPDATE pairing_codes SET used_by = ? WHERE code_hash = ?", (mark, token_hash(code)))
    tx.execute(
        "INSERT OR REPLACE INTO paired (station, token_hash, name, at) VALUES (?, ?, ?, ?)",
        (station, token_hash(token), name, now),
    )
    tx.execute(
        "INSERT OR IGNORE INTO stations (id, token_hash, name_zh, name_en) VALUES (?, ?, ?, ?)",
        (station, token_hash(token), name, name),
    )
    return Paired(station=station, name=name, token=token)


def paired(tx: sqlite3.Connection) -> dict[str, str]:
    """Token hash -> station."""
    return dict(tx.execute("SELECT token_hash, station FROM paired").fetchall())


def make_checked(store: Store, wanted: Wanted, now: int) -> Made:
    """Raises Problem for a station's number or name that cannot be one."""
    if not _STATION.fullmatch(wanted.station):
        title = Lines(zh="站号应为 1 到 16 位字母和数字", en="A station's number is 1 to 16 letters and digits")
        raise Problem(400, title, field="station")
    name = wanted.name.strip()
    if len(name) > NAME_MAX or not name.isprintable():
        title = Lines(zh=f"名称不超过 {NAME_MAX} 字", en=f"A name takes at most {NAME_MAX} characters")
        raise Problem(400, title, field="name")
    named = Wanted(station=wanted.station, name=name)
    return store.writing(lambda tx: make(tx, named, now))


def use_checked(store: Store, code: str, key: str, who: str, now: int) -> tuple[Paired, dict[str, str]]:
    """-> what the box gets, and all that are paired now; raises Problem."""
    store.writing(
        lambda tx: tx.execute("DELETE FROM pin_lock WHERE who LIKE 'pair:%' AND locked_until < ?", (now - FORGET_MS,))
    )
    if locked_ms := store.pin_attempt(f"pair:{who}", now):
        wait_s = -(-locked_ms // 1000)
        problem = Problem(
            429, Lines(zh=f"错误次数过多，请等 {wait_s} 秒", en=f"Too many wrong codes, wait {wait_s} s"), field="code"
        )
        problem.headers["Retry-After"] = str(wait_s)
        raise problem
    found = store.writing(lambda tx: use(tx, code, key, now))
    if found is None:
        raise Problem(
            403,
            Lines(zh="配对码不对、已用过或已过期", en="The code is wrong, used or too old"),
            field="code",
            remedy=Lines(zh="请中心的操作员再生成一个。", en="Ask the operator of central for a new one."),
        )
    store.pin_right(f"pair:{who}")
    return found, store.writing(paired)


@post("/pairing", status_code=201)
async def new_code(request: Asked) -> Response[bytes]:
    state = request.app.state
    state.access.operator(request, now_ms())
    try:
        wanted = msgspec.json.decode(await read_body(request, 1024), type=Wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        title = Lines(zh="需要 station 和 name", en="station and name are needed")
        raise Problem(400, title, detail=str(error)[:300]) from error
    made = await asyncio.to_thread(make_checked, state.store, wanted, now_ms())
    return Response(msgspec.json.encode(made), media_type="application/json", status_code=201)


@post("/pair", status_code=200)
async def pair(request: Asked) -> Response[bytes]:
    state = request.app.state
    try:
        given = msgspec.json.decode(await read_body(request, 1024), type=Given)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(
            400, Lines(zh="需要 code", en="A code is needed"), detail=str(error)[:300], field="code"
        ) from error
    who = request.client.host if request.client is not None else ""
    key = request.headers.get("idempotency-key", "")[:128]
    found, all_paired = await asyncio.to_thread(use_checked, state.store, given.code, key, who, now_ms())
    state.access.admit(all_paired)
    return Response(msgspec.json.encode(found), media_type="application/json")


ROUTES = [new_code, pair]
