"""The kinds of bus."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from devices.bus.bus import Rs485Bus
from devices.bus.simulator import BusSimulator
from devices.bus.wire import Timing, timing
from devices.catalog import Kind, Site, Slip
from devices.transport import BadAddress, serial_options

GAP_MAX_MS = 1000.0


class Rs485Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`baud` of the wire behind a serial server (tcp://); a serial port says its own. `gap_ms`: silence between frames, 0 = 3.5
    characters. `echo`: the adapter hears what it sends. `kernel_rs485`: the port must be told to switch its direction."""

    baud: int = 9600
    gap_ms: float = 0.0
    echo: bool = False
    kernel_rs485: bool = False


def _timing(site: Site, options: Rs485Options) -> Timing:
    if not site.where.startswith("serial:"):
        return timing(options.baud, gap_ms=options.gap_ms)
    port = serial_options(site.where)
    return timing(int(port["baud"]), int(port["bits"]), port["parity"], int(port["stop"]), options.gap_ms)


def _bus(site: Site, options: Rs485Options) -> Rs485Bus:
    where = site.where
    if options.kernel_rs485:
        where += ("&" if urlsplit(where).query else "?") + "rs485=on"
    return Rs485Bus(where, _timing(site, options), options.echo, site.opener)


def _slips(site: Site, options: Rs485Options) -> Iterable[Slip]:
    if not 50 <= options.baud <= 4_000_000:
        yield Slip("baud", f"{options.baud} is no speed of a line.", "Write what the adapter is set to, like 9600.")
    if not 0 <= options.gap_ms <= GAP_MAX_MS:
        yield Slip("gap_ms", f"{options.gap_ms} is no gap between frames.", f"Write 0 (automatic) to {GAP_MAX_MS:.0f}.")
    if options.kernel_rs485 and not site.where.startswith("serial:"):
        yield Slip(
            "kernel_rs485", "only a serial port can be told to.", "Remove it, or write where = “serial:///dev/…”."
        )
    if options.baud != 9600 and site.where.startswith("serial:"):
        yield Slip("baud", "a serial port has its speed in “where”.", "Write where = “serial:///dev/…?baud=19200”.")
    if site.where.startswith("serial:"):
        try:
            serial_options(site.where)
        except BadAddress as error:
            yield Slip("where", str(error), "Write where = “serial:///dev/…?baud=9600”.")


def _simulator(site: Site, options: Rs485Options) -> BusSimulator:
    return BusSimulator(site.id, site.where, echo=options.echo)


KINDS = (
    Kind(
        "bus",
        "rs485",
        "RS-485 总线",
        "RS-485 bus",
        _bus,
        options=Rs485Options,
        check=_slips,
        simulator=_simulator,
    ),
)
