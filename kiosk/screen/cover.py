"""What lies over a page until it is answered. It takes every touch: nothing falls through."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.flows.pages import Countdown, Cover
from kiosk.screen.buttons import main_button
from kiosk.screen.paint import Layer
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BRAND, CARD, INK, MUTED, SHADE, TONE_INK, TONE_SURFACE
from kiosk.screen.widgets import Bar, Kit, Spinner, Words


class Shade(Widget):  # type: ignore[misc]
    """Dims what is below and keeps touches from it."""

    def __init__(self, rect: Rect) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        self.layer = Layer()
        with self.canvas.before:
            Color(*SHADE)
            Rectangle(pos=self.pos, size=self.size)
        self.canvas.before.add(self.layer.context)

    def on_touch_down(self, touch: Any) -> bool:
        super().on_touch_down(touch)
        return True


def build(kit: Kit, cover: Cover, rect: Rect, count: Countdown | None) -> tuple[Widget, Words, Bar | None]:
    """The cover, the text under its title (the countdown's, if it counts), and the countdown's bar."""
    sheet = kit.sheet
    words = count.text if count is not None else cover.body
    shade = Shade(rect)
    button_h, gap = sheet.row(44), sheet.u(6)
    edge = sheet.u(14)
    width = min(rect.w - 2 * sheet.u(16), sheet.u(225) if not sheet.landscape else rect.w * 0.62)
    inner_w = width - 2 * edge
    title_h = kit.height(
        cover.title, kit.fit(cover.title, Rect(0, 0, inner_w, rect.h), "head", True), inner_w, bold=True
    )
    body_h = kit.height(words, "lead", inner_w)
    bar_h = sheet.u(4) + gap if count is not None else 0
    fixed = 2 * edge + title_h + body_h + bar_h + button_h + 3 * gap
    side = min(sheet.u(62), (rect.h - 2 * sheet.u(8)) - fixed)
    if side < sheet.u(24):
        side = -gap
    height = fixed + side
    box_rect = rect.middle(width, height)
    if sheet.low:
        box_rect = Rect(box_rect.x, rect.y + sheet.mm(16), box_rect.w, box_rect.h)
    box = kit.panel(box_rect, CARD, None, 9)
    body = box_rect.inset(edge)
    if side > 0:
        top, body = body.cut_top(side, gap)
        box.add_widget(_disc(kit, cover, top.middle(side, side)))
    title, body = body.cut_top(title_h, gap / 2)
    box.add_widget(kit.words(cover.title, title, "head", INK, bold=True, halign="center"))
    text, body = body.cut_top(body_h, gap)
    below = kit.words(words, text, "lead", MUTED, halign="center")
    box.add_widget(below)
    bar = None
    if count is not None:
        line, body = body.cut_top(sheet.u(4), gap)
        bar = Bar(line, TONE_SURFACE["plain"], BRAND, count.fraction)
        box.add_widget(bar)
    box.add_widget(main_button(kit, cover.button, body.cut_bottom(button_h)[0]))
    shade.add_widget(box)
    return shade, below, bar


def _disc(kit: Kit, cover: Cover, circle: Rect) -> Widget:
    sheet = kit.sheet
    disc = kit.panel(circle, TONE_SURFACE[cover.tone], None, circle.w / sheet.px_per_mm / 2)
    disc.add_widget(kit.icon(cover.icon, circle.middle(circle.w * 0.48, circle.w * 0.48), TONE_INK[cover.tone]))
    if cover.busy:
        disc.add_widget(Spinner(circle.inset(sheet.u(2.5)), BRAND, sheet.mm(1.2)))
    return disc
