"""Everything that must be set before Kivy is imported, and the holes of a public screen that are closed here.

`prepare` comes first, in a process that has not imported Kivy; `open_window` after it. F1 (settings), Esc (quit), the
keyboard modules, the mouse's red dots, the clipboard and Kivy's own command line are all shut; exactly one source of touches
stays (SDL's), or every touch would count twice.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from kiosk.screen.theme import PAGE

ASSETS = Path(__file__).resolve().parents[2] / "assets"
REGULAR = ASSETS / "fonts" / "NotoSansSC-Regular.ttf"
BOLD = ASSETS / "fonts" / "NotoSansSC-Bold.ttf"


class NoWindow(Exception):
    """The screen cannot be opened; the text says what to install or set."""


def prepare(width: int, height: int) -> None:
    """Set up Kivy for a kiosk: pixels of the window. Raises RuntimeError if Kivy was imported before."""
    if "kivy" in sys.modules and "kivy.config" in sys.modules and os.environ.get("KIVY_NO_ARGS") != "1":
        raise RuntimeError("window.prepare() must come before any import of kivy")
    os.environ["KIVY_NO_ARGS"] = "1"
    os.environ["KIVY_NO_CONFIG"] = "1"
    os.environ["KIVY_NO_FILELOG"] = "1"
    os.environ["KIVY_CLIPBOARD"] = "dummy"
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    home = os.environ.setdefault("KIVY_HOME", str(Path(tempfile.gettempdir()) / f"yitai-kivy-{os.getuid()}"))
    Path(home).mkdir(parents=True, exist_ok=True)
    from kivy.config import Config

    fonts = ["NotoSC", str(REGULAR), str(REGULAR), str(BOLD), str(BOLD)]
    Config.set("kivy", "default_font", repr(fonts))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.set(
        "kivy", "kivy_clock", "interrupt"
    )  # an answer is shown when it comes, not at the next sixtieth of a second
    for key, value in {
        "width": width, "height": height, "position": "custom", "left": 0, "top": 0, "borderless": 1, "resizable": 0,
        "multisamples": 0, "show_cursor": 0, "allow_screensaver": 0, "fullscreen": 0, "window_state": "visible",
    }.items():  # fmt: skip
        Config.set("graphics", key, str(value))
    for section in ("modules", "input"):
        for option in list(Config.options(section)):
            Config.remove_option(section, option)
    Config.set("input", "mouse", "pointer,disable_multitouch")  # kiosk.screen.finger


def open_window() -> Any:
    """-> Kivy's Window, hardened. Raises NoWindow with the remedy."""
    from kivy.core.window import Window

    if Window is None:
        raise NoWindow(
            "no window could be opened. On a kiosk: is an X server running and DISPLAY set? Packages: libgl1, "
            "libgl1-mesa-dri, libegl1 (Debian). Without a display: SDL_VIDEODRIVER=offscreen.\n"
            "无法打开窗口。请确认 X 已启动并设置了 DISPLAY;需要的软件包:libgl1、libgl1-mesa-dri、libegl1。"
        )
    from kiosk.screen import finger

    finger.take_over()
    Window.clearcolor = (
        *PAGE,
        1,
    )  # every page's ground: a cleared window costs nothing, a painted one a fifth of a frame
    Window.bind(on_request_close=lambda *_: True)
    if os.environ.get("SDL_VIDEODRIVER") == "offscreen":
        bound_memory(Window)
    return Window


def bound_memory(window: Any) -> None:
    """The offscreen driver has no back-pressure (RSS grew to 2 GB in 8 s of animation): finish each frame."""
    from kivy.graphics.opengl import glFinish

    window.bind(on_flip=lambda *_: glFinish())
