"""The files of a configuration folder as structs, one for each table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from kiosk.domain.facts import Lines
from kiosk.domain.plan import Choice, Class, Counter, HallPlan, Service


class HallSettings(msgspec.Struct, frozen=True, kw_only=True):
    name: Lines
    reset_hour: int = 4
    utc_offset_min: int = 480
    recall_limit: int = 3
    return_window_min: int = 60


class Station(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    listen: str = "127.0.0.1:8600"


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    width: int = 1080
    height: int = 1920
    diagonal_inch: float = 21.5
    idle_s: int = 45
    warn_s: int = 20
    result_s: int = 12


class Central(msgspec.Struct, frozen=True, kw_only=True):
    """`config_keys`: public Ed25519 keys (base64). Where there are any, configuration from central must be signed by one."""

    url: str = ""
    token: str = ""
    config_keys: tuple[str, ...] = ()


class Pins(msgspec.Struct, frozen=True, kw_only=True):
    """argon2id hashes, made by `kiosk pin`."""

    counter: str
    guide: str
    tech: str


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """`where`: tcp://host:port, serial:///dev/…?baud=9600, bus:rs485, alsa:default. `options` are the further keys of the table:
    as they are written, or, when the kinds of device were at hand, the options Struct of the device's kind."""

    KEEPS_REST: ClassVar[str] = "options"

    id: str
    klass: str = msgspec.field(name="class")
    driver: str
    where: str
    options: Any = {}


class HallFile(msgspec.Struct, frozen=True, kw_only=True):
    hall: HallSettings
    klass: tuple[Class, ...] = msgspec.field(name="class")


class ServicesFile(msgspec.Struct, frozen=True, kw_only=True):
    service: tuple[Service, ...]


class CountersFile(msgspec.Struct, frozen=True, kw_only=True):
    counter: tuple[Counter, ...]


class NodeTable(msgspec.Struct, frozen=True, kw_only=True):
    """A node as it is written: `[[node.choice]]` reads better than `[[node.choices]]`."""

    id: str
    kind: Literal["question", "number", "self_service", "papers", "guide"]
    title: Lines
    body: Lines | None = None
    service: str = ""
    papers: tuple[Lines, ...] = ()
    choice: tuple[Choice, ...] = ()


class TriageFile(msgspec.Struct, frozen=True, kw_only=True):
    node: tuple[NodeTable, ...] = ()


class DevicesFile(msgspec.Struct, frozen=True, kw_only=True):
    device: tuple[Device, ...] = ()


class StationFile(msgspec.Struct, frozen=True, kw_only=True):
    station: Station
    pins: Pins
    screen: Screen = Screen()
    central: Central = Central()


FILES: dict[str, type[msgspec.Struct]] = {
    "hall.toml": HallFile,
    "services.toml": ServicesFile,
    "counters.toml": CountersFile,
    "triage.toml": TriageFile,
    "devices.toml": DevicesFile,
    "station.toml": StationFile,
}


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a process of this box needs to know. `version` changes with any byte of the files."""

    folder: Path
    version: str
    plan: HallPlan
    station: Station
    screen: Screen
    central: Central
    pins: Pins
    devices: tuple[Device, ...]

    def device(self, klass: str) -> Device | None:
        """The first device of a class."""
        return next((d for d in self.devices if d.klass == klass), None)
