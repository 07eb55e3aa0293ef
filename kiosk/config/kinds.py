"""What each kind of device demands of its table in devices.toml: its line, its options, the files they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from devices.catalog import Catalog, Kind, Site
from kiosk.config.checker import UNKNOWN, Checker, KeyPath, column
from kiosk.config.files import Device

FILE = "devices.toml"


def with_options(check: Checker, devices: Any, catalog: Catalog, counters: Any) -> tuple[Device, ...]:
    """The devices with the options Struct of their kind; each mistake is noted, and its device left as far as it is known.
    `counters`: those whose pads the devices may name. Either may be UNKNOWN."""
    known = tuple(_with_options(check, index, device, catalog) for index, device in enumerate(devices))
    printers = [d.id for d in known if d.klass in ("printer", UNKNOWN)]
    zones = column(counters, lambda counter: None if counter.zone == "" else counter.zone)
    ids = column(counters, lambda counter: counter.id)
    for index, device in enumerate(known):
        if standin := getattr(device.options, "standin", ""):
            check.known(FILE, ("device", index, "standin"), standin, printers, "printer")
        if zone := getattr(device.options, "zone", ""):
            check.known(FILE, ("device", index, "zone"), zone, zones, "counter's zone")
        for n, pad in enumerate(getattr(device.options, "pad", ())):
            check.known(FILE, ("device", index, "pad", n, "counter"), pad.counter, ids, "counter")
    return known


def _with_options(check: Checker, index: int, device: Any, catalog: Catalog) -> Any:
    at: KeyPath = ("device", index)
    if device.klass is UNKNOWN or device.driver is UNKNOWN:
        return device
    classes = dict.fromkeys(klass for klass, _ in catalog.kinds)
    kind = catalog.get(device.klass, device.driver)
    if device.klass not in classes:
        check.known(FILE, (*at, "class"), device.klass, classes, "class of device")
    elif kind is None:
        check.known(FILE, (*at, "driver"), device.driver, catalog.drivers(device.klass), f"driver for a {device.klass}")
    if kind is None:
        return device
    before = len(check.mistakes)
    options = check.build(FILE, device.options, kind.options, at)
    wrong = {m.key.split(".")[2] for m in check.mistakes[before:] if m.key.count(".") > 1}
    if device.where is not UNKNOWN:
        _line(check, at, device, kind)
        _ask_the_kind(check, at, device, kind, options, wrong)
    return msgspec.structs.replace(device, options=options)


def _ask_the_kind(check: Checker, at: KeyPath, device: Device, kind: Kind, options: Any, wrong: set[str]) -> None:
    """What the kind says of its options. Of a key in `wrong` has been told: the kind sees its default, and what it says of that
    is left out. Where there is no default it cannot be asked."""
    doubtful = [f for f in msgspec.structs.fields(kind.options) if f.encode_name in wrong or _unknown(options, f.name)]
    if any(f.required for f in doubtful):
        return
    instead = {f.name: f.default if f.default_factory is msgspec.NODEFAULT else f.default_factory() for f in doubtful}
    site = Site(id=device.id, where=device.where, config=check.folder, data=Path())
    try:
        for slip in kind.check(site, msgspec.structs.replace(options, **instead)):
            if slip.key not in wrong:
                check.wrong(FILE, (*at, slip.key), slip.what, slip.remedy)
    except Exception as error:  # noqa: BLE001 (a driver of another package; its mistake is one of the configuration's)
        what = f"{kind.name} could not check it ({type(error).__name__}: {error})."
        check.wrong(FILE, at, what, "Mend the driver, or use another.")


def _unknown(options: Any, name: str) -> bool:
    return getattr(options, name) is UNKNOWN


def _line(check: Checker, at: KeyPath, device: Device, kind: Kind) -> None:
    if not device.where.startswith(kind.schemes):
        remedy = f"Begin with {' or '.join(kind.schemes)}."
        check.wrong(FILE, (*at, "where"), f"“{device.where}” is not a line of {kind.name}.", remedy)
