"""From a device of the configuration to its driver: the kinds of `devices.catalog`, and the folders a driver may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from devices.catalog import Site, catalog
from devices.ports import DeviceError
from devices.transport import Line, open_line
from kiosk.config import Device


def make_driver(device: Device, folder: Path, data: Path, opener: Callable[[str], Line] = open_line) -> Any:
    """`device.options` is its kind's Struct, as `kiosk.config.load` gives it. Raises DeviceError for a kind nobody has."""
    kind = catalog().get(device.klass, device.driver)
    if kind is None:
        raise DeviceError(f"{device.id}: there is no driver {device.klass}/{device.driver}; run `kiosk config check`")
    return kind.make(Site(device.id, device.where, folder, data, opener), device.options)
