"""Puts a picture on the offscreen window, takes it down, photographs it, touches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glFinish, glReadPixels
from kivy.tests.common import UnitTestTouch
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.flows.pages import ViewModel
from kiosk.screen.picture import Picture
from kiosk.screen.theme import Sheet
from kiosk.screen.widgets import Press


class Stage:
    """The window with one picture on it; `tapped` collects what was pressed."""

    def __init__(self, window: Any, sheet: Sheet, tap: Callable[[str], None] | None = None) -> None:
        self.window, self.sheet = window, sheet
        self.tapped: list[str] = []
        self.root = Widget(size=(sheet.width, sheet.height), size_hint=(None, None))
        self.picture = Picture(self.root, sheet, tap or self.tapped.append)
        window.add_widget(self.root)

    def show(self, view: ViewModel, frames: int = 2) -> Widget:
        self.picture.show(view)
        self.frames(frames)
        return self.root

    def frames(self, n: int = 2) -> None:
        for _ in range(n):
            EventLoop.idle()

    def press(self, id: str) -> Press:
        return next(w for w in self.root.walk() if isinstance(w, Press) and w.test_id == id)

    def down(self, x: float, y: float) -> UnitTestTouch:
        touch = UnitTestTouch(x, y)
        touch.touch_down()
        self.frames(1)
        return touch

    def touch(self, id: str) -> None:
        """Down and up; no frame in between is needed for the tap to be heard."""
        touch = UnitTestTouch(*self.press(id).center)
        touch.touch_down()
        touch.touch_up()

    def pixels(self) -> Image.Image:
        """What is on the glass now."""
        self.frames(1)
        glFinish()
        raw = glReadPixels(0, 0, self.sheet.width, self.sheet.height, GL_RGB, GL_UNSIGNED_BYTE)
        size = (self.sheet.width, self.sheet.height)
        return Image.frombytes("RGB", size, bytes(raw)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)

    def close(self) -> None:
        self.picture.clear()
        for child in list(self.window.children):
            self.window.remove_widget(child)
