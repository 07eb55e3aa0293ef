"""A sheet of paper → the bytes that print it. Pure.

Every job begins from nothing (ESC @) and says all it relies on: kanji mode on (FS &; the library never sends it) or UTF-8,
USA signs (ESC R 0; with 15, China, "$" prints as "¥"), no automatic status (GS a 0). Sizes by GS !, since ESC ! does not
scale Chinese. Text is ours (`text.py`), and so are pictures (`pictures.py`); python-escpos composes the QR code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from PIL import Image
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode as QRMatrix

from devices.ports import Columns, DeviceError, Feed, Paper, PaperItem, Picture, QRCode, Rule, Text
from devices.printer.pictures import BadPicture, Dots, black_dots, picture_bytes
from devices.printer.profiles import UTF8, UTF8_MODES, Cutter, QRMode
from devices.printer.text import Charset, encode, pair, wrap

COLUMN_DOTS = 12
LINE_DOTS = 24
GAP_DOTS = 8  # between lines, so that large figures do not touch what is below
BELOW_PICTURE_DOTS = 16
MAX_ITEMS, MAX_TEXT, MAX_QR, MAX_FEED = 200, 2000, 300, 20

BEGIN = b"\x1b@\x1da\x00\x1bR\x00"
KANJI = b"\x1c&"
TEAR = b"\x1bJ\x78"  # without a knife: 15 mm, so that the last line stands above the edge to tear at
# With a knife: feed to it, then cut. A partial cut leaves the ticket hanging until it is taken.
CUTS: dict[Cutter, bytes] = {"partial": b"\x1dVB\x00", "full": b"\x1dVA\x00", "none": TEAR}
CUT = CUTS["partial"]
ALIGN = {"left": b"\x1ba\x00", "center": b"\x1ba\x01", "right": b"\x1ba\x02"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet is composed for. `columns` at scale 1: 48 on 80 mm paper, 32 on 58 mm; `logo` is a PNG that stands on top
    of each sheet, empty for none."""

    columns: int = 48
    charset: Charset = "gb18030"
    qr: QRMode = "native"
    cutter: Cutter = "partial"
    dots: Dots = "GS v 0"
    utf8: UTF8 = "FS ( C"
    logo: bytes = b""

    @property
    def cut(self) -> bytes:
        return CUTS[self.cutter]

    @property
    def width(self) -> int:
        """In dots."""
        return self.columns * COLUMN_DOTS


class BadPaper(DeviceError):
    """The sheet cannot be printed by any printer; our own mistake, told with the job and the item."""


PLAIN = Layout()


def compose(paper: Paper, layout: Layout = PLAIN) -> bytes:
    """The whole job, from ESC @ to the cut. Raises BadPaper."""
    if layout.charset == "raster":
        # Imported here: drawing needs fonts, and only this mode and the simulator draw.
        from devices.printer.render import draw

        drawn = draw(compose(paper, replace(layout, charset="gb18030", qr="native", cutter="partial")), layout.columns)
        return BEGIN + KANJI + ALIGN["left"] + picture_bytes(drawn, layout.dots) + layout.cut
    if len(paper.items) > MAX_ITEMS:
        raise BadPaper(f"job {paper.job}: {len(paper.items)} items, at most {MAX_ITEMS} fit one sheet")
    parts = [BEGIN, UTF8_MODES[layout.utf8] if layout.charset == "utf8" else KANJI]
    if layout.logo:
        parts.append(_picture(Picture(layout.logo), layout))
    for place, item in enumerate(paper.items):
        try:
            parts.append(_item(item, layout))
        except (BadPaper, BadPicture) as error:
            raise BadPaper(f"job {paper.job}, item {place + 1}: {error}") from None
    return b"".join(parts) + layout.cut


