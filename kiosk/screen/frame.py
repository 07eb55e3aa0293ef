"""What frames every page: the header on top, the bar at the bottom, the priority strip above it."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button, Countdown, Header, Priority
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BRAND,
    BRAND_DEEP,
    BRAND_TINT,
    CARD,
    EDGE_MM,
    GAP_MM,
    HAIR,
    MUTED,
    ON_BRAND,
    ON_BRAND_MUTED,
    PAGE,
    Rgb,
)
from kiosk.screen.widgets import Bar, Kit, Panel, Words

HEADER_MM = 40.0
BAR_MM = 44.0
STRIP_MM = 28.0
COUNT_MM = 13.0


def header(kit: Kit, head: Header, rect: Rect) -> Widget:
    """The hall's name and the time, on the brand colour."""
    sheet = kit.sheet
    band = Panel(rect, BRAND, None, 0.1)
    inner = rect.inset(sheet.mm(EDGE_MM), sheet.mm(5))
    right, left = inner.cut_right(sheet.mm(62), sheet.mm(GAP_MM))
    top_share = 0.58
    upper, lower = left.cut_top(left.h * top_share)
    band.add_widget(kit.words(head.name, upper, "title", ON_BRAND, bold=True))
    band.add_widget(kit.words(head.second, lower, "small", ON_BRAND_MUTED))
    if head.time:
        upper, lower = right.cut_top(right.h * top_share)
        band.add_widget(kit.words(head.time, upper, "title", ON_BRAND, bold=True, halign="right"))
        band.add_widget(kit.words(head.date, lower, "small", ON_BRAND_MUTED, halign="right"))
    return band


def bar(kit: Kit, buttons: tuple[Button, ...], rect: Rect) -> Widget:
    """Back, home, language, staff; with fewer buttons they are wider, language and staff stay on the right."""
    sheet = kit.sheet
    dock = Panel(rect, CARD, None, 0.1)
    line, _ = rect.cut_top(max(1, sheet.mm(0.35)))
    dock.add_widget(Panel(line, HAIR, None, 0.1))
    if not buttons:
        return dock
    cells = rect.inset(sheet.mm(EDGE_MM), sheet.mm(5)).columns(len(buttons), sheet.mm(4))
    for button, cell in zip(buttons, cells, strict=True):
        dock.add_widget(_bar_button(kit, button, cell))
    return dock


def _bar_button(kit: Kit, button: Button, cell: Rect) -> Widget:
    sheet = kit.sheet
    box: Widget
    colour: Rgb
    if button.enabled:
        fill = BRAND_TINT if button.look == "quiet" else CARD
        box, colour = kit.press(button.id, cell, fill, BRAND_TINT if fill == CARD else ON_BRAND_MUTED), BRAND
    elif button.id == "home":  # where we are
        box, colour = kit.panel(cell, BRAND_TINT), BRAND
    else:
        box, colour = kit.panel(cell, CARD), MUTED
    icon_px, gap = sheet.mm(12), sheet.mm(1)
    line = sheet.line("small")
    column = cell.middle(cell.w - sheet.mm(4), icon_px + gap + line)
    upper, lower = column.cut_top(icon_px, gap)
    box.add_widget(kit.icon(button.icon, upper.middle(icon_px, icon_px), colour))
    box.add_widget(kit.words(button.text, lower, "small", colour, bold=button.enabled, halign="center"))
    return box


def priority(kit: Kit, strip: Priority, rect: Rect) -> Widget:
    """The offer as one wide button; the chosen class as a filled band with a button to clear it."""
    sheet = kit.sheet
    icon_px = sheet.mm(12)
    if strip.chosen:
        box: Widget = kit.panel(rect, BRAND)
        inner = rect.inset(sheet.mm(6), sheet.mm(3))
        end, rest = inner.cut_right(sheet.mm(56), sheet.mm(4))
        clear = kit.press(strip.button.id, end, CARD, BRAND_TINT, None, 4)
        at, label = end.inset(sheet.mm(4), 0).cut_left(sheet.mm(9), sheet.mm(3))
        clear.add_widget(kit.icon(strip.button.icon, at.middle(at.w, at.w), BRAND))
        clear.add_widget(kit.words(strip.button.text, label, "small", BRAND, bold=True))
        box.add_widget(clear)
        at, text = rest.cut_left(icon_px, sheet.mm(5))
        box.add_widget(kit.icon(strip.icon, at.middle(icon_px, icon_px), ON_BRAND))
        box.add_widget(kit.words(strip.text, text, "body", ON_BRAND, bold=True))
        return box
    press = kit.press(strip.button.id, rect, CARD, BRAND_TINT, BRAND)
    inner = rect.inset(sheet.mm(8), sheet.mm(3))
    at, rest = inner.cut_left(icon_px, sheet.mm(5))
    arrow, rest = rest.cut_right(sheet.mm(8), sheet.mm(3))
    press.add_widget(kit.icon(strip.icon, at.middle(icon_px, icon_px), BRAND))
    name_w = kit.width(strip.text, "lead", bold=True)
    name, hint = rest.cut_left(name_w, sheet.mm(6))
    press.add_widget(kit.words(strip.text, name, "lead", BRAND, bold=True))
    press.add_widget(kit.words(strip.hint, hint, "small", MUTED))
    press.add_widget(kit.icon("next", arrow.middle(arrow.w, arrow.w), BRAND))
    return press


def countdown(kit: Kit, count: Countdown, rect: Rect) -> tuple[Widget, Words, Bar]:
    """ "12 秒后返回首页" and the bar beside it."""
    sheet = kit.sheet
    band = Panel(rect, PAGE, None, 0.1)
    text, rest = rect.inset(sheet.mm(EDGE_MM), 0).cut_left(sheet.mm(88), sheet.mm(4))
    label = kit.words(count.text, text, "small", MUTED)
    line = Bar(rest.middle(rest.w, sheet.mm(3)), HAIR, BRAND, count.fraction)
    band.add_widget(label)
    band.add_widget(line)
    return band, label, line


def main_button(kit: Kit, button: Button, rect: Rect) -> Widget:
    """An action: `main` filled, others outlined; icon, text, hint under the text."""
    sheet = kit.sheet
    main = button.look == "main"
    colour, muted = (ON_BRAND, ON_BRAND_MUTED) if main else (BRAND, MUTED)
    fill, pressed = (BRAND, BRAND_DEEP) if main else (CARD, BRAND_TINT)
    press = kit.press(button.id, rect, fill, pressed, None if main else BRAND)
    inner = rect.inset(sheet.mm(8), sheet.mm(3))
    icon_px, gap = (sheet.mm(13), sheet.mm(5)) if button.icon else (0, 0)
    room = inner.w - icon_px - gap
    text_w = kit.width(button.text, "lead", bold=True)
    if button.hint:
        text_w = max(text_w, kit.width(button.hint, "small", bold=False))
    text_w = min(room, text_w)
    row = inner.middle(icon_px + gap + text_w, inner.h)
    at, text = row.cut_left(icon_px, gap)
    if button.icon:
        press.add_widget(kit.icon(button.icon, at.middle(icon_px, icon_px), colour))
    if not button.hint:
        press.add_widget(kit.words(button.text, text, "lead", colour, bold=True))
        return press
    body = text.middle(text.w, sheet.line("lead") + sheet.line("small"))
    upper, lower = body.cut_top(sheet.line("lead"))
    press.add_widget(kit.words(button.text, upper, "lead", colour, bold=True))
    press.add_widget(kit.words(button.hint, lower, "small", muted))
    return press
