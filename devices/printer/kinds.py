"""The kinds of printer: one, ESC/POS, on every line there is; what differs between models is a profile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from devices.catalog import Kind, Question, Samples, Simulator, Site, Slip
from devices.line import BadAddress
from devices.ports import Printer
from devices.printer import asb
from devices.printer.answers import Answers
from devices.printer.cups import CupsPrinter, parse_where
from devices.printer.driver import EscposPrinter
from devices.printer.escpos import Layout
from devices.printer.pictures import MAX_PNG, BadPicture, black_dots
from devices.printer.profiles import DEFAULT, PROFILES, UTF8, Confirm, Cutter, Profile, QRMode
from devices.printer.status import QUERIES, BadStatus, Status, decode, is_status
from devices.printer.text import Charset
from devices.printer.usb import check_usb

MIN_COLUMNS, MAX_COLUMNS = 24, 72


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`profile` is a row of devices.printer.profiles; what is given beside it wins. `logo`: a PNG in the config folder, on top
    of each sheet. `standin`: the id of the printer that prints when this one cannot (the station sends it there)."""

    profile: str = DEFAULT
    columns: int | None = None
    charset: Charset | None = None
    utf8: UTF8 | None = None
    qr: QRMode | None = None
    cutter: Cutter | None = None
    dots: Literal["GS v 0", "GS ( L"] | None = None
    asb: bool | None = None
    confirm: Confirm | None = None
    logo: str = ""
    standin: str = ""


def layout_of(options: Options, logo: bytes = b"") -> Layout:
    """The profile, and over it what the options say."""
    profile = _profile(options)
    return Layout(
        columns=options.columns or profile.columns,
        charset=options.charset or profile.charset,
        qr=options.qr or profile.qr,
        cutter=options.cutter or profile.cutter,
        dots=options.dots or profile.dots,
        utf8=options.utf8 or profile.utf8,
        logo=logo,
    )


def _profile(options: Options) -> Profile:
    return PROFILES[options.profile]


def _make(site: Site, options: Options) -> Printer:
    """Raises BadPicture when the logo went bad since `check`."""
    profile = _profile(options)
    layout = layout_of(options, _logo(site, options))
    if site.where.startswith("cups:"):
        return CupsPrinter(site.where, layout)
    asb_on = profile.asb if options.asb is None else options.asb
    return EscposPrinter(site.where, layout, options.confirm or profile.confirm, asb_on, site.opener)


def _logo(site: Site, options: Options) -> bytes:
    """The bytes of the logo, looked at. Raises BadPicture."""
    if not options.logo:
        return b""
    try:
        with (site.config / options.logo).open("rb") as file:
            png = file.read(MAX_PNG + 1)
    except OSError as error:
        raise BadPicture(f"logo “{options.logo}” cannot be read 无法读取 ({error.strerror})") from error
    black_dots(png, layout_of(options).width)
    return png


def _check(site: Site, options: Options) -> Iterable[Slip]:
    if options.profile not in PROFILES:
        yield Slip("profile", f"there is no profile “{options.profile}”.", f"Use one of: {', '.join(PROFILES)}.")
        return
    if options.columns is not None and not MIN_COLUMNS <= options.columns <= MAX_COLUMNS:
        yield Slip("columns", f"{options.columns} is out of range.", f"Use {MIN_COLUMNS} to {MAX_COLUMNS}.")
    elif options.logo:
        try:
            _logo(site, options)
        except BadPicture as error:
            yield Slip("logo", f"“{options.logo}”: {error}.", "Put a PNG of at most 512 kB into the config folder.")
    if options.standin == site.id:
        yield Slip("standin", "a printer cannot stand in for itself.", "Name another printer, or none.")
    if site.where.startswith("cups:") and options.asb:
        yield Slip("asb", "CUPS does not pass on what the printer tells by itself.", "Leave asb out.")
    try:
        if site.where.startswith("cups:"):
            parse_where(site.where)
        elif site.where.startswith("usb:"):
            check_usb(site.where, urlsplit(site.where))
    except BadAddress as error:
        yield Slip("where", f"{error}.", "Mend the address.")


def _simulator(site: Site, options: Options) -> Simulator:
    """At tcp://127.0.0.1:port (0 = any), or at a pty for "pty:"."""
    # Imported here: a station that drives real printers needs no paper to draw on.
    from devices.printer.simulated import SimulatedPrinter
    from devices.printer.simulator import PrinterSimulator

    layout = layout_of(options)
    knife = layout.cutter != "none"
    if site.where.startswith("pty:"):
        return SimulatedPrinter(site.id, PrinterSimulator.on_pty(columns=layout.columns, knife=knife))
    url = urlsplit(site.where)
    simulator = PrinterSimulator(url.hostname or "127.0.0.1", url.port or 0, columns=layout.columns, knife=knife)
    return SimulatedPrinter(site.id, simulator)


def _one_answer(data: bytes) -> bool:
    """A printer's answer to DLE EOT 1: one byte with its fixed bits, maybe among flow control."""
    rest = data.translate(None, asb.FLOW)
    return len(rest) == 1 and is_status(rest[0])


def _heard(data: bytes) -> Answers:
    answers = Answers()
    answers.feed(data)
    return answers


def _status(data: bytes) -> Status:
    return decode(data)


KINDS = (
    Kind(
        "printer",
        "escpos",
        "ESC/POS 小票打印机",
        "ESC/POS ticket printer",
        _make,
        ("tcp://", "serial://", "file://", "usb://", "cups:"),
        Options,
        _check,
        _simulator,
        ask=(Question(QUERIES[0], _one_answer, bauds=(9600, 19200, 38400, 115200)),),
        samples=(
            Samples((bytes.fromhex("12121212"), bytes.fromhex("1a32127e")), _status, (BadStatus,)),
            Samples((bytes.fromhex("10000000"), bytes.fromhex("38000c00")), asb.decode, (asb.BadBlock,)),
            Samples((bytes.fromhex("1000000f12"), b"\x37\x25\x00\x03\x12"), _heard),
        ),
    ),
)
