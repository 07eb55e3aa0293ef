"""Central passes a signed configuration on as it is; a real station takes it, and starts again with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk import http
from kiosk.central.signing import look
from kiosk.config.layers import load_box
from kiosk.config.signed import Refused
from kiosk.config.signing import DAY_MS, keygen, sign
from kiosk.station.clock import wall_ms
from tests.config.halls import hall
from tests.survival.station import Station

from .server import PIN, TOKEN, Server, Wire, said


def envelope(folder: Path, version: int, limit: int, *stations: str, days: int = 90, now_ms: int = 0) -> bytes:
    files = folder / "files"
    files.mkdir(exist_ok=True)
    (files / "hall.toml").write_text(hall(limit), "utf-8")
    at = now_ms or wall_ms()
    return sign(files, folder / "key.pem", stations=stations, version=version, days=days, now_ms=at)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keygen(tmp_path / "key.pem")
    return tmp_path


def operator(url: str) -> str:
    with http.session() as line:
        answer = http.call(line, "POST", f"{url}/login", json={"pin": PIN})
    assert answer.status == 200, answer.body
    return str(said(answer)["token"])


def send(url: str, raw: bytes, token: str) -> http.Answer:
    with http.session(token=token) as line:
        return http.call(line, "POST", f"{url}/signed-config", data=raw, headers={"Content-Type": "application/json"})


def test_it_goes_down_byte_for_byte_and_twice_is_once(server: Server, wire: Wire, store: str, folder: Path) -> None:
    raw, token = envelope(folder, 1, 5, "S1"), operator(server.url)
    first = send(server.url, raw, token)
    assert first.status == 201, first.body
    number = said(first)["commands"]["S1"]
    assert said(send(server.url, raw, token))["commands"] == {"S1": number}
    got = said(wire.ask("GET", f"/commands?store={store}&after={number - 1}&wait_s=0"))["commands"]
    assert [(c["id"], c["kind"]) for c in got] == [(number, "signed_config")]
    assert got[0]["body"] == json.loads(raw)


def test_each_station_gets_its_own_and_everybody_a_star(server: Server, wire: Wire, store: str, folder: Path) -> None:
    token = operator(server.url)
    for_two = said(send(server.url, envelope(folder, 2, 5, "S1", "S2"), token))["commands"]
    assert set(for_two) == {"S1", "S2"}
    for_all = said(send(server.url, envelope(folder, 3, 5, "*"), token))["commands"]
    assert set(for_all) == {"*"}
    got = said(wire.ask("GET", f"/commands?store={store}&after={for_two['S1'] - 1}&wait_s=0"))["commands"]
    assert [c["id"] for c in got] == [for_two["S1"], for_all["*"]], "S1 does not see what is for S2"


def test_only_the_operator_sends(server: Server, folder: Path) -> None:
    raw = envelope(folder, 1, 5, "S1")
    for token in ("", TOKEN, "guess"):
        assert send(server.url, raw, token).status == 401


def test_what_no_hall_could_take_is_refused_here(server: Server, folder: Path) -> None:
    token = operator(server.url)
    raw = envelope(folder, 1, 5, "S1")
    bad = {
        "damaged": raw[:-9],
        "swapped_file": raw.replace(b"recall_limit = 5", b"recall_limit = 6"),
        "other_station": envelope(folder, 1, 5, "S9"),
        "expired": envelope(folder, 1, 5, "S1", days=1, now_ms=wall_ms() - 3 * DAY_MS),
        "unknown_file": raw.replace(b"hall.toml", b"pins.toml"),
    }
    for reason, sent in bad.items():
        answer = send(server.url, sent, token)
        assert answer.status == 422, reason
        assert said(answer)["detail"].startswith(reason)
    assert send(server.url, b" " * (1024 * 1024 + 1), token).status == 413


def test_central_looks_without_any_key(folder: Path) -> None:
    raw = envelope(folder, 4, 5, "S2", "S1", "S1")
    assert look(raw, {"S1", "S2"}, wall_ms()).stations == ("S1", "S2")
    assert look(raw, {"S1", "S2"}, wall_ms()).raw == raw
    with pytest.raises(Refused) as caught:
        look(raw, {"S1"}, wall_ms())
    assert "S2" in str(caught.value)


def test_many_large_ones_come_in_answers_a_station_takes(server: Server, wire: Wire, store: str, folder: Path) -> None:
    """Ten envelopes of 900 kB wait; a station that takes 4 MiB at once must not starve."""
    token = operator(server.url)
    (folder / "files").mkdir()
    (folder / "files" / "triage.toml").write_text("#" + "x" * 900_000, "utf-8")
    ids = [said(send(server.url, envelope(folder, n, 5, "S1"), token))["commands"]["S1"] for n in range(20, 30)]
    after, got = ids[0] - 1, []
    while after < ids[-1]:
        commands = said(wire.ask("GET", f"/commands?store={store}&after={after}&wait_s=0"))["commands"]
        got += [c["id"] for c in commands]
        after = got[-1]
    assert got == ids


@pytest.mark.timeout(60)
def test_a_real_station_takes_it_and_refuses_what_is_not_signed(server: Server, folder: Path) -> None:
    (folder / "key.pem").unlink()
    public = keygen(folder / "key.pem")
    data = folder / "station" / "data"
    station = Station(folder / "station", data=data, central=server.url, token=TOKEN)
    toml = station.config / "station.toml"
    toml.write_text(toml.read_text().replace("[central]\n", f'[central]\nconfig_keys = ["{public}"]\n'), "utf-8")
    token = operator(server.url)
    with http.session(token=token) as line:
        files = {"kind": "config", "files": {"hall.toml": hall(4)}, "station": "S1"}
        assert http.call(line, "POST", f"{server.url}/commands", json=files).status == 201
    assert send(server.url, envelope(folder, 5, 6, "S1"), token).status == 201
    station.start()
    try:
        assert station.process is not None
        station.process.wait(30)  # it ends to start again with what came
    finally:
        station.kill()
    assert load_box(station.config, data).plan.recall_limit == 6
    assert not (data / "central-config").exists(), "the unsigned one was refused"
