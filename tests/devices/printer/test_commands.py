"""The printer's reading of ESC/POS, cut at every place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.commands import CLEAR_BUFFER, RealTimeEar, parse
from devices.printer.escpos import Layout, compose

from .conftest import ticket

JOB = compose(ticket(), Layout(48, "gb18030"))


def read_all(raw: bytes) -> tuple[list[str], bytes]:
    names = []
    while (command := parse(raw)) is not None:
        names.append(command.name)
        raw = raw[len(command.raw) :]
    return names, raw


@pytest.mark.parametrize(
    ("raw", "name", "args", "data"),
    [
        ("1b40", "ESC @", (), ""),
        ("1b6101", "ESC a", (1,), ""),
        ("1d2133", "GS !", (0x33,), ""),
        ("1c26", "FS &", (), ""),
        ("1d5600", "GS V", (0,), ""),
        ("1d564203", "GS V", (0x42, 3), ""),
        ("1d286b0300315130", "GS ( k", (0x6B, 3, 0), "315130"),
        ("1d7630000200010 0ff00".replace(" ", ""), "GS v 0", (0x30, 0, 2, 0, 1, 0), "ff00"),
        ("1b2a210100aabbcc", "ESC *", (0x21, 1, 0), "aabbcc"),
        ("1b44081000", "ESC D", (8, 16, 0), ""),
        ("1d6b043132 00".replace(" ", ""), "GS k", (4, 0x31, 0x32, 0), ""),
        ("1d6b49023132", "GS k", (0x49, 2), "3132"),
        ("100401", "DLE EOT", (1,), ""),
        ("c8fdbac5", "text", (), "c8fdbac5"),
        ("0a", "LF", (), ""),
        ("1b07", "unknown", (), ""),
        ("07", "unknown", (), ""),
        ("1042", "unknown", (), ""),
        (CLEAR_BUFFER.hex(), "DLE DC4", (8, 1, 3, 20, 1, 6, 2, 8), ""),
    ],
)
def test_one_command(raw: str, name: str, args: tuple[int, ...], data: str) -> None:
    whole = bytes.fromhex(raw)
    command = parse(whole)
    assert command is not None
    assert (command.name, command.args, command.data.hex(), command.raw) == (name, args, data, whole)
    if name not in ("text", "unknown"):
        assert all(parse(whole[:n]) is None for n in range(len(whole)))


def test_a_picture_of_impossible_size_is_unknown_not_awaited_for_ever() -> None:
    command = parse(bytes.fromhex("1d763000ffffffff"))
    assert command is not None
    assert command.name == "unknown"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception_and_to_the_end(raw: bytes) -> None:
    names, rest = read_all(raw)
    assert len(names) <= len(raw)
    assert parse(rest) is None


def test_a_job_cut_anywhere_is_the_same_job() -> None:
    whole, _ = read_all(JOB)
    for cut in range(len(JOB)):
        first, rest = read_all(JOB[:cut])
        second, left = read_all(rest + JOB[cut:])
        assert left == b""
        assert [n for n in first + second if n != "text"] == [n for n in whole if n != "text"]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_real_time_commands_are_heard_once_wherever_the_chunks_end(step: int) -> None:
    stream = b"abc\x10\x04\x01def\x10\x10\x04\x04" + CLEAR_BUFFER + b"\x10\x04\x05\x10\x05\x02"
    ear = RealTimeEar()
    heard = []
    for at in range(0, len(stream), step):
        heard += [command for command, _ in ear.hear(stream[at : at + step])]
    assert heard == [b"\x10\x04\x01", b"\x10\x04\x04", CLEAR_BUFFER, b"\x10\x05\x02"]
