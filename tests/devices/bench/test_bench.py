"""The bench over real HTTP, with the real simulators and the real drivers at the other end of their lines."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from PIL import Image

from devices.bench.app import make_app
from devices.bench.bench import Bench, Wiring, wirings_of
from devices.bench.screen import Camera
from devices.led.description import load
from devices.led.driver import FrameSign
from devices.ports import DeviceError, Feed, Paper, SignText, Text
from devices.printer.driver import EscposPrinter

CONFIG = Path(__file__).resolve().parents[3] / "config"
FRAME = CONFIG / "signs" / "sum8.toml"
DEADLINE_S = 5.0


class Running:
    """A bench on free ports. `at` is its address."""

    def __init__(self) -> None:
        wirings = [Wiring("printer", "printer", 0), Wiring("signs", "signs", 0, FRAME), Wiring("voice", "speaker", 0)]
        self.bench = Bench(wirings, Camera(":none"))
        self.server = uvicorn.Server(uvicorn.Config(make_app(self.bench), port=0, log_level="warning"))
        self.up = threading.Event()
        startup = self.server.startup

        async def tell(*args: Any, **kwargs: Any) -> None:
            await startup(*args, **kwargs)
            self.up.set()

        self.server.startup = tell  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def open(self) -> None:
        self.thread.start()
        assert self.up.wait(DEADLINE_S)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.at = f"http://127.0.0.1:{port}"

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(DEADLINE_S)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.at}/state", timeout=DEADLINE_S).json()
        return found

    def get(self, path: str) -> requests.Response:
        return requests.get(self.at + path, timeout=DEADLINE_S)

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return requests.post(self.at + path, json=body, timeout=DEADLINE_S)

    def print(self, text: str) -> str:
        assert self.bench.printer is not None
        driver = EscposPrinter(self.bench.printer.where)
        driver.open()
        try:
            return driver.print(Paper("job", (Text(text), Feed(2))), DEADLINE_S).kind
        finally:
            driver.close()


@pytest.fixture(scope="module")
def bench() -> Iterator[Running]:
    running = Running()
    running.open()
    yield running
    running.close()


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


def test_without_paper_nothing_is_printed_and_the_page_says_so(bench: Running) -> None:
    state = bench.post("/fault", {"device": "printer", "fault": "paper_end"}).json()
    assert _active(state, "printer") == ["paper_end"]
    assert bench.print("A002") == "not_done"
    state = bench.post("/fault", {"device": "printer", "fault": ""}).json()
    assert _active(state, "printer") == []


def test_one_of_two_faults_can_be_mended_alone(bench: Running) -> None:
    bench.post("/fault", {"device": "printer", "fault": "paper_low"})
    bench.post("/fault", {"device": "printer", "fault": "cover_open"})
    state = bench.post("/fault", {"device": "printer", "fault": "cover_open", "on": False}).json()
    assert _active(state, "printer") == ["paper_low"]
    bench.post("/fault", {"device": "printer", "fault": ""})


def test_a_sign_shows_what_was_sent_to_it(bench: Running) -> None:
    assert bench.bench.signs is not None
    driver = FrameSign(bench.bench.signs.where, load(FRAME))
    driver.open()
    try:
        assert driver.show(SignText(2, "A001"), DEADLINE_S).kind == "done"
    finally:
        driver.close()
    assert bench.state()["signs"][1] == {"address": 2, "text": "A001", "blink": False, "off": False, "moving": False}
    for path in ("/sign/2.png", "/sign.png"):
        assert Image.open(io.BytesIO(bench.get(path).content)).width > 300


def test_a_dead_sign_is_named_and_comes_back(bench: Running) -> None:
    state = bench.post("/fault", {"device": "signs", "fault": "dead", "address": 3}).json()
    assert [sign["address"] for sign in state["signs"] if sign["off"]] == [3]
    state = bench.post("/fault", {"device": "signs", "fault": ""}).json()
    assert not any(sign["off"] for sign in state["signs"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"device": "printer", "fault": "on_fire"}, "paper_end"),
        ({"device": "scanner", "fault": "silent"}, "printer, signs, voice"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(bench: Running, body: dict[str, str], says: str) -> None:
    answer = bench.post("/fault", body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_another_sites_page_cannot_press(bench: Running) -> None:
    for path, body in (("/take-paper", "{}"), ("/fault", '{"device":"printer","fault":"silent"}')):
        answer = requests.post(bench.at + path, data=body, headers={"Content-Type": "text/plain"}, timeout=DEADLINE_S)
        assert answer.status_code in (400, 415)
    assert _active(bench.state(), "printer") == []


@pytest.mark.parametrize(
    "path",
    [
        "/paper/999.png",
        "/paper/x.png",
        "/paper/1.exe",
        "/sign/9.png",
        "/sound/1.wav",
        "/screen.png",
        "/paper/..%2F1.png",
    ],
)
def test_what_does_not_exist_is_not_found(bench: Running, path: str) -> None:
    assert bench.get(path).status_code == 404


@pytest.mark.parametrize(("lang", "word"), [("zh", "小票打印机"), ("en", "Ticket printer")])
def test_the_page_speaks_both_languages_and_forbids_foreign_content(bench: Running, lang: str, word: str) -> None:
    answer = bench.get(f"/?lang={lang}")
    assert word in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text
    assert "<script>" not in answer.text
    for file in ("/web/bench.css", "/web/bench.js", "/fonts/NotoSansSC-Regular.ttf"):
        assert file in answer.text or bench.get(file).status_code == 200


def test_the_wiring_follows_the_configuration() -> None:
    wirings = {wiring.id: wiring for wiring in wirings_of(CONFIG)}
    assert set(wirings) == {"printer", "signs", "voice"}
    assert (wirings["printer"].kind, wirings["printer"].port) == ("printer", 8611)
    assert (wirings["signs"].frame, wirings["signs"].addresses) == (FRAME, (1, 2, 3, 4))


def test_a_device_elsewhere_is_not_simulated(tmp_path: Path) -> None:
    (tmp_path / "counters.toml").write_text("")
    (tmp_path / "devices.toml").write_text(
        '[[device]]\nid = "p"\nclass = "printer"\nwhere = "tcp://192.0.2.7:9100"\n'
        '[[device]]\nid = "v"\nclass = "voice"\nwhere = "alsa:default"\n'
    )
    assert wirings_of(tmp_path) == []


def test_an_unreadable_configuration_says_where_and_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"devices\.toml.*kiosk config check"):
        wirings_of(tmp_path)


def test_a_taken_port_starts_nothing(bench: Running) -> None:
    assert bench.bench.signs is not None
    port = int(bench.bench.signs.where.rpartition(":")[2])
    second = Bench([Wiring("printer", "printer", 0), Wiring("signs", "signs", port, FRAME)], Camera(""))
    with pytest.raises(DeviceError, match="signs at tcp"):
        second.open()


def _active(state: dict[str, Any], kind: str) -> list[str]:
    found: list[str] = next(device["active"] for device in state["devices"] if device["kind"] == kind)
    return found
