"""The places a device can stand at on this box: the configured lines, and what is plugged in and not taken. Opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from devices.tools.choose import Known
from devices.tools.listing import Place, places
from kiosk.config import Device

PORTS_MAX = 64


def line_of(where: str) -> str:
    """The line without its options: two devices with the same one would share it."""
    return where.split("?")[0]


def scan(devices: Iterable[Device], root: Path = Path("/")) -> list[Place]:
    """Configured lines first, then what is plugged in and free."""
    configured = [Known(d.id, d.klass, d.driver, line_of(d.where), None) for d in devices]
    taken: dict[str, Place] = {}
    for device in configured:
        taken.setdefault(device.where, Place(device.where, device.id, device.id))
    found = [*taken.values(), *filter(_offered, places(configured, root / "dev", root / "sys"))]
    if "alsa:default" not in taken and _has_card(root):
        found.append(Place("alsa:default", "alsa", None))
    return found[:PORTS_MAX]


def _offered(place: Place) -> bool:
    """A camera has several nodes and only the first gives pictures; of the input devices only keyboards play scanner."""
    ends = {"input": "-event-kbd", "v4l2": "-index0"}.get(place.where.partition(":")[0], "")
    return place.taken_by is None and place.where.endswith(ends)


def _has_card(root: Path) -> bool:
    try:
        return "[" in (root / "proc/asound/cards").read_text("utf-8", "replace")
    except OSError:
        return False
