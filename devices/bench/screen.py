"""Pictures of a virtual display: what a kiosk's touchscreen shows when there is no touchscreen.

Only a virtual display (Xvfb) is ever looked at: a bench must not show a person's desktop.
"""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

LEAST_S = 1.0  # between two pictures
DEADLINE_S = 5.0
WIDTH = 540  # pixels of the picture; a portrait screen of 1080 at half size
_PEER = struct.Struct("3i")  # pid, uid, gid of SO_PEERCRED
LONGEST_BYTES = 8 * 1024 * 1024


class NoPicture(Exception):
    """There is no display to look at, or it did not answer; the text says which and what to do."""


def is_virtual(display: str, sockets: Path = Path("/tmp/.X11-unix"), proc: Path = Path("/proc")) -> bool:
    """Whether `display` (":77") belongs to an Xvfb: the kernel names the process at the other end of its socket. (There
    need not be a lock file: Xvfb -displayfd makes none.)"""
    match = re.fullmatch(r":([0-9]{1,5})(\.[0-9]+)?", display)
    if not match:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1.0)
            line.connect(str(sockets / f"X{match[1]}"))
            peer = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        name = (proc / str(_PEER.unpack(peer)[0]) / "comm").read_text().strip()
    except OSError:
        return False
    return name.lower().startswith("xvfb")


def grab(display: str) -> bytes:
    """The display's root window as PNG, by ImageMagick; raises NoPicture."""
    argv = ["import", "-display", display, "-window", "root", "-resize", f"{WIDTH}x", "png:-"]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=DEADLINE_S, check=False)
    except FileNotFoundError as error:
        raise NoPicture("`import` is not installed: apt-get install imagemagick") from error
    except subprocess.TimeoutExpired as error:
        raise NoPicture(
            f"display {display} did not answer within {DEADLINE_S:g} s: look whether it still runs"
        ) from error
    if done.returncode or not done.stdout.startswith(b"\x89PNG"):
        why = done.stderr.decode(errors="replace").strip()[:300]
        raise NoPicture(f"display {display} gave no picture: {why or 'no reason given'}; look whether it still runs")
    if len(done.stdout) > LONGEST_BYTES:
        raise NoPicture(f"display {display}: a picture of {len(done.stdout)} bytes is more than {LONGEST_BYTES}")
    return done.stdout


class Camera:
    """At most one picture a second, however many look; the others get the last one. Safe from any thread."""

    def __init__(
        self,
        display: str,
        take: Callable[[str], bytes] = grab,
        virtual: Callable[[str], bool] = is_virtual,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.display = display
        self._take, self._virtual, self._clock = take, virtual, clock
        self._lock = threading.Lock()
        self._taken_at = float("-inf")
        self._last = b""

    def there(self) -> bool:
        return self._virtual(self.display)

    def picture(self) -> bytes:
        """PNG; raises NoPicture."""
        if not self.there():
            raise NoPicture("there is no virtual display here: start with `kiosk run --headless` to see the screen")
        with self._lock:
            if self._clock() - self._taken_at >= LEAST_S:
                self._last = self._take(self.display)
                self._taken_at = self._clock()
            return self._last