def qr_matrix(data: bytes, level: int = 0) -> list[list[bool]]:
    """The modules of the smallest code that holds `data`, dark ones True, without border. `level` as the qrcode library
    counts: 1 L, 0 M, 3 Q, 2 H. Raises BadPaper when no code is large enough."""
    code = QRMatrix(error_correction=level, border=0)
    code.add_data(data)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise BadPaper(f"no QR code can hold {len(data)} bytes") from error
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def qr_picture(data: bytes, module: int, level: int = 0) -> Image.Image:
    """The code, `module` dots a module, black on white, without border."""
    rows = qr_matrix(data, level)
    dots = Image.frombytes("L", (len(rows), len(rows)), bytes(0 if dark else 255 for row in rows for dark in row))
    side = len(rows) * module
    return dots.resize((side, side), Image.Resampling.NEAREST)


def qr_module(data: bytes, wanted: int, columns: int) -> int:
    """The largest module (in dots, at most `wanted`) with which the code and its white border fit the paper."""
    return max(1, min(wanted, columns * COLUMN_DOTS // (qr_side(data) + 8)))


def qr_side(data: bytes, level: int = 0) -> int:
    """Modules along one side of that code, without drawing it: drawing takes 10 ms, for which the paper would stand still.
    Raises BadPaper."""
    code = QRMatrix(error_correction=level, border=0)
    code.add_data(data)
    try:
        version: int = code.best_fit()
    except (DataOverflowError, ValueError) as error:
        raise BadPaper(f"no QR code can hold {len(data)} bytes") from error
    return 17 + 4 * version


def _item(item: PaperItem, layout: Layout) -> bytes:
    columns, charset = layout.columns, layout.charset
    match item:
        case Text():
            return _text(item, columns, charset)
        case Columns():
            _check_text(item.left + item.right)
            return _lines(pair(item.left, item.right, columns, charset), charset, "left", 1, item.bold)
        case Rule():
            return _lines(["─" * (columns // 2)], charset, "left", 1, False)
        case Feed():
            if not 0 <= item.lines <= MAX_FEED:
                raise BadPaper(f"feed of {item.lines} lines, expected 0 to {MAX_FEED}")
            return b"\x1bd" + bytes((item.lines,)) if item.lines else b""
        case QRCode():
            return _qr(item, layout)
        case Picture():
            return _picture(item, layout)


def _picture(item: Picture, layout: Layout) -> bytes:
    dots = picture_bytes(black_dots(item.png, layout.width), layout.dots)
    return ALIGN[item.align] + dots + b"\x1bJ" + bytes((BELOW_PICTURE_DOTS,))


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise BadPaper(f"{len(text)} characters, at most {MAX_TEXT} fit one paragraph")


def _text(item: Text, columns: int, charset: Charset) -> bytes:
    _check_text(item.text)
    if not 1 <= item.scale <= 8:
        raise BadPaper(f"scale {item.scale}, expected 1 to 8")
    lines = wrap(item.text, columns // item.scale, charset)
    return _lines(lines, charset, item.align, item.scale, item.bold)


def _lines(lines: list[str], charset: Charset, align: str, scale: int, bold: bool) -> bytes:
    size = (scale - 1) << 4 | (scale - 1)
    head = ALIGN[align] + b"\x1b3" + bytes((LINE_DOTS * scale + GAP_DOTS,)) + b"\x1d!" + bytes((size,))
    weight = b"\x1bE\x01" if bold else b"\x1bE\x00"
    return head + weight + b"".join(encode(line, charset) + b"\n" for line in lines)


def _qr(item: QRCode, layout: Layout) -> bytes:
    if not 0 < len(item.data.encode()) <= MAX_QR:
        raise BadPaper(f"QR data of {len(item.data.encode())} bytes, expected 1 to {MAX_QR}")
    if not 1 <= item.module <= 16:
        raise BadPaper(f"QR module of {item.module} dots, expected 3 to 8")
    data = item.data.encode()
    module = qr_module(data, item.module, layout.columns)
    if layout.qr == "native":
        printer = Dummy()
        printer.qr(item.data, ec=QR_ECLEVEL_M, size=module, native=True)
        code = bytes(printer.output)
    else:
        code = picture_bytes(qr_picture(data, module), layout.dots)
    # Four modules of white above and below; at the sides the centring leaves them.
    white = b"\x1bJ" + bytes((4 * module,))
    return ALIGN["center"] + white + code + white
