"""A red LED matrix panel as a picture: text → dots → PNG. Pure but for the font file.

Latin and figures are half as wide as they are high and Chinese as wide as high, as on the 16-dot panels of halls; a
text is `columns` dots wide or it runs.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from unicodedata import east_asian_width

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
PITCH = 7  # picture pixels from dot to dot
FRAME = 22  # the black housing around the dots
SHEEN = 4  # each dot is drawn this much larger, then reduced: round, not stepped
OFF, ON, CORE = (38, 9, 8), (255, 34, 18), (255, 128, 96)


@lru_cache(maxsize=4)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "NotoSansSC-Bold.ttf" if bold else "NotoSansSC-Regular.ttf"
    return ImageFont.truetype(str(FONTS / name), size)


def cells(text: str) -> list[tuple[str, bool]]:
    """Each character, and whether it is a full-width one."""
    return [(char, east_asian_width(char) in "WFA") for char in text]


def width_of(text: str, rows: int) -> int:
    """Dots."""
    return sum(rows if wide else rows // 2 for _, wide in cells(text))


@lru_cache(maxsize=512)
def _glyph(char: str, wide: bool, rows: int) -> Image.Image:
    """One character in its cell, as dots: drawn eight times as large, placed in the middle, each dot by its coverage."""
    cell = rows if wide else rows // 2
    over = 8
    size = (rows if wide else round(rows * 0.92)) * over
    big = Image.new("L", (cell * over, rows * over))
    draw = ImageDraw.Draw(big)
    # Figures are bold, for the number is what people look for; at 16 dots bold ones would touch one another.
    font = _font(size, not wide and rows >= 24)
    left, top, right, bottom = draw.textbbox((0, 0), char, font=font)
    middle = (cell * over - (right - left)) / 2 - left
    if wide:
        down = (rows * over - (bottom - top)) / 2 - top
    else:
        _, cap_top, _, cap_bottom = draw.textbbox((0, 0), "8", font=font)
        down = (rows * over - (cap_bottom - cap_top)) / 2 - cap_top
    draw.text((middle, down), char, font=font, fill=255)
    if not wide and right - left > (cell - 1) * over:
        # One dark column between figures, or 0 and 4 touch.
        big = big.resize(((cell - 1) * over, rows * over), Image.Resampling.BOX)
        big = ImageOps.pad(big, (cell * over, rows * over), centering=(0, 0))
    small = big.resize((cell, rows), Image.Resampling.BOX)
    return small.point(lambda value: 255 if value > 104 else 0)


def dots(text: str, columns: int, rows: int, shift: int = 0) -> Image.Image:
    """The matrix, one pixel a dot, 255 = lit. `shift` is how far a long text has run to the left."""
    matrix = Image.new("L", (columns, rows))
    at = -shift if width_of(text, rows) > columns else (columns - width_of(text, rows)) // 2
    for char, wide in cells(text):
        cell = rows if wide else rows // 2
        if -cell < at < columns and not char.isspace():
            matrix.paste(_glyph(char, wide, rows), (at, 0))
        at += cell
    return matrix


def stacked(rows: Sequence[Image.Image]) -> Image.Image:
    """The rows of one hall sign as one matrix."""
    if len(rows) == 1:
        return rows[0]
    matrix = Image.new("L", (rows[0].width, sum(row.height for row in rows)))
    top = 0
    for row in rows:
        matrix.paste(row, (0, top))
        top += row.height
    return matrix


def panel(matrix: Image.Image) -> Image.Image:
    """The matrix as a lit panel in its housing."""
    wide, high = matrix.width * PITCH, matrix.height * PITCH
    lit = matrix.resize((wide, high), Image.Resampling.NEAREST)
    face = _tiled(_dot(OFF, OFF), wide, high)
    face.paste(_tiled(_dot(ON, CORE), wide, high), (0, 0), lit)
    glow = ImageChops.multiply(lit, _tiled(_dot((255, 255, 255), (255, 255, 255)), wide, high).convert("L"))
    for radius, strength in ((PITCH * 0.55, 0.75), (PITCH * 2.0, 0.55)):
        haze = glow.filter(ImageFilter.GaussianBlur(radius)).point(lambda value, s=strength: int(value * s))
        red = Image.merge("RGB", (haze, haze.point(lambda value: value // 12), haze.point(lambda value: value // 20)))
        face = ImageChops.add(face, red)
    out = Image.new("RGB", (wide + 2 * FRAME, high + 2 * FRAME), (20, 21, 23))
    edge = ImageDraw.Draw(out)
    edge.rounded_rectangle((0, 0, out.width - 1, out.height - 1), 10, fill=(24, 25, 28), outline=(70, 73, 78), width=3)
    edge.rectangle((FRAME - 5, FRAME - 5, FRAME + wide + 4, FRAME + high + 4), fill=(6, 4, 4), outline=(0, 0, 0))
    out.paste(face, (FRAME, FRAME))
    return out


def stack(panels: Sequence[Image.Image], gap: int = 12) -> Image.Image:
    """Panels below one another."""
    wide = max(image.width for image in panels)
    out = Image.new("RGB", (wide, sum(image.height + gap for image in panels) - gap), (206, 210, 214))
    top = 0
    for image in panels:
        out.paste(image, (0, top))
        top += image.height + gap
    return out


def png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


@lru_cache(maxsize=4)
def _dot(rim: tuple[int, int, int], core: tuple[int, int, int]) -> Image.Image:
    size = PITCH * SHEEN
    dot = Image.new("RGB", (size, size), (6, 4, 4) if rim != (255, 255, 255) else (0, 0, 0))
    draw = ImageDraw.Draw(dot)
    for inset, colour in ((0.1, rim), (0.3, core)):
        draw.ellipse((size * inset, size * inset, size * (1 - inset), size * (1 - inset)), fill=colour)
    return dot.resize((PITCH, PITCH), Image.Resampling.LANCZOS)


def _tiled(tile: Image.Image, wide: int, high: int) -> Image.Image:
    """Doubled up: a panel of 128 × 16 takes 11 pastes, not 2,048."""
    out = Image.new("RGB", (wide, high))
    out.paste(tile, (0, 0))
    across = tile.width
    while across < wide:
        out.paste(out.crop((0, 0, across, tile.height)), (across, 0))
        across *= 2
    down = tile.height
    while down < high:
        out.paste(out.crop((0, 0, wide, down)), (0, down))
        down *= 2
    return out
