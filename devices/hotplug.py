"""Something was plugged in or pulled out: heard from the kernel (udev), or found by looking, and told to who waits for it.

udev (netlink) ──┐                    ┌─> on_change(Change)
or looking ──────┴──> HotPlug thread ─┴─> watch(where, …): the device that stands there is tried at once
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pyudev  # type: ignore[import-untyped]

from devices.portlist import Port, ports
from devices.ports import DeviceError, Health

__all__ = ["Change", "HotPlug", "LookingSource", "Port", "Source", "UdevSource", "best_source", "ports", "stands_on"]

LOOK_S = 2.0
FOLDERS = (Path("/dev/serial/by-path"), Path("/dev/usb"), Path("/dev/input/by-path"), Path("/dev/v4l/by-path"))
SUBSYSTEMS = ("tty", "usbmisc", "usb", "input", "video4linux", "gpio")
UDEV = Path("/run/udev/control")  # there when udevd runs, which is who sends on what the kernel says
CHANGES = 64  # taken at one turn


@dataclass(frozen=True, slots=True)
class Change:
    """`node` is the device file, `links` its other names, `port` the place on the box it is plugged into (ID_PATH)."""

    what: Literal["plugged", "unplugged"]
    node: str
    links: tuple[str, ...] = ()
    port: str = ""

    @property
    def names(self) -> frozenset[str]:
        return frozenset((self.node, *self.links))


class Source(Protocol):
    """Where changes come from. Used by one thread. `fd` becomes readable when there is something; -1: ask every LOOK_S."""

    fd: int
    health: Health

    def receive(self) -> list[Change]: ...

    def close(self) -> None: ...


class UdevSource:
    """udev's own messages. Raises DeviceError when they cannot be had here."""

    def __init__(self) -> None:
        if not UDEV.exists():
            raise DeviceError(f"udevd does not run here ({UDEV} is missing)")
        try:
            self._monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="udev")
            for subsystem in SUBSYSTEMS:
                self._monitor.filter_by(subsystem)
            self._monitor.start()
        except (OSError, ImportError, pyudev.DeviceNotFoundError) as error:
            raise DeviceError(f"udev refuses to tell what is plugged in ({error})") from error
        self.fd = self._monitor.fileno()
        self.health = Health("ready", (), "told by udev 由 udev 通知")

    def receive(self) -> list[Change]:
        found: list[Change] = []
        for _ in range(CHANGES):
            device = self._monitor.poll(0)
            if device is None:
                break
            change = change_of(device)
            if change is not None:
                found.append(change)
        return found

    def close(self) -> None:
        self._monitor = None


class Told(Protocol):
    """What is used of a pyudev.Device."""

    action: str | None
    device_node: str | None

    @property
    def device_links(self) -> Iterable[str]: ...

    @property
    def properties(self) -> Mapping[str, str]: ...


def change_of(device: Told) -> Change | None:
    """None for what has no device file, and for actions that plug nothing (bind, change)."""
    if device.device_node is None or device.action not in ("add", "remove"):
        return None
    return Change(
        "plugged" if device.action == "add" else "unplugged",
        device.device_node,
        tuple(device.device_links),
        device.properties.get("ID_PATH", ""),
    )


class LookingSource:
    """Looks into the folders of names by place: no udev needed, but up to LOOK_S late, and blind to what has no such name."""

    def __init__(self, why: str, folders: Iterable[Path] = FOLDERS) -> None:
        self.fd = -1
        self._folders = tuple(folders)
        self._known = self._look()
        self.health = Health("degraded", ("looking",), f"looks every {LOOK_S:.0f} s 每 {LOOK_S:.0f} 秒查看一次; {why}")

    def receive(self) -> list[Change]:
        now, before = self._look(), self._known
        self._known = now
        gone = [Change("unplugged", before[n], (n,), _place(n)) for n in before if now.get(n) != before[n]]
        come = [Change("plugged", now[n], (n,), _place(n)) for n in now if before.get(n) != now[n]]
        return gone + come

    def close(self) -> None:
        self._known = {}

    def _look(self) -> dict[str, str]:
        """name -> the device file behind it."""
        names = (str(entry) for folder in self._folders if folder.is_dir() for entry in sorted(folder.iterdir()))
        return {name: os.path.realpath(name) for name in names}


def _place(name: str) -> str:
    """/dev/serial/by-path names are ID_PATH and what is behind it."""
    path = Path(name)
    return path.name if path.parent.name == "by-path" else ""


def best_source() -> Source:
    try:
        return UdevSource()
    except DeviceError as error:
        return LookingSource(str(error))


class HotPlug:
    """One thread from start() to stop(). `on_change` and what is watched are called from it: they post, and return."""

    def __init__(
        self,
        on_change: Callable[[Change], None] = lambda change: None,
        source: Callable[[], Source] = best_source,
        look_s: float = LOOK_S,
    ) -> None:
        self._on_change, self._make, self._look_s = on_change, source, look_s
        self._lock = threading.Lock()
        self._watched: dict[str, tuple[str, Callable[[], None]]] = {}
        self._thread: threading.Thread | None = None
        self._source: Source | None = None
        self._stopping = False
        self._bell = -1
        self._trouble = ""

    def watch(self, device: str, where: str, came: Callable[[], None]) -> None:
        """When the port of `where` (serial:// or file://) is plugged in, call `came`: its supervisor's `refresh`."""
        with self._lock:
            self._watched[device] = (where, came)

    def forget(self, device: str) -> None:
        with self._lock:
            self._watched.pop(device, None)

    @property
    def health(self) -> Health:
        source = self._source
        if source is None:
            return Health("absent")
        return Health("fault", ("bug",), self._trouble) if self._trouble else source.health

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError("hot-plug is already started")
        self._stopping = False
        self._source = self._make()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._main, args=(self._source,), name="hotplug", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        os.eventfd_write(self._bell, 1)
        thread.join(5.0)
        os.close(self._bell)
        source, self._source = self._source, None
        if source is not None:
            source.close()

    # --- the thread --------------------------------------------------------------------------------------------------

    def _main(self, source: Source) -> None:
        rest, poller = select.poll(), select.poll()
        rest.register(self._bell, select.POLLIN)
        poller.register(self._bell, select.POLLIN)
        if source.fd >= 0:
            poller.register(source.fd, select.POLLIN)
        pause = None if source.fd >= 0 else self._look_s * 1000
        while True:
            poller.poll(pause)
            if self._stopping:
                return
            try:
                for change in source.receive():
                    self._tell(change)
                self._trouble = ""
            except Exception as error:  # noqa: BLE001 (shown by `health`; the next message may be well)
                self._trouble = f"{type(error).__name__}: {error}"
                rest.poll(self._look_s * 1000)

    def _tell(self, change: Change) -> None:
        self._on_change(change)
        if change.what == "plugged":
            with self._lock:
                watched = list(self._watched.values())
            for where, came in watched:
                if stands_on(where, change):
                    came()


def stands_on(where: str, change: Change) -> bool:
    """Whether `where` names what was plugged in: by any of its names, or by a link that leads to it."""
    url = urlsplit(where)
    if url.scheme not in ("serial", "file"):
        return False
    return url.path in change.names or os.path.realpath(url.path) == change.node
