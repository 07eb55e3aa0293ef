"""The values of a tech's visit: where it stands, what happens to it, what it asks. Seconds of one monotonic clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from kiosk.flows.seen import Lang, Problem, Timing
from kiosk.flows.state import Tap, Touched
from kiosk.flows.tech.affine import Matrix, Point
from kiosk.flows.tech.seen import Told as ToldValue
from kiosk.flows.tech.seen import Tried

Place = Literal[
    "pin", "menu", "devices", "device", "log", "ports", "found", "levels", "level", "network", "pair", "config", "file",
    "doctor", "check", "bundle", "restart", "touch", "touch_result", "touch_try", "wizard", "choice", "entry", "over",
]  # fmt: skip
AskKind = Literal[
    "login",
    "test",
    "revive",
    "detect",
    "level",
    "pair",
    "confirm",
    "rollback",
    "restart",
    "calibrate",
    "wizard",
    "bundle",
]

PIN_S = 30.0
IDLE_S = 120.0
TRY_S = 20.0  # to prove a new calibration by touching a target
CROSS_S = 60.0  # nobody touches the crosses: back, without a button that a wrong panel could not reach
PIN_MIN, PIN_MAX = 4, 8
CODE_DIGITS = 8
LEVEL_STEP = 10
LEVEL_FIRST = 70
ENTRY_MAX = 64

S = TypeVar("S", bound=ToldValue)


@dataclass(frozen=True, slots=True)
class Spot:
    """A page and what it is about (a device, a file, a field)."""

    place: Place
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing asked of the station. Only one is under way at a time."""

    key: str
    kind: AskKind
    method: str
    path: str
    body: Mapping[str, object]
    since: float


@dataclass(frozen=True, slots=True)
class Tech:
    """A visit of a technician. `typed` is what a pad holds; `seen` what the station told last, by path."""

    spots: tuple[Spot, ...] = (Spot("pin"),)
    lang: Lang = "zh"
    panel: Timing = field(default_factory=Timing)
    port: int = 8600  # of the station, for the address of its LAN page
    typed: str = ""
    capitals: bool = False
    marks: bool = False  # the second layer of a slim keyboard
    leaf: int = 0
    busy: Ask | None = None
    problem: Problem | None = None
    tried: Tried | None = None
    said: str = ""  # a word of ours about what was done last
    level: int = LEVEL_FIRST
    seen: Mapping[str, Any] = field(default_factory=dict)
    seen_at: Mapping[str, float] = field(default_factory=dict)  # when, by path
    draft: Mapping[str, Any] = field(default_factory=dict)  # the wizard's fields as changed here, by id
    touched: tuple[Point, ...] = ()  # the crosses, as the panel told them
    matrix: Matrix | None = None  # in force, trials aside
    saved: Matrix | None = None  # as the station keeps it
    fitted: Matrix | None = None  # proposed
    residual_mm: float = 0.0
    up: bool = True  # the station answers
    wall_ms: int = 0  # the wall clock, filled in by `view`
    at: float = 0.0
    entered_at: float = 0.0
    touched_at: float = 0.0
    tapped_at: float = -1.0
    tapped_id: str = ""

    @property
    def here(self) -> Spot:
        return self.spots[-1]

    def get(self, path: str, shape: type[S]) -> S | None:
        found = self.seen.get(path)
        return found if isinstance(found, shape) else None

    def seconds_left(self, path: str, left_s: int) -> int:
        """Of what ends `left_s` after the station told `path`; not below 0."""
        return max(0, math.ceil(left_s - (self.at - self.seen_at.get(path, self.at))))

    def pending(self, *kinds: AskKind) -> bool:
        return self.busy is not None and self.busy.kind in kinds


# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Raw:
    """A finger came down on a page of crosses: pixels from the top left, as the panel tells them, uncalibrated."""

    point: Point
    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """The station answered: an ask by its `key`, or a look (`key` is "")."""

    key: str
    path: str
    value: ToldValue
    at: float


@dataclass(frozen=True, slots=True)
class Refused:
    """`problem.status` 0: the station did not answer. `key` "" for a look."""

    key: str
    problem: Problem
    at: float


# Tap and Touched are those of a customer's visit.
Event = Tap | Raw | Touched | Tick | Told | Refused


# --- intents ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    ask: Ask


@dataclass(frozen=True, slots=True)
class Look:
    """From now on ask for these: (path, every so many seconds)."""

    paths: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """Touches go through this map from now on; None: as the panel tells them."""

    matrix: Matrix | None


@dataclass(frozen=True, slots=True)
class Quit:
    """This screen's process ends, to be started afresh."""


Intent = Send | Look | Apply | Quit
Moved = tuple[Tech, tuple[Intent, ...]]
