"""The bench over real HTTP, with the real simulators and the real drivers at the other end of their lines."""

from __future__ import annotations

import io

import pytest
import requests
from PIL import Image

from devices.bench.words import WORDS
from devices.keypad.description import load as pad_frames
from devices.keypad.driver import FrameRatingPad
from devices.led.codec import FrameCodec
from devices.led.description import load
from devices.led.driver import CodecSign, ModbusSign
from devices.led.modbus import Registers
from devices.ports import SignRows, SignText
from tests.devices.bench.running import CONFIG, DEADLINE_S, Running, wait


def show(where: str, what: SignText | SignRows, frame: str = "sum8", rows: int = 1) -> str:
    driver = CodecSign(where, FrameCodec(load(CONFIG / "signs" / f"{frame}.toml"), rows))
    driver.open()
    try:
        return driver.show(what, DEADLINE_S).kind
    finally:
        driver.close()


# --- paper -----------------------------------------------------------------------------------------------------------


def test_a_printed_paper_can_be_looked_at_and_taken(bench: Running) -> None:
    assert bench.print("A001") == "done"
    shown = bench.state()["printer"]
    assert shown["presented"]
    paper = shown["papers"][0]
    picture = Image.open(io.BytesIO(bench.get(f"/paper/{paper['n']}.png").content))
    assert picture.width > 500
    raw = bench.get(f"/paper/{paper['n']}.escpos")
    assert b"A001" in raw.content
    assert len(raw.content) == paper["bytes"]
    assert bench.post("/take-paper", {}).json()["printer"]["presented"] is False


def test_papers_keep_their_numbers_and_the_latest_comes_first(bench: Running) -> None:
    before = bench.state()["printer"]["papers"]
    last = before[0]["n"] if before else 0
    bench.print("B001")
    bench.print("B002")
    papers = bench.state()["printer"]["papers"]
    assert [paper["n"] for paper in papers[:2]] == [last + 2, last + 1]
    assert b"B002" in bench.get(f"/paper/{last + 2}.escpos").content


def test_two_printers_have_their_own_paper_and_each_is_taken_by_itself(bench: Running) -> None:
    bench.print("C001")
    bench.print("S001", "printer2")
    assert b"S001" in bench.get("/devices/printer2/paper/1.escpos").content
    state = bench.do("printer2", "take")
    assert not bench.device("printer2", state)["shown"]["presented"]
    assert bench.device("printer", state)["shown"]["presented"]
    assert state["printer"] == bench.device("printer", state)["shown"], "the first of a kind is found by its kind"


def test_without_paper_nothing_is_printed_and_the_page_says_so(bench: Running) -> None:
    state = bench.post("/fault", {"device": "printer", "fault": "paper_end"}).json()
    assert bench.device("printer", state)["active"] == ["paper_end"]
    assert bench.print("A002") == "not_done"
    state = bench.post("/fault", {"device": "printer", "fault": ""}).json()
    assert bench.device("printer", state)["active"] == []


def test_one_of_two_faults_can_be_mended_alone(bench: Running) -> None:
    bench.post("/fault", {"device": "printer", "fault": "paper_low"})
    bench.post("/fault", {"device": "printer", "fault": "cover_open"})
    state = bench.post("/fault", {"device": "printer", "fault": "cover_open", "on": False}).json()
    assert bench.device("printer", state)["active"] == ["paper_low"]
    bench.post("/fault", {"device": "printer", "fault": ""})


# --- signs -----------------------------------------------------------------------------------------------------------


def test_a_sign_shows_what_was_sent_to_it(bench: Running) -> None:
    assert show(bench.where("signs"), SignText(2, "A001")) == "done"
    sign = next(sign for sign in bench.state()["signs"] if sign["address"] == 2)
    assert (sign["text"], sign["blink"], sign["off"], sign["moving"]) == ("A001", False, False, False)
    for path in ("/sign/2.png", "/sign.png", "/devices/signs/sign/2.png"):
        assert Image.open(io.BytesIO(bench.get(path).content)).width > 300


def test_a_hall_sign_shows_its_rows_beside_the_counters_signs(bench: Running) -> None:
    assert show(bench.where("hallsign"), SignRows(1, ("A001 → 1", "A002 → 2")), "hall", 4) == "done"
    assert bench.device("hallsign")["shown"][0]["text"] == "A001 → 1\nA002 → 2"
    picture = Image.open(io.BytesIO(bench.get("/devices/hallsign/sign/1.png").content))
    assert picture.height > 150


