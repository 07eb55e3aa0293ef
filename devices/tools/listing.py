"""The ports of this box, and which device of the configuration stands on which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devices import portlist
from devices.tools.choose import Known


@dataclass(frozen=True, slots=True)
class Place:
    """`where` as devices.toml wants it, `name` for a person, `taken_by` the id of the device that stands there."""

    where: str
    name: str
    taken_by: str | None


def places(devices: Iterable[Known], dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> list[Place]:
    taken = {_real(device.where): device.id for device in devices}
    found = []
    for port in portlist.ports(dev, sys):
        words = " ".join(word for word in (port.name, port.vendor, port.product, port.serial) if word)
        found.append(Place(port.where, words, taken.get(_real(port.where))))
    return found


def owner_of(where: str, devices: Iterable[Known]) -> str | None:
    """The id of the device that stands on the same port, however it is written."""
    return next((device.id for device in devices if _real(device.where) == _real(where)), None)


def _real(where: str) -> str:
    """The very device file, or host and port: two names of one port are equal."""
    url = urlsplit(where)
    return f"{url.netloc}{Path(url.path).resolve() if url.path else ''}" or where
