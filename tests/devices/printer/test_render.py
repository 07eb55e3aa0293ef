"""The paper as a person and a telephone see it."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from devices.ports import Paper, QRCode, Text
from devices.printer.escpos import Layout, compose
from devices.printer.render import draw, sheet_png

from .conftest import URL, ticket


def scanned(png: bytes, folder: Path) -> str:
    path = folder / "sheet.png"
    path.write_bytes(png)
    return subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", str(path)], capture_output=True, text=True, check=True, timeout=20
    ).stdout.strip()


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    box = image.point(lambda v: 255 if v < 128 else 0).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize(("columns", "charset"), [(48, "gb18030"), (48, "raster"), (32, "gbk"), (32, "raster")])
def test_the_qr_code_on_the_paper_is_read_by_a_scanner(columns: int, charset: str, tmp_path: Path) -> None:
    raw = compose(ticket(), Layout(columns, charset))  # type: ignore[arg-type]
    assert scanned(sheet_png(raw, columns), tmp_path) == URL


def test_the_raster_form_of_the_code_alone_is_read_too(tmp_path: Path) -> None:
    raw = compose(Paper("j", (QRCode("A001 counter 3", 4),)), Layout(48, "gb18030", "raster"))
    assert scanned(sheet_png(raw), tmp_path) == "A001 counter 3"


def test_the_sheet_is_as_wide_as_the_paper_with_cut_edges() -> None:
    sheet = Image.open(io.BytesIO(sheet_png(compose(ticket(), Layout(48, "gb18030")))))
    assert sheet.size[0] == 640
    alpha = sheet.getchannel("A")
    assert alpha.getpixel((4, sheet.height - 2)) == 0  # between two teeth
    assert alpha.getpixel((300, 300)) == 255


def test_centred_text_is_in_the_middle_and_right_text_at_the_edge() -> None:
    left, _, right, _ = ink(draw(compose(Paper("j", (Text("光明营业厅", "center", 2),)), Layout(48, "gbk"))))
    assert abs((left + right) / 2 - 288) < 6
    left, _, right, _ = ink(draw(compose(Paper("j", (Text("号", "right"),)), Layout(48, "gbk"))))
    assert 550 < left < right <= 576


def test_scale_makes_it_larger_in_both_directions() -> None:
    small = ink(draw(compose(Paper("j", (Text("A001"),)), Layout(48, "gbk"))))
    large = ink(draw(compose(Paper("j", (Text("A001", scale=5),)), Layout(48, "gbk"))))
    for a, b in ((0, 2), (1, 3)):
        assert 4.2 < (large[b] - large[a]) / (small[b] - small[a]) < 5.8


def test_raster_mode_prints_what_text_mode_shows() -> None:
    text = draw(compose(ticket(), Layout(48, "gb18030")))
    raster = draw(compose(ticket(), Layout(48, "raster")))
    assert raster.size == text.size
    changed = ImageChops.difference(raster, text).point(lambda v: 255 if v > 128 else 0).histogram()[255]
    assert changed < 40  # the broken real-time pairs


def test_without_kanji_mode_chinese_comes_out_wrong_as_on_the_printer() -> None:
    right = draw(b"\x1b@\x1c&" + "三号窗口\n".encode("gbk"))
    wrong = draw(b"\x1b@" + "三号窗口\n".encode("gbk"))
    assert right.tobytes() != wrong.tobytes()


def test_descenders_and_accents_stay_within_their_line() -> None:
    page = draw(compose(Paper("j", (Text("gjpqy gjpqy"),)), Layout(48, "gbk")))
    assert ink(page)[3] <= 24


def test_a_sheet_that_breaks_off_is_drawn_as_far_as_it_came() -> None:
    whole = compose(ticket(), Layout(48, "gb18030"))
    for cut in range(0, len(whole), 37):
        assert draw(whole[:cut]).width == 576
