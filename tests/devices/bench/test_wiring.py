"""From devices.toml to simulators: which are made, with which options, and what is said of a table that means nothing."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

import pytest

from devices.bench.app import main
from devices.bench.bench import Bench
from devices.bench.screen import Camera
from devices.bench.wiring import wired
from devices.catalog import Catalog, Kind
from devices.ports import DeviceError
from tests.devices.bench.running import CONFIG, Running, folder_with, table


def test_the_demo_hall_is_wired_as_its_configuration_says(tmp_path: Path) -> None:
    found = {each.simulator.id: each for each in wired(CONFIG, tmp_path)}
    ports = {id: int(each.simulator.where.rpartition(":")[2]) for id, each in found.items()}
    assert ports == {
        "printer": 8611,
        "signs": 8612,
        "voice": 8613,
        "printer2": 8614,
        "hallsign": 8615,
        "keypads": 8616,
        "ratings": 8617,
        "scanner": 8618,
        "contacts": 8619,
    }
    assert found["contacts"].means == {"case": "door", "help": "button"}
    assert [pad["counter"] for pad in found["keypads"].simulator.shown()] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "where", ["tcp://192.0.2.7:9100", "serial:///dev/ttyS0", "tcp://127.0.0.1:nine", "bus:elsewhere"]
)
def test_a_device_elsewhere_is_not_simulated(tmp_path: Path, where: str) -> None:
    assert wired(folder_with(table("p", "printer/escpos", where=where), tmp_path), tmp_path) == []


def test_a_kind_without_a_simulator_is_left_to_whatever_listens_there(tmp_path: Path) -> None:
    kinds = Catalog()
    kinds.add(Kind("coins", "plain", "硬币", "coins", lambda site, options: None), "test")  # type: ignore[arg-type, return-value]
    text = table("p", "coins/plain")
    assert wired(folder_with(text, tmp_path), tmp_path, kinds) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[device]\n", "devices.toml"),
        ("device = 3\n", r"\[\[device\]\]"),
        (table("", "printer/escpos"), "must be texts"),
        (table("p", "printer/pigeon"), "no driver printer/pigeon"),
        (table("p", "printer/escpos", 'columns = "many"'), "p: .*int"),
        (table("p", "printer/escpos", 'colour = "red"'), "p: .*colour"),
        (table("p", "printer/escpos", "columns = 480"), "p: columns: 480"),
        (table("p", "sign/frame", 'frame = "signs/none.toml"'), "p: frame: signs/none.toml"),
    ],
)
def test_a_bad_table_is_named_with_what_to_run(tmp_path: Path, text: str, says: str) -> None:
    folder = folder_with(text, tmp_path)
    with pytest.raises(DeviceError, match=says) as error:
        wired(folder, tmp_path)
    assert "devices.toml" in str(error.value)
    assert str(error.value).endswith("run `kiosk config check`")


def test_a_missing_file_is_named_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"devices\.toml.*kiosk config check"):
        wired(tmp_path, tmp_path)


def test_a_taken_port_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = table("first", "printer/escpos") + table("second", "printer/escpos", where=f"tcp://127.0.0.1:{port}")
        bench = Bench(wired(folder_with(text, tmp_path), tmp_path), Camera(""))
        with pytest.raises(DeviceError, match="second at tcp"):
            bench.open()
        first = int(bench.device("first").where.rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", first), timeout=1)


def test_kiosk_bench_says_which_port_is_taken_and_by_which_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        folder = folder_with(table("door", "printer/escpos", where=where), tmp_path)
        assert main(argparse.Namespace(config=str(folder), data=str(tmp_path), port=0)) == 2
    said = capsys.readouterr().err
    assert where in said
    assert "door" in said
    assert "Traceback" not in said


class Lamp:
    """A device of somebody else's package."""

    kind = "lamp"
    faults = ("silent", "flicker")
    where = "tcp://127.0.0.1:0"

    def __init__(self, id: str) -> None:
        self.id = id
        self.lit = 0

    def start(self) -> None:
        self.lit = 0

    def stop(self) -> None:
        self.lit = 0

    def active(self) -> tuple[str, ...]:
        return ()

    def set_fault(self, fault: str, *, on: bool = True, address: int = 0) -> None:
        raise AssertionError(fault)

    def light(self, level: int) -> None:
        self.lit = level

    def shown(self) -> dict[str, int]:
        return {"lit": self.lit}


def test_a_kind_of_another_package_is_shown_and_told_by_words(tmp_path: Path) -> None:
    kinds = Catalog()
    lamp = Kind("contact", "lamp", "灯", "lamp", lambda s, o: None, simulator=lambda s, o: Lamp(s.id))  # type: ignore[arg-type, return-value]
    kinds.add(lamp, "test")
    text = table("l", "contact/lamp")
    with Running(folder_with(text, tmp_path), kinds) as bench:
        assert "灯" in bench.get("/").text
        assert bench.device("l", bench.do("l", "command", text="light 7"))["shown"] == {"lit": 7}
        answer = bench.post("/devices/l/do", {"what": "command", "args": {"text": "dance"}})
        assert answer.status_code == 422
        assert "light LEVEL" in answer.json()["detail"]
