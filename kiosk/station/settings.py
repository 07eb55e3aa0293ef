"""What the handlers know of this box: the keeper of its hall, and the rest. One value, because each further dependency of a
handler costs as much as deciding a call, and two that stand side by side a task group for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.config import Screen
from kiosk.station.events import Events
from kiosk.station.keeper import Keeper


@dataclass(frozen=True, slots=True)
class Box:
    keeper: Keeper
    station: str
    config_version: str
    screen: Screen
    base_url: str  # what a ticket's QR code leads to: base_url/t/<ticket id>
    printer: str  # device id; "" = none
    events: Events
    sync_status: Callable[[], dict[str, Any]]
    screen_restarts: Callable[[], int]
