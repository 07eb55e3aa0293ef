"""Who has which line: the station's opener. It refuses one port to two devices, knows the buses, and keeps the hex logs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from devices.line import Line, LineClosed, LineError
from devices.transport import OPENERS, Scheme, open_line
from devices.wirelog import WireLog

DEVICES = 256


class PortTaken(LineError):
    """Two devices on one port."""

    reason = "taken"


class Bus(Protocol):
    """What stands behind "bus:ID"; devices.bus has the one for RS-485."""

    def line(self, where: str, device: str, log: WireLog | None = None) -> Line: ...


@dataclass(slots=True)
class _Entry:
    """What one device has: `port` and `line` while it is open, `where` it last asked for, and its log."""

    log: WireLog
    where: str = ""
    port: str = ""
    line: Line | None = None  # None with a port: it is being opened


class LineBook:
    """One for a station. Every device opens through `opener(its id)`; any thread."""

    def __init__(self, openers: Mapping[str, Scheme] = OPENERS) -> None:
        self._openers = openers
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._buses: dict[str, Bus] = {}

    def add_bus(self, bus_id: str, bus: Bus) -> None:
        """From now on "bus:<bus_id>" is a line on this bus."""
        with self._lock:
            self._buses[bus_id] = bus

    def opener(self, device: str) -> Callable[[str], Line]:
        """For `Site.opener`. What it opens is taken until it is closed. Raises LineError as `open_line`, and PortTaken."""
        return lambda where: self._open(device, where)

    def log(
        self, device: str, after: int = 0, *, all: bool = False, utc_offset_min: int | None = None
    ) -> tuple[int, list[str]]:
        """The device's hex log as `WireLog.read` tells it, also of lines that were lost; empty for a device that never opened
        one. A line from elsewhere may keep a log of its own: then that one."""
        with self._lock:
            entry = self._entries.get(device)
            if entry is None:
                return 0, []
            log = entry.log if entry.log.noted or entry.line is None else entry.line._log
        return log.read(after, all=all, utc_offset_min=utc_offset_min)

    def taken_by(self, where: str) -> str | None:
        """The device that has this port open, or that stands on it and waits for it to come back."""
        port = port_of(where)
        with self._lock:
            for device, entry in self._entries.items():
                if _has(entry, port):
                    return device
            return next((d for d, e in self._entries.items() if e.where and port_of(e.where) == port), None)

    def standing_on(self, bus_id: str) -> tuple[str, ...]:
        """The devices that asked for a line of this bus: who can be tried again when it is back."""
        with self._lock:
            return tuple(device for device, entry in self._entries.items() if entry.where == f"bus:{bus_id}")

    def forget(self, device: str) -> None:
        """It is configured no more: its line is closed, its log is gone."""
        with self._lock:
            entry = self._entries.pop(device, None)
        if entry is not None and entry.line is not None:
            entry.line.close()

    # --- below: opening ----------------------------------------------------------------------------------------------

    def _open(self, device: str, where: str) -> Line:
        entry = self._entry(device)
        if where.startswith("bus:"):
            entry.where = where
            line = self._bus(where).line(where, device, entry.log)
            entry.line, entry.port = line, ""
            return line
        port = port_of(where)
        self._take(device, entry, where, port)
        try:
            line = open_line(where, entry.log, self._openers)
        except BaseException:
            with self._lock:
                entry.port = ""
            raise
        with self._lock:
            entry.line = line
        return line

    def _take(self, device: str, entry: _Entry, where: str, port: str) -> None:
        with self._lock:
            holder = next((d for d, e in self._entries.items() if d != device and _has(e, port)), None)
            if holder is not None:
                raise PortTaken(
                    where,
                    f"device “{holder}” has this port 该端口已被设备“{holder}”占用",
                    f"give “{device}” a port of its own, or put both on a bus 请为“{device}”另选端口，或改用总线",
                )
            entry.where, entry.port, entry.line = where, port, None

    def _entry(self, device: str) -> _Entry:
        with self._lock:
            if device not in self._entries and len(self._entries) >= DEVICES:
                raise LineClosed(device, f"more than {DEVICES} devices 设备过多", "configure fewer 请减少设备")
            return self._entries.setdefault(device, _Entry(WireLog()))

    def _bus(self, where: str) -> Bus:
        bus_id = where.removeprefix("bus:")
        with self._lock:
            bus = self._buses.get(bus_id)
            known = ", ".join(self._buses) or "none"
        if bus is None:
            raise LineClosed(
                where, f"there is no bus “{bus_id}” 没有这条总线", f"configured are: {known} 已配置的总线如上"
            )
        return bus


def port_of(where: str) -> str:
    """Two addresses of one port give the same word: the device file behind all links, or host:port."""
    url = urlsplit(where)
    if url.scheme in ("serial", "file", "input", "v4l2", "gpio") and url.path:
        return os.path.realpath(url.path)
    if url.scheme == "tcp":
        return f"tcp://{url.netloc.lower()}"
    return where


def _has(entry: _Entry, port: str) -> bool:
    return entry.port == port and (entry.line is None or not entry.line.closed)
