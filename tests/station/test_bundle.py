"""The diagnostic bundle tells a developer much, and of anybody who was served nothing."""

from __future__ import annotations

import base64
import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from kiosk.config import load
from kiosk.domain import facts as f
from kiosk.journal.store import Entry, Journal, recorded
from kiosk.journal.vault import Vault
from kiosk.station.bundle import bundle
from kiosk.station.scrub import OUT, Scrubber
from tests.config.halls import DEMO, copy

NAMES = ("欧阳娜娜", "张伟强", "Zhang Weiqiang", "Ouyang Nana")
PHONES = ("13812345678", "139-8765-4321", "+86 137 0000 1111", "１３６１２３４５６７８", "0571-88776655")
IDS = ("110105194912310021", "11010519491231002X", "110105 19491231 002x", "320311770706001", "6222021234567890123")
BIRTHDAYS = ("1949-12-31", "1988年3月5日")
OTHERS = ("nana.ouyang@example.com", "浙江省杭州市西湖区文三路九十九号")
TICKET = secrets.token_hex(16)
TOKENS = (secrets.token_urlsafe(32), "a-short-token", "letmein77")
HASH = "$argon2id$v=19$m=19456,t=2,p=1$P5/DME91zGbPO9tCwJOKAw$pbsHln0JqezErj8xosdwVWHzmTXk4ma1PI4YFcLSuDU"
PERSONAL = (*NAMES, *PHONES, *IDS, *BIRTHDAYS, *OTHERS, TICKET)


def disguises(text: str) -> Iterator[bytes]:
    """What `text` looks like when somebody wrote it in another way."""
    for coding in ("utf-8", "gb18030", "utf-16-le"):
        raw = text.encode(coding)
        yield raw
        for hexed in (raw.hex(), raw.hex(" "), raw.hex().upper(), raw.hex(" ").upper()):
            yield hexed.encode()
    yield base64.b64encode(text.encode())
    yield quote(text).encode()
    yield json.dumps(text).strip('"').encode()
    yield repr(text.encode())[2:-1].encode()


class Box:
    """A station's folders after a day on which everything that could go wrong with secrets did."""

    def __init__(self, folder: Path) -> None:
        self.base, self.data = copy(folder / "config"), folder / "data"
        self._configure()
        self._record()
        self._log()

    def _configure(self) -> None:
        station = (self.base / "station.toml").read_text("utf-8")
        station = station.replace("demo-station-token", TOKENS[1])
        station = station.replace("http://127", f"http://nana:{TOKENS[2]}@127")
        station += f"# ring {NAMES[0]}, {PHONES[0]}, if it breaks; her id is {IDS[1]}\n"
        (self.base / "station.toml").write_text(station, "utf-8")
        hall = (self.base / "hall.toml").read_text("utf-8")
        (self.base / "hall.toml").write_text(hall.replace("优先叫号", f"预约 {PHONES[0]}") + f"# {NAMES[1]}\n", "utf-8")

    def _record(self) -> None:
        journal = Journal(self.data, self.data.with_name("data.key"))
        journal.open()
        day = f.DayOpened(ordinal=1, label="2026-11-22", by="clock", carry=f.Carry())
        issued = f.TicketIssued(
            ticket=TICKET, number="A001", series="A", ordinal=1, service="payment", klass="ordinary", lang="zh"
        )
        noted = f.NoticePublished(notice="n", text=f.Lines(zh=" ".join(PERSONAL), en=NAMES[2]))
        changed = f.DeviceChanged(device="printer", state="fault", detail=" ".join(PERSONAL))
        journal.commit([Entry(recorded(0, 1, [day, issued, issued, noted, changed]))])
        worse = f.DeviceChanged(
            device="printer", state="fault", reasons=("paper_end", NAMES[0]), detail=NAMES[1], more=3
        )
        back = f.DeviceChanged(device="printer", state="ready")
        journal.commit([Entry(recorded(5, 1_795_306_502_345, [worse])), Entry(recorded(6, 1_795_306_562_345, [back]))])
        vault = Vault(journal.conn, b"k")
        for text in PERSONAL:
            vault.put("visit", text.encode(), 10**15)
        journal.close()
        (self.data / "screen.token").write_text(TOKENS[0])
        (self.data / "tech.token").write_text(TOKENS[0][::-1])

    def _log(self) -> None:
        folder = self.data / "logs"
        folder.mkdir()
        lines = []
        for text in (*PERSONAL, *TOKENS, HASH, (self.data / "tech.token").read_text()):
            lines.append(
                f"2026-11-22 09:14:0{len(lines) % 10},123 ERROR kiosk.station.keeper: could not print for {text}"
            )
            lines.append(f"客户{text}的打印未完成，请重试：{text!r}")
            lines += [f"GET /t/{dressed.decode('utf-8', 'replace')} 404" for dressed in disguises(text)]
            lines.append(f'{{"name": "{text}", "phone": "{text}"}}')
        (folder / "station.log").write_text("\n".join(lines), "utf-8")

    def view(self) -> dict[str, Any]:
        """What the running station adds, with everything in it that must not get out."""
        wire = [f"08:12:12.345 > {text.encode('gb18030').hex(' ').upper()}" for text in PERSONAL]
        words = [f"08:12:12.345 < {text}" for text in PERSONAL]
        return {
            "health": {
                "release": "0.1.0",
                "at": 1_795_000_000_000,
                "devices": [
                    {"id": "printer", "state": "fault", "reasons": ["paper_end"], "detail": " ".join(PERSONAL)}
                ],
                "phone": 13812345678,
                "sync": {"push": {"error": {"zh": f"客户{NAMES[0]}", "en": TICKET}}},
                NAMES[0]: 1,
            },
            "logs": {
                "printer": [*wire, *words],
                "reader": [*wire, *words, "08:12:13.000 < [128 bytes, personal 个人信息]  # ×3 → 08:12:14.000"],
                "signs": ["11-21 08:12:12.000 > A5 03 00 41 30 30 31 5A  # ×2 → 08:12:14.000", *words],
            },
        }


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return Box(tmp_path_factory.mktemp("box"))


