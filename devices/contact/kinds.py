"""The kinds of contact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from devices.catalog import Kind, Samples, Site, Slip
from devices.contact.driver import GpioContacts
from devices.contact.events import Decoder, Edge, encode
from devices.contact.pins import SCHEME, Input, Pins, open_pins
from devices.contact.simulator import ContactSimulator

LINES = 64  # of one request: GPIO_V2_LINES_MAX


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table `[[device.input]]` for each door, drawer or button."""

    input: tuple[Input, ...] = ()


def _make(site: Site, options: Options) -> GpioContacts:
    def opener(where: str, inputs: Sequence[Input]) -> Pins:
        return open_pins(where, inputs, site.opener)

    return GpioContacts(site.where, options.input, opener)


def _check(site: Site, options: Options) -> Iterable[Slip]:
    if not 1 <= len(options.input) <= LINES:
        yield Slip("input", f"there are {len(options.input)}.", f"Give 1 to {LINES} tables [[device.input]].")
    for what, values in (
        ("name", [i.name for i in options.input]),
        ("line", [str(i.line) for i in options.input]),
    ):
        for value in sorted({v for v in values if values.count(v) > 1}):
            yield Slip("input", f"two have the {what} {value}.", f"Give each a {what} of its own.")
    for one in options.input:
        if not one.name or len(one.name) > 40:
            yield Slip("input", f"the name {one.name!r} has {len(one.name)} characters.", "Use 1 to 40.")
        if not 0 <= one.line < 65_536:
            yield Slip("input", f"{one.name}: there is no line {one.line}.", "Use its number in gpioinfo.")
        if not 0 <= one.debounce_ms <= 1000:
            yield Slip("input", f"{one.name}: debounce_ms {one.debounce_ms} is out of range.", "Use 0 to 1000 ms.")


def _simulator(site: Site, options: Options) -> ContactSimulator:
    return ContactSimulator(site.id, site.where, options.input)


def edges(data: bytes) -> list[Edge]:
    return Decoder().feed(data)


SAMPLES = Samples((encode(Edge(17, True)) + encode(Edge(17, False), 2), encode(Edge(0, True))), edges)

KINDS = (
    Kind(
        "contact",
        "gpio",
        "门磁、钱箱和按钮",
        "door, drawer and button inputs (GPIO)",
        _make,
        schemes=(SCHEME, "tcp://"),
        options=Options,
        check=_check,
        simulator=_simulator,
        samples=(SAMPLES,),
    ),
)
