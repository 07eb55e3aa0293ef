"""What only listens is found all the same: pads by asking, signs by the number that a person reads from them."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devices.catalog import Kind, Question, Site
from devices.keypad.kinds import KINDS as PADS
from devices.led.kinds import KINDS as SIGNS
from devices.tools.described import Candidate, candidates
from devices.tools.detect import Detected, Found, detect
from devices.tools.find import detected
from devices.tools.numbers import ADDRESSES, Offer, offer_of, show_numbers
from devices.tools.peer import Peer
from devices.tools.table import table
from devices.transport import Line, LineError, open_line

CONFIG = Path(__file__).parents[3] / "config"
KINDS = (*SIGNS, *PADS)
FOUR = [{"counter": n, "address": 10 + n} for n in (1, 2, 3, 4)]


def simulated(klass: str, config: Path, data: Path, **options: Any) -> Any:
    kind: Kind = next(k for k in KINDS if k.name == f"{klass}/frame")
    assert kind.simulator is not None
    made = kind.simulator(Site("x", "tcp://127.0.0.1:0", config, data), msgspec.convert(options, kind.options))
    made.start()
    return made


def mute(folder: Path) -> Path:
    """The configuration of a hall whose sign never answers."""
    (folder / "signs").mkdir(parents=True)
    text = (CONFIG / "signs/sum8.toml").read_text("utf-8")
    (folder / "signs/mute.toml").write_text(re.sub(r"\[ack\].*?tries = 3[^\n]*\n", "", text, flags=re.S), "utf-8")
    (folder / "signs/other.toml").write_text((CONFIG / "signs/crc16.toml").read_text("utf-8"), "utf-8")
    return folder


def swallow() -> Peer:
    peer = Peer("deaf", "x", "tcp://127.0.0.1:0", lambda data: b"", lambda: None)
    peer.start()
    return peer


def test_every_description_of_the_box_is_a_candidate_and_a_broken_one_is_named(tmp_path: Path) -> None:
    found, wrong = candidates(CONFIG)
    assert wrong == []
    kinds = {c.frame: c.klass for c in found}
    assert kinds["signs/sum8.toml"] == "sign"
    assert (kinds["keypads/polled.toml"], kinds["keypads/rating_polled.toml"]) == ("keypad", "rating")
    (tmp_path / "keypads").mkdir()
    (tmp_path / "keypads/bad.toml").write_text('layout = ["head"]\n', "utf-8")
    found, wrong = candidates(tmp_path)
    assert found == []
    assert wrong[0].startswith("keypads/bad.toml: ")


def test_pads_are_found_by_the_question_they_answer_and_their_table_is_ready(tmp_path: Path) -> None:
    pads = simulated("keypad", CONFIG, tmp_path, frame="keypads/polled.toml", pad=FOUR)
    try:
        seen = detect(pads.where, (), deadline_s=15.0, described=candidates(CONFIG)[0])
    finally:
        pads.stop()
    (found,) = [f for f in seen.found if f.klass == "keypad"]
    assert found.options == {"frame": "keypads/polled.toml", "pad": FOUR}
    written = tomllib.loads(table(found.klass, found.driver, found.where, found.options))["device"][0]
    assert (written["pad"], written["where"]) == (FOUR, pads.where)


def test_a_key_that_is_held_is_not_lost_by_asking(tmp_path: Path) -> None:
    pads = simulated("keypad", CONFIG, tmp_path, frame="keypads/polled.toml", pad=FOUR)
    described = [c for c in candidates(CONFIG)[0] if c.frame == "keypads/polled.toml"]
    try:
        pads.press(12, "next")
        first = detect(pads.where, (), deadline_s=10.0, described=described)
        again = detect(pads.where, (), deadline_s=10.0, described=described)
    finally:
        pads.stop()
    held = [line for line in first.log if line.startswith("< 7E") and " 0C B2 " in line]
    assert held and held == [line for line in again.log if line.startswith("< 7E") and " 0C B2 " in line]


def test_a_mute_sign_is_found_by_the_number_a_person_reads_from_it(tmp_path: Path) -> None:
    config = mute(tmp_path / "config")
    sign = simulated("sign", config, tmp_path, frame="signs/mute.toml")
    try:
        shown = show_numbers(sign.where, candidates(config)[0], deadline_s=15.0)
        read = {one["address"]: one["text"] for one in sign.shown()}
    finally:
        sign.stop()
    assert shown.found == [] and shown.finished
    assert sorted(read) == list(ADDRESSES)
    got = offer_of(shown.offers, read[3])
    assert got is not None
    offer, address = got
    assert (offer.options, address, offer.where) == ({"frame": "signs/mute.toml"}, 3, sign.where)


def test_the_speed_of_a_mute_sign_stands_in_its_number(tmp_path: Path) -> None:
    config = mute(tmp_path / "config")
    sign, deaf = simulated("sign", config, tmp_path, frame="signs/mute.toml"), swallow()

    def opener(where: str) -> Line:
        return open_line(sign.where if "baud=19200" in where else deaf.where)

    described = [c for c in candidates(config)[0] if c.frame == "signs/mute.toml"]
    try:
        shown = show_numbers("serial:///dev/ttyX", described, opener, 15.0)
        read = {one["address"]: one["text"] for one in sign.shown()}
    finally:
        sign.stop()
        deaf.stop()
    got = offer_of(shown.offers, read[1])
    assert got is not None
    assert got[0].where == "serial:///dev/ttyX?baud=19200"
    assert len({o.number for o in shown.offers}) == len(shown.offers) == 5


def test_a_sign_that_answers_needs_nobody_to_read_it(tmp_path: Path) -> None:
    sign = simulated("sign", CONFIG, tmp_path, frame="signs/sum8.toml")
    try:
        shown = show_numbers(sign.where, candidates(CONFIG)[0], deadline_s=15.0)
    finally:
        sign.stop()
    assert [(f.klass, f.options) for f in shown.found] == [("sign", {"frame": "signs/sum8.toml"})]


def test_a_keypad_that_speaks_by_itself_is_found_when_somebody_presses(tmp_path: Path) -> None:
    pads = simulated("keypad", CONFIG, tmp_path, frame="keypads/event.toml", pad=FOUR)
    press = threading.Timer(0.5, lambda: pads.press(13, "recall"))
    press.start()
    try:
        shown = show_numbers(pads.where, candidates(CONFIG)[0], deadline_s=15.0)
    finally:
        press.join()
        pads.stop()
    (found,) = [f for f in shown.found if f.options["frame"] == "keypads/event.toml"]
    assert found.options["pad"] == [{"counter": 1, "address": 13}]
    assert "recall" in found.en


def test_it_ends_at_its_deadline_and_says_that_it_did() -> None:
    deaf = swallow()
    begun = time.monotonic()
    try:
        shown = show_numbers(deaf.where, candidates(CONFIG)[0], deadline_s=0.4)
    finally:
        deaf.stop()
    assert time.monotonic() - begun < 2.0
    assert not shown.finished
    assert shown.offers


def test_a_line_that_cannot_be_opened_is_an_error() -> None:
    with pytest.raises(LineError, match="cannot be opened"):
        show_numbers("tcp://127.0.0.1:1", candidates(CONFIG)[0])


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("1203", (12, 3)),
        ("12 03", (12, 3)),
        ("12", (12, 1)),
        ("9903", None),
        ("1299", None),
        ("", None),
        ("8888", None),
    ],
)
def test_what_a_person_reads_is_one_of_our_numbers_or_none(read: str, meant: tuple[int, int] | None) -> None:
    offers = [Offer(n, "sign", "frame", "tcp://x:1", {"frame": "signs/a.toml"}, "a") for n in (11, 12)]
    got = offer_of(offers, read)
    assert (got and (got[0].number, got[1])) == meant


def test_what_cannot_be_known_is_said_with_the_next_step() -> None:
    deaf = swallow()
    try:
        silent = detect(deaf.where, SIGNS, deadline_s=10.0)
    finally:
        deaf.stop()
    zh, en = silent.advice(deaf.where)
    assert "测试号码" in zh and "test numbers" in en and f"kiosk devices learn --listen {deaf.where}" in en


def slow_pads(so_many: int) -> list[Candidate]:
    """Keypads that are given two seconds to answer: 32 addresses take a minute."""
    polled = next(c for c in candidates(CONFIG)[0] if c.frame == "keypads/polled.toml")
    assert polled.pads is not None
    slow = dataclasses.replace(polled.pads, within_s=2.0)
    return [dataclasses.replace(polled, frame=f"keypads/{n}.toml", pads=slow) for n in range(so_many)]


def test_slow_pads_do_not_keep_the_other_speeds_from_being_asked() -> None:
    card = Question(b"card?", lambda answer: answer == b"here", (9600, 115200), 0.05)
    reader = Kind("idcard", "reader", "读卡器", "reader", lambda s, o: None, ask=(card,))  # type: ignore[arg-type,return-value]
    there = Peer("reader", "x", "tcp://127.0.0.1:0", lambda data: b"here" if data == b"card?" else b"", lambda: None)
    there.start()
    deaf = swallow()
    try:
        seen = detect(
            "serial:///dev/ttyX",
            [reader],
            lambda where: open_line(there.where if "baud=115200" in where else deaf.where),
            1.0,
            described=slow_pads(1),
        )
    finally:
        there.stop()
        deaf.stop()
    assert [f.driver for f in seen.found] == ["reader"] and seen.finished


def test_each_pad_has_its_share_of_the_time_and_that_it_was_up_is_said() -> None:
    deaf = swallow()
    begun = time.monotonic()
    try:
        seen = detect(deaf.where, (), deadline_s=0.6, described=slow_pads(3))
    finally:
        deaf.stop()
    assert time.monotonic() - begun < 2.0
    assert sum(line.startswith("> ") for line in seen.log) == 3
    assert not seen.finished
    zh, en = seen.advice(deaf.where)
    assert zh.startswith("时间到") and en.startswith("Time was up")
    assert "测试号码" in zh and "test numbers" in en
    assert any(line.startswith("时间到") for line in detected(seen.view(deaf.where)))


def test_a_person_is_asked_although_slow_pads_would_take_all_the_time() -> None:
    scan = Question(b"", lambda answer: bool(answer), (9600,), 0.05, prompt=("请扫", "scan"))
    scanner = Kind("scanner", "s", "枪", "scanner", lambda s, o: None, ask=(scan,))  # type: ignore[arg-type,return-value]
    asked: list[str] = []
    deaf = swallow()
    try:
        detect(
            deaf.where, [scanner], deadline_s=1.0, ask_person=lambda zh, en: asked.append(zh), described=slow_pads(1)
        )
    finally:
        deaf.stop()
    assert asked == ["请扫"]


def test_what_was_found_when_time_was_up_may_not_be_all_and_that_is_said() -> None:
    one = Found("sign", "x", "tcp://a:1", {}, "屏", "a sign")
    for finished in (True, False):
        lines = list(detected(Detected([one], finished=finished).view("tcp://a:1")))
        assert any(line.startswith("时间到") for line in lines) is not finished


def test_a_candidate_with_rows_is_proposed_as_a_hall_sign() -> None:
    hall = next(c for c in candidates(CONFIG)[0] if c.frame == "signs/hall.toml")
    assert isinstance(hall, Candidate)
    assert hall.options == {"frame": "signs/hall.toml", "rows": 4}
