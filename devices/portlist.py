"""Which ports this box has: serial ports, printers, input devices, cameras and GPIO chips, for a person to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PORTS = 256
STEPS_UP = 8  # from an interface to the USB device that has the names


@dataclass(frozen=True, slots=True)
class Port:
    """`where` as in `[[device]]` (by its place on the box, when it has such a name); `name` of the device file; `vendor`,
    `product`, `serial` as the device says them, "" when it does not."""

    where: str
    name: str
    by_path: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class _Sort:
    """`files` below /dev, `sysfs` is the class below /sys, `links` the folder of names by place."""

    scheme: str
    files: str
    sysfs: str
    links: str = ""


_SORTS = (
    _Sort("serial", "tty[A-Z]*", "class/tty", "serial/by-path"),
    _Sort("file", "usb/lp*", "class/usbmisc"),
    _Sort("input", "input/event*", "class/input", "input/by-path"),
    _Sort("v4l2", "video*", "class/video4linux", "v4l/by-path"),
    _Sort("gpio", "gpiochip*", "bus/gpio/devices"),
)


def ports(dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> list[Port]:
    """Everything that is plugged in now, at most PORTS, in the order of _SORTS and of names."""
    found: list[Port] = []
    for sort in _SORTS:
        links = _links(dev / sort.links) if sort.links else {}
        for file in sorted(dev.glob(sort.files), key=_natural):
            place = sys / sort.sysfs / file.name
            if sort.scheme == "serial" and not _is_uart(place):
                continue
            by_path = links.get(file.resolve(), "")
            vendor, product, number = _names(place)
            found.append(Port(f"{sort.scheme}://{by_path or file}", file.name, by_path, vendor, product, number))
    return found[:PORTS]


def _links(folder: Path) -> dict[Path, str]:
    if not folder.is_dir():
        return {}
    return {link.resolve(): str(link) for link in sorted(folder.iterdir(), reverse=True)}


def _is_uart(place: Path) -> bool:
    """The kernel makes ttyS0 to ttyS31 whether or not they exist: those that do not have type 0 (PORT_UNKNOWN)."""
    return (place / "device").exists() and _read(place / "type") != "0"


def _names(place: Path) -> tuple[str, str, str]:
    """Manufacturer, product and serial number, from the first parent that has a USB vendor."""
    node = (place / "device").resolve()
    for _ in range(STEPS_UP):
        if (node / "idVendor").is_file():
            vendor = _read(node / "manufacturer") or _read(node / "idVendor")
            return vendor, _read(node / "product") or _read(node / "idProduct"), _read(node / "serial")
        node = node.parent
    return "", _read(place / "device" / "name") or _read(place / "name"), ""


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()[:200]
    except OSError:
        return ""


def _natural(file: Path) -> tuple[str, int]:
    digits = file.name[len(file.name.rstrip("0123456789")) :]
    return file.name.removesuffix(digits), int(digits or 0)
