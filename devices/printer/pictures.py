"""PNG → black dots → the bytes that print them. Pure.

Two ways to send dots (Epson ESC/POS Application Programming Guide): `GS v 0` (every model has it; the guide calls it
obsolete) and `GS ( L`, function 112 store and 50 print (its successor). A picture goes in slices, since a small printer's
buffer holds 4 kB only, and without the pairs of bytes that a printer obeys as real-time commands even within a picture.

A photo is dithered (Floyd-Steinberg). A drawing, which has few shades (a logo), keeps its edges: what is dark becomes
black, what is nearly white becomes white, and only light areas are dotted, so that a yellow part is not lost.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Literal

from PIL import Image

from devices.ports import DeviceError

Dots = Literal["GS v 0", "GS ( L"]

MAX_PNG = 512 * 1024  # bytes
MAX_PIXELS = 4_000_000
MAX_ROWS = 1600  # dots: 20 cm of paper
SLICE_ROWS = 128  # 72 bytes a row on 80 mm paper
BINS, FEW, MOST = 32, 6, 0.85  # a drawing: of 32 shades the six most frequent cover 85 %
DARK, LIGHT = 144, 236  # of a drawing: black below, white above


class BadPicture(DeviceError):
    """The bytes are no PNG we would print; the text says why and what to do."""


@lru_cache(maxsize=8)
def black_dots(png: bytes, width: int) -> Image.Image:
    """Mode "1" (0 black), at most `width` dots wide and never enlarged; transparent is white. Raises BadPicture."""
    picture = _opened(png)
    scale = min(1.0, width / picture.width, MAX_ROWS / picture.height)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    if not _is_photo(picture):
        picture = picture.point(lambda v: 0 if v < DARK else 255 if v > LIGHT else v)
    return picture.convert("1", dither=Image.Dither.FLOYDSTEINBERG)


def _opened(png: bytes) -> Image.Image:
    mend = "save it as a PNG of at most 512 kB and 4 megapixels 请另存为不超过 512 kB、400 万像素的 PNG"
    if len(png) > MAX_PNG:
        raise BadPicture(f"{len(png)} bytes 文件过大; {mend}")
    try:
        picture = Image.open(io.BytesIO(png), formats=("PNG",))
        if picture.width * picture.height > MAX_PIXELS:
            raise BadPicture(f"{picture.width} × {picture.height} pixels 像素过多; {mend}")
        seen = picture.convert("RGBA")
    # A broken PNG fails in many ways, of which only these are told by the library.
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise BadPicture(f"not a PNG that can be read 无法识别的图片 ({error}); {mend}") from error
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("L")


def _is_photo(picture: Image.Image) -> bool:
    levels = picture.histogram()
    size = len(levels) // BINS
    shades = sorted((sum(levels[at : at + size]) for at in range(0, len(levels), size)), reverse=True)
    return sum(shades[:FEW]) < MOST * picture.width * picture.height


def picture_bytes(picture: Image.Image, how: Dots = "GS v 0") -> bytes:
    """A picture in slices, black where it is darker than half; its width is padded to whole bytes."""
    slices = []
    for top in range(0, picture.height, SLICE_ROWS):
        part = picture.crop((0, top, picture.width, min(top + SLICE_ROWS, picture.height)))
        ink = part.convert("L").point(lambda v: 255 if v < 128 else 0).convert("1", dither=Image.Dither.NONE)
        slices.append(_slice(without_real_time(ink.tobytes()), ink.width, ink.height, how))
    return b"".join(slices)


def _slice(ink: bytes, width: int, height: int, how: Dots) -> bytes:
    if how == "GS v 0":
        return b"\x1dv0\x00" + _two((width + 7) // 8) + _two(height) + ink
    # m 48, fn 112, a 48 (black and white), bx by 1, c 49, x in dots; then fn 50 prints what was stored.
    store = b"\x30\x70\x30\x01\x01\x31" + _two((width + 7) // 8 * 8) + _two(height) + ink
    return b"\x1d(L" + _two(len(store)) + store + b"\x1d(L\x02\x00\x30\x32"


def _two(number: int) -> bytes:
    return number.to_bytes(2, "little")


def without_real_time(raster: bytes) -> bytes:
    """10 04, 10 05 and 10 14 in a picture would be obeyed at once as real-time commands (10 14 can switch the printer off).
    One more dot beside the one of 10 breaks them; at 8 dots a millimetre nobody sees it."""
    for second in (0x04, 0x05, 0x14):
        raster = raster.replace(bytes((0x10, second)), bytes((0x30, second)))
    return raster
