"""From what a person types to one kind of device with its options: "printer/escpos", "escpos", or an id of devices.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from devices.catalog import Catalog, Kind, Simulator, Site
from devices.ports import DeviceError
from devices.transport import Line, open_line


@dataclass(frozen=True, slots=True)
class Known:
    """A device of devices.toml; `options` is its kind's Struct."""

    id: str
    klass: str
    driver: str
    where: str
    options: Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """`id` and `where` as configured; for a kind that stands in no devices.toml its driver's name and ""."""

    kind: Kind
    options: Any
    id: str
    where: str
    config: Path

    def site(self, where: str, data: Path, opener: Callable[[str], Line] = open_line) -> Site:
        return Site(self.id, where, self.config, data, opener)

    def simulator(self, where: str, data: Path) -> Simulator:
        """Not started yet. Raises DeviceError for a kind that has none."""
        if self.kind.simulator is None:
            raise DeviceError(f"{self.kind.name} 没有模拟器 has no simulator; use a real device or another kind")
        return self.kind.simulator(self.site(where, data), self.options)


def choose(
    name: str, catalog: Catalog, devices: Sequence[Known] = (), config: Path = Path(), given: Sequence[str] = ()
) -> Chosen:
    """`given` are options as "key=value". Raises DeviceError with what there is instead."""
    device = next((d for d in devices if d.id == name), None)
    if device is not None:
        kind = catalog.get(device.klass, device.driver)
        if kind is None:
            raise DeviceError(
                f"{device.id}: there is no driver {device.klass}/{device.driver}; run `kiosk config check`"
            )
        return Chosen(kind, _options(kind, device.options, given), device.id, device.where, config)
    kind = _kind(name, catalog, devices)
    like = next((d for d in devices if (d.klass, d.driver) == (kind.klass, kind.driver)), None)
    chosen = Chosen(kind, _options(kind, like.options if like else None, given), kind.driver, "", config)
    slips = list(kind.check(chosen.site("", Path()), chosen.options))
    if slips:
        raise DeviceError("; ".join(f"{kind.name}: {slip.key} {slip.what} {slip.remedy}" for slip in slips))
    return chosen


def _kind(name: str, catalog: Catalog, devices: Iterable[Known]) -> Kind:
    found = [kind for kind in catalog.kinds.values() if name in (kind.name, kind.driver)]
    if len(found) == 1:
        return found[0]
    if found:
        raise DeviceError(f"{name!r} is more than one; say {' or '.join(kind.name for kind in found)}")
    ids, kinds = ", ".join(d.id for d in devices), ", ".join(sorted(kind.name for kind in catalog.kinds.values()))
    problems = "".join(f"\n  {problem}" for problem in catalog.problems)
    raise DeviceError(f"没有 there is no {name!r}; devices: {ids or 'none'}; kinds: {kinds}{problems}")


def _options(kind: Kind, base: Any, given: Sequence[str]) -> Any:
    """The options Struct with `given` on top; raises DeviceError naming the option that is missing or means nothing."""
    raw: dict[str, Any] = msgspec.to_builtins(base) if base is not None else {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind.options)}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or key not in fields:
            raise DeviceError(
                f"--option {word}: write key=value; {kind.name} knows {', '.join(fields) or 'no options'}"
            )
        raw[key] = _value(value)
    missing = [key for key, field in fields.items() if field.required and key not in raw]
    if missing:
        raise DeviceError(
            f"{kind.name} needs {', '.join(missing)}; give --option {missing[0]}=…, or name a device's id"
        )
    try:
        return msgspec.convert(raw, kind.options, strict=False)
    except msgspec.ValidationError as error:
        raise DeviceError(f"{kind.name}: {error}; mend the option") from error


def _value(written: str) -> Any:
    """As in a TOML file; what is no TOML is meant as it is written, so that words need no quotes."""
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return written


def loopback(kind: Kind) -> str:
    """Where a simulator of this kind listens unless told otherwise."""
    if "tcp://" in kind.schemes:
        return "tcp://127.0.0.1:0"
    return "pty:" if "serial://" in kind.schemes or "bus:" in kind.schemes else kind.schemes[0]
