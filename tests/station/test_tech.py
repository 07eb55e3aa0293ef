"""A technician at a running station: tests, lines, levels, configuration on trial, and who may do any of it."""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from devices.led.codec import FrameCodec
from devices.led.description import load as load_frame
from devices.led.simulator import SignSimulator
from devices.printer.simulator import PrinterSimulator
from devices.scanner.simulator import ScannerSimulator
from kiosk.journal import reader
from tests.glass.hall import DevicesHall, until
from tests.station.wizard_box import sheets
from tests.survival.station import Line, Said

FRAME = Path(__file__).resolve().parents[2] / "config/signs/crc16.toml"


class TechHall(DevicesHall):
    """With a scanner beside the demo's devices."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.scanner = ScannerSimulator("scanner", "tcp://127.0.0.1:0")

    def __enter__(self) -> TechHall:
        self.scanner.start()
        super().__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self.scanner.stop()

    def start(self) -> None:
        devices = self.config / "devices.toml"
        if 'id = "scanner"' not in devices.read_text("utf-8"):
            table = (
                f'\n[[device]]\nid = "scanner"\nclass = "scanner"\ndriver = "serial"\nwhere = "{self.scanner.where}"\n'
            )
            devices.write_text(devices.read_text("utf-8") + table, "utf-8")
        super().start()

    def ask(self, method: str, path: str, body: object = None, key: str = "", lang: str = "en") -> Said:
        line = Line(self.port, (self.data / "tech.token").read_text().strip(), timeout=60)
        try:
            return line.call(method, path, body, key, Accept_Language=lang)
        finally:
            line.close()

    def again(self) -> None:
        assert self.process is not None
        self.process.wait(15)
        self.start()

    def facts(self, kind: str) -> list[Any]:
        rows = reader.read(self.data / "journal.db", 0, 100_000)
        return [json.loads(row.body) for row in rows if row.kind == kind]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TechHall]:
    with TechHall(tmp_path_factory.mktemp("tech")) as made:
        for id in ("printer", "signs", "voice"):
            made.wait_device(id, "ready")
        yield made


def devices(hall: TechHall) -> dict[str, Any]:
    return {d["id"]: d for d in hall.ask("GET", "/tech/devices").body["devices"]}


def test_the_token_of_the_shell_is_the_owners_only(hall: TechHall) -> None:
    assert (hall.data / "tech.token").stat().st_mode & 0o777 == 0o600
    assert Line(hall.port).call("GET", "/tech/devices").status == 401
    assert hall.screen().call("GET", "/tech/devices").status == 403


def test_the_list_says_state_time_and_tests_of_each_device(hall: TechHall) -> None:
    found = devices(hall)
    tests = {"printer": ["print"], "signs": ["show"], "voice": ["speak"], "scanner": ["scan"]}
    assert {id: d["tests"] for id, d in found.items()} == tests
    printer = found["printer"]
    assert (printer["class"], printer["driver"], printer["where"]) == ("printer", "escpos", hall.printer.where)
    assert printer["state"] in ("ready", "busy") and printer["since"] > 1_600_000_000_000
    assert printer["ready_s"] >= 0 and printer["fault_s"] >= 0 and printer["lost"] == 0


def test_a_printed_test_has_device_sizes_rulers_both_languages_and_a_code(hall: TechHall) -> None:
    before = hall.printer.state.sheets
    said = hall.ask("POST", "/tech/devices/printer/test", {"what": "print"}, lang="zh")
    assert said.body == {"outcome": "done", "detail": "", "seen": None}
    assert hall.printer.state.sheets == before + 1
    paper = sheets(hall)[-1]
    for part in ("打印测试", "printer", "字号 4", "quick brown fox", "春夏秋冬", "1234567891"):
        assert part in paper, part


def test_a_shown_test_passes_and_the_sign_shows_again_what_it_must(hall: TechHall) -> None:
    closed = until(lambda: hall.signs.showing.get(2), "sign 2 shows its counter")
    hall.at_counter(2, "open")
    until(lambda: hall.signs.showing[2] != closed, "sign 2 shows the open counter")
    kept = hall.signs.showing[2]
    said = hall.ask("POST", "/tech/devices/signs/test", {"what": "show"})
    assert (said.body["outcome"], said.body["detail"]) == ("done", "1, 2, 3, 4")
    assert hall.signs.showing[2] == "2 测试 8888"
    until(lambda: hall.signs.showing[2] == kept, "the kept text comes back", 8)
    hall.at_counter(2, "close")


def test_a_spoken_test_is_heard(hall: TechHall) -> None:
    assert hall.ask("POST", "/tech/devices/voice/test", {"what": "speak"}).body["outcome"] == "done"


def test_a_scan_is_waited_for_and_shown_masked(hall: TechHall) -> None:
    hall.wait_device("scanner", "ready")
    with ThreadPoolExecutor(1) as person:
        codes = itertools.count(10)
        waiting = person.submit(hall.ask, "POST", "/tech/devices/scanner/test", {"what": "scan"})

        def scan() -> bool:
            hall.scanner.scan(f"69012345678{next(codes):02d}")  # the same code at once is no second scan
            return waiting.done()

        until(scan, "the test has its scan", 14, 0.3)
        said = waiting.result().body
    assert said["outcome"] == "done"
    assert said["seen"]["length"] == 13 and "1234567" not in json.dumps(said)
    log = hall.ask("GET", "/tech/devices/scanner/log?all=true").body["lines"]
    assert log, "the technician sees the bytes"


def test_the_same_key_tests_once_also_at_the_same_time(hall: TechHall) -> None:
    before = hall.printer.state.sheets
    with ThreadPoolExecutor(3) as people:
        said = list(
            people.map(lambda _: hall.ask("POST", "/tech/devices/printer/test", {"what": "print"}, "one-key"), range(3))
        )
    assert [s.body["outcome"] for s in said] == ["done"] * 3
    assert hall.printer.state.sheets == before + 1
    other = hall.ask("POST", "/tech/devices/voice/test", {"what": "speak"}, "one-key")
    assert (other.status, other.body["type"]) == (422, "urn:yitai:problem:key_reused")


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/tech/devices/nobody/test", {"what": "print"}, 422, "device"),
        ("/tech/devices/printer/test", {"what": "show"}, 422, "what"),
        ("/tech/devices/printer/test", {"wat": "print"}, 400, "wat"),
        ("/tech/devices/printer/volume", {"level": 50}, 422, "device"),
        ("/tech/devices/voice/volume", {"level": 101}, 400, "level"),
        ("/tech/detect", {"where": "pigeon://roof"}, 422, "where"),
        ("/tech/detect", {"where": "tcp://127.0.0.1:1"}, 422, "where"),
        ("/tech/pair", {"url": "http://127.0.0.1:1", "code": "1234567"}, 400, "code"),
        ("/tech/pair", {"url": "http://127.0.0.1:1", "code": "12345678"}, 409, "url"),
        ("/tech/restart", {"what": "everything"}, 400, "what"),
        ("/tech/config/confirm", {}, 409, "files"),
        ("/tech/config/try", {"files": {}}, 400, "files"),
        ("/tech/wizard", {"step": "hall", "answer": {"name_zh": ""}}, 422, "name_zh"),
    ],
)
def test_a_wrong_request_says_what_where_and_how_to_mend_it(
    hall: TechHall, path: str, body: Any, status: int, field: str
) -> None:
    said = hall.ask("POST", path, body)
    assert (said.status, said.body["field"]) == (status, field), said
    assert said.body["title"] and said.body["remedy"]


def test_a_test_of_a_device_in_trouble_says_so_in_time(hall: TechHall) -> None:
    hall.printer.set_fault("cover_open")
    hall.wait_device("printer", "fault")
    try:
        said = hall.ask("POST", "/tech/devices/printer/test", {"what": "print"})
        assert said.body["outcome"] == "not_done"
        assert said.body["detail"] == "the cover is open: close it", "in the language asked for, and in no other"
        assert "上盖" in hall.ask("POST", "/tech/devices/printer/test", {"what": "print"}, lang="zh").body["detail"]
    finally:
        hall.printer.clear_fault()
    hall.wait_device("printer", "ready")


def test_a_volume_holds_after_a_restart_and_is_on_record(hall: TechHall) -> None:
    said = hall.ask("POST", "/tech/devices/voice/volume", {"level": 35})
    assert said.body["outcome"] == "done"
    assert hall.ask("POST", "/tech/devices/signs/brightness", {"level": 60}).status == 200
    hall.kill()
    hall.start()
    assert (devices(hall)["voice"]["volume"], devices(hall)["signs"]["brightness"]) == (35, 60)
    acted = [(f["what"], f["device"], f["detail"]) for f in hall.facts("TechActed")]
    assert ("volume", "voice", "35") in acted and ("brightness", "signs", "60") in acted
    for id in ("printer", "signs", "voice"):
        hall.wait_device(id, "ready")


def test_the_wire_of_a_device_is_shown_and_it_can_be_opened_anew(hall: TechHall) -> None:
    lines = hall.ask("GET", "/tech/devices/printer/log").body["lines"]
    assert any(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} > 10 04 01", line) for line in lines), lines[-5:]
    every = hall.ask("GET", "/tech/devices/printer/log?all=true").body
    assert len(every["lines"]) >= len(lines) and not any("×" in line for line in every["lines"])
    later = hall.ask("GET", f"/tech/devices/printer/log?all=true&after={every['count']}").body
    assert not {*every["lines"]} & {*later["lines"]}
    assert hall.ask("POST", "/tech/devices/printer/restart", {}).status == 200
    hall.wait_device("printer", "ready")


def test_detection_finds_the_printer_shows_its_bytes_and_leaves_taken_lines_alone(hall: TechHall) -> None:
    for where in (hall.printer.where, hall.printer.where + "/"):  # the same port, written in two ways
        taken = hall.ask("POST", "/tech/detect", {"where": where})
        assert (taken.status, taken.body["type"]) == (409, "urn:yitai:problem:port_in_use")
    other = PrinterSimulator(port=0)
    other.start()
    try:
        said = hall.ask("POST", "/tech/detect", {"where": other.where}).body
    finally:
        other.stop()
    found = said["found"][0]
    assert (found["class"], found["driver"], found["where"]) == ("printer", "escpos", other.where)
    assert found["why"]["zh"] and any("< 12" in line for line in said["log"])
    ports = hall.ask("GET", "/tech/ports").body["ports"]
    assert {p["taken_by"] for p in ports if p["where"] == hall.printer.where} == {"printer"}


def test_a_sign_that_only_listens_is_found_by_its_number_in_the_api_and_on_the_page(hall: TechHall) -> None:
    sign = SignSimulator("127.0.0.1", 0, FrameCodec(load_frame(FRAME)))
    sign.start()
    sign.set_fault("silent")
    try:
        silent = hall.ask("POST", "/tech/detect", {"where": sign.where}).body
        assert (
            silent["found"] == [] and "测试号码" in silent["advice"]["zh"] and "test numbers" in silent["advice"]["en"]
        )
        shown = hall.ask("POST", "/tech/detect/numbers", {"where": sign.where}).body
        assert {o["options"]["frame"] for o in shown["offers"]} >= {"signs/sum8.toml"}
        with browser(hall) as web:
            web.post(f"{hall.url}/tech?lang=en", {"pin": "1111"}, timeout=10)
            at = f"{hall.url}/tech/page/lines?lang=en"
            page = web.post(at, {"where": sign.where, "verb": "numbers"}, timeout=60).text
            assert "Which number stands on the sign?" in page
            assert "signs/sum8.toml" in page and "[[device]]" in page
    finally:
        sign.stop()
    taken = hall.ask("POST", "/tech/detect/numbers", {"where": hall.printer.where})
    assert (taken.status, taken.body["type"]) == (409, "urn:yitai:problem:port_in_use")


def test_network_and_checks_of_the_box(hall: TechHall) -> None:
    network = hall.ask("GET", "/tech/network").body
    assert network["lan"] == "", "the hall of the tests listens to itself only"
    assert network["host"] and network["central"]["reachable"] is False and network["central"]["why"]["en"]
    checks = {c["id"]: c for c in hall.ask("GET", "/tech/doctor").body["checks"]}
    assert checks["pins"]["state"] == "warn" and checks["pins"]["remedy"]["zh"]


def test_the_bundle_holds_no_secret_and_nothing_of_a_customer(hall: TechHall) -> None:
    ticket = hall.issue()
    hall.wait_print(ticket["id"], "done")
    packed = zipfile.ZipFile(io.BytesIO(hall.ask("GET", "/tech/bundle").body))
    assert {
        "README.txt",
        "versions.json",
        "devices.json",
        "doctor.json",
        "config/station.json",
        "lines/printer.txt",
    } <= set(packed.namelist())
    whole = "\n".join(packed.read(name).decode() for name in packed.namelist())
    assert ticket["id"] not in whole and ticket["id"].encode().hex(" ").upper() not in whole
    assert "$argon2" not in whole and "demo-station-token" not in whole
    assert f'"{ticket["number"]}"' not in whole


def test_a_configuration_is_checked_tried_and_goes_back_by_itself_or_stays(hall: TechHall) -> None:
    files = {one["file"]: one for one in hall.ask("GET", "/tech/config").body["files"]}
    assert files["hall.toml"]["origin"] == "base"
    text = files["hall.toml"]["text"]
    bad = hall.ask(
        "POST", "/tech/config/try", {"files": {"hall.toml": text.replace("recall_limit = 3", "recall_limt = 99")}}
    )
    assert bad.status == 422
    assert [(m["file"], m["key"]) for m in bad.body["mistakes"]] == [("hall.toml", "hall.recall_limt")]
    assert bad.body["mistakes"][0]["line"] > 1
    new = text.replace("城东供电营业厅", "西门供电营业厅")
    said = hall.ask("POST", "/tech/config/try", {"files": {"hall.toml": new}})
    assert said.status == 200 and said.body["confirm_by_ms"] > 0
    hall.again()
    assert hall.call("GET", "/kiosk")["plan"]["name"]["zh"] == "西门供电营业厅"
    assert hall.ask("GET", "/tech/config").body["trial"]["until_ms"] == said.body["confirm_by_ms"]
    trial = hall.ask("GET", "/tech/config/trial").body["trial"]
    assert 0 < trial["left_s"] <= 60 and trial["files"] == ["hall.toml"]
    with browser(hall) as web:
        pages = [web.post(f"{hall.url}/tech?lang=zh", {"pin": "1111"}, timeout=10).text]
        pages += [web.get(f"{hall.url}/tech/page/{part}", timeout=20).text for part in ("lines", "config", "trial")]
        assert all(re.search(r"正在试用新配置：\d+ 秒内不确认就自动撤回", page) for page in pages)
        assert all("确认保留" in page for page in pages)
        banner = f"{hall.url}/tech/page/trial?file=devices.toml"
        assert 'name="file" value="devices.toml"' in web.get(banner, timeout=10).text
        assert 'name="file" value="devices.toml"' in web.get(f"{hall.url}/tech/page/config?file=devices.toml").text
        seconds = web.get(f"{banner}&shown=1", timeout=10)
        assert "<" not in seconds.text and "正在试用" in seconds.text, "the buttons stay as they are under a finger"
        assert (seconds.headers["HX-Retarget"], seconds.headers["HX-Reswap"]) == ("#trial-left", "innerHTML")
        back = web.post(f"{hall.url}/tech/page/config", {"verb": "rollback", "file": "devices.toml"}, timeout=10).text
        assert "已撤回" in back and re.search(r'file=devices.toml" aria-current="page"', back)
        gone = web.get(f"{banner}&shown=1", timeout=10)
        assert 'id="on-trial"' in gone.text and "<form" not in gone.text and "HX-Retarget" not in gone.headers
        assert web.get(banner, timeout=10).status_code == 204, "nothing to put in"
    hall.again()
    ended = hall.ask("GET", "/tech/config/trial").body
    assert ended["trial"] is None and (ended["ended"]["why"], ended["ended"]["files"]) == ("rolled_back", ["hall.toml"])
    assert hall.call("GET", "/kiosk")["plan"]["name"]["zh"] == "城东供电营业厅"
    assert hall.ask("POST", "/tech/config/try", {"files": {"hall.toml": new}}).status == 200
    hall.again()
    assert hall.ask("POST", "/tech/config/confirm", {}).status == 200
    now = hall.ask("GET", "/tech/config").body
    assert now["trial"] is None
    assert {one["file"]: one["origin"] for one in now["files"]}["hall.toml"] == "box"
    for id in ("printer", "signs", "voice"):
        hall.wait_device(id, "ready")


def test_a_calibration_is_kept(hall: TechHall) -> None:
    assert hall.ask("PUT", "/tech/calibration", {"matrix": [1, 0, 0, 0]}).status == 400
    matrix = [1.01, 0.0, -3.5, 0.0, 0.99, 2.0]
    assert hall.ask("PUT", "/tech/calibration", {"matrix": matrix}).body == {"matrix": matrix}
    assert hall.ask("GET", "/tech/calibration").body == {"matrix": matrix}
    assert hall.ask("PUT", "/tech/calibration", {"matrix": None}).body == {"matrix": None}


def test_the_screen_is_told_to_start_anew(hall: TechHall) -> None:
    before = hall.hall()["screen_restarts"]
    assert hall.ask("POST", "/tech/restart", {"what": "screen"}).status == 200
    assert hall.hall()["screen_restarts"] == before + 1


# --- the page --------------------------------------------------------------------------------------------------------


def browser(hall: TechHall) -> Any:
    import requests

    session = requests.Session()
    session.trust_env = False
    return session


def test_the_page_asks_for_the_pin_and_shows_each_part_in_both_languages(hall: TechHall) -> None:
    with browser(hall) as web:
        first = web.get(f"{hall.url}/tech?lang=zh", timeout=10)
        assert "技术人员登录" in first.text and "printer" not in first.text
        assert web.get(f"{hall.url}/tech/page/config", timeout=10).url == f"{hall.url}/tech"
        assert web.post(f"{hall.url}/tech", {"pin": "9999"}, timeout=10).status_code == 401
        page = web.post(f"{hall.url}/tech", {"pin": "1111"}, timeout=10)
        assert "打印测试" in page.text and hall.printer.where in page.text
        for part, zh, en in (
            ("lines", "识别", "Look"),
            ("network", "与中心配对", "Pair with central"),
            ("config", "试用", "Try it"),
            ("checks", "下载诊断包", "Download the diagnostic bundle"),
            ("wizard", "营业厅", "The hall"),
        ):
            assert zh in web.get(f"{hall.url}/tech/page/{part}?lang=zh", timeout=20).text, part
            assert en in web.get(f"{hall.url}/tech/page/{part}?lang=en", timeout=20).text, part


def test_the_page_tests_a_device_and_shows_mistakes_with_their_line(hall: TechHall) -> None:
    with browser(hall) as web:
        web.post(f"{hall.url}/tech?lang=en", {"pin": "1111"}, timeout=10)
        page = web.post(
            f"{hall.url}/tech/page/devices/printer/test?lang=en", {"what": "print", "key": "k1"}, timeout=30
        )
        assert re.search(r'id="said-printer"[^>]*>\s*<p class="notice ok">done', page.text)
        fragment = web.post(
            f"{hall.url}/tech/page/devices/voice/volume", {"level": "200"}, headers={"HX-Request": "true"}, timeout=30
        )
        assert fragment.text.startswith('<p class="notice bad">') and "0 … 100" in fragment.text
        assert "10 04 01" in web.get(f"{hall.url}/tech/page/devices/printer/log", timeout=10).text
        form = {"file": "hall.toml", "text": "[hall]\r\nnme = 1\r\n", "verb": "try", "key": "k2"}
        wrong = web.post(f"{hall.url}/tech/page/config?lang=en", form, timeout=10)
        assert wrong.status_code == 422
        assert "hall.toml line 2" in wrong.text and "[hall]: nme" in wrong.text and "nme = 1" in wrong.text
        assert 'hx-swap-oob="true"' in web.get(f"{hall.url}/tech/page/now", timeout=10).text


def test_the_page_goes_through_the_wizard_like_the_screen(hall: TechHall) -> None:
    with browser(hall) as web:
        web.post(f"{hall.url}/tech?lang=en", {"pin": "1111"}, timeout=10)
        at = f"{hall.url}/tech/page/wizard?lang=en"
        page = web.post(at, {"step": "hall", "verb": "go", "name_zh": "", "name_en": "x", "lang": "en"}, timeout=20)
        assert page.status_code == 422 and "Use 1 to 30 characters" in page.text
        page = web.post(at, {"step": "hall", "verb": "go", "name_zh": "甲", "name_en": "x", "lang": "en"}, timeout=20)
        assert "<h2>This box</h2>" in page.text
        page = web.post(at, {"step": "station", "verb": "back"}, timeout=20)
        assert "<h2>The hall</h2>" in page.text and 'value="甲"' in page.text
        assert (
            'value="城东' in web.post(at, {"verb": "anew"}, timeout=20).text or "西门" in web.get(at, timeout=20).text
        )
