"""The two pictures that take the whole glass: the crosses of a calibration, and the dot that proves it."""

from __future__ import annotations

from kivy.graphics import Color, SmoothEllipse, SmoothLine
from kivy.uix.widget import Widget

from kiosk.flows.tech.pages import Crosses, Target
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BRAND, BRAND_DEEP, HAIR, INK, MUTED, ON_BRAND
from kiosk.screen.widgets import Kit

CROSS_MM = 16.0
DOT_MM = 24.0


class Cross(Widget):  # type: ignore[misc]
    """Two hairlines and a ring; `at` is in pixels from the bottom left."""

    def __init__(self, at: tuple[float, float], arm: float, line: float, *, now: bool) -> None:
        super().__init__(pos=(at[0] - arm, at[1] - arm), size=(2 * arm, 2 * arm), size_hint=(None, None))
        x, y = at
        with self.canvas:
            Color(*(BRAND if now else HAIR), 1)
            SmoothLine(points=[x - arm, y, x + arm, y], width=line)
            SmoothLine(points=[x, y - arm, x, y + arm], width=line)
            if now:
                SmoothLine(circle=(x, y, arm * 0.6), width=line)
                SmoothEllipse(pos=(x - 2 * line, y - 2 * line), size=(4 * line, 4 * line))


def build(kit: Kit, page: Crosses | Target, rect: Rect) -> list[Widget]:
    return _crosses(kit, page, rect) if isinstance(page, Crosses) else _target(kit, page, rect)


def _words_room(kit: Kit, rect: Rect) -> Rect:
    """Between the middle cross and the upper ones."""
    middle = rect.y + rect.h * 0.69
    return Rect(rect.x + rect.w * 0.1, middle - rect.h * 0.08, rect.w * 0.8, rect.h * 0.16)


def _crosses(kit: Kit, page: Crosses, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    made: list[Widget] = []
    for n, (x, y) in enumerate(page.points):
        made.append(Cross((x, rect.h - y), sheet.mm(CROSS_MM / 2), max(1.0, sheet.mm(0.3)), now=n == page.at))
    room = _words_room(kit, rect)
    line = sheet.line("lead")
    upper, lower = room.middle(room.w, line + sheet.mm(1) + sheet.line("small")).cut_top(line, sheet.mm(1))
    made.append(kit.words(page.text, upper, "lead", INK, bold=True, halign="center"))
    made.append(kit.words(page.hint, lower, "small", MUTED, halign="center"))
    return made


def _target(kit: Kit, page: Target, rect: Rect) -> list[Widget]:
    side = kit.sheet.mm(DOT_MM)
    x, y = page.at
    cell = Rect(x - side / 2, rect.h - y - side / 2, side, side)
    dot = kit.press(page.button.id, cell, BRAND, BRAND_DEEP, None, DOT_MM / 2)
    dot.add_widget(kit.icon(page.button.icon, cell.middle(side * 0.5, side * 0.5), ON_BRAND))
    return [dot, kit.words(page.text, _words_room(kit, rect), "lead", INK, bold=True, halign="center")]
