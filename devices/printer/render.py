"""What a job looks like on paper: ESC/POS bytes → a picture, one pixel a dot (8 dots a millimetre). Pure but for the fonts.

`draw` gives the printed dots alone (the raster mode of the driver prints them); `sheet_png` puts them on white paper with
its margins and the torn lower edge (the simulator's web page shows it). Obeys what it reads, not what was meant: without
FS & a Chinese character comes out as two Latin ones, as on the printer.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from devices.printer.commands import Command, parse
from devices.printer.escpos import BadPaper, qr_picture

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
COLUMN, LINE = 12, 24
DEFAULT_SPACING = 30
MARGIN = 32  # dots of white at each side: 80 mm paper, 72 mm print
KNIFE = 40  # dots of white before the first and after the last line
MAX_HEIGHT = 40_000  # dots: five metres of paper
QR_LEVELS = {48: 1, 49: 0, 50: 3, 51: 2}  # ESC/POS L M Q H → the qrcode library's numbers


@dataclass(frozen=True, slots=True)
class Modes:
    """What ESC @ resets."""

    kanji: bool = False
    utf8: bool = False
    align: int = 0
    bold: bool = False
    wide: int = 1
    high: int = 1
    inverse: bool = False
    spacing: int = DEFAULT_SPACING


@dataclass(slots=True)
class _Head:
    """The print head: modes, the line being collected, the bands already on paper."""

    dots: int
    modes: Modes = field(default_factory=Modes)
    line: list[Image.Image] = field(default_factory=list)
    bands: list[tuple[int, Image.Image]] = field(default_factory=list)
    y: int = 0
    qr_module: int = 3
    qr_level: int = 48
    qr_data: bytes = b""
    stored: Image.Image | None = None  # by GS ( L, not printed yet


def draw(raw: bytes, columns: int = 48) -> Image.Image:
    """The printed dots of one sheet, mode "L" (0 black, 255 white), `columns` × 12 wide."""
    head = _Head(dots=columns * COLUMN)
    at = 0
    while at < len(raw) and head.y < MAX_HEIGHT:
        command = parse(raw[at:])
        if command is None:
            break
        at += len(command.raw)
        _obey(head, command)
    if head.line:
        _line_feed(head)
    page = Image.new("L", (head.dots, max(1, min(head.y, MAX_HEIGHT))), 255)
    for y, band in head.bands:
        page.paste(band, (0, y))
    return page


def sheet_png(raw: bytes, columns: int = 48) -> bytes:
    """The sheet as it hangs out of the printer, PNG, transparent around the cut edges."""
    printed = draw(raw, columns)
    size = (printed.width + 2 * MARGIN, printed.height + 2 * KNIFE)
    paper = Image.new("RGB", size, (253, 253, 250))
    ink = Image.new("RGB", printed.size, (28, 28, 34))
    paper.paste(ink, (MARGIN, KNIFE), printed.point(lambda v: 255 - v))
    shape = Image.new("L", size, 255)
    teeth = ImageDraw.Draw(shape)
    for x in range(0, size[0], 8):  # the knife's teeth
        teeth.polygon([(x, size[1]), (x + 4, size[1] - 5), (x + 8, size[1])], fill=0)
        teeth.polygon([(x, 0), (x + 4, 4), (x + 8, 0)], fill=0)
    paper.putalpha(shape)
    out = io.BytesIO()
    paper.save(out, "PNG")
    return out.getvalue()


# --- one command ---------------------------------------------------------------------------------------------------


def _obey(head: _Head, command: Command) -> None:
    args = command.args
    match command.name:
        case "text":
            _collect(head, command.data)
        case "LF" | "CR":
            if command.name == "LF":
                _line_feed(head)
        case "ESC d" | "ESC J":
            if head.line:
                _line_feed(head)
            head.y += args[0] * (head.modes.spacing if command.name == "ESC d" else 1)
        case "GS v 0":
            _raster(head, command)
        case "GS ( k":
            _qr(head, command.data)
        case "GS ( L":
            _graphics(head, command.data)
        case _:
            head.modes = _mode(head.modes, command)


def _mode(modes: Modes, command: Command) -> Modes:
    arg = command.args[0] if command.args else 0
    match command.name:
        case "ESC @":
            return Modes()
        case "FS &":
            return replace(modes, kanji=True)
        case "FS .":
            return replace(modes, kanji=False)
        case "ESC 9":
            return replace(modes, utf8=arg == 1)
        case "FS C":
            return replace(modes, utf8=arg == 0xFF)
        case "FS ( C" if command.data[:1] == b"\x30":  # fn 48
            return replace(modes, utf8=command.data[1:2] in (b"\x02", b"2"))
        case "ESC a":
            return replace(modes, align=arg % 48)
        case "ESC E" | "ESC G":
            return replace(modes, bold=bool(arg & 1))
        case "GS !":
            return replace(modes, wide=(arg >> 4 & 7) + 1, high=(arg & 7) + 1)
        case "ESC !":
            return replace(modes, bold=bool(arg & 8), high=2 if arg & 16 else 1, wide=2 if arg & 32 else 1)
        case "GS B":
            return replace(modes, inverse=bool(arg & 1))
        case "ESC 3":
            return replace(modes, spacing=arg)
        case "ESC 2":
            return replace(modes, spacing=DEFAULT_SPACING)
    return modes


def _collect(head: _Head, data: bytes) -> None:
    modes = head.modes
    for ch, columns in _utf8(data) if modes.utf8 else _characters(data, modes.kanji):
        cell = _glyph(ch, columns * COLUMN * modes.wide, LINE * modes.high, modes.bold)
        if modes.inverse:
            cell = cell.point(lambda v: 255 - v)
        if sum(c.width for c in head.line) + cell.width > head.dots:
            _line_feed(head)
        head.line.append(cell)


def _characters(data: bytes, kanji: bool) -> list[tuple[str, int]]:
    """(character, columns): what the printer's tables make of the bytes."""
    found: list[tuple[str, int]] = []
    at = 0
    while at < len(data):
        step = 1
        if kanji and data[at] >= 0x81 and at + 1 < len(data):
            step = 4 if 0x30 <= data[at + 1] <= 0x39 else 2
        code = data[at : at + step]
        codec = "cp437" if step == 1 else "gb18030"
        found.append((code.decode(codec, errors="replace")[:1], 1 if step == 1 else 2))
        at += step
    return found


