"""Which kinds of device there are: one explicit table, and what other packages add to it by the entry point `kiosk.devices`.

A kind names its class, its driver, the lines it can stand on and its options (the keys of `[[device]]` beyond the common
ones), and makes a driver and, for tests and the demo, the other end of its wire. Nothing is opened here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, get_args

import msgspec

from devices.ports import Driver, Klass
from devices.transport import Line, open_line

GROUP = "kiosk.devices"
# Modules of this package that hold a tuple KINDS.
OURS = (
    "devices.printer.kinds",
    "devices.led.kinds",
    "devices.voice.kinds",
    "devices.keypad.kinds",
    "devices.scanner.kinds",
    "devices.idcard.kinds",
    "devices.camera.kinds",
    "devices.contact.kinds",
    "devices.bus.kinds",
)


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of a kind that has none."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a device stands. `where` is its line; `config` holds the files its options name; `data` is the folder it may
    write to; `opener` opens lines (the station's refuses to open one for two devices, and knows the buses)."""

    id: str
    where: str
    config: Path
    data: Path
    opener: Callable[[str], Line] = open_line


@dataclass(frozen=True, slots=True)
class Slip:
    """An option that means nothing: `key` of `[[device]]`, what is wrong, how to mend it."""

    key: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Question:
    """A harmless question for guided detection: it reads, and never writes a text or a setting. `send` b"" only listens.
    `matches` says whether the bytes that came back are this kind's; `prompt` (zh, en) asks a person to do something first."""

    send: bytes
    matches: Callable[[bytes], bool]
    bauds: tuple[int, ...] = (9600, 19200, 38400, 57600, 115200)
    within_s: float = 0.3
    parity: str = "N"
    prompt: tuple[str, str] | None = None
    options: tuple[tuple[str, Any], ...] = ()  # what devices.toml must say beside `where`
    only: str = ""  # asked on lines that begin so only; "" = on every line of the kind


@dataclass(frozen=True, slots=True)
class Samples:
    """Good frames of a codec, for `kiosk devices verify`: whatever is done to them, `decode` raises nothing but `declared`."""

    frames: tuple[bytes, ...]
    decode: Callable[[bytes], object]
    declared: tuple[type[Exception], ...] = ()


class Simulator(Protocol):
    """The other end of the wire. It speaks the same bytes as the device, fails on demand, and can be looked at. `kind` is what
    the bench's page draws it as; `shown()` is JSON-able."""

    id: str
    kind: str
    faults: tuple[str, ...]

    @property
    def where(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def active(self) -> tuple[str, ...]: ...

    def set_fault(self, fault: str, *, on: bool = True, address: int = 0) -> None:
        """ "" mends everything; raises ValueError for a fault it does not have, with those it has."""

    def shown(self) -> Any: ...


class Behind(Protocol):
    """What a `Fronted` stands before: a simulator of frames, which has no name and no picture."""

    @property
    def faults(self) -> tuple[str, ...]: ...

    @property
    def where(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def active(self) -> tuple[str, ...]: ...

    def set_fault(self, fault: str = ..., *, on: bool = ..., address: int = ...) -> None: ...


S = TypeVar("S", bound=Behind)


class Fronted(ABC, Generic[S]):
    """A `Simulator` made of another object, which stays reachable as `simulator`, and a look at it: `shown`."""

    kind: str

    def __init__(self, id: str, simulator: S) -> None:
        self.id, self.simulator, self.faults = id, simulator, simulator.faults

    @property
    def where(self) -> str:
        return self.simulator.where

    def start(self) -> None:
        self.simulator.start()

    def stop(self) -> None:
        self.simulator.stop()

    def active(self) -> tuple[str, ...]:
        return self.simulator.active()

    def set_fault(self, fault: str, *, on: bool = True, address: int = 0) -> None:
        self.simulator.set_fault(fault, on=on, address=address)

    @abstractmethod
    def shown(self) -> Any: ...


def no_slips(site: Site, options: Any) -> Iterable[Slip]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`options` is a frozen msgspec Struct with defaults. `check` names what is wrong beyond types and opens no line.
    `simulator(site, options)` listens at `site.where`: tcp://127.0.0.1:port (0 = any), or "pty:" for a pty."""

    klass: Klass
    driver: str
    zh: str
    en: str
    make: Callable[[Site, Any], Driver]
    schemes: tuple[str, ...] = ("tcp://", "serial://")
    options: type[msgspec.Struct] = Nothing
    check: Callable[[Site, Any], Iterable[Slip]] = no_slips
    simulator: Callable[[Site, Any], Simulator] | None = None
    ask: tuple[Question, ...] = ()
    samples: tuple[Samples, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.klass}/{self.driver}"


@dataclass(slots=True)
class Catalog:
    kinds: dict[tuple[str, str], Kind] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)  # of other packages: what could not be loaded, and why

    def get(self, klass: str, driver: str) -> Kind | None:
        return self.kinds.get((klass, driver))

    def drivers(self, klass: str) -> tuple[str, ...]:
        return tuple(driver for k, driver in self.kinds if k == klass)

    def add(self, kind: Kind, source: str) -> None:
        key = (kind.klass, kind.driver)
        if kind.klass not in get_args(Klass):
            self.problems.append(
                f"{source}: there is no class of device {kind.klass!r}; one of {', '.join(get_args(Klass))}"
            )
        elif key in self.kinds:
            self.problems.append(f"{source}: {kind.name} is there already; give the driver another name")
        else:
            self.kinds[key] = kind


@cache
def catalog() -> Catalog:
    """All kinds, read once. A package that cannot be loaded is a problem to show, never the end of the station."""
    found = Catalog()
    for module in OURS:
        for kind in import_module(module).KINDS:
            found.add(kind, module)
    for point in entry_points(group=GROUP):
        source = f"{point.dist.name if point.dist else '?'}: {point.name}"
        try:
            kinds = point.load()
            for kind in (kinds,) if isinstance(kinds, Kind) else tuple(kinds):
                found.add(kind, source)
        except Exception as error:  # noqa: BLE001 (another package's mistake must not stop the hall; shown by `kiosk doctor`)
            found.problems.append(f"{source}: cannot be loaded ({type(error).__name__}: {error})")
    return found
