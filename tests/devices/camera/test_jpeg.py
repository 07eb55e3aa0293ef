"""Frames of cameras → JPEGs that everything can show."""

import io

import pytest
from PIL import Image

from devices.camera.jpeg import TABLES, BadFrame, from_yuyv, whole
from devices.camera.simulator import picture


def without_tables(jpeg: bytes) -> bytes:
    """As UVC cameras send Motion-JPEG: the standard Huffman tables left out."""
    out, at = bytearray(jpeg[:2]), 2
    while jpeg[at + 1] != 0xDA:
        size = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] != 0xC4:
            out += jpeg[at : at + size]
        at += size
    return bytes(out) + jpeg[at:]


def test_a_whole_frame_stays_as_it_is_and_padding_goes() -> None:
    jpeg = picture(1)
    assert whole(jpeg) == jpeg and whole(jpeg + bytes(300)) == jpeg


def test_tables_that_were_left_out_are_put_in() -> None:
    bare = without_tables(picture(3))  # Pillow writes the standard tables unless asked to optimise
    assert TABLES not in bare
    mended = whole(bare)
    assert TABLES in mended
    a, b = (Image.open(io.BytesIO(jpeg)).convert("RGB") for jpeg in (picture(3), mended))
    apart = [abs(x - y) for x, y in zip(a.tobytes(), b.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 3


@pytest.mark.parametrize("cut", [0, 1, 2, 20, 400, 900])
def test_a_truncated_frame_is_refused(cut: int) -> None:
    with pytest.raises(BadFrame):
        whole(picture(1)[:cut])


def test_a_frame_whose_middle_is_missing_is_refused() -> None:
    jpeg = picture(1)
    with pytest.raises(BadFrame, match="do not decode"):
        whole(jpeg[:400] + jpeg[-2:])


def test_a_bomb_is_refused() -> None:
    header = bytearray(picture(1))
    at = header.index(b"\xff\xc0")
    header[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(BadFrame, match=r"65535 x 65535|do not decode"):
        whole(bytes(header))


@pytest.mark.parametrize(("size", "width", "height"), [(0, 4, 2), (15, 4, 2), (16, 3, 2), (16, 0, 2), (16, 4, 0)])
def test_yuyv_of_another_size_is_refused(size: int, width: int, height: int) -> None:
    with pytest.raises(BadFrame):
        from_yuyv(bytes(size), width, height)


def test_grey_yuyv() -> None:
    shown = Image.open(io.BytesIO(from_yuyv(bytes((200, 128)) * 64, 16, 4))).convert("RGB")
    assert shown.size == (16, 4) and shown.getpixel((8, 2)) == (200, 200, 200)
