"""From devices.toml to simulators: the other end of each line to this machine's own ports, as the catalog makes it.

`kiosk config check` says everything that is wrong with a table; here the first mistake ends it, with where to look.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from devices.catalog import Catalog, Kind, Simulator, Site, catalog
from devices.ports import DeviceError

FILE = "devices.toml"
LOOPBACK = "127.0.0.1"
OWN = (LOOPBACK, "localhost")
ANYWHERE = f"tcp://{LOOPBACK}:0"  # for those on a bus: it reaches them wherever they listen
BUS = "bus:"


@dataclass(frozen=True)
class Wired:
    """A simulator and what its table says: `bus` it hangs on (its id, "" = none), `means` of its inputs (name -> door …)."""

    simulator: Simulator
    zh: str = ""
    en: str = ""
    bus: str = ""
    means: Mapping[str, str] = field(default_factory=dict)


def wired(folder: Path, data: Path, kinds: Catalog | None = None) -> list[Wired]:
    """A simulator for each device of `folder`/devices.toml whose line ends on this machine, buses included. A kind that has
    no simulator is left out: something else may listen there. Raises DeviceError."""
    tables = [_Table.of(folder, table) for table in _tables(folder / FILE)]
    buses = {table.id for table in tables if table.klass == "bus" and table.is_here}
    found = []
    for table in tables:
        bus = table.where.removeprefix(BUS) if table.where.startswith(BUS) else ""
        if not (bus in buses if bus else table.is_here):
            continue
        made = _made(table, folder, data, bus, kinds or catalog())
        if made is not None:
            found.append(made)
    return found


@dataclass(frozen=True)
class _Table:
    id: str
    klass: str
    driver: str
    where: str
    rest: dict[str, Any]

    @staticmethod
    def of(folder: Path, table: dict[str, Any]) -> _Table:
        rest = dict(table)
        common = [rest.pop(key, None) for key in ("id", "class", "driver", "where")]
        if not all(isinstance(value, str) and value for value in common):
            raise _wrong(folder, str(common[0] or "a [[device]]"), "id, class, driver and where must be texts")
        id, klass, driver, where = map(str, common)
        return _Table(id, klass, driver, where, rest)

    @property
    def is_here(self) -> bool:
        try:
            url = urlsplit(self.where)
            return url.scheme == "tcp" and url.hostname in OWN and url.port is not None
        except ValueError:
            return False


def _made(table: _Table, folder: Path, data: Path, bus: str, kinds: Catalog) -> Wired | None:
    kind = kinds.get(table.klass, table.driver)
    if kind is None:
        raise _wrong(folder, table.id, f"there is no driver {table.klass}/{table.driver}")
    try:
        options = msgspec.convert(table.rest, kind.options)
    except msgspec.ValidationError as error:
        raise _wrong(folder, table.id, str(error)) from error
    slip = next(iter(kind.check(Site(table.id, table.where, folder, data), options)), None)
    if slip is not None:
        raise _wrong(folder, table.id, f"{slip.key}: {slip.what}")
    if kind.simulator is None:
        return None
    simulator = _simulator(kind, table, folder, data, bus, options)
    return Wired(simulator, kind.zh, kind.en, bus, {i.name: i.means for i in getattr(options, "input", ())})


def _simulator(kind: Kind, table: _Table, folder: Path, data: Path, bus: str, options: Any) -> Simulator:
    assert kind.simulator is not None
    if bus and getattr(options, "framing", None) == "":
        # A Modbus device tells by its line whether it speaks RTU or TCP, and a bus is RTU wherever its simulator listens.
        options = msgspec.structs.replace(options, framing="rtu")
    try:
        return kind.simulator(Site(table.id, ANYWHERE if bus else table.where, folder, data), options)
    except (DeviceError, OSError, ValueError) as error:
        raise _wrong(folder, table.id, str(error)) from error


def _wrong(folder: Path, device: str, what: str) -> DeviceError:
    return DeviceError(f"{folder / FILE}: {device}: {what}; run `kiosk config check`")


def _tables(path: Path) -> list[dict[str, Any]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("device", [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeviceError(f"{path}: {error}; run `kiosk config check`") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise DeviceError(f"{path}: devices are tables [[device]]; run `kiosk config check`")
    return tables
