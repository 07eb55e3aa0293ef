"""A new station gets its token by a code of the operator's: once, for a quarter of an hour, and not by guessing."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from kiosk.central import pairing
from kiosk.central.problems import Problem
from kiosk.central.store import Store

from .server import PIN, Server, Wire, device, said

NOW = 1_700_000_000_000


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "central.db")
    store.open(())
    yield store
    store.close()


def operator(server: Server) -> str:
    with Wire(server.url, token="") as wire:
        return str(said(wire.ask("POST", "/login", json={"pin": PIN}))["token"])


def new_code(server: Server, station: str = "S9", name: str = "东门 9 号机") -> Any:
    with Wire(server.url, token=operator(server)) as wire:
        answer = wire.ask("POST", "/pairing", json={"station": station, "name": name})
        assert answer.status == 201, answer
        return said(answer)


def pair(server: Server, code: str, key: str = "") -> Any:
    with Wire(server.url, token="") as wire:
        headers = {"Idempotency-Key": key} if key else {}
        return wire.ask("POST", "/pair", json={"code": code}, headers=headers)


def brings(server: Server, token: str, station: str, store: str) -> int:
    with Wire(server.url, token=token) as wire:
        return wire.post([device(1)], store=store, station=station).status


def test_a_paired_station_brings_its_facts_also_after_a_restart_of_central(own: Server) -> None:
    made = new_code(own)
    assert re.fullmatch(r"\d{8}", made["code"])
    answer = pair(own, made["code"])
    assert answer.status == 200
    got = said(answer)
    assert (got["station"], got["name"]) == ("S9", "东门 9 号机")
    assert brings(own, got["token"], "S9", "c9" * 16) == 200
    assert brings(own, got["token"], "S1", "c8" * 16) == 403, "it speaks for itself only"
    own.kill()
    own.start()
    assert brings(own, got["token"], "S9", "c9" * 16) == 200
    assert "东门 9 号机" in _page(own)


def _page(server: Server) -> str:
    return requests.get(f"{server.url}/?lang=zh", timeout=5).text


def test_a_code_works_once_and_the_lost_answer_is_asked_for_with_the_same_key(own: Server) -> None:
    code = new_code(own)["code"]
    first = said(pair(own, code, "key-of-the-box"))
    again = said(pair(own, code, "key-of-the-box"))
    assert again["token"] != first["token"]
    assert brings(own, again["token"], "S9", "d1" * 16) == 200
    assert brings(own, first["token"], "S9", "d1" * 16) == 401, "the token nobody saw is void"
    assert pair(own, code, "another-box").status == 403
    assert pair(own, code).status == 403


def test_a_new_code_ends_the_one_before_it_and_pairing_anew_ends_the_old_token(own: Server) -> None:
    old = new_code(own)["code"]
    code = new_code(own)["code"]
    assert pair(own, old).status == 403
    first = said(pair(own, code))
    second = said(pair(own, new_code(own)["code"]))
    assert brings(own, first["token"], "S9", "e1" * 16) == 401
    assert brings(own, second["token"], "S9", "e1" * 16) == 200


def test_wrong_codes_lock_their_address_for_longer_and_longer(books: Store) -> None:
    made = books.writing(lambda tx: pairing.make(tx, pairing.Wanted(station="S9"), NOW))
    wrong = f"{(int(made.code) + 1) % 10**8:08d}"
    seen: list[int] = []
    at = NOW
    for _ in range(6):
        try:
            pairing.use_checked(books, wrong, "", "10.0.0.7", at)
        except Problem as problem:
            seen.append(problem.status)
            if problem.status == 429:
                at += int(problem.headers["Retry-After"]) * 1000
    assert seen == [403, 403, 403, 429, 403, 429]
    with pytest.raises(Problem, match="429"):
        pairing.use_checked(books, made.code, "", "10.0.0.7", at - 9_000)
    assert pairing.use_checked(books, made.code, "", "10.0.0.8", at)[0].station == "S9", "others are not locked out"


def test_a_code_dies_of_age_and_of_guessing_from_many_places(books: Store) -> None:
    made = books.writing(lambda tx: pairing.make(tx, pairing.Wanted(station="S9"), NOW))
    assert books.writing(lambda tx: pairing.use(tx, made.code, "", NOW + pairing.CODE_MS)) is None
    made = books.writing(lambda tx: pairing.make(tx, pairing.Wanted(station="S9"), NOW))
    for n in range(pairing.WRONG_MAX):
        assert books.writing(lambda tx, n=n: pairing.use(tx, f"x{n}", "", NOW)) is None  # type: ignore[misc]
    assert books.writing(lambda tx: pairing.use(tx, made.code, "", NOW)) is None


def test_neither_code_nor_token_is_on_the_disk(own: Server) -> None:
    made = new_code(own)
    token = said(pair(own, made["code"]))["token"]
    own.stop()
    bytes_kept = b"".join(p.read_bytes() for p in own.data.iterdir() if p.is_file())
    assert made["code"].encode() not in bytes_kept
    assert token.encode() not in bytes_kept


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"station": "S 9", "name": ""}, "station"),
        ({"station": "", "name": "x"}, "station"),
        ({"station": "S9", "name": "x" * 41}, "name"),
        ({"name": "x"}, ""),
        ({"station": "S9", "names": "x"}, ""),
    ],
)
def test_what_cannot_be_a_station_is_refused(server: Server, body: Any, field: str) -> None:
    with Wire(server.url, token=operator(server)) as wire:
        answer = wire.ask("POST", "/pairing", json=body)
    assert answer.status == 400
    assert said(answer).get("field", "") == field


def test_the_operator_makes_a_code_on_the_page_and_sees_it_once(own: Server) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        form = {"station": "S7", "name": "西门"}
        assert browser.post(f"{own.url}/page/pairing?lang=zh", form, timeout=5).status_code == 401
        browser.post(f"{own.url}/page/login?lang=zh", {"pin": PIN}, timeout=5)
        page = browser.post(f"{own.url}/page/pairing?lang=zh", form, timeout=5)
        (code,) = re.findall(r"<b>(\d{4}) (\d{4})</b>", page.text)
        assert "15 分钟" in page.text
        assert pair(own, "".join(code)).status == 200
        assert code[0] + " " + code[1] not in browser.get(f"{own.url}/?lang=zh", timeout=5).text
        wrong = browser.post(f"{own.url}/page/pairing?lang=en", {"station": "?", "name": ""}, timeout=5)
        assert wrong.status_code == 400 and "letters and digits" in wrong.text


def test_a_database_of_the_release_before_gets_the_tables(tmp_path: Path) -> None:
    store = Store(tmp_path / "central.db")
    store.open(())
    store.close()
    with sqlite3.connect(tmp_path / "central.db") as conn:
        conn.execute("DROP TABLE paired")
        conn.execute("DROP TABLE pairing_codes")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'pairing'")
    store = Store(tmp_path / "central.db")
    store.open(())
    assert store.writing(pairing.paired) == {}
    store.close()
