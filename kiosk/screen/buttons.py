"""Two ways to draw an action: filled or outlined with its words in the middle, and the quiet row that leads on."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BRAND, BRAND_DEEP, BRAND_TINT, CARD, MUTED, ON_BRAND, ON_BRAND_MUTED, Size
from kiosk.screen.widgets import Kit


def main_button(kit: Kit, button: Button, rect: Rect) -> Widget:
    """An action: `main` filled, others outlined; icon, text, hint under the text. Icon and hint give way to the text."""
    sheet = kit.sheet
    main = button.look == "main"
    colour, muted = (ON_BRAND, ON_BRAND_MUTED) if main else (BRAND, MUTED)
    fill, pressed = (BRAND, BRAND_DEEP) if main else (CARD, BRAND_TINT)
    press = kit.press(button.id, rect, fill, pressed, None if main else BRAND)
    inner = rect.inset(sheet.u(8) if not sheet.tight else sheet.mm(2), sheet.u(2) if not sheet.tight else 0)
    icon_px, gap = (sheet.u(13), sheet.u(5)) if button.icon else (0, 0)
    if kit.width(button.text, "small", bold=True) > inner.w - icon_px - gap:
        icon_px = gap = 0
    room = inner.w - icon_px - gap
    size: Size = kit.fit(button.text, Rect(0, 0, room, inner.h), "lead", True)
    text_h = kit.height(button.text, size, room, bold=True)
    hint = button.hint if text_h + sheet.line("small") <= inner.h else ""
    if kit.width(hint, "small") > room:
        hint = ""
    text_w = min(room, max(kit.width(button.text, size, bold=True), kit.width(hint, "small") if hint else 0))
    row = inner.middle(icon_px + gap + text_w, inner.h)
    at, text = row.cut_left(icon_px, gap)
    if icon_px:
        press.add_widget(kit.icon(button.icon, at.middle(icon_px, icon_px), colour))
    align = "left" if icon_px else "center"
    if not hint:
        press.add_widget(kit.words(button.text, text, size, colour, bold=True, halign=align))
        return press
    upper, lower = text.middle(text.w, text_h + sheet.line("small")).cut_top(text_h)
    press.add_widget(kit.words(button.text, upper, size, colour, bold=True, halign=align))
    press.add_widget(kit.words(hint, lower, "small", muted, halign=align))
    return press


def main_height(kit: Kit, button: Button, width: float, least: float) -> float:
    """How high an action must be for its words."""
    sheet = kit.sheet
    room = width - 2 * (sheet.u(8) if not sheet.tight else sheet.mm(2))
    return max(least, kit.height(button.text, "small", room, bold=True) + 2 * sheet.u(2))


def row_button(kit: Kit, button: Button, rect: Rect) -> Widget:
    """ "更多业务 … 第 1 页，共 2 页 ›": as wide as it is given."""
    sheet = kit.sheet
    press = kit.press(button.id, rect, BRAND_TINT, ON_BRAND_MUTED, BRAND)
    inner = rect.inset(sheet.u(8), sheet.u(2))
    px = max(sheet.u(10), sheet.mm(6))
    arrow, inner = inner.cut_right(px, sheet.u(4))
    press.add_widget(kit.icon(button.icon, arrow.middle(px, px), BRAND))
    label = button.text if kit.width(button.text, "small", bold=True) <= inner.w else button.short
    size = kit.fit(label, Rect(0, 0, inner.w, sheet.line("lead")), "lead", True)
    text, rest = inner.cut_left(kit.width(label, size, bold=True), sheet.u(6))
    press.add_widget(kit.words(label, text, size, BRAND, bold=True))
    if kit.width(button.hint, "small") <= rest.w:
        press.add_widget(kit.words(button.hint, rest, "small", MUTED, halign="right"))
    return press
