"""Scanners at the other end: they send codes as a scanner does, and fail on demand."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from devices.farend import FarEnd
from devices.scanner.keys import EV_KEY, EV_SYN, EVENT, PRESSED, REPEATED, SYN_DROPPED, events

SHOWN = 20
PAUSE_S = 0.1  # longer than the gap that ends a frame, shorter than the one that gives it up


class ScannerSimulator(FarEnd):
    """A scanner on TCP or a pty. Own faults: half_code (the second half of a code never comes), twice (a trigger that bounces),
    noise (bytes that are no text: a wrong baud rate)."""

    kind = "scanner"
    faults: tuple[str, ...] = ("silent", "slow", "one_byte", "half_close", "unplugged", "half_code", "twice", "noise")
    slow_bytes = 16
    baud = 115200

    def __init__(self, id: str, where: str, prefix: str = "", ending: str = "\r", encoding: str = "utf-8") -> None:
        super().__init__(id, where)
        self._prefix, self._ending, self._encoding = prefix, ending, encoding
        self.sent: list[str] = []

    def scan(self, text: str) -> None:
        """Read one code. Nothing is kept while nobody is connected: a scanner has no memory."""
        self.sent = [*self.sent[-SHOWN + 1 :], text]
        raw = (self._prefix + text).encode(self._encoding, "replace") + self._ending.encode()
        if self.has("half_code"):
            raw = raw[: len(raw) // 2]
        if self.has("noise"):
            raw = bytes(byte | 0x80 for byte in reversed(raw)) + b"\x00" + self._ending.encode()
        self.say(raw * (2 if self.has("twice") else 1))

    def shown(self) -> Any:
        return {"scanned": self.sent}


class WedgeSimulator:
    """A keyboard wedge whose events come out of a FIFO, one report a write, as the kernel gives them. Own faults: half_code,
    twice, repeat (a key that sticks: autorepeat), overrun (the kernel says that events were lost)."""

    kind = "scanner"
    faults: tuple[str, ...] = ("silent", "slow", "one_byte", "unplugged", "half_code", "twice", "repeat", "overrun")

    def __init__(self, id: str) -> None:
        self.id = id
        self.sent: list[str] = []
        self._faults: set[str] = set()
        self._folder: Path | None = None
        self._fd = -1
        self._lock = threading.Lock()

    @property
    def where(self) -> str:
        return f"input://{self._folder}/event-kbd" if self._folder else "input:"

    def start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="far-end-"))
        self._plug()

    def stop(self) -> None:
        self._unplug()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def active(self) -> tuple[str, ...]:
        return tuple(sorted(self._faults))

    def set_fault(self, fault: str, *, on: bool = True, address: int = 0) -> None:
        if fault and fault not in self.faults:
            raise ValueError(f"unknown fault {fault!r}: one of {', '.join(self.faults)}")
        self._faults = (self._faults | {fault} if on else self._faults - {fault}) if fault else set()
        if "unplugged" in self._faults:
            self._unplug()
        else:
            self._plug()

    def scan(self, text: str) -> None:
        """Type `text` and Enter. Raises ValueError for what a US keyboard cannot type."""
        self.sent = [*self.sent[-SHOWN + 1 :], text]
        typed = events(text + "\n")
        if "half_code" in self._faults:
            typed = typed[: len(typed) // 4 * 2]
        if "overrun" in self._faults:
            typed.insert(len(typed) // 2, EVENT.pack(0, 0, EV_SYN, SYN_DROPPED, 0))
        for report in typed * (2 if "twice" in self._faults else 1):
            self._send(report)
            _, _, kind, code, value = EVENT.unpack_from(report)
            if "repeat" in self._faults and (kind, value) == (EV_KEY, PRESSED):
                self._send(EVENT.pack(0, 0, kind, code, REPEATED) + report[EVENT.size :])

    def shown(self) -> Any:
        return {"scanned": self.sent}

    def _send(self, report: bytes) -> None:
        with self._lock:
            if self._fd < 0 or "silent" in self._faults:
                return
            size = 1 if "one_byte" in self._faults else len(report)
            for start in range(0, len(report), size):
                try:
                    os.write(self._fd, report[start : start + size])
                except BlockingIOError:
                    return  # nobody reads: the kernel's buffer of a keyboard is full too
        if "slow" in self._faults:
            time.sleep(PAUSE_S / 10)

    def _plug(self) -> None:
        with self._lock:
            if self._fd >= 0 or self._folder is None:
                return
            path = self._folder / "event-kbd"
            os.mkfifo(path)
            self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def _unplug(self) -> None:
        with self._lock:
            fd, self._fd = self._fd, -1
            if fd >= 0 and self._folder is not None:
                os.close(fd)
                (self._folder / "event-kbd").unlink()
