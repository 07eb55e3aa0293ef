"""Strangers, wrong roles and hostile input on the station's whole web interface."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from kiosk.config import load
from kiosk.station.app import BODY_MAX, Station
from kiosk.station.roles import guard
from tests.survival.station import PIN, write_config

ROLES = {"anyone", "screen", "counter", "guide", "tech"}
FUZZ_S = 12.0
LONG = "长" * 40_000
A_TICKET = "a-real-ticket"


class Way(NamedTuple):
    """One route and method, with its path filled in."""

    method: str
    path: str
    roles: frozenset[str]
    form: bool
    template: str


class Web:
    """The real application in this process, with a token of each role."""

    def __init__(self, folder: Path) -> None:
        self.station = Station(load(write_config(folder / "config", 8600, counters=4)), folder / "data")
        self.client = TestClient(self.station.app, base_url="http://station.local", raise_server_exceptions=False)
        self.tokens: dict[str, str] = {}

    def open(self) -> None:
        self.client.__enter__()
        self.tokens["screen"] = (self.station.journal.path.parent / "screen.token").read_text().strip()
        for role in ("counter", "guide", "tech"):
            said = self.client.post(
                "/login", json={"role": role, "pin": PIN, **({"counter": 2} if role == "counter" else {})}
            )
            self.tokens[role] = said.json()["token"]
        self.client.cookies.clear()

    def close(self) -> None:
        self.client.__exit__(None, None, None)

    def ways(self) -> list[Way]:
        found = []
        for route in self.station.app.routes:
            if not isinstance(route, HTTPRoute):
                continue
            for handler in route.route_handlers:
                for method in set(handler.http_methods) - {"OPTIONS", "HEAD"}:
                    path = route.path_format
                    for name, value in {"n": "2", "verb": "next"}.items():
                        path = path.replace(f"{{{name}}}", value)
                    for left in route.path_parameters.values() if isinstance(route.path_parameters, dict) else ():
                        path = path.replace(f"{{{left.name}}}", "f" * 32)
                    roles = frozenset(handler.opt.get("roles", ()))
                    found.append(Way(method, path, roles, not handler.include_in_schema, route.path_format))
        return found

    def ask(self, way: Way, role: str = "", **more: Any) -> Any:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {self.tokens[role]}"} if role else {})
        return self.client.request(way.method, way.path, headers=headers, follow_redirects=False, **more)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    made = Web(tmp_path_factory.mktemp("web"))
    made.open()
    yield made
    made.close()


# --- roles -----------------------------------------------------------------------------------------------------------


def test_every_route_names_its_roles_and_is_guarded(web: Web) -> None:
    ways = web.ways()
    assert len(ways) > 35
    assert [w for w in ways if not w.roles or not w.roles <= ROLES] == []
    for route in web.station.app.routes:
        if isinstance(route, HTTPRoute):
            assert all(guard in handler.resolve_guards() for handler in route.route_handlers), route.path


def _refused(way: Way, said: Any) -> bool:
    """401 or 403; a page leads to its log-in instead."""
    if said.status_code in (401, 403):
        return True
    return said.status_code == 303 and said.headers["location"] in ("/counter", "/guide", "/tech")


def test_nobody_gets_in_without_a_token_or_with_a_wrong_one(web: Web) -> None:
    before = web.station.keeper.hall.seq
    tried = 0
    for way in web.ways():
        if "anyone" in way.roles:
            continue
        for wrong in sorted({"", "screen", "counter", "guide", "tech"} - way.roles):
            said = web.ask(way, wrong, json={})
            assert _refused(way, said), (way, wrong, said.status_code, said.text[:200])
            tried += 1
        for token in ("Bearer x", "Bearer " + "y" * 5000, "Basic Zm9vOmJhcg==", "Bearer "):
            said = web.client.request(way.method, way.path, headers={"Authorization": token}, follow_redirects=False)
            assert _refused(way, said), (way, token[:20], said.status_code)
            tried += 1
    assert tried > 80
    assert web.station.keeper.hall.seq == before, "and nothing of it has left a trace"


def test_a_clerk_may_not_act_at_another_counter(web: Web) -> None:
    for way in web.ways():
        if way.roles == {"counter"} and "/2" in way.path:
            said = web.ask(way._replace(path=way.path.replace("/2", "/3", 1)), "counter", json={})
            assert _refused(way, said), (way, said.status_code)


def test_a_post_from_another_site_is_refused_though_it_brings_the_cookie(web: Web) -> None:
    for way in web.ways():
        if way.method == "GET":
            continue
        role = next(iter(sorted(way.roles - {"anyone"})), "counter")
        for origin in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            said = web.client.request(
                way.method,
                way.path,
                json={},
                headers=origin | {"Cookie": f"yitai_{role}={web.tokens[role]}"},
                follow_redirects=False,
            )
            assert said.status_code == 403, (way, origin, said.status_code)


def test_a_method_no_route_has_is_405_and_an_unknown_address_404(web: Web) -> None:
    ways = web.ways()
    for way in ways:
        taken = {other.method for other in ways if other.path == way.path}
        for method in {"PUT", "DELETE", "PATCH", "TRACE"} - taken:
            said = web.client.request(method, way.path)
            assert said.status_code == 405, (method, way, said.status_code)
    assert web.client.get("/no/such").status_code == 404


def test_bodies_over_the_cap_are_413(web: Web) -> None:
    for way in web.ways():
        if way.method != "POST":
            continue
        role = next(iter(sorted(way.roles - {"anyone"})), "")
        takes_body = way.form or way.path.rstrip("/") in ("/login", "/tickets", "/papers", "/triage-ends", "/day")
        said = web.ask(way, role, content=b"x" * (BODY_MAX + 1), headers={"Content-Type": "application/json"})
        if takes_body and "leave" not in way.path:
            assert said.status_code == 413, (way, said.status_code)
        assert said.status_code < 500


# --- hostile input ---------------------------------------------------------------------------------------------------

text = st.text(max_size=80) | st.sampled_from(
    [
        "",
        "payment",
        "A001",
        "ordinary",
        "zh",
        "\0",
        "' OR 1=1 --",
        "<script>",
        "../../etc/passwd",
        "９９",
        "-1",
        "1e9",
        LONG,
    ]
)
value = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)


def _operations(document: Any) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path != "/events"  # a stream that never ends
    ]


def _of_schema(schema: Any, components: Any) -> st.SearchStrategy[Any]:
    """Values that fit, mostly; any value in any place, sometimes."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema or "anyOf" in schema:
        return st.one_of(*(_of_schema(one, components) for one in schema.get("oneOf") or schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | value
    if schema.get("type") == "object" and "properties" in schema:
        fields = {k: _of_schema(v, components) for k, v in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields) | value
    return {"string": text, "integer": st.integers(-5, 120) | value}.get(str(schema.get("type")), value)


def test_no_input_makes_a_server_error(web: Web) -> None:
    """A small fuzzer over the interface's own description, with every role; it stops by itself after 12 s."""
    document = web.client.get("/schema/openapi.json").json()
    operations = _operations(document)
    components = document.get("components", {}).get("schemas", {})
    right = {(way.method, way.template): way.roles for way in web.ways()}
    until = time.monotonic() + FUZZ_S
    sent = 0

    @settings(
        max_examples=2_000, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        nonlocal sent
        method, path, operation = data.draw(st.sampled_from(operations))
        roles = [*sorted(right.get((method, path), ROLES)) * 4, *sorted(ROLES)]
        request = _draw(data, method, path, operation, components)._replace(role=data.draw(st.sampled_from(roles)))
        if time.monotonic() > until:
            return
        sent += 1
        said = _send(web, request)
        assert said.status_code < 500, f"{method} {path}: {said.status_code} {said.text[:300]}"
        if said.status_code >= 400 and not path.startswith("/schema"):
            assert said.headers["content-type"] == "application/problem+json", (method, path, said.text[:200])

    fuzz()
    print(f"{sent} hostile requests over {len(operations)} operations")
    assert sent > 300
    assert web.client.get("/hall").status_code == 200


class Drawn(NamedTuple):
    method: str
    path: str
    role: str
    query: dict[str, str]
    headers: dict[str, str]
    content: bytes | None


def _draw(data: st.DataObject, method: str, path: str, operation: Any, components: Any) -> Drawn:
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    for parameter in operation.get("parameters", ()):
        drawn = data.draw(_of_schema(parameter["schema"], components))
        if parameter["in"] == "path":
            drawn = data.draw(st.sampled_from([drawn, "2", "2", A_TICKET]))
            path = path.replace("{" + parameter["name"] + "}", _in_path(drawn))
        elif parameter["in"] == "query":
            query[parameter["name"]] = str(drawn)[:2000]
        elif parameter["in"] == "header":
            headers[parameter["name"]] = "".join(c for c in str(drawn) if " " <= c <= "~")[:500]
    content = None
    if "requestBody" in operation:
        schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
        body = data.draw(_of_schema(schema, components))
        content = data.draw(st.sampled_from([json.dumps(body).encode()] * 4 + [b"", b"{", b"\xff\xfe"]))
        kinds = ["application/json"] * 4 + ["text/plain", "multipart/form-data"]
        headers["Content-Type"] = data.draw(st.sampled_from(kinds))
    return Drawn(method, path, "", query, headers, content)


def _send(web: Web, drawn: Drawn) -> Any:
    ticket = next(reversed(web.station.keeper.hall.tickets), "f" * 32)
    headers = dict(drawn.headers)
    if drawn.role in web.tokens:
        headers["Authorization"] = f"Bearer {web.tokens[drawn.role]}"
    path = drawn.path.replace(A_TICKET, ticket)
    return web.client.request(
        drawn.method, path, params=drawn.query, headers=headers, content=drawn.content, follow_redirects=False
    )


def _in_path(drawn: object) -> str:
    return quote(str(drawn)[:300], safe="") or "0"


def test_json_nested_too_deep_is_refused_in_words(web: Web) -> None:
    for body in (b"[" * 5_000, b'{"a":' * 5_000, b"[" * 60_000):
        said = web.client.post("/login", content=body, headers={"Content-Type": "application/json"})
        assert said.status_code in (400, 422), said.status_code
        assert said.headers["content-type"] == "application/problem+json"


def test_hostile_forms_make_no_server_error(web: Web) -> None:
    rng = random.Random(11)
    hostile = ["", "1", "99", "-1", "٣", "²", "\0", "<b>", "' --", "A" * 15_000, "A001", "zh", PIN, "not-a-pin"]
    names = [
        "counter",
        "pin",
        "holding",
        "reason",
        "service",
        "to_counter",
        "key",
        "class",
        "klass",
        "lang",
        "id",
        "call",
    ]
    for way in web.ways():
        if not way.form or way.method != "POST":
            continue
        role = next(iter(sorted(way.roles - {"anyone"})), "")
        for _ in range(12):
            fields = {rng.choice(names): rng.choice(hostile) for _ in range(rng.randrange(5))}
            if way.path in ("/counter", "/guide"):
                fields.pop("pin", None)  # so that no lock grows
            said = web.ask(way, role, data=fields, headers={"HX-Request": rng.choice(["true", "false"])})
            assert said.status_code < 500, (way, fields, said.text[:300])


def test_odd_headers_and_addresses_are_no_server_error(web: Web) -> None:
    for path in (
        "/%00",
        "/t/%ff%fe",
        "/counters/99999999999999999999",
        "/counters/-1/",
        "/counter/٣",
        "/static/../../etc/passwd",
        "/static/%2e%2e/%2e%2e/config/station.toml",
        "/tickets/" + "a" * 4000,
        "/hall?lang=" + "%00" * 50,
        "/?lang=en&lang=zh",
    ):
        said = web.client.get(
            path, headers={"Accept-Language": "\x7f" * 100, "Authorization": f"Bearer {web.tokens['counter']}"}
        )
        assert said.status_code < 500, (path, said.status_code)
        assert b"argon2" not in said.content
    for key in ("k" * 129, "k" * 5000):
        said = web.client.post(
            "/tickets",
            json={"service": "payment"},
            headers={"Idempotency-Key": key, "Authorization": f"Bearer {web.tokens['screen']}"},
        )
        assert said.status_code == 400, said.status_code
