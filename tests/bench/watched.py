"""A window that tells when it draws: the real screen, or the least that Kivy can show.

    python -m tests.bench.watched screen LOG --config DIR --data DIR --url URL
    python -m tests.bench.watched bare LOG [ECHO_PORT]      six tiles; a touch posts to the floor and writes a number on one
    python -m tests.bench.watched page LOG ECHO_PORT        the same, but the number fills a page as it does on the screen

LOG gets a line for each happening: seconds of the monotonic clock, then `flip` (a frame is on the glass, all its pixels drawn),
`drawn PLACE`, or `items JSON` (what can be touched, a moment later, so that it costs the measured frame nothing).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1080, 1920
LATER_S = 0.3
HUGE_PX = 258  # 64 mm on the 21.5" panel, as `theme.TYPE_MM` has it


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
        _tell_frames(made, log)
        _tell_pictures(log)
        return made

    window.open_window = open_and_watch
    return app.main(parser.parse_args(argv))


def _tell_frames(window: Any, log: Log) -> None:
    """Kivy tells `on_flip` before it flips, when software OpenGL has drawn next to nothing yet."""
    from kivy.graphics.opengl import glFinish

    flip = window.flip

    def flipped() -> None:
        flip()
        glFinish()
        log("flip")

    window.flip = flipped


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


def bare(log: Log, argv: list[str], *, page: bool = False) -> int:
    from kiosk.screen import window

    window.prepare(WIDTH, HEIGHT)
    from kivy.app import App

    from tests.bench.floors import TOKEN
    from tests.bench.wire import Wire

    opened = window.open_window()
    wires: list[Wire] = []
    root, tiles = _six_tiles()

    def pressed(*_: Any) -> bool:
        # The server hangs up on who is quiet for half a minute; the time is taken from the lifted finger.
        if argv:
            for old in wires:
                old.close()
            wires[:] = [Wire(int(argv[0]), TOKEN)]
        return False

    def touched(*_: Any) -> bool:
        if wires:
            wires[0].post("/echo", b'{"service":"enquiry","lang":"zh"}', f"bare-{time.monotonic_ns()}")
            number = f"B{time.monotonic_ns() % 1000:03d}"
            if page:
                _number_page(root, number)
            else:
                tiles[0].text = number
            log("drawn number")
        return False

    _tell_frames(opened, log)
    opened.bind(on_touch_down=pressed, on_touch_up=touched)

    class Bare(App):  # type: ignore[misc]
        def build(self) -> Any:
            log("drawn home")
            return root

    Bare().run()
    return 0


def _six_tiles() -> tuple[Any, list[Any]]:
    from kivy.uix.button import Button
    from kivy.uix.floatlayout import FloatLayout

    root = FloatLayout(size=(WIDTH, HEIGHT))
    tiles = []
    for nth in range(6):
        column, row = nth % 2, nth // 2
        text = ("电费缴纳", "咨询投诉", "用电业务", "工程收费", "杂项收费", "报修停电")[nth]
        place = {"x": 0.05 + 0.48 * column, "y": 0.1 + 0.28 * row}
        tiles.append(Button(text=text, font_size=48, size_hint=(0.42, 0.22), pos_hint=place))
        root.add_widget(tiles[-1])
    return root, tiles


def _number_page(root: Any, number: str) -> None:
    """The least page that says as much: a ground, the number as large as on the screen, a few lines, a button."""
    from kivy.graphics import Color, Rectangle
    from kivy.uix.button import Button
    from kivy.uix.label import Label
    from kivy.uix.widget import Widget

    root.clear_widgets()
    ground = Widget(size_hint=(1, 1))
    with ground.canvas:
        Color(1, 1, 1, 1)
        Rectangle(size=(WIDTH, HEIGHT))
    root.add_widget(ground)
    ink = (0.1, 0.1, 0.1, 1)
    root.add_widget(
        Label(text=number, bold=True, font_size=HUGE_PX, color=ink, pos_hint={"center_x": 0.5, "center_y": 0.75})
    )
    for nth, text in enumerate(("您的号码", "前面还有 3 人", "预计还要 5–10 分钟", "小票正在打印", "请在大厅等候叫号")):
        place = {"center_x": 0.5, "center_y": 0.55 - 0.06 * nth}
        root.add_widget(Label(text=text, font_size=48, color=ink, pos_hint=place))
    root.add_widget(Button(text="完成", font_size=48, size_hint=(0.9, 0.06), pos_hint={"x": 0.05, "y": 0.1}))


if __name__ == "__main__":
    kinds = {"screen": screen, "bare": bare, "page": partial(bare, page=True)}
    sys.exit(kinds[sys.argv[1]](Log(sys.argv[2]), sys.argv[3:]))
