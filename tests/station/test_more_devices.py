"""A hall with two printers, keypads, rating pads, two voices in two zones, a hall sign and a door: what their wires say, and what
the hall makes of it. Simulators at the other end of real TCP, a station in a process of its own."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.catalog import Site, catalog
from kiosk.config.checker import Checker
from tests.glass.hall import DevicesHall, demo_config, until
from tests.survival.station import free_port

DEVICES = """
[[device]]
id = "printer"
class = "printer"
driver = "escpos"
where = ""
standin = "printer2"

[[device]]
id = "printer2"
class = "printer"
driver = "escpos"
where = ""

[[device]]
id = "board"
class = "sign"
driver = "frame"
where = ""
frame = "signs/hall.toml"
rows = 3

[[device]]
id = "keypads"
class = "keypad"
driver = "frame"
where = ""
frame = "keypads/polled.toml"
pad = [{ counter = 1, address = 11 }, { counter = 2, address = 12 }]

[[device]]
id = "ratings"
class = "rating"
driver = "frame"
where = ""
frame = "keypads/rating_polled.toml"
pad = [{ counter = 1, address = 21 }]

[[device]]
id = "east"
class = "voice"
driver = "espeak"
where = ""
zone = "east"

[[device]]
id = "west"
class = "voice"
driver = "espeak"
where = ""
zone = "west"

[[device]]
id = "doors"
class = "contact"
driver = "gpio"
where = ""
input = [{ name = "case", line = 3 }, { name = "help", line = 4, means = "button" }]
"""


class KitHall(DevicesHall):
    """The simulators are those of the kinds themselves."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.data, self.log = folder / "data", folder / "station.log"
        self.process = None
        self._tokens: dict[str, str] = {}
        self.config = demo_config(folder / "config", self.port, {})
        self.simulators: dict[str, Any] = {}
        counters = (self.config / "counters.toml").read_text(encoding="utf-8").replace('sign = "signs:', '# "')
        counters = counters.replace("id = 1\n", 'id = 1\nzone = "east"\n').replace(
            "id = 2\n", 'id = 2\nzone = "west"\n'
        )
        (self.config / "counters.toml").write_text(counters, encoding="utf-8")
        text = DEVICES
        for table in tomllib.loads(DEVICES)["device"]:
            kind = catalog().get(table["class"], table["driver"])
            assert kind is not None and kind.simulator is not None
            rest = {k: v for k, v in table.items() if k not in ("id", "class", "driver", "where")}
            options = Checker(self.config).build("devices.toml", rest, kind.options, ())
            made = kind.simulator(Site(table["id"], "tcp://127.0.0.1:0", self.config, folder), options)
            made.start()
            self.simulators[table["id"]] = made
            text = text.replace('where = ""', f'where = "{made.where}"', 1)
        (self.config / "devices.toml").write_text(text, encoding="utf-8")

    def __enter__(self) -> KitHall:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self.stop()
        finally:
            for simulator in self.simulators.values():
                simulator.stop()

    def pad(self, address: int, id: str = "keypads") -> Any:
        return next(pad for pad in self.simulators[id].shown() if pad["address"] == address)

    def holds(self, counter: int) -> str | None:
        found = next(c for c in self.hall()["counters"] if c["id"] == counter)["ticket"]
        return None if found is None else str(found)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KitHall]:
    with KitHall(tmp_path_factory.mktemp("kit")) as made:
        for id in made.simulators:
            made.wait_device(id, "ready")
        yield made


def kinds(hall: KitHall, kind: str) -> list[Any]:
    from kiosk.journal.reader import read

    return [row for row in read(hall.data / "journal.db", 0, 100_000) if row.kind == kind]


def test_a_clerk_works_by_keypad_alone_and_a_bouncing_key_calls_one(hall: KitHall) -> None:
    keypads = hall.simulators["keypads"]
    first, second = hall.issue(), hall.issue()
    keypads.press(11, "open")
    until(lambda: next(c for c in hall.hall()["counters"] if c["id"] == 1)["state"] == "open", "counter 1 open")
    until(lambda: hall.pad(11)["waiting"] == 2, "the keypad shows two who wait")
    before = len(kinds(hall, "TicketCalled"))
    keypads.press(11, "next", 2)  # the same press told twice
    until(lambda: hall.pad(11)["text"].strip() == first["number"], "the number on the keypad")
    assert hall.holds(1) == first["number"]
    assert len(kinds(hall, "TicketCalled")) == before + 1
    keypads.press(11, "start")
    until(lambda: hall.ticket(first["id"])["state"] == "serving", "it is being served")
    keypads.press(11, "next")
    until(lambda: hall.holds(1) == second["number"], "the second is called")
    until(lambda: hall.pad(11)["text"].strip() == second["number"], "it is on the keypad")
    keypads.press(11, "start")
    until(lambda: hall.ticket(second["id"])["state"] == "serving", "the second is being served")
    keypads.press(11, "finish")
    until(lambda: hall.ticket(second["id"])["state"] == "done", "done")


