"""The pages people see, over the real server; and that the tables are folded anew by a release that folds otherwise."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import requests

from .server import PIN, Server, Wire, device, fact, said

REASON = {"rule": "longest_wait", "wait_s": 1, "head_start_s": 0, "waiting": 1}


def day(ticket: str) -> list[dict[str, object]]:
    """A short day: two numbers, the first is called."""
    body = {"series": "A", "service": "payment", "klass": "ordinary", "lang": "zh"}
    return [
        fact(1, "DayOpened", ordinal=1, label="2026-11-22", by="clock", carry={}),
        fact(2, "TicketIssued", ticket=ticket, number="A001", ordinal=1, **body),
        fact(3, "TicketIssued", ticket=ticket + "-2", number="A002", ordinal=2, **body),
        fact(4, "TicketIssued", ticket=ticket + "-3", number="A003", ordinal=3, **body),
        fact(5, "TicketCalled", ticket=ticket, counter=3, reason=REASON),
    ]


def test_the_board_shows_numbers_in_both_languages_and_no_ticket_ids(wire: Wire, store: str) -> None:
    wire.post(day("secret-ticket"), store=store)
    zh = wire.ask("GET", "/?lang=zh").body.decode()
    en = wire.ask("GET", "/board?lang=en").body.decode()
    assert "叫号" in zh and "A001 → 3 号窗口" in zh and "A001 → counter 3" in en
    assert "secret-ticket" not in zh + en


def test_a_phone_follows_its_ticket(wire: Wire, store: str) -> None:
    wire.post(day(store), store=store)
    called = wire.ask("GET", f"/t/{store}?lang=zh")
    assert called.status == 200 and "A001" in called.body.decode() and "请到 3 号窗口" in called.body.decode()
    assert "马上就到您了" in wire.ask("GET", f"/t/{store}-2?lang=zh").body.decode()
    assert "About <b>1</b> ahead" in wire.ask("GET", f"/t/{store}-3?lang=en").body.decode()
    wire.post([fact(6, "TicketFinished", ticket=store, counter=3)], store=store)
    assert "已办完" in wire.ask("GET", f"/t/{store}?lang=zh").body.decode()


def test_a_technicians_test_ticket_is_in_no_figure(wire: Wire, store: str) -> None:
    """Also when something became of it before its issue was here, as it may by another store."""
    body = {"series": "A", "service": "payment", "klass": "ordinary", "lang": "zh"}
    test, customer = f"{store}-test", f"{store}-customer"
    wire.post(
        [
            fact(1, "DayOpened", ordinal=1, label="2031-01-02", by="clock", carry={}),
            fact(2, "TicketReturned", ticket=test),
            fact(3, "TicketIssued", ticket=test, number="A001", ordinal=1, trial=True, **body),
            fact(4, "TicketIssued", ticket=customer, number="A002", ordinal=2, **body),
        ],
        store=store,
    )
    assert "马上就到您了" in wire.ask("GET", f"/t/{customer}?lang=zh").body.decode(), "nobody is ahead"
    page = wire.ask("GET", "/board?lang=en").body.decode()
    assert re.findall(r"2031-01-02</td>(?:(?!</tr>).)*<b>(\d+)</b>", page) == ["1"], "in all, that day"


def test_a_ticket_that_is_not_here_yet_says_so(wire: Wire) -> None:
    answer = wire.ask("GET", "/t/nobody")
    assert answer.status == 404 and "not known here yet" in answer.body.decode()
    assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "same-origin"


def test_what_a_station_writes_is_text_and_never_markup(wire: Wire, store: str) -> None:
    wire.post([fact(1, "DeviceChanged", device="<script>alert(1)</script>", state="x")], store=store)
    page = wire.ask("GET", "/board").body.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_the_operator_logs_in_publishes_and_withdraws_by_form(server: Server) -> None:
    with requests.Session() as browser:  # a browser follows redirects and keeps cookies, which our own client does not
        browser.trust_env = False
        assert browser.post(f"{server.url}/page/login?lang=zh", {"pin": "0"}, timeout=5).status_code == 403
        page = browser.post(f"{server.url}/page/login?lang=zh", {"pin": PIN}, timeout=5)
        assert page.status_code == 200 and 'name="zh"' in page.text
        notice = {"zh": "今日 15 点闭厅", "en": "Closed from 15:00", "until": "", "key": "form-key-1"}
        for _ in range(2):  # pressed twice
            page = browser.post(f"{server.url}/page/notice?lang=zh", notice, timeout=5)
        assert "公告已发布" in page.text and page.text.count("今日 15 点闭厅") == 1
        (mark,) = re.findall(r'name="withdraw" value="([0-9a-f]+)"', page.text)
        page = browser.post(f"{server.url}/page/notice?lang=en", {"withdraw": mark, "key": "form-key-2"}, timeout=5)
        assert "The notice is withdrawn" in page.text and 'name="withdraw"' not in page.text
        page = browser.post(f"{server.url}/page/logout?lang=en", timeout=5)
        assert 'name="zh"' not in page.text


def test_assets_are_cached_and_pages_are_not(wire: Wire) -> None:
    asset = wire.ask("GET", "/static/central/central.css")
    assert asset.status == 200 and "max-age" in asset.headers["cache-control"]
    assert wire.ask("GET", "/").headers["cache-control"] == "no-store"
    assert wire.ask("GET", "/static/central/../app.py").status == 404


def test_a_release_that_folds_otherwise_folds_anew(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        with Wire(server.url) as wire:
            wire.post([*day("t"), device(6)])
        before = server.rows("SELECT * FROM tickets ORDER BY ticket")
        assert server.stop() == 0
        with closing(sqlite3.connect(server.data / "central.db")) as conn:
            conn.execute("UPDATE meta SET value = 'older' WHERE key = 'projections'")
            conn.execute("UPDATE tickets SET state = 'expired', number = 'X'")
            conn.commit()
        server.start()
        assert server.rows("SELECT * FROM tickets ORDER BY ticket") == before
        with Wire(server.url) as wire:
            assert said(wire.ask("GET", f"/facts/through?store={'ab' * 16}"))["through"] == 6
    finally:
        server.stop()
