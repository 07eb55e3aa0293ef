"""The kinds of scanner."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devices.catalog import Kind, Samples, Site, Slip
from devices.ports import Scanned
from devices.scanner.codec import Decoder, Encoding, Suffix
from devices.scanner.driver import SerialScanner
from devices.scanner.keys import KeyDecoder, KeySuffix, events
from devices.scanner.simulator import ScannerSimulator, WedgeSimulator
from devices.scanner.wedge import BY_PATH, SCHEME, WedgeScanner, open_wedge, steady
from devices.transport import open_line

ENDINGS: dict[Suffix, str] = {"auto": "\r", "cr": "\r", "lf": "\n", "crlf": "\r\n", "silence": ""}


class SerialOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`prefix` is taken off the front; `again_ms`: the same code counts once for as long as it is seen at least that often."""

    suffix: Suffix = "auto"
    encoding: Encoding = "auto"
    prefix: str = ""
    again_ms: int = 1000


class WedgeOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    suffix: KeySuffix = "enter"
    prefix: str = ""
    again_ms: int = 1000


def _serial(site: Site, options: SerialOptions) -> SerialScanner:
    return SerialScanner(
        site.where,
        suffix=options.suffix,
        encoding=options.encoding,
        prefix=options.prefix,
        again_ms=options.again_ms,
        opener=site.opener,
    )


def _wedge(site: Site, options: WedgeOptions) -> WedgeScanner:
    # The plain opener knows no input devices; the station's book does.
    opener = open_wedge if site.opener is open_line else site.opener
    return WedgeScanner(
        site.where, suffix=options.suffix, prefix=options.prefix, again_ms=options.again_ms, opener=opener
    )


def _check(site: Site, options: SerialOptions | WedgeOptions) -> Iterable[Slip]:
    if not 0 <= options.again_ms <= 60_000:
        yield Slip("again_ms", f"{options.again_ms} is out of range.", "Use 0 to 60000 ms.")
    if len(options.prefix) > 32:
        yield Slip("prefix", f"is {len(options.prefix)} characters long.", "Use at most 32.")


def _check_wedge(site: Site, options: WedgeOptions) -> Iterable[Slip]:
    yield from _check(site, options)
    if not steady(site.where):
        yield Slip(
            "where",
            f"“{site.where}” is another device after the next start.",
            f"Name the port: {BY_PATH} (ls /dev/input/by-path).",
        )


def _simulate_serial(site: Site, options: SerialOptions) -> ScannerSimulator:
    encoding = "utf-8" if options.encoding == "auto" else options.encoding
    return ScannerSimulator(site.id, site.where, options.prefix, ENDINGS[options.suffix], encoding)


def _simulate_wedge(site: Site, options: WedgeOptions) -> WedgeSimulator:
    return WedgeSimulator(site.id)


def codes(data: bytes) -> list[Scanned]:
    """All codes in what a serial scanner sent, then silence, by each way of ending a code."""
    found: list[Scanned] = []
    for suffix in ENDINGS:
        decoder = Decoder(suffix)
        found += decoder.feed(data) + decoder.idle()
    return found


def typed(data: bytes) -> list[Scanned]:
    """All codes in what a keyboard wedge sent, then silence."""
    decoder = KeyDecoder("silence")
    return decoder.feed(data) + decoder.idle()


SERIAL_SAMPLES = Samples(
    (
        b"]Q1https://example.org/t/Zx81\r",
        b"]C1010690000000000710A1\x1d2112\r\n",
        "排队号A001\n".encode(),
        "排队号A001\r\n".encode("gb18030"),
    ),
    codes,
)
WEDGE_SAMPLES = Samples((b"".join(events("A1\n")), b"".join(events("\x1d"))), typed)

KINDS = (
    Kind(
        "scanner",
        "serial",
        "串口扫码器",
        "scanner on a serial line or TCP",
        _serial,
        options=SerialOptions,
        check=_check,
        simulator=_simulate_serial,
        samples=(SERIAL_SAMPLES,),
    ),
    Kind(
        "scanner",
        "evdev",
        "键盘式扫码器",
        "scanner as a keyboard (USB HID)",
        _wedge,
        schemes=(SCHEME,),
        options=WedgeOptions,
        check=_check_wedge,
        simulator=_simulate_wedge,
        samples=(WEDGE_SAMPLES,),
    ),
)
