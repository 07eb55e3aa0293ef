"""Facts on their way up, against the real server: once each, in order, nothing blocks the rest, bad input is refused."""

from __future__ import annotations

import gzip
import zlib

import pytest

from .server import Server, Wire, device, fact, said


def test_a_batch_is_taken_and_taken_again_without_effect(server: Server, wire: Wire, store: str) -> None:
    facts = [device(n) for n in range(1, 6)]
    assert said(wire.post(facts, store=store)) == {"through": 5, "items": []}
    again = said(wire.post(facts, store=store))
    assert again["through"] == 5 and [i["status"] for i in again["items"]] == ["duplicate"] * 5
    assert server.rows("SELECT count(*) FROM facts WHERE store = ?", store) == [(5,)]


def test_facts_after_a_gap_wait_and_are_applied_when_it_is_filled(server: Server, wire: Wire, store: str) -> None:
    late = [fact(4, "TicketCalled", ticket=store, counter=2, reason=_REASON), device(5)]
    answer = said(wire.post(late, store=store))
    assert answer["through"] == 0
    assert [(i["seq"], i["status"]) for i in answer["items"]] == [(4, "deferred"), (5, "deferred")]
    assert server.rows("SELECT count(*) FROM tickets WHERE ticket = ?", store) == [(0,)]  # no effect yet
    first = [_opened(1), _issued(2, store, "A001"), device(3)]
    assert said(wire.post(first, store=store))["through"] == 5
    assert server.rows("SELECT number, state, counter, day FROM tickets WHERE ticket = ?", store) == [
        ("A001", "called", 2, "2026-11-22")
    ]
    assert server.rows("SELECT count(*) FROM facts WHERE store = ? AND state <> 'applied'", store) == [(0,)]


def test_another_content_for_a_known_seq_is_put_aside_and_the_rest_goes_on(
    server: Server, wire: Wire, store: str
) -> None:
    wire.post([device(1), device(2)], store=store)
    for _ in range(2):
        answer = said(wire.post([device(1), device(2, "other"), device(3)], store=store))
        assert answer["through"] == 3
        assert [i["status"] for i in answer["items"]][:2] == ["duplicate", "quarantined"]
    assert server.rows("SELECT seq, times FROM quarantine WHERE store = ?", store) == [(2, 2)]
    (body,) = server.rows("SELECT body FROM facts WHERE store = ? AND seq = 2", store)[0]
    assert b"other" not in body
    page = wire.ask("GET", "/").body.decode()
    assert "Quarantine" in page and store[:8] in page


@pytest.mark.parametrize(
    "odd",
    [
        fact(2, "InventedLater", x=1),
        fact(2, "TicketIssued", ticket=7),
        {"seq": 2, "at": 1, "kind": "TicketMissed", "body": [1, 2]},
        fact(2, "TicketStarted", ticket="t", counter=2**70),
    ],
)
def test_a_fact_that_cannot_be_read_is_kept_and_blocks_nothing(
    server: Server, wire: Wire, store: str, odd: dict[str, object]
) -> None:
    answer = said(wire.post([device(1), odd, device(3)], store=store))
    assert answer["through"] == 3
    assert [(i["seq"], i["status"]) for i in answer["items"]] == [(2, "deferred")]
    assert server.rows("SELECT state FROM facts WHERE store = ? AND seq = 2", store) == [("unread",)]


def test_a_ticket_called_by_another_store_before_its_issue_arrives(server: Server, wire: Wire, store: str) -> None:
    wire.post([fact(1, "TicketCalled", ticket=store, counter=3, reason=_REASON)], store=store)
    with Wire(server.url, token="station-token-of-the-test2") as second:
        other = store[::-1]
        second.post([_opened(1), _issued(2, store, "B007", "S2")], store=other, station="S2")
    assert server.rows("SELECT number, station, state, counter FROM tickets WHERE ticket = ?", store) == [
        ("B007", "S2", "called", 3)
    ]


def test_what_is_behind_is_known_from_the_head(server: Server, wire: Wire, store: str) -> None:
    wire.post([device(1)], store=store, head=41)
    answer = said(wire.ask("GET", f"/facts/through?store={store}"))
    assert (answer["through"], answer["highest"], len(answer["digest"])) == (1, 41, 64)
    assert ">40<" in wire.ask("GET", "/board").body.decode()


