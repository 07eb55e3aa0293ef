"""The technician's parts by themselves: TOML texts, ports, levels, keys, detection on a serial line, the sheets."""

from __future__ import annotations

import asyncio
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.account import Account
from devices.catalog import catalog
from devices.ports import Contact, Event, IdCard, Pressed, Rated, Scanned
from devices.printer.escpos import Layout, compose
from devices.printer.simulator import PrinterSimulator
from kiosk.config import load
from kiosk.config.files import Device
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.effects.acceptance import Acceptance, Judged, acceptance_sheet, ruler, trial_sheet
from kiosk.flows.wizard import Known, Proposal, begin, replace
from kiosk.station import pages_text
from kiosk.station.tech import detect, ports, texts, trials
from kiosk.station.tech.desk import Seen
from kiosk.station.tech.files import wanted
from kiosk.station.tech.once import Once
from kiosk.station.tech.toml_text import literal, put, write
from kiosk.station.tech.tuning import Tuning
from kiosk.station.tech.wizard_now import _device

ROOT = Path(__file__).resolve().parents[2]
AT = 1_763_800_000_000


# --- TOML texts ------------------------------------------------------------------------------------------------------


def test_a_value_is_set_where_it_stands_and_the_comments_stay() -> None:
    text = (ROOT / "config" / "station.toml").read_text("utf-8")
    new = put(text, ("central", "url"), "https://central.example")
    assert tomllib.loads(new)["central"]["url"] == "https://central.example"
    assert '# "" = a hall without central' in new
    changed = [(a, b) for a, b in zip(text.splitlines(), new.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert put(new, ("central", "url"), "https://central.example") == new


def test_a_key_that_is_not_there_is_added_to_its_table_and_a_missing_table_is_made() -> None:
    assert tomllib.loads(put("[a]\nx = 1\n[b]\ny = 2\n", ("a", "z"), "w")) == {"a": {"x": 1, "z": "w"}, "b": {"y": 2}}
    assert tomllib.loads(put("", ("central", "url"), "u")) == {"central": {"url": "u"}}


def test_a_key_of_one_table_among_many_is_changed_or_taken_out() -> None:
    text = (ROOT / "config" / "counters.toml").read_text("utf-8")
    new = put(put(text, ("counter", 2, "sign"), None), ("counter", 0, "sign"), "other:9")
    counters = tomllib.loads(new)["counter"]
    assert [c.get("sign") for c in counters] == ["other:9", "signs:2", None, "signs:4"]
    assert "# Four all-in-one counters" in new


def test_a_text_in_an_odd_form_keeps_its_meaning() -> None:
    odd = 'central = { url = "a" }\n[pins]\nguide = """x\ny"""\n'
    assert tomllib.loads(put(odd, ("central", "url"), "b")) == {"central": {"url": "b"}, "pins": {"guide": "x\ny"}}
    assert tomllib.loads(put(odd, ("pins", "guide"), "z"))["pins"] == {"guide": "z"}


values = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    assert tomllib.loads(f"x = {literal(value)}") == {"x": value}
    assert tomllib.loads(write({"t": {"x": value}, "list": [{"y": value}]})) == {
        "t": {"x": value},
        "list": [{"y": value}],
    }


def test_the_wizards_files_are_the_same_when_made_from_themselves() -> None:
    name = Lines(zh="甲", en="A")
    sign = Proposal(id="signs", klass="sign", driver="onbon", where="tcp://10.0.0.5:5005", name=name, why=name)
    state = replace(
        begin(Known(hall=name, station="S1"), "r"),
        station="S7",
        central="https://c",
        token='t"\\',
        pins={"counter": "$h1", "guide": "$h2", "tech": "$h3"},
        answers={"hall": {"name_zh": '“甲”"', "name_en": "A\\B"}},
        found=(sign,),
    )
    texts = {
        name: (ROOT / "config" / name).read_text("utf-8") for name in ("hall.toml", "station.toml", "devices.toml")
    }
    texts["counters.toml"] = '[[counter]]\nid = 4\nname = { zh = "4", en = "4" }\n'
    once = wanted(state, lambda file: texts[file])
    assert wanted(state, lambda file: once[file]) == once
    assert tomllib.loads(once["hall.toml"])["hall"]["name"] == {"zh": '“甲”"', "en": "A\\B"}
    assert tomllib.loads(once["station.toml"])["central"] == {"url": "https://c", "token": 't"\\'}
    assert tomllib.loads(once["counters.toml"])["counter"][0]["sign"] == "signs:4"
    assert len(tomllib.loads(once["devices.toml"])["device"]) == 1


# --- ports -----------------------------------------------------------------------------------------------------------


def test_ports_are_named_by_their_path_and_one_device_is_not_offered_twice(tmp_path: Path) -> None:
    for name in ("dev/serial/by-path", "dev/usb", "dev/v4l/by-path", "dev/input/by-path"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("dev/ttyUSB0", "dev/ttyUSB1", "dev/usb/lp0", "dev/video0", "dev/input/event0", "dev/input/event1"):
        (tmp_path / name).touch()
    (tmp_path / "dev/serial/by-path/pci-0:1.0-port0").symlink_to("../../ttyUSB0")
    (tmp_path / "dev/serial/by-path/pci-0:2.0-port0").symlink_to("../../ttyUSB1")
    (tmp_path / "dev/v4l/by-path/pci-0:3.0-video-index0").symlink_to("../../video0")
    (tmp_path / "dev/input/by-path/pci-0:4.0-event-kbd").symlink_to("../event0")
    for name in ("ttyUSB0", "ttyUSB1"):
        (tmp_path / "sys/class/tty" / name / "device").mkdir(parents=True)
    dev = f"{tmp_path}/dev"
    taken = Device(id="printer", klass="printer", driver="escpos", where=f"serial://{dev}/ttyUSB0?baud=19200")
    found = ports.scan([taken], tmp_path)
    assert [(p.where, p.taken_by) for p in found] == [
        (f"serial://{dev}/ttyUSB0", "printer"),
        (f"serial://{dev}/serial/by-path/pci-0:2.0-port0", None),
        (f"file://{dev}/usb/lp0", None),
        (f"input://{dev}/input/by-path/pci-0:4.0-event-kbd", None),
        (f"v4l2://{dev}/v4l/by-path/pci-0:3.0-video-index0", None),
    ]
    for place in found:
        assert any(place.where.startswith(kind.schemes) for kind in catalog().kinds.values()), (
            "no driver could stand there"
        )


# --- detection -------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_on_a_serial_line_and_every_byte_is_shown() -> None:
    simulator = PrinterSimulator.on_pty()
    simulator.start()
    try:
        told = detect.look(simulator.where.split("?")[0], tuple(catalog().kinds.values()))
    finally:
        simulator.stop()
    assert ("printer", "escpos") in [(found.klass, found.driver) for found in told.found]
    assert "baud=9600" in told.found[0].where
    assert any("> 10 04 01" in line for line in told.log) and any("< 12" in line for line in told.log)


@pytest.mark.parametrize(
    "where", ["alsa:default", "pigeon://roof", "serial:///dev/nothing-here", "tcp://127.0.0.1:1", "tcp://"]
)
def test_a_line_that_cannot_be_asked_is_refused(where: str) -> None:
    with pytest.raises(Refused) as refused:
        detect.look(where, tuple(catalog().kinds.values()))
    assert refused.value.field == "where"


# --- keys and levels -------------------------------------------------------------------------------------------------


def test_a_key_runs_its_work_once_and_tells_a_failure_again() -> None:
    async def story() -> None:
        once, runs = Once(), []

        def work(answer: Callable[[], Any]) -> Callable[[], Any]:
            async def run() -> Any:
                runs.append(1)
                await asyncio.sleep(0)
                return answer()

            return run

        both = await asyncio.gather(*(once.run("k", ["a"], work(lambda: 5)) for _ in range(2)))
        assert both == [5, 5] and len(runs) == 1
        with pytest.raises(Refused, match="key_reused"):
            await once.run("k", ["b"], work(lambda: 6))

        def fail() -> Any:
            raise LookupError("gone")

        for _ in range(2):
            with pytest.raises(LookupError):
                await once.run("f", ["a"], work(fail))
        assert len(runs) == 2
        assert await once.run("", ["a"], work(lambda: 7)) == 7

    asyncio.run(story())


def test_levels_are_kept_for_each_device_and_a_torn_file_is_as_if_never_set(tmp_path: Path) -> None:
    tuning = Tuning(tmp_path)
    assert tuning.read() == {}
    tuning.write("voice", "volume", 40)
    tuning.write("signs", "brightness", 70)
    assert Tuning(tmp_path).read() == {"voice": {"volume": 40}, "signs": {"brightness": 70}}
    (tmp_path / "tuning.json").write_text('{"voice": {"volume": 400}}')
    assert tuning.read() == {}


# --- what is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "secret"),
    [
        (IdCard("张三丰", "11010519491231002X", address="东大街 1 号"), ["三丰", "1101", "东大街"]),
        (Scanned("6212345678901234567"), ["12345678"]),
    ],
)
def test_a_test_shows_that_something_was_read_and_not_whose_it_was(event: Event, secret: list[str]) -> None:
    text = str(trials.masked(event))
    assert not [part for part in secret if part in text], text


def test_a_test_shows_what_was_pressed() -> None:
    assert trials.masked(Pressed(11, "next", "A001", "p1")) == {"key": "next", "address": 11, "holding": "A001"}
    assert trials.masked(Rated(2, 5, "p")) == {"score": 5, "address": 2}
    assert trials.masked(Contact("door", True)) == {"name": "door", "active": True}


# --- sheets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [48, 32])
def test_both_sheets_can_be_printed_on_both_widths(lang: str, columns: int) -> None:
    name = Lines(zh="打印机", en="printer")
    accepted = Acceptance(
        hall=Lines(zh="城东供电营业厅", en="East City Power Hall"),
        station="S1",
        name="东门",
        release="0.1.0",
        config="0123456789ab",
        central="https://central.example",
        devices=[Judged(name, "printer", "yes"), Judged(name, "p2", "no"), Judged(name, "p3", "")],
        ticket=("A001", "yes"),
        at=AT,
        utc_offset_min=480,
    )
    for paper in (trial_sheet("j", "printer", AT, 480, lang), acceptance_sheet("j", accepted, lang)):
        assert len(compose(paper, Layout(columns=columns))) > 300
    said = str(acceptance_sheet("j", accepted, lang).items)
    assert ("合格" in said and "签字" in said) if lang == "zh" else ("works" in said and "Signed" in said)
    assert "[√]" in said and "[×]" in said and "[ ]" in said


def test_a_ruler_is_as_long_as_it_says() -> None:
    assert ruler(12) == "123456789112"
    assert {len(ruler(n)) for n in (32, 48)} == {32, 48}


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_word_of_the_page_is_there_in_both_languages_and_none_is_left_over() -> None:
    templates = "\n".join(p.read_text("utf-8") for p in (ROOT / "kiosk/station/templates/tech").glob("*.html"))
    code = "\n".join((ROOT / "kiosk/station/tech" / name).read_text("utf-8") for name in ("pages.py", "wizard_page.py"))
    asked = set(re.findall(r"""\bt\('([a-z_.]+)'[,)]""", templates)) | set(
        re.findall(r"""say\(lang, "([a-z_.]+)"[,)]""", code)
    )
    assert len(asked) > 40
    assert asked <= set(texts.TEXTS) | set(pages_text.TEXTS)
    by_value: tuple[str, ...] = (
        "nav.",
        "test.",
        "origin.",
        "check.",
        "restart.",
        "volume",
        "brightness",
        "cfg.",
    )
    by_value += ("done", "not_done", "unknown")
    assert [key for key in texts.TEXTS if key not in asked and not key.startswith(by_value)] == []
    for zh, en in texts.TEXTS.values():
        assert zh and en and zh.count("{}") == en.count("{}")


def test_the_devices_of_the_demo_are_written_as_they_mean_and_a_stand_in_left_out_is_named_no_more(
    tmp_path: Path,
) -> None:
    config = load(ROOT / "config")
    name = Lines(zh="甲", en="A")
    found = tuple(
        Proposal(
            id=d.id,
            klass=d.klass,
            driver=d.driver,
            where=d.where,
            options=msgspec.to_builtins(d.options),
            name=name,
            why=name,
        )
        for d in config.devices
        if d.id != "printer2"
    )
    state = replace(begin(Known(hall=name, station="S1"), "r"), found=found, station="S1")
    shutil.copytree(ROOT / "config", tmp_path / "config")
    files = wanted(state, lambda file: (ROOT / "config" / file).read_text("utf-8"))
    for file, text in files.items():
        (tmp_path / "config" / file).write_text(text, "utf-8")
    again = {d.id: d for d in load(tmp_path / "config").devices}
    assert set(again) == {d.id for d in config.devices} - {"printer2"}
    kept = {d.id: d for d in config.devices if d.id in set(again) - {"printer"}}
    assert {id: d for id, d in again.items() if id != "printer"} == kept
    assert again["printer"].options.standin == ""


def test_the_wizard_tells_what_a_driver_said_in_each_language_by_itself() -> None:
    device = Device(id="printer", klass="printer", driver="escpos", where="tcp://127.0.0.1:9100")
    said = "nobody answers there 那里没有应答; check the cable 请检查连线"
    told = _device(Seen(device, "fault", (), said, Account(), (), None, None)).remedy
    assert told == Lines(zh="那里没有应答; 请检查连线", en="nobody answers there; check the cable")
