"""Who may do what: every route without a token and with the wrong one, the PIN's lock, other sites' forms."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from litestar.routes import HTTPRoute

from kiosk.central.app import Names, build
from kiosk.central.settings import BadSettings, Settings, load
from kiosk.central.store import Store

from .server import PIN, TOKEN, Server, Wire, said

ANYONE = {
    ("GET", "/"),
    ("GET", "/board"),
    ("GET", "/health"),
    ("GET", "/t/{ticket:str}"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("POST", "/page/login"),
    ("POST", "/page/logout"),
    ("POST", "/pair"),
}
STATION = {("POST", "/facts"), ("GET", "/facts/through"), ("GET", "/commands")}
OPERATOR = {
    ("POST", "/commands"),
    ("POST", "/page/notice"),
    ("POST", "/pairing"),
    ("POST", "/page/pairing"),
    ("POST", "/signed-config"),
}


def routes() -> list[tuple[str, str]]:
    app = build(Settings(), Store(Path("/nonexistent/central.db")), Names())
    return [
        (method, route.path_format if route.path != "/t/{ticket:str}" else route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith("/static/")
        for method in route.methods
        if method in ("GET", "POST", "PUT", "DELETE", "PATCH")
    ]


def test_every_route_has_a_role() -> None:
    named = {(m, p.replace("/t/{ticket}", "/t/{ticket:str}")) for m, p in routes()}
    assert named == ANYONE | STATION | OPERATOR


@pytest.mark.parametrize(("method", "path"), sorted(STATION | OPERATOR))
def test_a_guarded_route_refuses_nobody_and_the_wrong_one(server: Server, method: str, path: str) -> None:
    query = "?store=" + "ab" * 16 + "&after=0&wait_s=0" if method == "GET" else ""
    wrong = TOKEN if (method, path) in OPERATOR else _operator(server)
    for token in ("", "nonsense", wrong):
        with Wire(server.url, token=token) as wire:
            answer = wire.ask(method, path + query, data=b"{}" if method == "POST" else None)
            assert answer.status == 401, token
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_of_another_site_is_refused(server: Server) -> None:
    with Wire(server.url, token=_operator(server)) as wire:
        order = {"kind": "notice_publish", "text": {"zh": "甲", "en": "a"}}
        assert wire.ask("POST", "/commands", json=order, headers={"Origin": "http://evil.example"}).status == 403
        assert wire.ask("POST", "/commands", json=order, headers={"Origin": server.url}).status == 201


def test_an_order_is_given_once_for_each_key(server: Server) -> None:
    with Wire(server.url, token=_operator(server)) as wire:
        order = {"kind": "notice_publish", "text": {"zh": "今日停电", "en": "Outage"}, "until": "2026-11-30"}
        key = {"Idempotency-Key": "key-0001"}
        first = wire.ask("POST", "/commands", json=order, headers=key)
        assert said(wire.ask("POST", "/commands", json=order, headers=key)) == said(first)
        other = {**order, "text": {"zh": "乙", "en": "b"}}
        assert wire.ask("POST", "/commands", json=other, headers=key).status == 422


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"kind": "notice_publish", "text": {"zh": "", "en": "a"}}, "text.zh"),
        ({"kind": "notice_publish", "text": {"zh": "甲", "en": "x" * 201}}, "text.en"),
        ({"kind": "notice_publish", "text": {"zh": "甲", "en": "a"}, "until": "tomorrow"}, "until"),
        ({"kind": "reboot"}, ""),
    ],
)
def test_a_bad_order_names_its_field(server: Server, order: dict[str, object], field: str) -> None:
    with Wire(server.url, token=_operator(server)) as wire:
        answer = wire.ask("POST", "/commands", json=order)
        assert answer.status == 400 and said(answer).get("field", "") == field


def test_wrong_pins_lock_and_the_lock_survives_a_kill(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        with Wire(server.url) as wire:
            tries = [wire.ask("POST", "/login", json={"pin": "0000"}) for _ in range(4)]
            assert [answer.status for answer in tries] == [403, 403, 403, 429]
            pause_s, locked = 5, time.monotonic()
            server.kill()
            server.start()
            while (
                time.monotonic() - locked > pause_s - 2
            ):  # a start so slow that the lock ran out: the next one is twice as long
                pause_s, locked = 2 * pause_s, time.monotonic()
                while wire.ask("POST", "/login", json={"pin": "0000"}).status != 403:
                    pass
                server.kill()
                server.start()
            answer = wire.ask("POST", "/login", json={"pin": PIN})  # right, but locked
            assert answer.status == 429 and int(answer.headers["retry-after"]) <= pause_s
    finally:
        server.stop()


def test_a_second_central_on_the_same_data_is_refused(server: Server) -> None:
    second = Server(server.data.parent / "second")
    second.data = server.data
    with pytest.raises(AssertionError, match="another central works on this folder"):
        second.start()


def test_settings_list_every_mistake(tmp_path: Path) -> None:
    text = (
        '[central]\nlisten = "8700"\npin = "4444"\n'
        '[[station]]\nid = "S 1"\ntoken_sha256 = "x"\n[[station]]\nid = "S 1"\ntoken_sha256 = "y"\n'
    )
    (tmp_path / "central.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load(tmp_path)
    assert len(str(caught.value).splitlines()) == 7


def test_without_a_file_the_station_beside_it_is_accepted(tmp_path: Path) -> None:
    text = '[station]\nid = "S9"\n[central]\ntoken = "abc"\n[pins]\ncounter = "x"\n'
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    settings = load(tmp_path)
    assert [station.id for station in settings.station] == ["S9"] and settings.central.pin == ""


def test_the_demo_configuration_loads() -> None:
    settings = load(Path(__file__).resolve().parents[2] / "config")
    assert [station.id for station in settings.station] == ["S1"] and settings.port == 8700


def _operator(server: Server) -> str:
    with Wire(server.url) as wire:
        return str(said(wire.ask("POST", "/login", json={"pin": PIN}))["token"])
