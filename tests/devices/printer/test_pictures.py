"""A picture becomes dots that fit the paper, sharp or dithered, and what is no picture is refused."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from devices.ports import Paper, Picture, Text
from devices.printer.commands import parse
from devices.printer.escpos import BadPaper, Layout, compose
from devices.printer.pictures import MAX_PNG, MAX_ROWS, BadPicture, Dots, black_dots, picture_bytes
from devices.printer.render import draw
from devices.printer.text import Charset

from .conftest import drawing


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def ink(picture: Image.Image) -> float:
    """Share of black."""
    return picture.convert("L").histogram()[0] / (picture.width * picture.height)


def test_a_wide_picture_shrinks_to_the_paper_and_a_small_one_stays() -> None:
    assert black_dots(drawing(1200, 400), 576).size == (576, 192)
    assert black_dots(drawing(1200, 400), 384).size == (384, 128)
    assert black_dots(drawing(120, 40), 576).size == (120, 40)
    assert black_dots(drawing(100, 3000), 576).height == MAX_ROWS


def test_a_drawing_is_cut_sharp_and_a_photo_dithered() -> None:
    line_art = black_dots(drawing(600, 200), 300)
    assert ink(line_art) == pytest.approx(ink(Image.open(io.BytesIO(drawing(300, 100)))), abs=0.02)
    gradient = Image.linear_gradient("L").resize((256, 256))
    dithered = black_dots(png(gradient), 576)
    assert dithered.mode == "1"
    assert ink(dithered) == pytest.approx(0.5, abs=0.03)
    left_to_right = [ink(dithered.crop((0, y, 256, y + 64))) for y in range(0, 256, 64)]
    assert left_to_right == sorted(left_to_right, reverse=True) and left_to_right[1] - left_to_right[2] > 0.15


def test_transparent_is_white_and_colours_are_seen_by_their_lightness() -> None:
    logo = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    logo.paste((200, 0, 0, 255), (0, 0, 20, 20))  # a red half
    dots = black_dots(png(logo), 576)
    assert ink(dots.crop((0, 0, 20, 20))) == 1.0
    assert ink(dots.crop((20, 0, 40, 20))) == 0.0
    logo.paste((250, 200, 0, 255), (0, 0, 20, 20))
    assert 0.1 < ink(black_dots(png(logo), 576).crop((0, 0, 20, 20))) < 0.4  # yellow is dotted, not lost


def test_what_is_no_png_or_too_large_is_refused_with_what_to_do() -> None:
    good = drawing(100, 50)
    huge = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes.fromhex("0000ffff 0000ffff 01 00 00 00 00"))
    wrong = [b"", b"GIF89a", good[:60], good[:-30], good[:40] + bytes(20) + good[60:], huge, bytes(MAX_PNG + 1)]
    for data in wrong:
        with pytest.raises(BadPicture, match="save it as a PNG of at most 512 kB"):
            black_dots(data, 576)


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


@pytest.mark.parametrize("dots", ["GS v 0", "GS ( L"])
@pytest.mark.parametrize("columns", [32, 48])
def test_a_picture_on_a_sheet_is_where_it_belongs(dots: Dots, columns: int) -> None:
    paper = Paper("j", (Picture(drawing(240, 300), "right"), Text("A001")))
    page = draw(compose(paper, Layout(columns, dots=dots)), columns)
    black = page.point(lambda v: 255 if v < 128 else 0).getbbox()
    assert black is not None
    assert (black[1], black[2]) == (0, columns * 12)
    frame = page.crop((columns * 12 - 240, 0, columns * 12, 300))
    assert frame.convert("1").tobytes() == black_dots(drawing(240, 300), 576).tobytes()
    assert page.crop((0, 0, columns * 12 - 240, 300)).getextrema() == (255, 255)


def test_both_ways_to_send_print_the_same_dots() -> None:
    picture = black_dots(drawing(570, 300), 576)
    assert draw(picture_bytes(picture, "GS ( L")).tobytes() == draw(picture_bytes(picture, "GS v 0")).tobytes()
    command = parse(picture_bytes(picture, "GS ( L"))
    assert command is not None and command.name == "GS ( L"


def test_a_bad_picture_is_told_with_its_place_on_the_sheet() -> None:
    with pytest.raises(BadPaper, match="job j, item 2: not a PNG"):
        compose(Paper("j", (Text("x"), Picture(b"nothing"))))


def test_the_logo_stands_on_top_in_every_charset() -> None:
    logo = drawing(200, 80)
    charsets: tuple[Charset, ...] = ("gbk", "gb18030", "utf8", "raster")
    for charset in charsets:
        page = draw(compose(Paper("j", (Text("A001"),)), Layout(48, charset, logo=logo)))
        assert page.crop((188, 0, 388, 80)).convert("1").tobytes() == black_dots(logo, 576).tobytes()
