"""The ports of this box, and which device of the configuration stands on which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devices import portlist
from devices.linebook import port_of
from devices.tools.choose import Known


@dataclass(frozen=True, slots=True)
class Place:
    """`where` as devices.toml wants it, `name` for a person, `taken_by` the id of the device that stands there."""

    where: str
    name: str
    taken_by: str | None


def places(devices: Iterable[Known], dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> list[Place]:
    taken = {port_of(device.where): device.id for device in devices}
    found = []
    for port in portlist.ports(dev, sys):
        words = " ".join(word for word in (port.name, port.vendor, port.product, port.serial) if word)
        found.append(Place(port.where, words, taken.get(port_of(port.where))))
    return found


def owner_of(where: str, devices: Iterable[Known]) -> str | None:
    """The id of the device that stands on the same port, however it is written."""
    return next((device.id for device in devices if port_of(device.where) == port_of(where)), None)
