"""The kinds of printer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from devices.catalog import Kind, Site, Slip
from devices.printer.driver import EscposPrinter


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    columns: int = 48
    charset: Literal["gb18030", "gbk", "raster"] = "gb18030"
    standin: str = ""


def _make(site: Site, options: Options) -> EscposPrinter:
    return EscposPrinter(site.where, columns=options.columns, charset=options.charset)


def _check(site: Site, options: Options) -> Iterable[Slip]:
    if not 24 <= options.columns <= 72:
        yield Slip("columns", f"{options.columns} is out of range.", "Use 24 to 72.")


KINDS = (
    Kind(
        "printer",
        "escpos",
        "ESC/POS 小票打印机",
        "ESC/POS ticket printer",
        _make,
        ("tcp://", "serial://", "file://"),
        Options,
        _check,
    ),
)
