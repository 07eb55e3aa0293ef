"""What speaks on a line is found by asking, every byte is shown, and nothing else is ever sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.catalog import Kind, Question, Site
from devices.led.kinds import KINDS as SIGNS
from devices.led.onbon import HOST, Packet, pack
from devices.printer.kinds import KINDS as PRINTERS
from devices.tools.choose import Known
from devices.tools.detect import detect
from devices.tools.listing import owner_of, places
from devices.tools.peer import Peer
from devices.tools.questions import modbus_answer, modbus_read, modbus_tcp_read, questions_of
from devices.tools.relay import Babbler
from devices.transport import Line, LineError, open_line

KINDS = (*PRINTERS, *SIGNS)


def kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def simulated(name: str, where: str, tmp_path: Path) -> object:
    found = kind(name)
    assert found.simulator is not None
    return found.simulator(Site("x", where, tmp_path, tmp_path), found.options())


def test_a_device_is_found_by_its_answer(tmp_path: Path) -> None:
    name = "printer/escpos"
    simulator = simulated(name, "tcp://127.0.0.1:0", tmp_path)
    simulator.start()  # type: ignore[attr-defined]
    try:
        seen = detect(simulator.where, KINDS, deadline_s=10.0)  # type: ignore[attr-defined]
    finally:
        simulator.stop()  # type: ignore[attr-defined]
    assert [f"{f.klass}/{f.driver}" for f in seen.found] == [name], seen.log
    assert seen.found[0].where == simulator.where  # type: ignore[attr-defined]
    assert any(line.startswith("> ") for line in seen.log)
    assert "answered" in seen.found[0].en and "答" in seen.found[0].zh


def test_on_a_serial_line_the_speed_is_found_too(tmp_path: Path) -> None:
    simulator = simulated("printer/escpos", "pty:", tmp_path)
    simulator.start()  # type: ignore[attr-defined]
    tried: list[str] = []

    def opener(where: str) -> Line:
        tried.append(where)
        if "baud=115200" not in where:
            raise LineError(where, "not at this speed", "try another")
        return open_line(where)

    try:
        where = simulator.where.partition("?")[0]  # type: ignore[attr-defined]
        seen = detect(where, KINDS, opener, 10.0)
    finally:
        simulator.stop()  # type: ignore[attr-defined]
    assert "baud=9600" in tried[0]
    assert seen.found[0].where == f"{where}?baud=115200"


def test_only_the_questions_are_ever_sent() -> None:
    got = bytearray()

    def answer(data: bytes) -> bytes:
        got.extend(data)
        return b""

    peer = Peer("deaf", "x", "tcp://127.0.0.1:0", answer, lambda: None)
    peer.start()
    try:
        seen = detect(peer.where, KINDS, deadline_s=10.0)
    finally:
        peer.stop()
    assert (seen.found, seen.heard) == ([], False)
    rest = bytes(got)
    for question in sorted({q.send for k in KINDS for q in questions_of(k)}, key=len, reverse=True):
        rest = rest.replace(question, b"")
    assert rest == b""
    assert any("silence" in line for line in seen.log)


def test_noise_is_shown_and_taken_for_nothing() -> None:
    with Babbler(seed=4) as babbler:
        seen = detect(babbler.where, SIGNS, deadline_s=10.0)
    assert seen.found == []
    assert seen.heard


def test_it_ends_at_its_deadline() -> None:
    slow = Kind(
        "sign",
        "slow",
        "慢",
        "slow",
        lambda s, o: None,
        ask=tuple(  # type: ignore[arg-type,return-value]
            Question(bytes((n,)), lambda answer: False, within_s=0.2) for n in range(100)
        ),
    )
    peer = Peer("deaf", "x", "tcp://127.0.0.1:0", lambda data: b"", lambda: None)
    peer.start()
    try:
        seen = detect(peer.where, [slow], deadline_s=0.7)
    finally:
        peer.stop()
    assert not seen.finished
    assert 2 <= sum(line.startswith("> ") for line in seen.log) <= 5


def test_a_line_that_is_not_there_is_an_error_that_says_so() -> None:
    with pytest.raises(LineError, match="cannot be opened"):
        detect("tcp://127.0.0.1:1", KINDS)


def test_a_person_is_asked_only_when_nothing_else_answered() -> None:
    asked: list[str] = []
    peer = Peer("scanner", "x", "tcp://127.0.0.1:0", lambda data: b"6901\r" if data == b"?" else b"", lambda: None)
    scan = Question(b"?", lambda answer: answer == b"6901\r", (9600,), 3.0, prompt=("请扫", "scan"))
    other = Question(b"!", lambda answer: bool(answer), (9600,), 0.2)
    scanner = Kind("scanner", "s", "枪", "scanner", lambda s, o: None, ask=(scan, other))  # type: ignore[arg-type,return-value]
    peer.start()
    try:
        alone = detect(peer.where, [scanner], deadline_s=10.0)
        seen = detect(peer.where, [scanner], deadline_s=10.0, ask_person=lambda zh, en: asked.append(f"{zh} {en}"))
    finally:
        peer.stop()
    assert alone.found == []
    assert asked == ["请扫 scan"]
    assert [f.driver for f in seen.found] == ["s"]


def test_an_onbon_card_is_known_by_a_whole_frame_with_its_crc() -> None:
    (question,) = questions_of(kind("sign/onbon"))
    answer = pack(Packet(HOST, 3, bytes((0xA0, 0x00, 0x00, 0x00, 0x00))))
    assert question.matches(answer)
    assert not question.matches(answer[:-3] + b"\x00\x00\x5a")


def test_a_modbus_sign_is_found_by_a_register_that_is_read() -> None:
    def answer(data: bytes) -> bytes:
        return bytes.fromhex("00 01 00 00 00 05 02 03 02 00 2A") if data == modbus_tcp_read(2) else b""

    peer = Peer("sign", "x", "tcp://127.0.0.1:0", answer, lambda: None)
    peer.start()
    try:
        seen = detect(peer.where, SIGNS, deadline_s=10.0)
    finally:
        peer.stop()
    assert [f.driver for f in seen.found] == ["modbus"]


def test_modbus_answers_are_known_by_their_crc() -> None:
    assert modbus_read(3) == bytes.fromhex("03 03 00 00 00 01 85 E8")
    assert modbus_answer(3)(bytes.fromhex("03 03 02 00 41 00 74")) is False
    assert modbus_answer(1)(bytes.fromhex("01 03 02 00 00 B8 44"))
    assert modbus_answer(1)(modbus_read(1)) is False
    assert modbus_answer(2)(bytes.fromhex("01 03 02 00 00 B8 44")) is False


def test_a_port_is_told_with_who_stands_on_it(tmp_path: Path) -> None:
    dev, sys = tmp_path / "dev", tmp_path / "sys"
    (dev / "usb").mkdir(parents=True)
    (dev / "usb/lp0").touch()
    (dev / "usb/lp1").touch()
    (dev / "printer").symlink_to(dev / "usb/lp0")
    known = [Known("ticket", "printer", "escpos", f"file://{dev}/printer", None)]
    assert [(p.where, p.taken_by) for p in places(known, dev, sys)] == [
        (f"file://{dev}/usb/lp0", "ticket"),
        (f"file://{dev}/usb/lp1", None),
    ]
    assert owner_of("tcp://10.0.0.1:9100", [Known("a", "p", "e", "tcp://10.0.0.1:9100", None)]) == "a"
    assert owner_of("tcp://10.0.0.1:9101", [Known("a", "p", "e", "tcp://10.0.0.1:9100", None)]) is None
