"""What the pages show, read from one moment of the database: plain dicts, no HTML. Ticket ids never leave here: whoever
has one may cancel the ticket."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from kiosk.central.texts import KINDS, STATES, TEXTS, ago
from kiosk.domain.facts import Lines

LATEST = 16
ONLINE_MS = 60_000  # a station asks for commands at least every 25 s
_ORDER = list(STATES)


class _Subject(msgspec.Struct):
    """The parts of a fact that say which ticket, counter or device it is about."""

    ticket: str = ""
    number: str = ""
    counter: int | None = None
    device: str = ""
    state: str = ""
    label: str = ""
    who: str = ""


def board(conn: sqlite3.Connection, lang: str, now: int, offset_s: int) -> dict[str, Any]:
    """Everything of the operator's page that changes. Times of day are shown `offset_s` seconds east of UTC."""
    stores = _stores(conn, lang, now)
    return {
        "stores": stores,
        "states": [(state, STATES[state].get(lang)) for state in _ORDER],
        "tickets": _tickets(conn, stores),
        "facts": _facts(conn, lang, offset_s),
        "quarantine": _quarantine(conn, lang, offset_s),
        "unread": conn.execute("SELECT count(*) FROM facts WHERE state = 'unread'").fetchone()[0],
        "notices": _notices(conn, stores),
        "clock": _clock(now, offset_s),
    }


def _stores(conn: sqlite3.Connection, lang: str, now: int) -> list[dict[str, Any]]:
    """A row for each store, the latest of each station first; stations that never came last."""
    rows = conn.execute(
        "SELECT s.id, s.name_zh, s.name_en, t.* FROM stations s LEFT JOIN stores t ON t.station = s.id "
        "ORDER BY s.id, t.contact_at DESC"
    ).fetchall()
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in rows:
        there = row["store"] is not None
        found.append(
            {
                "station": row["id"],
                "name": row["name_en"] if lang == "en" else row["name_zh"],
                "store": row["store"],
                "there": there,
                "former": row["id"] in seen,
                "online": there and now - row["contact_at"] < ONLINE_MS,
                "contact": ago(now - row["contact_at"], lang) if there else TEXTS["never"].get(lang),
                "through": row["through"],
                "head": row["head"],
                "behind": row["head"] - row["through"] if there else 0,
                "day": row["day"] or "—",
                "after": row["commands_after"],
            }
        )
        seen.add(row["id"])
    return found


def _tickets(conn: sqlite3.Connection, stores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each station, the customers' tickets of its open day by state."""
    rows: list[dict[str, Any]] = []
    for store in stores:
        if store["former"] or not store["there"]:
            continue
        counts = dict(
            conn.execute(
                "SELECT state, count(*) FROM tickets WHERE day = ? AND station = ? AND trial = 0 GROUP BY state",
                (store["day"], store["station"]),
            ).fetchall()
        )
        cells = [counts.get(state, 0) for state in _ORDER]
        rows.append({"station": store["station"], "day": store["day"], "cells": cells, "total": sum(cells)})
    return rows


def _facts(conn: sqlite3.Connection, lang: str, offset_s: int) -> list[dict[str, Any]]:
    rows = conn.execute(
        "SELECT f.store, f.seq, f.at, f.kind, f.body, f.state, t.station FROM facts f JOIN stores t ON t.store = f.store "
        "ORDER BY f.rowid DESC LIMIT ?",
        (LATEST,),
    ).fetchall()
    return [
        {
            "at": _clock(row["at"], offset_s),
            "station": row["station"],
            "seq": row["seq"],
            "what": _kind(row["kind"], lang),
            "which": _which(conn, row["body"], lang),
            "state": row["state"],
        }
        for row in rows
    ]


def _quarantine(conn: sqlite3.Connection, lang: str, offset_s: int) -> list[dict[str, Any]]:
    rows = conn.execute(
        "SELECT q.*, t.station FROM quarantine q JOIN stores t ON t.store = q.store ORDER BY q.first_at DESC LIMIT 20"
    ).fetchall()
    return [
        {
            "station": row["station"],
            "store": row["store"][:8],
            "seq": row["seq"],
            "what": _kind(row["kind"], lang),
            "at": _clock(row["first_at"], offset_s),
            "times": row["times"],
        }
        for row in rows
    ]


def _notices(conn: sqlite3.Connection, stores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The latest notices sent, newest first, and to how many stations each has come."""
    rows = conn.execute("SELECT id, kind, body, station FROM commands ORDER BY id DESC LIMIT 40").fetchall()
    gone: set[str] = set()
    found: list[dict[str, Any]] = []
    current = [store for store in stores if not store["former"]]
    for row in rows:
        body = msgspec.json.decode(row["body"])
        if row["kind"] == "notice_withdraw":
            gone.add(body["notice"])
        elif len(found) < 6:
            meant = [store for store in current if row["station"] in ("", store["station"])]
            reached = sum(1 for store in meant if store["there"] and store["after"] >= row["id"])
            found.append(
                {
                    "id": row["id"],
                    "notice": body["notice"],
                    "text": body["text"],
                    "until": body["until"],
                    "reached": reached,
                    "meant": len(meant),
                    "gone": body["notice"] in gone,
                }
            )
    return found


def ticket(
    conn: sqlite3.Connection, ticket_id: str, lang: str, now: int, offset_s: int, services: Mapping[str, Lines]
) -> dict[str, Any] | None:
    """The phone page of one ticket; None if it is not known (yet)."""
    row = conn.execute("SELECT * FROM tickets WHERE ticket = ?", (ticket_id,)).fetchone()
    if row is None or not row["number"]:
        return None
    ahead = conn.execute(
        "SELECT count(*) FROM tickets WHERE service = ? AND store = ? AND state = 'waiting' AND day = ? AND issued_at < ? "
        "AND trial = 0",
        (row["service"], row["store"], row["day"], row["issued_at"]),
    ).fetchone()[0]
    heard = conn.execute("SELECT contact_at FROM stores WHERE store = ?", (row["store"],)).fetchone()[0]
    name = services.get(row["service"])
    return {
        "number": row["number"],
        "service": name.get(lang) if name else row["service"],
        "state": row["state"],
        "state_text": STATES[row["state"]].get(lang),
        "counter": row["counter"],
        "ahead": ahead,
        "issued": _clock(row["issued_at"], offset_s)[:5],
        "day": row["day"],
        "heard": ago(now - heard, lang),
        "stale": now - heard >= ONLINE_MS,
    }


def _kind(kind: str, lang: str) -> str:
    words = KINDS.get(kind)
    return words.get(lang) if words else kind


def _which(conn: sqlite3.Connection, body: bytes, lang: str) -> str:
    """Number, counter, device: never an id."""
    try:
        subject = msgspec.json.decode(body, type=_Subject)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return "—"
    parts: list[str] = []
    if subject.ticket:
        row = conn.execute("SELECT number FROM tickets WHERE ticket = ?", (subject.ticket,)).fetchone()
        parts.append((row["number"] if row else "") or subject.number or "—")
    if subject.counter is not None:
        parts.append(f"→ counter {subject.counter}" if lang == "en" else f"→ {subject.counter} 号窗口")
    parts += [part for part in (subject.device, subject.state, subject.label, subject.who) if part]
    return " ".join(parts)[:60] or "—"


def _clock(at: int, offset_s: int) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(min(at, 2**45) // 1000 + offset_s))
