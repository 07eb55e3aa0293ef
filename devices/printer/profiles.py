"""What differs between models of ESC/POS printers: one explicit table; the options of a device override it line by line.

Only what a public document says is in the table; `source` names it. A model that is not here is `generic80` or `generic58`:
the commands every Chinese receipt printer has, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from devices.printer.pictures import Dots
from devices.printer.text import Charset

QRMode = Literal["native", "raster"]
Cutter = Literal["partial", "full", "none"]
UTF8 = Literal["FS ( C", "ESC 9", "FS C"]
Confirm = Literal["in_order", "real_time"]

# How a printer is told that text comes as UTF-8. The Chinese font is asked first: what it holds is two columns wide.
UTF8_MODES: dict[UTF8, bytes] = {
    "FS ( C": b"\x1c(C\x02\x00\x30\x02"
    + b"\x1c(C\x03\x00\x3c\x00\x14",  # fn 48 m=2, fn 60 m=0 a=20 (simplified Chinese)
    "ESC 9": b"\x1c&\x1b9\x01",  # n: 0 GBK, 1 UTF-8, 3 Big5
    "FS C": b"\x1c&\x1cC\xff",  # n: 00 GB18030, FF UTF-8
}


@dataclass(frozen=True, slots=True)
class Profile:
    """`columns` of 12 dots: 48 = 576 dots on 80 mm, 32 = 384 dots on 58 mm. `dots` is how pictures and the logo go.
    `asb`: tells its state by itself (GS a). `confirm`: whether GS r is answered in the order of the buffer."""

    name: str
    zh: str
    en: str
    columns: int = 48
    charset: Charset = "gb18030"
    utf8: UTF8 = "FS ( C"
    qr: QRMode = "native"
    cutter: Cutter = "partial"
    dots: Dots = "GS v 0"
    asb: bool = False
    confirm: Confirm = "in_order"
    source: str = ""


_TABLE = (
    Profile(
        "generic80",
        "80 毫米小票打印机",
        "80 mm receipt printer",
        source="the commands that 80 mm programmer's manuals share with the Epson APG: DLE EOT, GS r, GS V, GS ( k, FS &",
    ),
    Profile(
        "generic58",
        "58 毫米小票打印机",
        "58 mm receipt printer",
        columns=32,
        charset="gbk",
        utf8="ESC 9",
        qr="raster",
        cutter="none",
        source="commands common to 58 mm programmer's manuals (no GS ( k, no cutter, GBK font)",
    ),
    Profile(
        "epson-tm",
        "爱普生 TM 系列（简体中文型号）",
        "Epson TM series (simplified Chinese models)",
        dots="GS ( L",
        asb=True,
        source="Epson ESC/POS Application Programming Guide: DLE EOT, GS a, GS r, GS ( k, GS ( L, GS V, FS &, FS ( C",
    ),
    Profile(
        "xprinter",
        "芯烨 80 毫米",
        "Xprinter 80 mm",
        utf8="ESC 9",
        source="80 mm programmer's manual of the POS-80 family; ESC 9 as integrators publish it for Xprinter boards",
    ),
    Profile(
        "sunmi",
        "商米内置 58 毫米",
        "Sunmi built-in 58 mm",
        columns=32,
        charset="utf8",
        utf8="FS C",
        cutter="none",
        confirm="real_time",
        source="FS C 255 as integrators publish it for Sunmi's built-in printer; neither GS r nor a cutter is documented for it",
    ),
)
PROFILES: dict[str, Profile] = {profile.name: profile for profile in _TABLE}
DEFAULT = "generic80"
