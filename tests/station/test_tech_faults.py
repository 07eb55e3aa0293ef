"""What goes wrong around a technician: a full disk at the end of a trial, pairing during one, two hands at once, a hand that let
go of a detection."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

import kiosk.station.app as app
from devices.ports import Event, Outcome
from devices.supervisor import Supervisor
from kiosk.config import box, load
from kiosk.config.boot import Boot
from kiosk.config.durable import Files
from kiosk.config.files import Device
from kiosk.config.layers import load_box
from kiosk.domain.commands import Refused
from kiosk.station.app import Station
from kiosk.station.tech import detect, network
from kiosk.station.tech.api import FilesBody
from kiosk.station.tech.desk import OutputsDesk
from kiosk.station.tech.tuning import Tuning
from tests.config.halls import DEMO, NOW, Machine, copy, hall


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr("kiosk.config.boot.now", lambda: made.boot)
    return made


# --- the end of a trial -----------------------------------------------------------------------------------------------


def on_trial(data: Path) -> None:
    box.try_files(DEMO, data, {"hall.toml": hall(5)}, NOW)
    assert box.settle(DEMO, data).on_trial


class Full(Files):
    """Takes nothing, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def write(self, path: Path, data: bytes, mode: int) -> None:
        self.times -= 1
        if self.times >= 0:
            raise OSError(28, "No space left on device")
        super().write(path, data, mode)


def on_disk(monkeypatch: pytest.MonkeyPatch, disk: Full) -> None:
    """Where the end of a trial is written."""
    expire = box.expire
    monkeypatch.setattr(box, "expire", lambda data: expire(data, disk=disk))


