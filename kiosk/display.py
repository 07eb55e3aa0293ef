"""A display for the screen: the one that is there, or a virtual one (Xvfb) of the panel's size."""

from __future__ import annotations

import ctypes
import os
import shutil
from pathlib import Path

from kiosk.children import Child, Children

NUMBERS = range(90, 190)  # far from :0, which a desktop that starts later wants
SOCKETS = "/tmp/.X11-unix"


class NoDisplay(Exception):
    """There is no display and none can be made; the text says what to do."""


def display_size() -> tuple[int, int] | None:
    """Pixels of the X display that the environment names; None when there is none that can really be opened."""
    if not os.environ.get("DISPLAY"):
        return None
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    for of_display in (x11.XCloseDisplay, x11.XDefaultScreen):
        of_display.argtypes = [ctypes.c_void_p]
    for of_screen in (x11.XDisplayWidth, x11.XDisplayHeight):
        of_screen.argtypes = [ctypes.c_void_p, ctypes.c_int]
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    try:
        screen = x11.XDefaultScreen(display)
        return int(x11.XDisplayWidth(display, screen)), int(x11.XDisplayHeight(display, screen))
    finally:
        x11.XCloseDisplay(display)


def fitted(panel: tuple[int, int], display: tuple[int, int]) -> tuple[int, int]:
    """The panel's shape, as large as the display allows and never larger than the panel."""
    scale = min(1.0, display[0] / panel[0], display[1] / panel[1])
    return int(panel[0] * scale), int(panel[1] * scale)


def start_display(children: Children, width: int, height: int, logs: Path) -> str:
    """Starts Xvfb on a free display; -> ":90". Raises NoDisplay, NotUp, Stopped."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        raise NoDisplay(
            "没有显示器,也没有 Xvfb · no display and no Xvfb. Remedy: .ci/setup run, or kiosk run --no-screen"
        )
    number = next((n for n in NUMBERS if is_free(n)), None)
    if number is None:
        raise NoDisplay(f"显示 :{NUMBERS.start} 到 :{NUMBERS.stop - 1} 都在使用 · all of these displays are in use")
    argv = [xvfb, f":{number}", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
    ready = Path(f"{SOCKETS}/X{number}").exists
    children.start(Child("display", argv, dict(os.environ), logs / "display.log", ready, stays=True))
    return f":{number}"


def is_free(number: int) -> bool:
    """Whether no X server has this display; what a killed one left behind is cleared away by the next."""
    # A server in another container on this network has the abstract socket, which leaves no file here.
    if f"@{SOCKETS}/X{number}\n" in Path("/proc/net/unix").read_text(encoding="utf-8", errors="replace"):
        return False
    try:
        owner = int(Path(f"/tmp/.X{number}-lock").read_text(encoding="ascii"))
    except FileNotFoundError:
        return not Path(f"{SOCKETS}/X{number}").exists()
    except (OSError, ValueError):
        return False
    return not Path(f"/proc/{owner}").exists()
