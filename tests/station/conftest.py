"""A whole station on a real journal, without devices, driven over ASGI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from kiosk.config import load
from kiosk.station.app import Station

DEMO = Path(__file__).parents[2] / "config"


class Hall:
    """The station's HTTP interface in the words of the hall."""

    def __init__(self, client: TestClient[Any], screen: str) -> None:
        self.http = client
        self._tokens = {"screen": screen}

    def login(self, role: str, counter: int | None = None, pin: str = "1111") -> str:
        name = f"{role}{counter or ''}"
        if name not in self._tokens:
            answer = self.http.post("/login", json={"role": role, "counter": counter, "pin": pin})
            assert answer.status_code == 200, answer.text
            self._tokens[name] = answer.json()["token"]
            self.http.cookies.clear()
        return self._tokens[name]

    def post(self, path: str, body: Any = None, *, by: str = "", key: str = "", lang: str = "zh") -> Any:
        headers = {"Authorization": f"Bearer {by}"} if by else {}
        if key:
            headers["Idempotency-Key"] = key
        headers["Accept-Language"] = lang
        return self.http.post(path, json=body if body is not None else {}, headers=headers)

    def issue(self, service: str = "payment", **more: Any) -> dict[str, Any]:
        answer = self.post("/tickets", {"service": service, **more}, by=self._tokens["screen"])
        assert answer.status_code == 201, answer.text
        ticket: dict[str, Any] = answer.json()["ticket"]
        return ticket

    def counter(self, n: int, verb: str, body: Any = None, key: str = "") -> Any:
        return self.post(f"/counters/{n}/{verb}", body, by=self.login("counter", n), key=key)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    config = msgspec.structs.replace(
        load(DEMO), devices=(), central=msgspec.structs.replace(load(DEMO).central, url="")
    )
    data = tmp_path / "data"
    data.mkdir()
    station = Station(config, data)
    with TestClient(station.app) as client:
        yield Hall(client, (data / "screen.token").read_text())
