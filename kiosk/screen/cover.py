"""What lies over a page until it is answered. It takes every touch: nothing falls through."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.flows.pages import Countdown, Cover
from kiosk.screen.frame import main_button
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BRAND, CARD, INK, MUTED, SHADE, TONE_INK, TONE_SURFACE
from kiosk.screen.widgets import Bar, Kit, Spinner, Words


class Shade(Widget):  # type: ignore[misc]
    """Dims what is below and keeps touches from it."""

    def __init__(self, rect: Rect) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        with self.canvas.before:
            Color(*SHADE)
            Rectangle(pos=self.pos, size=self.size)

    def on_touch_down(self, touch: Any) -> bool:
        super().on_touch_down(touch)
        return True


def build(kit: Kit, cover: Cover, rect: Rect, count: Countdown | None) -> tuple[Widget, Words, Bar | None]:
    """The cover, the text under its title (the countdown's, if it counts), and the countdown's bar."""
    sheet = kit.sheet
    words = count.text if count is not None else cover.body
    shade = Shade(rect)
    side, edge = sheet.mm(62), sheet.mm(14)
    width = min(rect.w - 2 * sheet.mm(16), sheet.mm(225))
    inner_w = width - 2 * edge
    title_h = kit.height(cover.title, "head", inner_w, bold=True)
    body_h = kit.height(words, "lead", inner_w)
    bar_h = sheet.mm(4) + sheet.mm(10) if count is not None else 0
    button_h = sheet.mm(44)
    height = 2 * edge + side + sheet.mm(8) + title_h + sheet.mm(4) + body_h + sheet.mm(12) + bar_h + button_h
    box_rect = rect.middle(width, min(height, rect.h))
    box = kit.panel(box_rect, CARD, None, 9)
    body = box_rect.inset(edge)
    top, body = body.cut_top(side, sheet.mm(8))
    circle = top.middle(side, side)
    disc = kit.panel(circle, TONE_SURFACE[cover.tone], None, side / sheet.px_per_mm / 2)
    disc.add_widget(kit.icon(cover.icon, circle.middle(side * 0.48, side * 0.48), TONE_INK[cover.tone]))
    if cover.busy:
        disc.add_widget(Spinner(circle.inset(sheet.mm(2.5)), BRAND, sheet.mm(1.2)))
    box.add_widget(disc)
    title, body = body.cut_top(title_h, sheet.mm(4))
    box.add_widget(kit.words(cover.title, title, "head", INK, bold=True, halign="center"))
    text, body = body.cut_top(body_h, sheet.mm(12))
    below = kit.words(words, text, "lead", MUTED, halign="center")
    box.add_widget(below)
    bar = None
    if count is not None:
        line, body = body.cut_top(sheet.mm(4), sheet.mm(10))
        bar = Bar(line, TONE_SURFACE["plain"], BRAND, count.fraction)
        box.add_widget(bar)
    box.add_widget(main_button(kit, cover.button, body))
    shade.add_widget(box)
    return shade, below, bar
