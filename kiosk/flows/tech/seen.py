"""What the station tells a field tech, as frozen values (JSON of GET and POST /tech/…).

Lenient as `kiosk.flows.seen`: unknown fields are ignored, most have defaults; a wrong type raises msgspec.ValidationError.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk.domain.facts import Lines
from kiosk.flows.tech.affine import Matrix

NO_LINES = Lines(zh="", en="")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The base: whatever the station tells."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """`since` is milliseconds since 1970; `volume` and `brightness` are per cent where the station tells them."""

    id: str
    klass: str = msgspec.field(name="class", default="")
    driver: str = ""
    where: str = ""
    state: str = "absent"
    reasons: tuple[str, ...] = ()
    detail: str = ""
    since: int = 0
    lost: int = 0
    ready_s: float = 0
    busy_s: float = 0
    fault_s: float = 0
    tests: tuple[str, ...] = ()
    volume: int | None = None
    brightness: int | None = None


class Devices(Told, frozen=True, kw_only=True):
    devices: tuple[Device, ...] = ()

    def get(self, id: str) -> Device | None:
        return next((d for d in self.devices if d.id == id), None)


class Tried(Told, frozen=True, kw_only=True):
    """What became of a test: done, not_done, unknown; `seen` is what a listener told."""

    outcome: str = "unknown"
    detail: str = ""
    seen: dict[str, Any] | None = None


class Log(Told, frozen=True, kw_only=True):
    lines: tuple[str, ...] = ()


class Port(msgspec.Struct, frozen=True, kw_only=True):
    where: str
    name: str = ""
    taken_by: str | None = None


class Ports(Told, frozen=True, kw_only=True):
    ports: tuple[Port, ...] = ()


class Find(msgspec.Struct, frozen=True, kw_only=True):
    klass: str = msgspec.field(name="class", default="")
    driver: str = ""
    where: str = ""
    why: Lines = NO_LINES


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that showed `number` with the sign's address behind it."""

    number: int
    name: str = ""
    where: str = ""
    options: dict[str, Any] = {}


class Detected(Told, frozen=True, kw_only=True):
    """What spoke. `offers`: the test numbers that were shown."""

    found: tuple[Find, ...] = ()
    log: tuple[str, ...] = ()
    advice: Lines = NO_LINES
    offers: tuple[Offer, ...] = ()


class Address(msgspec.Struct, frozen=True, kw_only=True):
    interface: str = ""
    address: str = ""


class CentralLink(msgspec.Struct, frozen=True, kw_only=True):
    """`ms` is the time of one call; `why` says what is wrong, a text or both languages."""

    url: str = ""
    reachable: bool = False
    ms: float | None = None
    why: Lines | str | None = None


class Network(Told, frozen=True, kw_only=True):
    host: str = ""
    lan: str = ""
    addresses: tuple[Address, ...] = ()
    central: CentralLink = CentralLink()


class Paired(Told, frozen=True, kw_only=True):
    station: str = ""
    name: Any = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    state: str = "ok"
    what: Lines = NO_LINES
    remedy: Lines | None = None


class Doctor(Told, frozen=True, kw_only=True):
    checks: tuple[Check, ...] = ()


class ConfigFile(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    origin: str = "base"
    text: str = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """`left_s`: seconds until it is taken back, when this was told. The moment by the wall clock is told too, but a trial ends by
    the box's running time, and the wall clock may be set meanwhile."""

    left_s: int


class Config(Told, frozen=True, kw_only=True):
    files: tuple[ConfigFile, ...] = ()
    trial: Trial | None = None


class OnTrial(Told, frozen=True, kw_only=True):
    """What every page but the configuration's own needs of it."""

    trial: Trial | None = None


class Calibration(Told, frozen=True, kw_only=True):
    matrix: Matrix | None = None


class Stick(Told, frozen=True, kw_only=True):
    """Where a USB stick is mounted on this box; "" = none. `saved` is the file just written."""

    folder: str = ""
    saved: str = ""


class Nothing(Told, frozen=True, kw_only=True):
    """Done; whatever else the answer says is not for the screen."""


# --- the wizard ------------------------------------------------------------------------------------------------------


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    zh: str = ""
    en: str = ""

    def get(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


class WizardNote(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "info"
    zh: str = ""
    en: str = ""

    def get(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: choice, text, number, confirm or points (touch calibration); `min` and `max` count characters, 0 = any.
    `offers`: pieces of a text that one touch adds."""

    id: str
    kind: str
    title: Lines = NO_LINES
    help: Lines = NO_LINES
    default: Any = None
    required: bool = False
    choices: tuple[Choice, ...] = ()
    secret: bool = False
    min: int = 0
    max: int = 0
    offers: tuple[str, ...] = ()


class WizardStep(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    state: str = "todo"
    title: Lines = NO_LINES
    help: Lines = NO_LINES
    notes: tuple[WizardNote, ...] = ()
    fields: tuple[Field, ...] = ()
    button: Lines = NO_LINES
    back: bool = False


class Wizard(Told, frozen=True, kw_only=True):
    step: str = ""
    restarting: bool = False
    steps: tuple[WizardStep, ...] = ()

    def current(self) -> WizardStep | None:
        return next((s for s in self.steps if s.id == self.step), None)

    def nth(self) -> int:
        """1…n; 0 if the step is not in the list."""
        return next((n for n, s in enumerate(self.steps, 1) if s.id == self.step), 0)


def shape_of(method: str, path: str) -> type[Told]:
    """What the answer of a call holds."""
    parts = path.strip("/").split("/")[1:]  # without "tech"
    match method, parts:
        case "GET", ["devices"]:
            return Devices
        case "GET", ["devices", _, "log"]:
            return Log
        case "POST", ["devices", _, "test" | "volume" | "brightness"]:
            return Tried
        case "GET", ["ports"]:
            return Ports
        case "POST", ["detect", *_]:
            return Detected
        case "GET", ["network"]:
            return Network
        case "POST", ["pair"]:
            return Paired
        case "GET", ["doctor"]:
            return Doctor
        case "GET", ["config"]:
            return Config
        case "GET", ["config", "trial"]:
            return OnTrial
        case _, ["wizard", *_]:
            return Wizard
    return Nothing
