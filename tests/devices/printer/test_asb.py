"""Automatic status, bit by bit, and that none of a printer's kinds of answer is ever taken for another."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer import asb, status
from devices.printer.answers import Answers
from devices.printer.faults import SENSORS, Faults
from devices.printer.status import Status, is_status


@pytest.mark.parametrize(
    ("block", "reasons", "drawer"),
    [
        ("10 00 00 00", (), False),
        ("14 00 00 0f", (), True),  # the drawer; the fourth byte is undefined
        ("10 00 03 00", ("paper_low",), False),
        ("18 00 0f 00", ("paper_end",), False),
        ("38 00 00 00", ("cover_open",), False),
        ("18 08 00 00", ("cutter",), False),
        ("18 20 00 00", ("error",), False),
        ("18 40 00 00", ("hot",), False),
        ("38 40 00 00", ("cover_open",), False),  # opened while printing
        ("18 04 00 00", ("jam",), False),
        ("10 04 00 00", (), False),  # bit 2 of byte 2 is undefined on older models
        ("18 00 00 00", ("offline",), False),
        ("50 00 00 00", (), False),  # somebody feeds paper
    ],
)
def test_four_bytes_become_the_status_that_asking_would_give(
    block: str, reasons: tuple[str, ...], drawer: bool
) -> None:
    told = asb.decode(bytes.fromhex(block))
    assert (told.reasons, told.drawer) == (reasons, drawer)


@pytest.mark.parametrize("block", ["", "10", "10 00 00", "10 00 00 00 00", "12 00 00 00", "10 10 00 00", "10 00 00 80"])
def test_other_bytes_are_refused(block: str) -> None:
    with pytest.raises(asb.BadBlock, match="expected 0xx1xx00"):
        asb.decode(bytes.fromhex(block))


def test_what_the_sensors_say_is_the_same_told_and_asked() -> None:
    for n in range(len(SENSORS) + 1):
        for active in itertools.combinations(SENSORS, n):
            faults = Faults()
            for fault in active:
                faults.set(fault)
            state = faults.status()
            assert asb.decode(asb.encode(state)).reasons == state.reasons
            assert status.decode(bytes((state.n1, state.n2, state.n3, state.n4))) == state


def test_every_byte_is_at_most_one_kind_of_beginning() -> None:
    for byte in range(256):
        answers = Answers()
        answers.feed(bytes((byte,)))
        kinds = [bool(answers.statuses), answers.within_block, bool(answers.confirms), answers.echoed]
        assert sum(kinds) <= 1
        assert bool(answers.statuses) == is_status(byte)
        assert answers.within_block == asb.is_first(byte)


def test_a_block_among_answers_one_byte_at_a_time() -> None:
    answers = Answers()
    for byte in bytes.fromhex("12 38 13 00 11 00 0f 12 00"):  # XOFF and XON within the block
        answers.feed(bytes((byte,)))
    assert answers.statuses == b"\x12\x12"
    assert answers.block is not None and answers.block.reasons == ("cover_open",)
    assert answers.confirms == 1


def test_the_rest_of_a_block_is_never_a_confirmation_whatever_comes_between() -> None:
    answers = Answers()
    answers.feed(b"\x10")
    answers.forget()  # a job begins now
    answers.feed(b"\x00\x12\x00\x0f")
    assert (answers.confirms, bytes(answers.statuses)) == (0, b"\x12")
    answers.feed(b"\x00")
    assert answers.confirms == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_sorted_with_bounded_memory(data: bytes) -> None:
    answers = Answers()
    answers.feed(data * 20)
    assert len(answers.statuses) <= 16
    assert len(answers.recent) <= 64
    assert isinstance(answers.block, Status | None)