def test_a_store_belongs_to_the_station_that_brought_it(server: Server, wire: Wire, store: str) -> None:
    wire.post([device(1)], store=store)
    with Wire(server.url, token="station-token-of-the-test2") as second:
        assert second.post([device(2)], store=store, station="S2").status == 403
        assert second.ask("GET", f"/facts/through?store={store}").status == 403
        assert second.post([device(2)], store=store, station="S1").status == 403
    assert server.rows("SELECT count(*) FROM facts WHERE store = ?", store) == [(1,)]


@pytest.mark.parametrize("token", ["", "wrong", "station-token-of-the-tes"])
def test_a_wrong_token_is_refused_with_a_remedy(server: Server, token: str, store: str) -> None:
    with Wire(server.url, token=token, lang="zh-CN") as stranger:
        answer = stranger.post([device(1)], store=store)
        assert answer.status == 401 and answer.headers["content-type"] == "application/problem+json"
        assert "令牌无效" in said(answer)["title"] and "central.toml" in said(answer)["remedy"]
        assert stranger.ask("GET", f"/commands?store={store}&after=0&wait_s=0").status == 401
    assert server.rows("SELECT count(*) FROM stores WHERE store = ?", store) == [(0,)]


GOOD = b'{"store":"%b","station":"S1","first_seq":1,"facts":[{"seq":1,"at":1,"kind":"A","body":{}}]}' % (b"cd" * 16)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not gzip", 400),
        (gzip.compress(GOOD)[:-5], 400),
        (gzip.compress(GOOD) + b"tail", 400),
        (gzip.compress(b"{"), 400),
        (gzip.compress(b"[" * 100_000), 400),
        (gzip.compress(GOOD.replace(b'"seq":1', b'"seq":0')), 400),
        (gzip.compress(GOOD.replace(b'"seq":1', b'"seq":"1"')), 400),
        (gzip.compress(GOOD.replace(b'"first_seq":1', b'"first_seq":2')), 400),
        (gzip.compress(GOOD.replace(b'"seq":1', b'"seq":99999999999999999999')), 400),
        (gzip.compress(GOOD.replace(b'"kind":"A"', b'"kind":"' + b"A" * 65 + b'"')), 400),
        (gzip.compress(GOOD.replace(b"cdcd", b"../x")), 400),
        (gzip.compress(b"\xff\xfe" + GOOD), 400),
        (gzip.compress(b" " * (4 * 1024 * 1024) + GOOD), 413),  # a small bomb
        (gzip.compress(b"\0" * (256 * 1024 * 1024), 9), 413),  # 256 MiB in 260 KiB
        (zlib.compress(GOOD), 400),
        (b"x" * (1024 * 1024 + 1), 413),
    ],
)
def test_a_bad_body_is_refused_and_nothing_is_stored(server: Server, wire: Wire, body: bytes, status: int) -> None:
    answer = wire.raw(body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json" and said(answer)["title"]
    assert server.rows("SELECT count(*) FROM facts WHERE store = ?", "cd" * 16) == [(0,)]


def test_too_many_facts_and_a_wrong_order_are_refused(wire: Wire, store: str) -> None:
    assert wire.post([device(n) for n in range(1, 502)], store=store).status == 400
    assert wire.post([device(2), device(1)], store=store).status == 400
    assert wire.post([device(2), device(2)], store=store).status == 400
    assert wire.raw(b"", encoding="br").status == 415


def test_beyond_a_gap_only_so_much_is_kept(server: Server, wire: Wire, store: str) -> None:
    for start in range(2, 5_502, 500):
        answer = wire.post([device(n) for n in range(start, start + 500)], store=store)
    assert {i["status"] for i in said(answer)["items"]} == {"deferred"}
    assert server.rows("SELECT count(*) FROM facts WHERE store = ?", store) == [(5_000,)]
    assert said(wire.post([device(1)], store=store))["through"] == 5_001


_REASON = {"rule": "longest_wait", "wait_s": 1, "head_start_s": 0, "waiting": 1}


def _opened(seq: int) -> dict[str, object]:
    return fact(seq, "DayOpened", ordinal=1, label="2026-11-22", by="clock", carry={})


def _issued(seq: int, ticket: str, number: str, station: str = "S1") -> dict[str, object]:
    body = {"ticket": ticket, "number": number, "series": number[0], "ordinal": int(number[1:]), "service": "payment"}
    return fact(seq, "TicketIssued", **body, klass="ordinary", lang="zh", station=station)
