"""Time that no wrong date moves: which boot this is, and how long it has been up (asleep or awake)."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Boot(msgspec.Struct, frozen=True):
    id: str
    ms: int


def now(boot_id: Path = BOOT_ID) -> Boot:
    """This moment. A kernel without boot ids gives "": then a restart of the machine is told by its clock going back."""
    try:
        id = boot_id.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        id = ""
    return Boot(id, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)
