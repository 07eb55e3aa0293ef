"""The hex log: every piece with the time of day, and the same with what repeats folded."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from devices.learn.capture import read_capture
from devices.transport import deadline_in, open_line
from devices.wirelog import AMONG, ENTRIES, ENTRY_BYTES, EXCHANGES, SETTLED_S, WireLog

BEGIN = 1_795_306_502.345  # 2026-11-22 00:15:02 UTC
HALL = 480
ASK, ANSWER = b"\x10\x04\x01", b"\x12"


class Wire:
    """A log and the clocks it is written by: `at` goes on, and the wall clock with it until somebody sets that back."""

    def __init__(self) -> None:
        self.at = BEGIN
        self.set_back_s = 0.0
        self.log = WireLog(lambda: self.at - self.set_back_s, lambda: self.at)

    def asks(self, asked: bytes = ASK, answered: bytes = ANSWER, every_s: float = 1.0) -> None:
        self.log.note(">", asked)
        self.at += 0.002
        self.log.note("<", answered)
        self.at += every_s - 0.002

    def folded(self) -> list[str]:
        """When all is quiet."""
        self.at += SETTLED_S
        return self.log.read(utc_offset_min=HALL)[1]


def test_a_piece_has_the_time_of_day_of_the_hall_and_yesterdays_its_day() -> None:
    wire = Wire()
    wire.asks()
    assert wire.log.read(all=True, utc_offset_min=HALL)[1] == ["08:15:02.345 > 10 04 01", "08:15:02.347 < 12"]
    wire.at += 86_400
    assert wire.log.read(all=True, utc_offset_min=HALL)[1][1] == "11-22 08:15:02.347 < 12"


def test_polls_that_repeat_are_one_exchange_with_how_often_and_when_last() -> None:
    wire = Wire()
    for _ in range(37):
        wire.asks()
    assert wire.folded() == ["08:15:02.345 > 10 04 01", "08:15:02.347 < 12  # ×37 → 08:15:38.345"]


def test_polls_of_many_pads_by_turns_are_folded_each_and_what_differs_stands_out() -> None:
    wire = Wire()
    for nth in range(20):
        for pad in range(4):
            wire.asks(bytes([pad]), b"\xb1" if (nth, pad) == (12, 2) else b"\xb0", 0.1)
    told = wire.folded()
    assert [line.split()[2] for line in told if " > " in line] == ["00", "01", "02", "03", "02"]
    assert [line.split()[2] for line in told if " < " in line] == ["B0"] * 4 + ["B1"]
    assert sum(int(line.split("×")[1].split()[0]) for line in told if "×" in line) == 79


def test_what_comes_again_much_later_is_a_line_of_its_own() -> None:
    wire = Wire()
    wire.asks(b"\x01")
    for nth in range(AMONG + 1):
        wire.asks(bytes([0x40 + nth]))
    wire.asks(b"\x01")
    assert sum(" > 01" in line for line in wire.folded()) == 2


def test_an_answer_in_pieces_is_one_and_what_comes_by_itself_is_no_answer() -> None:
    wire = Wire()
    for size in (1, 3):  # the line cuts it differently each time
        wire.log.note(">", ASK)
        for piece in (b"\x7e\x01\x02\x0d"[:size], b"\x7e\x01\x02\x0d"[size:]):
            wire.at += 0.003
            wire.log.note("<", piece)
        wire.at += 2
    wire.log.note("<", b"\x55")
    wire.at += 2
    told = wire.folded()
    assert [line.partition("  #")[0].split(" ", 1)[1] for line in told] == ["> 10 04 01", "< 7E 01 02 0D", "< 55"]
    assert "×2" in told[1]


def test_a_long_answer_in_many_pieces_is_one() -> None:
    wire = Wire()
    wire.log.note(">", ASK)
    for nth in range(10):  # 16 bytes each, at 9600 baud: 0.17 s, far longer than from one piece to the next
        wire.at += 0.0167
        wire.log.note("<", bytes([nth]) * 16)
    wire.at += 2
    wire.log.note("<", b"\x55")
    answer = b"".join(bytes([nth]) * 16 for nth in range(10)).hex(" ").upper()
    assert [line.split(" ", 1)[1] for line in wire.folded()] == ["> 10 04 01", f"< {answer}"]


def test_who_never_pauses_is_told_all_the_same_and_no_byte_is_left_out() -> None:
    wire = Wire()
    sent = [bytes([nth]) * 48 for nth in range(40)]
    for piece in sent:
        wire.at += 0.02
        wire.log.note("<", piece)
    told = [bytes.fromhex(line.split(" < ")[1]) for line in wire.log.read()[1]]
    assert told and all(len(piece) <= ENTRY_BYTES for piece in told)
    wire.at += 2
    told = [bytes.fromhex(line.split(" < ")[1]) for line in wire.folded()]
    assert b"".join(told) == b"".join(sent)


def test_a_clock_that_is_set_back_glues_nothing_together_and_hides_nothing() -> None:
    wire = Wire()
    wire.log.note("<", b"A001\r")
    wire.at += 2
    wire.set_back_s = 3_600.0
    wire.log.note("<", b"A002\r")
    wire.at += 2
    told = wire.folded()
    assert [line.partition(" < ")[2] for line in told] == ["41 30 30 31 0D", "41 30 30 32 0D"]
    assert [line.split(" ")[0] for line in told] == ["08:15:02.345", "07:15:04.345"], "as the clock was then"


def test_a_scan_as_the_clock_is_set_back_is_shown_within_the_moment() -> None:
    wire = Wire()
    wire.log.note("<", b"A001\r")
    wire.set_back_s = 3_600.0
    wire.at += 2 * SETTLED_S
    assert wire.log.read(utc_offset_min=HALL) == (1, ["08:15:02.345 < 41 30 30 31 0D"])


def test_who_follows_is_told_each_exchange_once_and_whole() -> None:
    wire = Wire()
    wire.asks(b"\x01", every_s=0.1)
    count, lines = wire.log.read()
    assert lines == [], "the answer may not be all there yet"
    wire.at += SETTLED_S
    count, lines = wire.log.read(count)
    assert [line.split(" ", 1)[1] for line in lines] == ["> 01", "< 12"]
    wire.asks(b"\x01")
    wire.log.note(">", b"\x02")
    assert wire.log.read(count)[1] == [], "a repetition is no news, a question waits for its answer"
    wire.at += 0.01
    wire.log.note("<", b"\x13")
    wire.at += 1
    count, lines = wire.log.read(count)
    assert [line.split(" ", 1)[1] for line in lines] == ["> 02", "< 13"]
    assert wire.log.read(count) == (count, [])


def test_it_has_an_end_and_nothing_is_counted_that_is_not_shown() -> None:
    wire = Wire()
    for nth in range(ENTRIES):
        wire.asks(nth.to_bytes(2, "big"))
        wire.asks()
    wire.at += 1
    assert len(wire.log.read(all=True)[1]) == ENTRIES
    told = wire.folded()
    assert len(told) == 2 * EXCHANGES
    assert any("10 04 01" in line for line in told), "polled all the time, so it is among what is shown"


def test_where_bytes_are_personal_only_their_number_is_kept() -> None:
    wire = Wire()
    wire.log.private = True
    for nth in range(3):
        wire.asks(b"\x01", bytes([0x31 + nth]) * 18)
    wire.at += 1
    assert [line.partition(" ")[2] for line in wire.folded()] == [
        "> [1 bytes, personal 个人信息]",
        "< [18 bytes, personal 个人信息]  # ×3 → 08:15:04.345",
    ]


def test_both_are_read_as_a_capture() -> None:
    wire = Wire()
    wire.asks()
    wire.asks()
    wire.at += 1
    every = read_capture("\n".join(wire.log.read(all=True, utc_offset_min=HALL)[1]))
    assert [(p.way, p.data) for p in every] == [(">", ASK), ("<", ANSWER)] * 2
    assert every[2].at is not None and every[0].at is not None and abs(every[2].at - every[0].at - 1) < 0.002
    assert [p.data for p in read_capture("\n".join(wire.folded()))] == [ASK, ANSWER]
    assert read_capture("12:34:56 78")[0].data == b"\x12\x34\x56\x78", "bytes with colons are no time"


def test_the_hex_log_can_be_followed_live() -> None:
    log, seen_half = WireLog(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as driver:
        line = open_line(f"tcp://127.0.0.1:{server.getsockname()[1]}", log)
        other, _ = server.accept()

        def talk() -> None:
            for nth in range(50):
                line.write(bytes((0x1B, nth)), deadline_in(5))
                other.sendall(bytes((nth,)))
                line.read(1, deadline_in(5))
                assert nth != 25 or seen_half.wait(5), "nothing is told while there is more to come"

        talking = driver.submit(talk)
        count, told, end = 0, list[str](), deadline_in(10)
        while len(told) < 100 and time.monotonic() < end:
            count, lines = log.read(count, all=True)
            told += [entry.split(" ", 1)[1] for entry in lines]
            if len(told) >= 50:
                seen_half.set()
        talking.result(5)
        assert told == [said for nth in range(50) for said in (f"> 1B {nth:02X}", f"< {nth:02X}")], "each once, in turn"
        assert log.read(count, all=True) == (100, [])
        line.close()
        other.close()
    assert len(log.lines()) == 100  # it outlives the line
