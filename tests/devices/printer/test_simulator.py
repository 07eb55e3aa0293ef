"""The printer at the other end is a printer: it obeys what arrives, in order, and answers over the head of its job."""

from __future__ import annotations

import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.answers import CLEARED
from devices.printer.commands import CLEAR_BUFFER
from devices.printer.render import draw
from devices.printer.simulator import PrinterSimulator
from devices.transport import Line, LineClosed, deadline_in, open_line

CUT = b"\x1dV\x00"


def ask(line: Line, query: bytes, n: int = 1) -> bytes:
    line.write(query, deadline_in(2))
    return line.read(n, deadline_in(2))


def test_the_sensors_answer_as_the_captures_do(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    queries = b"".join(bytes((0x10, 4, n)) for n in (1, 2, 3, 4))
    assert ask(line, queries, 4).hex(" ") == "12 12 12 12"
    for fault, answers in {
        "paper_low": "12 12 12 1e",
        "paper_end": "1a 32 12 7e",
        "cover_open": "1a 16 12 12",
        "cutter": "1a 52 1a 12",
        "jam": "1a 52 16 12",
        "hot": "1a 52 52 12",
    }.items():
        simulator.set_fault(fault)
        assert ask(line, queries, 4).hex(" ") == answers
        simulator.clear_fault(fault)
    line.close()


def test_status_is_answered_within_a_job_and_gs_r_only_behind_it(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    simulator.set_fault("cover_open")
    assert ask(line, b"abc\x1dr\x01\x10\x04\x01") == b"\x1a"
    assert line.read_some(deadline_in(0.1)) == b""
    simulator.clear_fault()
    assert line.read(1, deadline_in(2)) == b"\x00"
    line.close()


def test_status_is_answered_inside_a_picture_which_stays_whole(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    picture = b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01"
    assert ask(line, picture) == b"\x12"
    line.write(CUT, deadline_in(1))
    assert simulator.wait_sheets(1)
    assert simulator.sheets[0].raw == picture + CUT
    line.close()


def test_what_the_buffer_holds_is_printed_after_the_roll_was_changed(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    simulator.set_fault("paper_end", after_bytes=3)
    assert ask(line, b"abcdef\n" + CUT + b"\x10\x04\x04") == b"\x7e"
    assert simulator.hanging.raw == b"abc"
    simulator.clear_fault()
    assert simulator.wait_sheets(1)
    assert simulator.sheets[0].raw == b"abcdef\n" + CUT
    line.close()


def test_a_cleared_buffer_prints_nothing_more(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    simulator.set_fault("paper_end", after_bytes=3)
    assert ask(line, b"abcdef\n" + CUT + CLEAR_BUFFER, 3) == b"\x37\x25\x00"
    simulator.clear_fault()
    line.write(b"\n" + CUT, deadline_in(1))
    assert simulator.wait_sheets(1)
    assert simulator.sheets[0].raw == b"abc\n" + CUT
    line.close()


def test_unknown_commands_are_reported(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    assert ask(line, b"\x1b\x07\x1dr\x01") == b"\x00"
    assert simulator.state.unknown == ("1b 07",)
    line.close()


def test_unplugging_ends_the_line_and_plugging_keeps_the_address(simulator: PrinterSimulator) -> None:
    where = simulator.where
    line = open_line(where)
    simulator.set_fault("unplugged")
    with pytest.raises(LineClosed):
        line.read(1, deadline_in(5))
    line.close()
    with pytest.raises(LineClosed):
        open_line(where)
    simulator.clear_fault()
    assert simulator.where == where


def test_the_newest_host_wins() -> None:
    simulator = PrinterSimulator(port=0)
    simulator.start()
    old = open_line(simulator.where)
    assert ask(old, b"\x10\x04\x01") == b"\x12"
    new = open_line(simulator.where)
    assert ask(new, b"\x10\x04\x01") == b"\x12"
    with pytest.raises(LineClosed):
        old.read(1, deadline_in(2))
    old.close()
    new.close()
    simulator.stop()
    simulator.stop()  # twice is once


def test_an_unknown_fault_is_refused(simulator: PrinterSimulator) -> None:
    with pytest.raises(ValueError, match="expected one of paper_low"):
        simulator.set_fault("smoke")


@pytest.mark.parametrize("cut", range(1, len(CLEAR_BUFFER)))
def test_a_clear_buffer_in_two_reads_ends_a_command_that_broke_off(simulator: PrinterSimulator, cut: int) -> None:
    line = open_line(simulator.where)
    begun = b"text\n\x1d" + CLEAR_BUFFER[:cut]
    line.write(begun, deadline_in(2))
    pause = threading.Event()
    while simulator.state.received < len(begun):
        pause.wait(0.002)
    assert ask(line, CLEAR_BUFFER[cut:], len(CLEARED)) == CLEARED
    assert simulator.state.unknown == ()
    line.close()


def test_any_bytes_leave_it_alive(simulator: PrinterSimulator) -> None:
    line = open_line(simulator.where)
    noise = random.Random(4)
    for _ in range(20):
        line.write(noise.randbytes(700), deadline_in(5))
        line.drain_input()
    # Whatever it waits for now (a picture of a megabyte, the end of a barcode) is forgotten with its buffer.
    line.write(CLEAR_BUFFER, deadline_in(5))
    while CLEARED not in line.read_some(deadline_in(5)):
        continue
    line.write(b"\x1b@A001\n" + CUT + b"\x1dr\x01", deadline_in(5))
    assert line.read(1, deadline_in(5)) == b"\x00"
    assert simulator.sheets[-1].raw.endswith(b"\x1b@A001\n" + CUT)
    assert simulator.sheets[-1].png().startswith(b"\x89PNG")
    line.close()


@given(st.binary(max_size=400))
def test_any_bytes_are_drawn_somehow(raw: bytes) -> None:
    assert draw(b"\x1b@\x1c&" + raw, 32).width == 384


def test_a_pty_has_no_halves_to_close() -> None:
    simulator = PrinterSimulator.on_pty()
    with pytest.raises(ValueError, match="a pty has no halves"):
        simulator.set_fault("half_close")


def test_an_old_word_for_a_fault_means_the_new_one(simulator: PrinterSimulator) -> None:
    simulator.set_fault("trickle")
    simulator.set_fault("mute")
    assert simulator.state.faults == ("accepts_never_answers", "one_byte")
    simulator.clear_fault("mute")
    assert "accepts_never_answers" not in simulator.state.faults
