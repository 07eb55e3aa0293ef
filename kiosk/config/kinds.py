"""What each kind of device demands of its table in devices.toml: its line, its options, the files they name."""

from __future__ import annotations

from pathlib import Path

import msgspec

from devices.catalog import Catalog, Kind, Site
from kiosk.config.checker import Checker, KeyPath
from kiosk.config.files import Device
from kiosk.domain.plan import Counter

FILE = "devices.toml"


def with_options(
    check: Checker, devices: tuple[Device, ...], catalog: Catalog, counters: tuple[Counter, ...]
) -> tuple[Device, ...]:
    """The devices with the options Struct of their kind; each mistake is noted, and its device left as it was. `counters`: those
    whose pads the devices may name."""
    known = tuple(_with_options(check, index, device, catalog) for index, device in enumerate(devices))
    printers = [d.id for d in known if d.klass == "printer"]
    for index, device in enumerate(known):
        if standin := getattr(device.options, "standin", ""):
            check.known(FILE, ("device", index, "standin"), standin, printers, "printer")
        if zone := getattr(device.options, "zone", ""):
            check.known(FILE, ("device", index, "zone"), zone, [c.zone for c in counters if c.zone], "counter's zone")
        for n, pad in enumerate(getattr(device.options, "pad", ())):
            check.known(FILE, ("device", index, "pad", n, "counter"), pad.counter, [c.id for c in counters], "counter")
    return known


def _with_options(check: Checker, index: int, device: Device, catalog: Catalog) -> Device:
    at: KeyPath = ("device", index)
    classes = dict.fromkeys(klass for klass, _ in catalog.kinds)
    kind = catalog.get(device.klass, device.driver)
    if device.klass not in classes:
        check.known(FILE, (*at, "class"), device.klass, classes, "class of device")
    elif kind is None:
        check.known(FILE, (*at, "driver"), device.driver, catalog.drivers(device.klass), f"driver for a {device.klass}")
    if kind is None:
        return device
    _line(check, at, device, kind)
    options = check.build(FILE, device.options, kind.options, at)
    if options is None:
        return device
    site = Site(id=device.id, where=device.where, config=check.folder, data=Path())
    try:
        for slip in kind.check(site, options):
            check.wrong(FILE, (*at, slip.key), slip.what, slip.remedy)
    except Exception as error:  # noqa: BLE001 (a driver of another package; its mistake is one of the configuration's)
        what = f"{kind.name} could not check it ({type(error).__name__}: {error})."
        check.wrong(FILE, at, what, "Mend the driver, or use another.")
    return msgspec.structs.replace(device, options=options)


def _line(check: Checker, at: KeyPath, device: Device, kind: Kind) -> None:
    if not device.where.startswith(kind.schemes):
        begin = f"Begin with {' or '.join(kind.schemes)}"
        check.wrong(FILE, (*at, "where"), f"“{device.where}” is not a line of {kind.name}.", begin)
