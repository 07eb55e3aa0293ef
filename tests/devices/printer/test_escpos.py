"""A sheet becomes the bytes we mean, and a sheet nobody can print is refused with its place."""

from __future__ import annotations

import pytest
from PIL import Image

from devices.ports import Columns, Feed, Paper, PaperItem, QRCode, Rule, Text
from devices.printer.commands import parse
from devices.printer.escpos import BadPaper, Layout, compose, qr_module
from devices.printer.pictures import picture_bytes

from .conftest import ticket


def names(raw: bytes) -> list[str]:
    found = []
    while (command := parse(raw)) is not None:
        found.append(command.name)
        raw = raw[len(command.raw) :]
    assert raw == b""
    return found


def body(*items: PaperItem, columns: int = 48) -> bytes:
    raw = compose(Paper("j", items), Layout(columns, "gb18030"))
    assert raw.startswith(bytes.fromhex("1b40 1d6100 1b5200 1c26"))  # reset, no status unasked, USA signs, kanji on
    assert raw.endswith(bytes.fromhex("1d564200"))
    return raw[10:-4]


def test_a_large_bold_number_byte_by_byte() -> None:
    assert body(Text("A001", "center", 4, True)).hex(" ") == (
        "1b 61 01 1b 33 68 1d 21 33 1b 45 01 41 30 30 31 0a"  # centre, 104 dots a line, 4×4, bold
    )


def test_a_second_item_does_not_inherit_size_and_weight() -> None:
    assert b"\x1d!\x00\x1bE\x00" in body(Text("A001", scale=4, bold=True), Text("请稍候"))


def test_rule_columns_and_feed() -> None:
    assert body(Rule(), columns=32).count(bytes.fromhex("a9a4")) == 16
    assert "等候".encode("gbk") + b" " * 40 + "3 位".encode("gbk") + b"\n" in body(Columns("等候", "3 位"))
    assert body(Feed(3)) == b"\x1bd\x03"
    assert body(Feed(0)) == b""


def test_a_scaled_text_wraps_at_its_own_width() -> None:
    assert body(Text("光明供电营业厅", scale=4), columns=32).count(b"\n") == 2


def test_the_native_qr_code_is_level_m_with_white_around() -> None:
    raw = body(QRCode("http://a/t/1", 5))
    assert bytes.fromhex("1d286b0300314305") in raw
    assert bytes.fromhex("1d286b0300314531") in raw
    assert b"1P0http://a/t/1" in raw
    assert raw.count(b"\x1bJ\x14") == 2


def test_a_module_shrinks_until_the_code_fits_the_paper() -> None:
    assert qr_module(b"http://a/t/1", 5, 48) == 5
    assert qr_module(b"x" * 300, 8, 32) == 4


@pytest.mark.parametrize("charset", ["gbk", "gb18030", "raster"])
def test_every_byte_of_a_ticket_is_a_known_command(charset: str) -> None:
    raw = compose(ticket(), Layout(48, charset))  # type: ignore[arg-type]
    found = names(raw)
    assert "unknown" not in found
    assert found[-1] == "GS V"
    assert ("text" in found) == (charset != "raster")


def test_a_raster_picture_goes_in_slices_without_real_time_bytes() -> None:
    picture = Image.frombytes("1", (64, 200), bytes((0xEF, 0xFB, 0xEF, 0xFA, 0xEF, 0xEB, 0xEF, 0xFE)) * 200, "raw", "1")
    raw = picture_bytes(picture)
    assert names(raw) == ["GS v 0", "GS v 0"]
    for real_time in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert real_time not in raw
    assert b"\x10\x01" in raw  # what is harmless stays as it is


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (Text("x" * 2001), "item 1: 2001 characters"),
        (Text("x", scale=9), "scale 9, expected 1 to 8"),
        (Feed(21), "feed of 21"),
        (QRCode(""), "QR data of 0"),
        (QRCode("x" * 301), "QR data of 301"),
        (QRCode("x", 0), "module of 0"),
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_place(item: PaperItem, says: str) -> None:
    with pytest.raises(BadPaper, match=says):
        body(item)


def test_too_long_a_sheet_is_refused() -> None:
    with pytest.raises(BadPaper, match="at most 200"):
        body(*[Rule()] * 201)