@pytest.fixture(scope="module")
def packed(box: Box) -> bytes:
    return bundle(load(box.base), box.data, box.view())


@pytest.fixture(scope="module")
def files(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as zip:
        return {name: zip.read(name) for name in zip.namelist()}


def test_nothing_of_anybody_is_in_it_however_it_was_written(box: Box, files: dict[str, bytes]) -> None:
    key = box.data.with_name("data.key").read_bytes()
    secret = [*TOKENS, HASH, (box.data / "tech.token").read_text()]
    pins = load(box.base).pins
    secret += [pins.counter, pins.guide, pins.tech]
    wanted = {text: set(disguises(text)) for text in (*PERSONAL, *secret)}
    wanted["the journal's key"] = {key, key.hex().encode(), base64.b64encode(key)}
    found = [
        (name, text, bytes(form)[:40])
        for name, content in files.items()
        for text, forms in wanted.items()
        for form in forms
        if form in content or form in name.encode()
    ]
    assert found == []


def test_the_search_would_find_them(box: Box) -> None:
    """Each was really there to be leaked."""
    log = (box.data / "logs" / "station.log").read_bytes()
    assert all(text.encode() in log for text in (*PERSONAL, *TOKENS))
    assert NAMES[0] in (box.base / "station.toml").read_text("utf-8")
    assert TICKET.encode() in b"".join(path.read_bytes() for path in box.data.glob("journal.db*"))


def test_what_a_developer_needs_is_there(files: dict[str, bytes]) -> None:
    assert {"README.txt", "versions.json", "doctor.json", "journal.json", "health.json", "logs/station.log"} <= set(
        files
    )
    assert {f"config/{n}.json" for n in ("hall", "services", "counters", "triage", "devices", "station")} <= set(files)
    assert json.loads(files["versions.json"])["packages"]["kivy"]
    journal = json.loads(files["journal.json"])
    assert journal["head"] == 7
    assert journal["days"] == [
        {
            "label": "2026-11-22",
            "first_seq": 1,
            "kinds": {"DayOpened": 1, "DeviceChanged": 3, "NoticePublished": 1, "TicketIssued": 2},
        }
    ]
    station = json.loads(files["config/station.json"])
    assert station["origin"] == "base"
    assert station["table"]["station"]["id"] == "S1"
    assert station["table"]["central"]["token"] == OUT
    assert station["table"]["pins"] == {"counter": OUT, "guide": OUT, "tech": OUT}
    services = json.loads(files["config/services.json"])["table"]["service"]
    assert services[0]["name"]["zh"] == "电费缴纳"
    assert any(c["id"] == "device:printer" for c in json.loads(files["doctor.json"]))
    health = json.loads(files["health.json"])
    assert health["devices"][0]["reasons"] == ["paper_end"]
    assert health["at"] == 1_795_000_000_000


def test_the_history_of_each_device_is_there_without_what_it_said(files: dict[str, bytes]) -> None:
    history = json.loads(files["device_history.json"])
    assert list(history) == ["printer"]
    assert {key: history["printer"][key] for key in ("told", "faults", "untold")} == {
        "told": 3,
        "faults": 2,
        "untold": 3,
    }
    assert history["printer"]["last"][1:] == [
        {"seq": 6, "at": "2026-11-22 08:15:02", "state": "fault", "reasons": ["paper_end", OUT], "more": 3},
        {"seq": 7, "at": "2026-11-22 08:16:02", "state": "ready", "reasons": [], "more": 0},
    ]


def test_hex_logs_keep_bytes_only_where_nobody_can_be_in_them(files: dict[str, bytes]) -> None:
    assert "11-21 08:12:12.000 > A5 03 00 41 30 30 31 5A  # ×2 → 08:12:14.000" in files["lines/signs.txt"].decode()
    for name in ("printer", "reader"):
        first = files[f"lines/{name}.txt"].decode().splitlines()[0]
        assert first == f"08:12:12.345 > ({len(NAMES[0].encode('gb18030'))} bytes)"
    assert "08:12:13.000 < (128 bytes)  # ×3 → 08:12:14.000" in files["lines/reader.txt"].decode()


def test_a_log_line_of_ours_stays_readable(box: Box) -> None:
    scrub = Scrubber()
    for line in (
        "2026-11-22 09:14:02,123 WARNING kiosk.station.app: starting again, as a technician or a new configuration asks",
        "命令 7 暂时无法执行（disk full），稍后重试。",
        "printer: tcp://127.0.0.1:8611: cannot be opened 无法打开 ([Errno 111] Connection refused); check the cable",
        '  File "kiosk/station/keeper.py", line 153, in now',
        "sqlite3.OperationalError: database is locked",
    ):
        assert scrub.line(line) == line


def test_a_name_is_no_word_we_know() -> None:
    scrub = Scrubber()
    assert scrub.line("客户张伟强已到 3 号窗口") == f"{OUT} 3 号窗口"
    assert "Weiqiang" not in scrub.line("called for Zhang Weiqiang at counter 3")
    assert scrub.line("at counter 3") == "at counter 3"


def test_it_never_grows_beyond_what_can_be_sent(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve lines that hiss: nothing packs them."""
    monkeypatch.setattr("kiosk.station.bundle.LARGEST", 300_000)
    lines = [f"08:12:01.000 > {secrets.token_bytes(512).hex(' ').upper()}" for _ in range(100)]
    config = load(box.base)
    devices = tuple(
        msgspec.structs.replace(config.devices[1], id=f"signs{n}", where=f"tcp://127.0.0.1:{n + 1}") for n in range(12)
    )
    packed = bundle(
        msgspec.structs.replace(config, devices=devices), box.data, {"logs": {d.id: lines for d in devices}}
    )
    assert 200_000 < len(packed) <= 300_000
    with zipfile.ZipFile(io.BytesIO(packed)) as zip:
        left_out = zip.read("LEFT_OUT.txt").decode().split()
        assert left_out
        assert not {*left_out} & {*zip.namelist()}


def test_beside_a_box_that_has_nothing_yet(tmp_path: Path) -> None:
    packed = bundle(load(DEMO), tmp_path / "nothing", {})
    with zipfile.ZipFile(io.BytesIO(packed)) as zip:
        assert json.loads(zip.read("journal.json")) == {"head": 0, "days": []}
        assert zip.testzip() is None
