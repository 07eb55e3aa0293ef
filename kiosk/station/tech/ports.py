"""The places a device can stand at on this box, named by port path so that they stay the same after a restart. Opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kiosk.config import Device

PORTS_MAX = 64


@dataclass(frozen=True, slots=True)
class Port:
    """`where` as in devices.toml; `taken_by`: the device configured there."""

    where: str
    name: str
    taken_by: str | None = None


# Folder of /dev, pattern, how it is written in devices.toml.
_PLACES = (
    ("dev/serial/by-path", "*", "serial://"),
    ("dev/usb", "lp*", "file://"),
    ("dev/input/by-path", "*-event-kbd", "evdev://"),
    ("dev/v4l/by-path", "*-index0", "v4l2://"),
)


def line_of(where: str) -> str:
    """The line without its options: two devices with the same one would share it."""
    return where.split("?")[0]


def scan(devices: Iterable[Device], root: Path = Path("/")) -> list[Port]:
    """Configured lines first, then what is plugged in and not taken."""
    taken: dict[str, Port] = {}
    for device in devices:
        taken.setdefault(line_of(device.where), Port(line_of(device.where), device.id, device.id))
    real = {_real(root, where): where for where in taken}
    found = list(taken.values())
    for folder, pattern, scheme in _PLACES:
        for path in sorted((root / folder).glob(pattern)):
            where = scheme + "/" + str(path.relative_to(root))
            if where not in taken and str(path.resolve()) not in real:
                found.append(Port(where, f"{path.resolve().name} · {path.name}"))
    if (root / "proc/asound/cards").exists() and "alsa:default" not in taken and _has_card(root):
        found.append(Port("alsa:default", "alsa"))
    return found[:PORTS_MAX]


def _real(root: Path, where: str) -> str:
    """The device node behind a line, so that /dev/ttyUSB0 and its by-path name are known to be one."""
    _, _, path = where.partition("://")
    return str((root / path.lstrip("/")).resolve()) if path.startswith("/") else where


def _has_card(root: Path) -> bool:
    try:
        return "[" in (root / "proc/asound/cards").read_text("utf-8", "replace")
    except OSError:
        return False