def test_a_page_and_a_keypad_that_press_next_together_call_one(hall: KitHall) -> None:
    first, second = hall.issue(), hall.issue()
    until(lambda: hall.pad(11)["text"].strip() == "" and hall.pad(11)["waiting"] == 2, "an empty keypad")
    before = len(kinds(hall, "TicketCalled"))
    hall.simulators["keypads"].press(11, "next")
    hall.at_counter(1, "next", {"holding": None})
    until(lambda: hall.simulators["keypads"].simulator.pending(11) == 0, "the press taken")
    until(lambda: hall.pad(11)["text"].strip() == first["number"], "the number on the keypad")
    assert hall.holds(1) == first["number"]
    assert len(kinds(hall, "TicketCalled")) == before + 1
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")
    hall.call("POST", f"/tickets/{second['id']}/cancel", {})


def test_a_customer_is_asked_to_rate_and_the_touch_is_on_record(hall: KitHall) -> None:
    asked = hall.pad(21, "ratings")["asked"]
    ticket = hall.issue()
    hall.at_counter(1, "next", {"holding": None})
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")
    until(lambda: hall.pad(21, "ratings")["asked"] > asked, "the pad asks")
    hall.simulators["ratings"].press(21, "5")
    fact = until(lambda: next(iter(kinds(hall, "Rated")[-1:]), None), "the rating on record")
    assert ticket["id"].encode() in fact.body and b'"score":5' in fact.body


def test_the_printer_that_stands_in_prints_when_the_first_cannot(hall: KitHall) -> None:
    hall.simulators["printer"].set_fault("cover_open")
    hall.wait_device("printer", "degraded", "cover_open")  # the customer gets paper all the same
    sheets = len(hall.simulators["printer2"].simulator.sheets)
    ticket = hall.issue()
    hall.wait_print(ticket["id"], "done", within_s=15)
    assert len(hall.simulators["printer2"].simulator.sheets) == sheets + 1
    assert b'"device":"printer2"' in kinds(hall, "PrintEnded")[-1].body
    hall.simulators["printer2"].set_fault("paper_end")
    hall.wait_device("printer", "fault", "cover_open")  # now nobody prints
    hall.simulators["printer2"].set_fault("")
    hall.wait_device("printer", "degraded", "cover_open")
    hall.simulators["printer"].set_fault("")
    hall.wait_device("printer", "ready")
    hall.call("POST", f"/tickets/{ticket['id']}/cancel", {})


def test_a_call_is_heard_in_its_own_zone_only(hall: KitHall) -> None:
    west = len(hall.simulators["west"].simulator.spoken)
    ticket = hall.issue()
    hall.at_counter(1, "next", {"holding": None})
    until(lambda: any(c["number"] == ticket["number"] and c["heard"] for c in hall.hall()["calls"]), "heard", 25)
    until(
        lambda: kinds(hall, "Announced") and ticket["id"].encode() in kinds(hall, "Announced")[-1].body, "recorded", 25
    )
    assert hall.simulators["east"].simulator.spoken
    assert len(hall.simulators["west"].simulator.spoken) == west
    rows = hall.simulators["board"].shown()
    assert any(ticket["number"] in str(row) for row in rows), rows
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")


def test_a_button_calls_the_guide_and_a_door_is_on_record(hall: KitHall) -> None:
    calls = hall.hall()["guide_calls"]
    hall.simulators["doors"].set_input("help", True)
    until(lambda: hall.hall()["guide_calls"] == calls + 1, "a guide is called")
    hall.simulators["doors"].set_input("case", True)
    until(lambda: any(b'"name":"case"' in row.body for row in kinds(hall, "ContactChanged")), "the door on record")


def test_a_device_that_comes_and_goes_is_told_once_a_minute_and_shown_at_once(hall: KitHall) -> None:
    def told() -> int:
        return sum(b'"device":"keypads"' in row.body for row in kinds(hall, "DeviceChanged"))

    before = told()
    for _ in range(3):
        hall.simulators["keypads"].set_fault("unplugged")
        hall.wait_device("keypads", "fault")
        hall.simulators["keypads"].set_fault("")
        hall.wait_device("keypads", "ready")
    assert told() <= before + 1


def test_what_a_table_of_devices_toml_must_hold_is_checked(tmp_path: Path) -> None:
    from kiosk.config import ConfigError, load

    folder = tmp_path / "config"
    shutil.copytree(Path(__file__).parents[2] / "config", folder)
    text = DEVICES.replace('where = ""', 'where = "tcp://127.0.0.1:1"').replace('"printer2"\n\n', '"printer3"\n\n', 1)
    text = text.replace("counter = 2, address = 12", "counter = 99, address = 12").replace("poll", "pull")
    (folder / "devices.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(folder)
    said = str(error.value)
    assert "no printer “printer3”" in said
    assert "no counter “99”" in said
    assert "pulled.toml" in said
    assert "line is used by printer too" in said
