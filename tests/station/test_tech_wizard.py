"""From a bare box to a hall in service: the whole wizard by its interface, killed at every step."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.central.server import Wire, device
from tests.glass.hall import until
from tests.station.wizard_box import NEW_PINS, WizardBox, current, defaults, sheets, touches

TOUCHES_MAX = 40
MACHINE_S_MAX = 180.0


NAMES = {"name_zh": "东门供电营业厅", "name_en": "East Gate Power Hall"}


def answer_of(box: WizardBox, shown: Any, names: dict[str, str]) -> dict[str, Any]:
    step = shown["step"].partition(":")[0]
    usual: dict[str, dict[str, Any]] = {
        "hall": names,
        "pins": NEW_PINS,
        "touch": {"points": {"matrix": [1.0, 0.0, 2.5, 0.0, 1.0, -1.5]}},
        "try": {"result": "yes"},
        "ticket": {"result": "yes"},
        "sheet": {"result": "yes"},
    }
    changed = usual.get(step, {})
    if step == "pairing":
        changed = {"code": box.code()}
    return defaults(shown, **changed)


def through(box: WizardBox, *, kill: bool, names: dict[str, str]) -> tuple[list[str], int]:
    """-> the steps answered and the touches they took; with `kill`, kill -9 after each answer."""
    steps: list[str] = []
    count = 0
    while (shown := box.wizard())["step"] != "done":
        assert len(steps) < 30, steps
        step = shown["step"]
        given = answer_of(box, shown, names)
        count += touches(shown, given)
        said = box.ask("POST", "/tech/wizard", {"step": step, "answer": given})
        assert said.status == 200, said
        steps.append(step)
        if kill:
            box.kill()
            box.start()
            after = box.wizard()
            told = said.body["step"]
            assert after["step"] == told or said.body["restarting"], f"{told} was asked, after kill -9 {after['step']}"
            assert step in after["done"]
    return steps, count


@pytest.fixture
def box(tmp_path: Path) -> Any:
    with WizardBox(tmp_path) as made:
        yield made


EXPECTED = [
    "hall",
    "station",
    "network",
    "pairing",
    "pins",
    "devices",
    "try:printer",
    "try:signs",
    "try:voice",
    "touch",
    "ticket",
    "sheet",
]


def test_a_bare_box_comes_into_service_with_few_touches(box: WizardBox) -> None:
    begun = time.monotonic()
    steps, count = through(box, kill=False, names={})
    seconds = time.monotonic() - begun
    print(f"\nwizard: {len(steps)} answers, {count} touches, {seconds:.1f} s of machine time")
    assert steps == EXPECTED
    assert count <= TOUCHES_MAX
    assert seconds < MACHINE_S_MAX
    in_service(box, "城东供电营业厅")


def test_killed_after_every_answer_it_goes_on_at_the_same_step(box: WizardBox) -> None:
    steps, _ = through(box, kill=True, names=NAMES)
    assert steps == EXPECTED
    in_service(box, NAMES["name_zh"])


def test_a_station_is_paired_on_the_network_page_and_brings_its_facts(box: WizardBox) -> None:
    wrong = box.ask("POST", "/tech/pair", {"url": box.central.url, "code": "00000000"})
    assert (wrong.status, wrong.body["field"]) == (403, "code")
    said = box.ask("POST", "/tech/pair", {"url": box.central.url, "code": box.code("S9")})
    assert said.body == {"station": "S9", "name": "东门 7 号机"}
    box.again()
    until(
        lambda: box.central.rows("SELECT 1 FROM stores WHERE station = 'S9' AND through > 3"),
        "central has its facts",
        15,
    )
    assert box.call("GET", "/health")["station"] == "S9"
    assert box.ask("GET", "/tech/network").body["central"]["reachable"] is True


def in_service(box: WizardBox, name: str) -> None:
    """What the answers said is in force: names, PINs, central, devices, calibration; and the papers came out."""
    assert box.call("GET", "/kiosk")["plan"]["name"]["zh"] == name
    assert box.ask("POST", "/login", {"role": "guide", "pin": "1111"}).status == 401
    assert box.ask("POST", "/login", {"role": "guide", "pin": NEW_PINS["guide"]}).status == 200
    assert box.ask("GET", "/tech/calibration").body == {"matrix": [1.0, 0.0, 2.5, 0.0, 1.0, -1.5]}
    files = {one["file"]: one for one in box.ask("GET", "/tech/config").body["files"]}
    assert files["station.toml"]["origin"] == "box"
    central = tomllib.loads(files["station.toml"]["text"])["central"]
    with Wire(box.central.url, token=central["token"]) as wire:
        assert wire.post([device(1)], store="7a" * 16, station="S7").status == 200
    papers = sheets(box)
    accepted = [text for text in papers if "设备验收单" in text]
    assert accepted and "S7 东门 7 号机" in accepted[-1] and "签字" in accepted[-1]
    assert accepted[-1].count("[√]") == 4, accepted[-1]
    assert [text for text in papers if "您的号码" in text or "/t/" in text], "the test ticket"
    hall = box.hall()
    assert all(counter["state"] == "closed" and counter["ticket"] is None for counter in hall["counters"])
    assert hall["calls"][0]["number"].endswith("001")
    kept = (box.data / "wizard.json").read_text()
    for pin in NEW_PINS.values():
        assert f'"{pin}"' not in kept
    assert central["token"] not in kept and "$argon2" not in kept
    assert (box.data / "wizard.json").stat().st_mode & 0o777 == 0o600
    assert current(box.wizard())["notes"]
