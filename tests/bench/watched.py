"""A window that tells when it draws: the real screen, or the least that Kivy can show.

    python -m tests.bench.watched screen LOG --config DIR --data DIR --url URL
    python -m tests.bench.watched bare LOG [ECHO_PORT]      six tiles; a touch posts to the floor and shows a number

LOG gets a line for each happening: seconds of the monotonic clock, then `flip` (a frame is on the glass), `drawn PLACE`, or
`items JSON` (what can be touched, a moment later, so that it costs the measured frame nothing).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1080, 1920
LATER_S = 0.3


class Log:
    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self, what: str) -> None:
        os.write(self._fd, f"{time.monotonic():.6f} {what}\n".encode())


def screen(log: Log, argv: list[str]) -> int:
    parser = argparse.ArgumentParser()
    for name in ("--config", "--data"):
        parser.add_argument(name, type=Path)
    for name in ("--url", "--window"):
        parser.add_argument(name)
    from kiosk.screen import app, window

    opened = window.open_window

    def open_and_watch() -> Any:
        made = opened()
        made.bind(on_flip=lambda *_: log("flip"))
        _tell_pictures(log)
        return made

    window.open_window = open_and_watch
    return app.main(parser.parse_args(argv))


def _tell_pictures(log: Log) -> None:
    from kivy.clock import Clock

    from kiosk.screen.dump import items
    from kiosk.screen.shell import Shell

    drawn = Shell._drawn

    def tell(self: Shell, model: Any) -> None:
        drawn(self, model)
        log(f"drawn {model.place}")
        Clock.schedule_once(
            lambda _: log(f"items {json.dumps(items(self.root.children[-1].parent, self.sheet.height))}"), LATER_S
        )

    Shell._drawn = tell  # type: ignore[method-assign]


def bare(log: Log, argv: list[str]) -> int:
    from kiosk.screen import window

    window.prepare(WIDTH, HEIGHT)
    from kivy.app import App
    from kivy.uix.button import Button
    from kivy.uix.floatlayout import FloatLayout

    from tests.bench.floors import TOKEN
    from tests.bench.wire import Wire

    opened = window.open_window()
    wire = Wire(int(argv[0]), TOKEN) if argv else None
    root = FloatLayout(size=(WIDTH, HEIGHT))
    tiles = []
    for nth in range(6):
        column, row = nth % 2, nth // 2
        text = ("电费缴纳", "咨询投诉", "用电业务", "工程收费", "杂项收费", "报修停电")[nth]
        place = {"x": 0.05 + 0.48 * column, "y": 0.1 + 0.28 * row}
        tiles.append(Button(text=text, font_size=48, size_hint=(0.42, 0.22), pos_hint=place))
        root.add_widget(tiles[-1])

    def touched(*_: Any) -> bool:
        if wire is not None:
            wire.post("/echo", b'{"service":"enquiry","lang":"zh"}', f"bare-{time.monotonic_ns()}")
            tiles[0].text = f"B{time.monotonic_ns() % 1000:03d}"
            log("drawn number")
        return False

    opened.bind(on_flip=lambda *_: log("flip"), on_touch_up=touched)

    class Bare(App):  # type: ignore[misc]
        def build(self) -> Any:
            log("drawn home")
            return root

    Bare().run()
    return 0


if __name__ == "__main__":
    sys.exit({"screen": screen, "bare": bare}[sys.argv[1]](Log(sys.argv[2]), sys.argv[3:]))
