"""The technician's thread against a real HTTP server, and the stick it writes to."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.flows.tech import seen
from kiosk.flows.tech.state import Ask, Look, Refused, Send, Told
from kiosk.screen.tech import stick
from kiosk.screen.tech.client import TechClient
from tests.screen.tech_station import PIN, TECH_TOKEN, ZIP, TechStation, tech_station

PATIENCE_S = 8.0


@pytest.fixture
def station() -> Iterator[TechStation]:
    with tech_station() as made:
        yield made


class Line:
    """A client and what it hears; `usb` is the folder that counts as a mounted stick once `plug` was called."""

    def __init__(self, url: str, folder: Path) -> None:
        self.heard: queue.Queue[Told | Refused] = queue.Queue()
        self.usb, self.mounts = folder / "my stick", folder / "mounts"
        self.mounts.write_text("")
        self.client = TechClient(url, self.heard.put, self.mounts, (f"{folder}/",))
        self.client.open()

    def plug(self, options: str = "rw,nosuid") -> None:
        self.usb.mkdir(exist_ok=True)
        where = str(self.usb).replace(" ", "\\040")
        self.mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {where} vfat {options} 0 0\n")

    def ask(self, kind: str, path: str, method: str = "POST", **body: object) -> Told | Refused:
        self.client.do(Send(Ask(f"key-{kind}", kind, method, path, body, 0.0)))  # type: ignore[arg-type]
        while (found := self.heard.get(timeout=PATIENCE_S)).key != f"key-{kind}":
            pass  # a look
        return found

    def login(self, pin: str = PIN) -> Told | Refused:
        return self.ask("login", "/login", role="tech", pin=pin)


@pytest.fixture
def line(station: TechStation, tmp_path: Path) -> Iterator[Line]:
    made = Line(station.url, tmp_path)
    yield made
    made.client.close()


def test_the_pin_brings_a_token_that_is_used_and_forgotten(line: Line, station: TechStation) -> None:
    assert isinstance(line.login(), Told)
    done = line.ask("test", "/tech/devices/printer/test", what="print")
    assert isinstance(done, Told)
    assert done.value == seen.Tried(outcome="done")
    line.client.close()
    assert TECH_TOKEN not in repr(vars(line.client))


def test_a_wrong_pin_is_told_in_the_stations_words(line: Line) -> None:
    for _ in range(2):
        refused = line.login("0000")
        assert isinstance(refused, Refused)
        assert (refused.problem.status, refused.problem.title) == (401, "口令不对。")
    locked = line.login("0000")
    assert isinstance(locked, Refused)
    assert (locked.problem.status, locked.problem.remedy) == (429, "请 27 秒后再试。")
    assert isinstance(line.ask("test", "/tech/devices/printer/test", what="print"), Refused)


def test_what_a_page_shows_is_looked_at_again_and_again_until_another_does(line: Line, station: TechStation) -> None:
    line.login()
    line.client.do(Look((("/tech/devices", 0.05),)))
    for _ in range(3):
        told = line.heard.get(timeout=PATIENCE_S)
        assert isinstance(told, Told)
        assert isinstance(told.value, seen.Devices)
    line.client.do(Look((("/tech/network", 0.05),)))
    while not isinstance((told := line.heard.get(timeout=PATIENCE_S)), Told) or told.path != "/tech/network":
        pass
    asked = len([c for c in station.calls if c[1] == "/tech/devices"])
    for _ in range(3):
        line.heard.get(timeout=PATIENCE_S)
    assert len([c for c in station.calls if c[1] == "/tech/devices"]) == asked


def test_a_station_that_is_away_is_told_once_and_nothing_is_sent_twice(line: Line, station: TechStation) -> None:
    line.login()
    station.close()
    lost = line.ask("revive", "/tech/devices/printer/restart")
    assert isinstance(lost, Refused)
    assert lost.problem.status == 0
    station.open(station.port)
    line.login()
    assert [c for c in station.calls if c[1].endswith("/restart")] == []


def test_leaving_ends_a_call_that_waits(line: Line, station: TechStation) -> None:
    line.login()
    station.held.clear()
    line.client.do(Send(Ask("k", "test", "POST", "/tech/devices/scanner/test", {"what": "scan"}, 0.0)))
    with station.heard:
        assert station.heard.wait_for(lambda: any(c[1].endswith("/test") for c in station.calls), PATIENCE_S)
    began = time.monotonic()
    line.client.close()
    assert time.monotonic() - began < 1.0


def test_an_answer_that_means_nothing_is_a_mistake_not_an_end(line: Line, station: TechStation) -> None:
    line.login()
    odd = line.ask("wizard", "/tech/wizard", step="nothing", answer={})
    assert isinstance(odd, Told)
    wrong = line.ask("detect", "/tech/devices/x/test/odd", method="GET")
    assert isinstance(wrong, Refused)
    assert wrong.problem.status == 404
    assert isinstance(line.login(), Told)


# --- the stick -------------------------------------------------------------------------------------------------------


def test_the_bundle_is_written_to_a_stick_whole(line: Line) -> None:
    line.login()
    assert isinstance(line.ask("bundle", "/tech/bundle", method="GET"), Refused)
    line.plug()
    done = line.ask("bundle", "/tech/bundle", method="GET")
    assert isinstance(done, Told)
    assert isinstance(done.value, seen.Stick)
    assert (line.usb / done.value.saved).read_bytes() == ZIP
    assert [p.name for p in line.usb.iterdir()] == [done.value.saved]


def test_a_stick_that_cannot_be_written_is_no_stick(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    usb = tmp_path / "usb"
    usb.mkdir()
    for text in (
        "",
        "rubbish\n",
        f"/dev/sdb1 {usb} vfat ro 0 0\n",
        f"x {usb} proc rw 0 0\n",
        f"/dev/sdb1 {tmp_path}/gone vfat rw 0 0\n",
    ):
        mounts.write_text(text)
        assert stick.find(mounts, (f"{tmp_path}/",)) == ""
    assert stick.find(tmp_path / "no-such-file") == ""


def test_a_stick_pulled_out_while_writing_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        stick.write(str(tmp_path / "gone"), "a.zip", ZIP)
    assert list(tmp_path.iterdir()) == []
