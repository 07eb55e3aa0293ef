"""A printer's codecs for the common fuzzer: what it says, and what it reads."""

from __future__ import annotations

from devices.ports import Paper, Picture, QRCode, Text
from devices.printer import asb, status
from devices.printer.answers import Answers
from devices.printer.commands import CLEAR_BUFFER, Command, RealTimeEar, parse
from devices.printer.escpos import Layout, compose
from tests.devices.fuzzing import FuzzCase

from .conftest import drawing

SMALL = compose(Paper("j", (Text("三号 A1", scale=2),)))
CODE = compose(Paper("j", (QRCode("A1", 3),)))[-60:]
DOTS = compose(Paper("j", (Picture(drawing(16, 6)),)), Layout(dots="GS ( L", charset="utf8"))


def read_all(data: bytes) -> list[Command]:
    """As the simulator reads: whole commands, then what is left, waits."""
    found, at = [], 0
    while (command := parse(data[at:])) is not None:
        found.append(command)
        at += len(command.raw)
    return found


def hear(data: bytes) -> list[tuple[bytes, int]]:
    ear = RealTimeEar()
    return [heard for at in range(0, len(data), 7) for heard in ear.hear(data[at : at + 7])]


def sort(data: bytes) -> Answers:
    answers = Answers()
    answers.feed(data)
    return answers


CASES: tuple[FuzzCase, ...] = (
    FuzzCase("printer status", (b"\x12\x12\x12\x12", b"\x1a\x32\x12\x7e"), status.decode, (status.BadStatus,)),
    FuzzCase("printer asb", (b"\x10\x00\x00\x00", b"\x38\x40\x0f\x0f"), asb.decode, (asb.BadBlock,)),
    FuzzCase("printer answers", (b"\x12\x10\x00\x13\x00\x0f\x12\x37\x25\x00\x03",), sort),
    FuzzCase("printer commands", (SMALL, CODE, DOTS, b"\x1b@\x10\x04\x01" + CLEAR_BUFFER), read_all),
    FuzzCase("printer real time", (b"\x10\x04\x01ab" + CLEAR_BUFFER, b"\x10\x05\x02"), hear),
)
