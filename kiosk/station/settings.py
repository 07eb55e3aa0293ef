"""What the handlers know of this box besides the hall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.config import Screen
from kiosk.station.events import Events


@dataclass(frozen=True, slots=True)
class Box:
    station: str
    config_version: str
    screen: Screen
    base_url: str  # what a ticket's QR code leads to: base_url/t/<ticket id>
    printer: str  # device id; "" = none
    events: Events
    sync_status: Callable[[], dict[str, Any]]
    screen_restarts: Callable[[], int]