def test_one_dead_sign_is_the_first_unless_it_is_named_and_comes_back(bench: Running) -> None:
    for address in (2, 3):
        show(bench.where("signs"), SignText(address, "A001"))
    state = bench.post("/fault", {"device": "signs", "fault": "dead", "address": 3}).json()
    assert [sign["address"] for sign in state["signs"] if sign["off"]] == [3]
    state = bench.post("/fault", {"device": "signs", "fault": "dead"}).json()
    assert [sign["address"] for sign in state["signs"] if sign["off"]] == [2]
    state = bench.post("/fault", {"device": "signs", "fault": ""}).json()
    assert not any(sign["off"] for sign in state["signs"])


def test_devices_on_a_bus_are_reached_through_it_each_in_its_own_protocol(bench: Running) -> None:
    wait(lambda: all(bench.device("rs485")["shown"]["members"].values()))
    assert len(bench.device("rs485")["shown"]["members"]) == 2
    numbers = ModbusSign(bench.where("rs485"), Registers(), "rtu")
    numbers.open()
    try:
        assert numbers.show(SignText(3, "A017"), DEADLINE_S).kind == "done"
    finally:
        numbers.close()
    assert [(sign["address"], sign["text"]) for sign in bench.device("numbers")["shown"]] == [(3, "A017")]
    pads = FrameRatingPad(
        bench.where("rs485"), pad_frames(CONFIG / "keypads" / "rating_polled.toml", rating=True), [21]
    )
    pads.open()
    try:
        assert pads.ask(21, DEADLINE_S).kind == "done"
    finally:
        pads.close()
    assert bench.device("ratings")["shown"][0]["invited"]
    state = bench.do("ratings", "press", address=21, key="5")
    assert not bench.device("ratings", state)["shown"][0]["invited"]


# --- what there is not -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"device": "printer", "fault": "on_fire"}, "paper_end"),
        ({"device": "coins", "fault": "silent"}, "printer, printer2, signs"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(bench: Running, body: dict[str, str], says: str) -> None:
    answer = bench.post("/fault", body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_another_sites_page_cannot_press(bench: Running) -> None:
    bodies = {
        "/take-paper": "{}",
        "/fault": '{"device":"printer","fault":"silent"}',
        "/devices/contacts/do": '{"what":"move","args":{"name":"case","active":true}}',
    }
    for path, body in bodies.items():
        answer = requests.post(bench.at + path, data=body, headers={"Content-Type": "text/plain"}, timeout=DEADLINE_S)
        assert answer.status_code in (400, 415)
    assert bench.device("printer")["active"] == []
    assert bench.device("contacts")["shown"]["inputs"]["case"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/paper/999.png",
        "/paper/x.png",
        "/paper/1.exe",
        "/sign/9.png",
        "/sound/1.wav",
        "/photo.jpg",
        "/screen.png",
        "/paper/..%2F1.png",
        "/devices/signs/paper/1.png",
        "/devices/nobody/sign.png",
        "/devices/printer/sound/1.wav",
    ],
)
def test_what_does_not_exist_is_not_found(bench: Running, path: str) -> None:
    assert bench.get(path).status_code == 404


# --- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("zh", ("小票打印机", "扫码器")), ("en", ("Printer", "Ratings"))])
def test_the_page_speaks_both_languages_and_forbids_foreign_content(
    bench: Running, lang: str, words: tuple[str, ...]
) -> None:
    answer = bench.get(f"/?lang={lang}")
    assert all(word in answer.text for word in words)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text
    assert "<script>" not in answer.text
    for file in ("/web/bench.css", "/web/bench.js", "/web/draw.js", "/fonts/NotoSansSC-Regular.ttf"):
        assert file in answer.text or bench.get(file).status_code == 200


def test_every_fault_of_every_device_has_its_words_and_its_button(bench: Running) -> None:
    page = bench.get("/").text
    for device in bench.state()["devices"]:
        for fault in device["faults"]:
            assert f"fault.{fault}" in WORDS, (device["id"], fault)
            assert f'data-fault="{fault}"' in page
