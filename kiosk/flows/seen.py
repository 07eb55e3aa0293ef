"""What the screen is told by the station: the answers of its HTTP API (kiosk, hall, tickets) as frozen values.

Unknown fields are ignored, so a newer station can tell more; a missing or wrong field raises `msgspec.ValidationError`.
Times are milliseconds since 1970 (`*_ms`, `at`) or seconds (`*_s`).
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from kiosk.domain.facts import Lines
from kiosk.domain.plan import HallPlan

MM_PER_INCH = 25.4
COMPACT_MM = 160.0

Lang = Literal["zh", "en"]
PrintState = Literal["asked", "done", "not_done", "unknown", "none"]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """An expected wait as three quantiles, in seconds."""

    p10_s: float
    p50_s: float
    p90_s: float


class ServiceSeen(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    waiting: int = 0
    estimate: Estimate | None = None
    open: bool = True


class CounterSeen(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: Lines
    state: str = "closed"


class CallSeen(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    counter: int
    at: int = 0
    nth: int = 1


class DeviceSeen(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    state: str
    reasons: tuple[str, ...] = ()


class HallSeen(msgspec.Struct, frozen=True, kw_only=True):
    """GET /hall: the live hall; calls have the latest first. What has no `seq` is no hall, whoever answered."""

    seq: int
    services: tuple[ServiceSeen, ...] = ()
    counters: tuple[CounterSeen, ...] = ()
    calls: tuple[CallSeen, ...] = ()
    notices: tuple[Lines, ...] = ()
    devices: tuple[DeviceSeen, ...] = ()
    screen_restarts: int = 0  # how often a technician has asked for it; one more than before: start afresh

    def service(self, id: str) -> ServiceSeen | None:
        return next((s for s in self.services if s.id == id), None)


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The panel and its time-outs, from config/station.toml: pixels, inches, seconds."""

    width: int = 1080
    height: int = 1920
    diagonal_inch: float = 21.5
    idle_s: float = 45
    warn_s: float = 20
    result_s: float = 12

    @property
    def portrait(self) -> bool:
        return self.height > self.width

    @property
    def compact(self) -> bool:
        """A panel so low (10.1" landscape: 136 mm) that a page of large text takes fewer choices."""
        diagonal_mm = self.diagonal_inch * MM_PER_INCH
        return min(self.width, self.height) / math.hypot(self.width, self.height) * diagonal_mm < COMPACT_MM


class KioskSeen(msgspec.Struct, frozen=True, kw_only=True):
    """GET /kiosk: what this kiosk is; `version` changes with the plan, the panel or the texts."""

    version: str
    release: str = ""
    plan: HallPlan
    screen: Timing = Timing()
    notices: tuple[Lines, ...] = ()


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """The customer's own ticket; `ahead` counts people, `print` is what became of the paper."""

    id: str
    number: str
    service: str
    klass: str = msgspec.field(name="class", default="ordinary")
    state: str = "waiting"
    ahead: int = 0
    estimate: Estimate | None = None
    counter: int | None = None
    url: str = ""
    print: PrintState = "asked"


class TicketAnswer(msgspec.Struct, frozen=True, kw_only=True):
    ticket: Ticket


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal (RFC 9457), already in the customer's language."""

    status: int = 0
    title: str = ""
    detail: str = ""
    remedy: str = ""
    field: str = ""  # what of the request it is about