def _utf8(data: bytes) -> list[tuple[str, int]]:
    """What a Chinese font holds is two columns wide, the rest one (FS ( C fn 60 asks that font first)."""
    text = data.decode("utf-8", errors="replace")
    return [(ch, 1 if ch.isascii() or len(ch.encode("gb18030", "replace")) == 1 else 2) for ch in text]


def _line_feed(head: _Head) -> None:
    high = max((cell.height for cell in head.line), default=0)
    if head.line:
        used = sum(cell.width for cell in head.line)
        x = {1: (head.dots - used) // 2, 2: head.dots - used}.get(head.modes.align, 0)
        band = Image.new("L", (head.dots, high), 255)
        for cell in head.line:
            band.paste(cell, (x, high - cell.height))
            x += cell.width
        head.bands.append((head.y, band))
        head.line = []
    head.y += max(high, head.modes.spacing)


def _block(head: _Head, picture: Image.Image) -> None:
    """A picture stands on lines of its own, aligned as text is; what is wider than the paper is cut off."""
    if head.line:
        _line_feed(head)
    x = {1: (head.dots - picture.width) // 2, 2: head.dots - picture.width}.get(head.modes.align, 0)
    band = Image.new("L", (head.dots, picture.height), 255)
    band.paste(picture, (max(0, x), 0))
    head.bands.append((head.y, band))
    head.y += picture.height


def _raster(head: _Head, command: Command) -> None:
    width, rows = 8 * (command.args[2] + 256 * command.args[3]), command.args[4] + 256 * command.args[5]
    if not command.data:
        return
    picture = Image.frombytes("1", (width, rows), command.data, "raw", "1;I").convert("L")
    double_wide, double_high = command.args[1] & 1, command.args[1] & 2
    if double_wide or double_high:
        picture = picture.resize((width * (2 if double_wide else 1), rows * (2 if double_high else 1)))
    _block(head, picture)


def _graphics(head: _Head, data: bytes) -> None:
    """GS ( L m=48: fn 112 stores black-and-white dots, fn 50 prints what was stored."""
    if data[:2] == b"\x30\x70" and len(data) >= 10:
        width, rows = data[6] + 256 * data[7], data[8] + 256 * data[9]
        if len(data) - 10 >= (width + 7) // 8 * rows > 0:
            head.stored = Image.frombytes("1", (width, rows), data[10:], "raw", "1;I").convert("L")
    elif data[:2] in (b"\x30\x32", b"\x30\x02") and head.stored is not None:
        _block(head, head.stored)
        head.stored = None


def _qr(head: _Head, data: bytes) -> None:
    """GS ( k cn=49: fn 67 module size, 69 correction level, 80 store, 81 print."""
    if len(data) < 3 or data[0] != 49:
        return
    match data[1]:
        case 67:
            head.qr_module = max(1, min(16, data[2]))
        case 69:
            head.qr_level = data[2]
        case 80:
            head.qr_data = data[3:]
        case 81 if head.qr_data:
            try:
                code = qr_picture(head.qr_data, head.qr_module, QR_LEVELS.get(head.qr_level, 1))
            except BadPaper:
                return  # more than any code holds: the printer prints nothing
            _block(head, code)


# --- glyphs --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _font(bold: bool, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / ("NotoSansSC-Bold.ttf" if bold else "NotoSansSC-Regular.ttf"), size)


@lru_cache(maxsize=1024)
def _glyph(ch: str, width: int, height: int, bold: bool) -> Image.Image:
    """One character in its cell. Latin letters wider than their 12 dots are squeezed, as the printer's own font is narrow."""
    cell = Image.new("L", (width, height), 255)
    if ch == "─":  # joins its neighbours, which a font's glyph does not quite do
        middle, thick = height // 2, max(2, height // 12)
        ImageDraw.Draw(cell).rectangle((0, middle, width, middle + thick - 1), fill=0)
        return cell
    single = ord(ch) < 0x250 and width < height
    font = _font(bold, round(height * (0.88 if single else 0.98)))
    natural = max(1, round(font.getlength(ch)))
    tile = Image.new("L", (natural, height), 255)
    ImageDraw.Draw(tile).text((0, round(height * (0.8 if single else 0.83))), ch, font=font, fill=0, anchor="ls")
    room = width if not single else width - max(1, width // 12)
    if natural > room or (not single and natural * 2 < width):
        tile = tile.resize((room, height), Image.Resampling.LANCZOS)
    cell.paste(tile, ((width - tile.width) // 2, 0))
    return cell