def watched(data: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> int:
    """-> how often the station that watches over the trial in `data` wanted to start again."""
    monkeypatch.setattr(app, "TRIAL_S", 0.01)
    station = Station(load_box(DEMO, data), data)
    starts: list[Boot] = []
    station.restart = lambda: starts.append(machine.boot)

    async def story() -> None:
        watching = asyncio.create_task(station._trial())
        await asyncio.sleep(0.05)
        assert not starts
        machine.after(61)
        await asyncio.wait({watching}, timeout=0.5)
        assert not watching.done() or watching.exception() is None
        watching.cancel()

    asyncio.run(story())
    return len(starts)


def test_a_trial_ends_although_its_end_cannot_be_written_at_first(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_trial(tmp_path / "data")
    on_disk(monkeypatch, Full(1))
    assert watched(tmp_path / "data", machine, monkeypatch) == 2, "at once, and when it is written"
    assert box.trial(tmp_path / "data") is None
    assert load_box(DEMO, tmp_path / "data").plan.recall_limit == 3


def test_a_full_disk_does_not_start_the_good_one_again_and_again(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    on_trial(data)
    machine.after(61)
    said: list[str] = []
    on_disk(monkeypatch, disk := Full(1000))
    monkeypatch.setattr(app._log, "error", lambda text, *of: said.append(text % of))
    assert load_box(DEMO, data).plan.recall_limit == 3, "by the clock"
    assert watched(data, machine, monkeypatch) == 0
    assert disk.times < 998, "it was tried again"
    assert len(said) == 1, "and said once"


def test_a_start_that_cannot_settle_a_trial_opens_with_what_loads(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    on_trial(data)
    machine.after(61)
    settle = box.settle
    monkeypatch.setattr(box, "settle", lambda base, data: settle(base, data, disk=Full(1)))
    served: list[Station] = []

    def serve(station: Station, host: str, port: int) -> int:
        served.append(station)
        return 7

    monkeypatch.setattr(app, "serve", serve)
    assert app.main(argparse.Namespace(config=DEMO, data=str(data), port=0)) == 7
    assert served[0].config.plan.recall_limit == 3


# --- pairing ----------------------------------------------------------------------------------------------------------


def test_pairing_during_a_trial_is_refused_before_the_code_is_used(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, used = tmp_path / "data", []
    config = load_box(DEMO, data)

    def pair(url: str, code: str, key: str, lang: str) -> network.Token:
        used.append(code)
        on_trial(data)  # somebody was quicker
        return network.Token("S1", "x", "token")

    monkeypatch.setattr(network, "pair", pair)
    tech = Station(config, data).tech
    monkeypatch.setattr(tech, "pair_key", lambda code: "key")
    for codes in (["1"], ["1"]):
        with pytest.raises(Refused) as refused:
            asyncio.run(tech.pair("http://central", "1"))
        assert (refused.value.code, refused.value.status) == ("on_trial", 409)
        assert refused.value.remedy.zh and refused.value.remedy.en
        assert used == codes, "the second did not ask central"


def test_pairing_that_cannot_be_kept_says_what_is_wrong_and_where(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, data = copy(tmp_path / "config"), tmp_path / "data"
    tech = Station(load_box(base, data), data).tech
    monkeypatch.setattr(network, "pair", lambda url, code, key, lang: network.Token("S1", "x", "token"))
    monkeypatch.setattr(tech, "pair_key", lambda code: "key")
    hall = base / "hall.toml"
    hall.write_text(hall.read_text("utf-8").replace("recall_limit", "recal_limit"), "utf-8")
    with pytest.raises(Refused) as refused:
        asyncio.run(tech.pair("http://central", "1"))
    assert (refused.value.code, refused.value.status) == ("config", 422)
    for lang in ("zh", "en"):
        assert re.search(r"hall\.toml:\d+", refused.value.what.get(lang)) and "recal_limit" in refused.value.what.get(
            lang
        )
    assert "同一个码" in refused.value.remedy.zh


class Central(BaseHTTPRequestHandler):
    """One that refuses every code, in the language asked for."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        zh = self.headers["Accept-Language"] == "zh"
        said = {"title": "x", "detail": "本站已停用。" if zh else "This station was closed.", "status": 409}
        body = b"<html>" if self.path == "/odd/pair" else json.dumps(said).encode()
        self.send_response(409)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return


def test_a_refusal_of_central_is_told_in_its_words_and_never_as_json() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Central) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        told = {}
        for at, lang in ((url, "zh"), (url, "en"), (f"{url}/odd", "zh")):
            with pytest.raises(Refused) as refused:
                network.pair(at, "12345678", "key", lang)
            told[at, lang] = refused.value.what.get(lang)
        server.shutdown()
    assert told[url, "zh"] == "中心拒绝（409）：本站已停用。"
    assert told[url, "en"] == "Central refused (409): This station was closed."
    assert told[f"{url}/odd", "zh"] == "中心应答 409。"


# --- files to drop ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"files": {}, "drop": ["hall.toml"]}, True),
        ({"files": {"hall.toml": "x"}}, True),
        ({"files": {str(n): "" for n in range(9)}}, False),
        ({"files": {}, "drop": ["hall.toml"] * 9}, False),
        ({"files": {}, "drop": ["x" * 65]}, False),
    ],
)
def test_a_try_changes_or_drops_files_but_not_without_measure(body: dict[str, Any], fits: bool) -> None:
    try:
        msgspec.convert(body, FilesBody)
    except msgspec.ValidationError:
        assert not fits
    else:
        assert fits


# --- the desk ---------------------------------------------------------------------------------------------------------


class Hand:
    """A supervisor that counts what it is given."""

    def __init__(self) -> None:
        self.errands: list[Any] = []

    def errand(self, errand: Any, age_s: float) -> bool:
        self.errands.append(errand)
        errand.on_done(Outcome("done"))
        return True


class Fleet:
    def __init__(self, taken: str | None = None) -> None:
        self.hands = {"voice": Hand(), "voice2": Hand()}
        self.supervisors: dict[str, Supervisor[Any, Any]] = self.hands  # type: ignore[assignment]
        self.taps: dict[str, Callable[[Event], None]] = {}
        self.levels: dict[str, int] = {"voice": 20}  # as the hour has it
        self.taken = taken

    def wire_log(self, id: str, after: int = 0, *, all: bool = False) -> tuple[int, list[str]]:
        return 0, []

    def taken_by(self, where: str) -> str | None:
        if "[" in where:
            raise ValueError("Invalid IPv6 URL")
        return self.taken


class Timed(msgspec.Struct):
    hours: tuple[str, ...] = ()


def desk(data: Path, fleet: Fleet, *devices: Device) -> OutputsDesk:
    config = msgspec.structs.replace(load(DEMO), devices=devices)
    return OutputsDesk(fleet, config, data, config.plan)


def voice(id: str, *hours: str) -> Device:
    return Device(id=id, klass="voice", driver="espeak", where=f"alsa:{id}", options=Timed(hours))


def test_after_a_restart_the_level_of_the_hour_counts_and_not_the_one_of_yesterday(tmp_path: Path) -> None:
    for id in ("voice", "voice2"):
        Tuning(tmp_path).write(id, "volume", 95)
    fleet = Fleet()
    desk(tmp_path, fleet, voice("voice", "20:00"), voice("voice2")).open()
    assert {id: len(hand.errands) for id, hand in fleet.hands.items()} == {"voice": 0, "voice2": 1}
    assert fleet.levels == {"voice": 20, "voice2": 95}, "what is shown is what is in force"


def test_two_levels_set_at_once_are_both_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, readers, other = Tuning.read, [], threading.Event()

    def slow(self: Tuning) -> dict[str, dict[str, int]]:
        found = read(self)
        readers.append(self)
        if len(readers) == 1:
            other.wait(0.2)  # the second, if it does not wait for its turn, reads the same now
        other.set()
        return found

    monkeypatch.setattr(Tuning, "read", slow)

    async def story() -> None:
        made = desk(tmp_path, Fleet(), voice("voice"), voice("voice2"))
        await asyncio.gather(made.set_volume("voice", 30), made.set_volume("voice2", 40))

    asyncio.run(story())
    assert Tuning(tmp_path).read() == {"voice": {"volume": 30}, "voice2": {"volume": 40}}


def test_a_line_that_a_device_has_under_another_name_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detect, "look", lambda *asked, **more: pytest.fail("asked"))
    with pytest.raises(Refused, match="printer uses this line"):
        asyncio.run(desk(tmp_path, Fleet("printer")).detect("serial:///dev/serial/by-path/pci-0"))


def test_a_line_that_is_no_address_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be asked"):
        asyncio.run(desk(tmp_path, Fleet()).detect("tcp://["))


def test_the_next_detection_waits_for_one_that_nobody_waits_for_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, begun, may_end, most = threading.Semaphore(1), threading.Event(), threading.Event(), []

    def look(where: str, kinds: object, described: object) -> None:
        most.append(asking.acquire(blocking=False))
        begun.set()
        assert may_end.wait(10)
        asking.release()

    monkeypatch.setattr(detect, "look", look)

    async def story() -> None:
        made = desk(tmp_path, Fleet())
        first = asyncio.create_task(made.detect("serial:///dev/ttyS0"))
        await asyncio.to_thread(begun.wait, 10)
        first.cancel()
        await asyncio.wait({first}, timeout=10)
        assert first.cancelled(), "who let go does not wait"
        second = asyncio.create_task(made.detect("serial:///dev/ttyS0"))
        assert (await asyncio.wait({second}, timeout=0.1))[1] == {second}, "the thread asks on"
        may_end.set()
        await second

    asyncio.run(story())
    assert most == [True, True], "never two at once"
