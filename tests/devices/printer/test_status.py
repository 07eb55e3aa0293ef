"""Every bit a printer may say, and that a stale byte is never read as good news."""

from __future__ import annotations

import pytest

from devices.printer.answers import Answers
from devices.printer.status import BadStatus, decode


@pytest.mark.parametrize(
    ("answers", "state", "reasons"),
    [
        ("12 12 12 12", "ready", ()),
        ("16 12 12 12", "ready", ()),  # the drawer's pin is nobody's concern
        ("12 1a 12 12", "ready", ()),  # somebody holds the feed button
        ("12 12 12 1e", "degraded", ("paper_low",)),
        ("1a 32 12 7e", "fault", ("paper_end",)),
        ("1a 16 12 12", "fault", ("cover_open",)),
        ("1a 52 1a 12", "fault", ("cutter",)),
        ("1a 52 32 12", "fault", ("error",)),
        ("1a 52 52 12", "fault", ("hot",)),
        ("1a 12 12 12", "fault", ("offline",)),
        ("1a 12 12 1e", "fault", ("offline", "paper_low")),
        ("1a 36 12 7e", "fault", ("paper_end", "cover_open")),
    ],
)
def test_four_bytes_become_health(answers: str, state: str, reasons: tuple[str, ...]) -> None:
    status = decode(bytes.fromhex(answers))
    assert status.reasons == reasons
    assert status.health().state == state
    assert status.stopped == (state == "fault")


@pytest.mark.parametrize("byte", ["00", "0f", "10", "11", "13", "14", "37", "92", "ff"])
def test_a_byte_without_the_fixed_bits_is_refused(byte: str) -> None:
    with pytest.raises(BadStatus, match="DLE EOT 3 expected 0xx1xx10"):
        decode(bytes.fromhex(f"12 12 {byte} 12"))


def test_too_few_answers_are_refused() -> None:
    with pytest.raises(BadStatus, match="expected 4 bytes, got 0"):
        decode(b"")


def test_answers_are_sorted_also_one_byte_at_a_time() -> None:
    answers = Answers()
    for byte in bytes.fromhex("11 12 14 00 0f 0c 12 37 25 00 03 13 1e"):
        answers.feed(bytes((byte,)))
    assert answers.statuses == bytes.fromhex("12 12 1e")
    assert answers.cleared == 1
    assert answers.confirms == 1  # 03; the three after 14 are an automatic block


def test_letters_from_a_network_box_confirm_nothing() -> None:
    answers = Answers()
    answers.feed(b"READY")
    assert answers.confirms == 0
