"""What central's pages read, folded from facts: tickets by day, station and state, and each store's open day.

The law: every statement gives the same table in whichever order the facts of *different* stores arrive (a call from the
leader may come before the issue by a follower), because each fact touches only the columns that are its own.

    TicketIssued                       number, service, station, day, trial; state waiting unless a later fact was here first
    TicketCalled, TicketStarted        state called, serving; counter
    TicketFinished, TicketMissed       state done, no_show
    TicketReturned, TicketTransferred  state waiting, no counter
    TicketCancelled, TicketExpired     state cancelled, expired
    DayOpened, DayRelabelled           the store's day
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable

from kiosk.domain import facts
from kiosk.domain.facts import Fact

RELEASE = 2  # raise it when a statement below changes: the tables are folded anew when the server starts

_STATE = """
INSERT INTO tickets (ticket, store, station, day, number, service, klass, lang, state, counter, issued_at, changed_at)
VALUES (:ticket, '', '', '', '', :service, '', '', :state, :counter, 0, :at)
ON CONFLICT (ticket) DO UPDATE SET state = :state, counter = :counter, changed_at = :at,
    service = CASE WHEN :service = '' THEN service ELSE :service END
"""

_ISSUED = """
INSERT INTO tickets (ticket, store, station, day, number, service, klass, lang, state, counter, issued_at, changed_at,
    trial)
VALUES (:ticket, :store, :station, :day, :number, :service, :klass, :lang, 'waiting', NULL, :at, :at, :trial)
ON CONFLICT (ticket) DO UPDATE SET store = :store, station = :station, day = :day, number = :number, klass = :klass,
    lang = :lang, issued_at = :at, trial = :trial, service = CASE WHEN service = '' THEN :service ELSE service END
"""

_Effect = Callable[[sqlite3.Connection, str, str, int, Fact], None]


class Unread(Exception):
    """This release cannot read the fact; it is kept raw, and read again by the release that can."""


def version() -> str:
    """Changes when the statements here or the known kinds change."""
    return f"{RELEASE}:{hashlib.sha256(' '.join(sorted(facts.KINDS)).encode()).hexdigest()[:16]}"


def apply(conn: sqlite3.Connection, store: str, station: str, at: int, kind: str, body: bytes) -> None:
    """One fact's effect, inside the caller's transaction; raises Unread and then has changed nothing."""
    try:
        fact = facts.decode(kind, body)
    except (facts.BadFact, RecursionError, UnicodeError) as error:
        raise Unread(f"{kind} cannot be read here: {str(error)[:160]}") from error
    if isinstance(fact, facts.Unknown):
        raise Unread(f"this release does not know the kind {kind}")
    effect = EFFECTS.get(type(fact))
    if effect is None:
        return
    conn.execute("SAVEPOINT effect")
    try:
        effect(conn, store, station, at, fact)
    except (OverflowError, UnicodeError, sqlite3.IntegrityError) as error:
        conn.execute("ROLLBACK TO effect")
        raise Unread(f"{kind} has a value that no table takes: {error}") from error
    finally:
        conn.execute("RELEASE effect")


def clear(conn: sqlite3.Connection) -> None:
    """Empties every table that `apply` fills, for folding anew."""
    conn.execute("DELETE FROM tickets")
    conn.execute("UPDATE stores SET day = ''")


def _issued(conn: sqlite3.Connection, store: str, station: str, at: int, fact: Fact) -> None:
    assert isinstance(fact, facts.TicketIssued)
    row = conn.execute("SELECT day FROM stores WHERE store = ?", (store,)).fetchone()
    day = row[0] if row is not None and row[0] else time.strftime("%Y-%m-%d", time.localtime(min(at // 1000, 2**40)))
    values = {"store": store, "station": fact.station or station, "day": day, "at": at, "ticket": fact.ticket}
    values |= {"number": fact.number, "service": fact.service, "klass": fact.klass, "lang": fact.lang}
    values["trial"] = fact.trial
    conn.execute(_ISSUED, values)


def _becomes(state: str) -> _Effect:
    def effect(conn: sqlite3.Connection, store: str, station: str, at: int, fact: Fact) -> None:
        at_counter = state in ("called", "serving", "done", "no_show")
        values = {
            "ticket": getattr(fact, "ticket"),  # noqa: B009 - every fact of EFFECTS below that leads here has one
            "service": getattr(fact, "service", ""),
            "counter": getattr(fact, "counter", None) if at_counter else None,
            "state": state,
            "at": at,
        }
        conn.execute(_STATE, values)

    return effect


def _day(conn: sqlite3.Connection, store: str, station: str, at: int, fact: Fact) -> None:
    assert isinstance(fact, facts.DayOpened)
    conn.execute("UPDATE stores SET day = ? WHERE store = ?", (fact.label, store))


def _relabelled(conn: sqlite3.Connection, store: str, station: str, at: int, fact: Fact) -> None:
    assert isinstance(fact, facts.DayRelabelled)
    (old,) = conn.execute("SELECT day FROM stores WHERE store = ?", (store,)).fetchone()
    conn.execute("UPDATE tickets SET day = ? WHERE store = ? AND day = ?", (fact.label, store, old))
    conn.execute("UPDATE stores SET day = ? WHERE store = ?", (fact.label, store))


EFFECTS: dict[type[Fact], _Effect] = {
    facts.DayOpened: _day,
    facts.DayRelabelled: _relabelled,
    facts.TicketIssued: _issued,
    facts.TicketCalled: _becomes("called"),
    facts.TicketStarted: _becomes("serving"),
    facts.TicketFinished: _becomes("done"),
    facts.TicketMissed: _becomes("no_show"),
    facts.TicketReturned: _becomes("waiting"),
    facts.TicketTransferred: _becomes("waiting"),
    facts.TicketCancelled: _becomes("cancelled"),
    facts.TicketExpired: _becomes("expired"),
}
