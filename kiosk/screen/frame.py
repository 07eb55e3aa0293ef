"""What frames every page: the header on top; the bar at the bottom, or in landscape the rail at the right; the priority strip."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button, Countdown, Header, Priority
from kiosk.screen.buttons import row_button
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BRAND,
    BRAND_TINT,
    CARD,
    EDGE_MM,
    GAP_MM,
    HAIR,
    MUTED,
    ON_BRAND,
    ON_BRAND_MUTED,
    Build,
    Rgb,
    Sheet,
)
from kiosk.screen.widgets import Bar, Kit, Panel, Words

# Millimetres: (plain, large text).
HEADER_MM: dict[Build, tuple[float, float]] = {"roomy": (30, 32), "desk": (19, 22), "compact": (12.5, 14.6)}
HEADER_UPRIGHT_MM = (40.0, 34.0)
BAR_MM = (44.0, 82.0)
RAIL_MM: dict[Build, tuple[float, float]] = {"roomy": (66, 88), "desk": (50, 66), "compact": (38, 50)}
STRIP_MM = 28.0
STACK_PAD_MM = 3.0
BETWEEN_MM = 3.5  # two targets of the frame

# The bar's cells: a place for each word, whoever is absent leaves a hole only in the rail. Millimetres wide.
BAR_W_MM = {"back": 29.0, "home": 28.0, "lang": 37.0, "big": 48.0, "low": 30.0, "staff": 54.0, "leave": 54.0}
RAIL_ORDER = ("back", "home", "lang", "big", "staff")
RAIL_PLACE = {**{id: n for n, id in enumerate(RAIL_ORDER)}, "leave": RAIL_ORDER.index("staff")}  # the tech's way out


def header_height(sheet: Sheet) -> int:
    pair = HEADER_MM[sheet.build] if sheet.landscape else HEADER_UPRIGHT_MM
    return sheet.mm(pair[sheet.big])


def cut_bar(sheet: Sheet, rect: Rect) -> tuple[Rect, Rect]:
    """(the bar's or rail's place, what is left)."""
    if sheet.landscape:
        return rect.cut_right(sheet.mm(RAIL_MM[sheet.build][sheet.big]))
    return rect.cut_bottom(sheet.mm(BAR_MM[sheet.big]))


def header(kit: Kit, head: Header, rect: Rect) -> Widget:
    """The hall's name and the time, on the brand colour."""
    sheet = kit.sheet
    band = Panel(rect, BRAND, None, 0.1)
    if sheet.landscape or sheet.big:
        _header_line(kit, head, rect, band)
        return band
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


def _header_line(kit: Kit, head: Header, rect: Rect, band: Widget) -> None:
    """One line: name, its other language, date, time; the middle ones only where there is room."""
    sheet = kit.sheet
    size = kit.fit(head.name, Rect(0, 0, rect.w, rect.h), "title", True)
    gap = sheet.u(GAP_MM)
    inner = rect.inset(sheet.u(EDGE_MM), 0)
    name, rest = inner.cut_left(kit.width(head.name, size, bold=True), gap)
    band.add_widget(kit.words(head.name, name, size, ON_BRAND, bold=True))
    if head.time:
        time, rest = rest.cut_right(kit.width(head.time, size, bold=True), gap)
        band.add_widget(kit.words(head.time, time, size, ON_BRAND, bold=True, halign="right"))
    if sheet.big:
        return
    if (width := kit.width(head.date, "small")) <= rest.w and head.date:
        date, rest = rest.cut_right(width, gap)
        band.add_widget(kit.words(head.date, date, "small", ON_BRAND_MUTED, halign="right"))
    if (width := kit.width(head.second, "small")) <= rest.w and head.second:
        band.add_widget(kit.words(head.second, rest.cut_left(width)[0], "small", ON_BRAND_MUTED))


def bar(kit: Kit, buttons: tuple[Button, ...], rect: Rect) -> Widget:
    """Back, home, language, large text, lower, staff: each in its own place on every page."""
    sheet = kit.sheet
    dock = Panel(rect, CARD, None, 0.1)
    line, _ = rect.cut_left(max(1, sheet.mm(0.35))) if sheet.landscape else rect.cut_top(max(1, sheet.mm(0.35)))
    dock.add_widget(Panel(line, HAIR, None, 0.1))
    for button, cell in zip(buttons, _cells(sheet, buttons, rect), strict=True):
        dock.add_widget(_bar_button(kit, button, cell))
    return dock


def _cells(sheet: Sheet, buttons: tuple[Button, ...], rect: Rect) -> list[Rect]:
    gap = sheet.mm(BETWEEN_MM if not sheet.compact else 3.0)
    if sheet.landscape:
        rows = rect.inset(sheet.u(6), gap).rows(len(RAIL_ORDER), gap)
        return [rows[RAIL_PLACE[b.id]] for b in buttons]
    inner = rect.inset(sheet.mm(EDGE_MM), sheet.mm(5))
    if sheet.big and len(buttons) > 3:
        return [cell for row in inner.rows(2, gap) for cell in row.columns(3, gap)][: len(buttons)]
    if not buttons:
        return []
    spare = inner.w - gap * (len(buttons) - 1)
    per_mm = spare / sum(BAR_W_MM[b.id] for b in buttons)
    cells, rest = [], inner
    for button in buttons:
        cell, rest = rest.cut_left(round(BAR_W_MM[button.id] * per_mm), gap)
        cells.append(cell)
    return cells


def _bar_button(kit: Kit, button: Button, cell: Rect) -> Widget:
    """Icon over text; in a low cell beside it; in a narrow one the short text."""
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
    inner = cell.inset(sheet.mm(1.2), sheet.mm(0.8))
    line = sheet.line("small")
    icon_px, gap = max(sheet.u(12), sheet.mm(7)), sheet.u(1)
    above = icon_px + gap + line <= inner.h
    room = inner.w if above else inner.w - icon_px - sheet.mm(1.5)
    label = button.text
    if button.short and kit.width(label, "small", bold=True) > room:
        label = button.short
    width = kit.width(label, "small", bold=True)
    if above:
        upper, lower = inner.middle(inner.w, icon_px + gap + line).cut_top(icon_px, gap)
        box.add_widget(kit.icon(button.icon, upper.middle(icon_px, icon_px), colour))
        box.add_widget(kit.words(label, lower, "small", colour, bold=button.enabled, halign="center"))
    elif width <= room:
        at, text = inner.middle(icon_px + sheet.mm(1.5) + width, inner.h).cut_left(icon_px, sheet.mm(1.5))
        box.add_widget(kit.icon(button.icon, at.middle(icon_px, icon_px), colour))
        box.add_widget(kit.words(label, text, "small", colour, bold=button.enabled))
    else:
        box.add_widget(kit.words(label, inner, "small", colour, bold=button.enabled, halign="center"))
    return box


def priority(kit: Kit, strip: Priority, rect: Rect) -> Widget:
    """The offer as one wide button; the chosen class as a filled band with a button to clear it."""
    sheet = kit.sheet
    icon_px = sheet.u(12)
    if strip.chosen:
        return _chosen(kit, strip, rect, icon_px)
    press = kit.press(strip.button.id, rect, CARD, BRAND_TINT, BRAND)
    inner = rect.inset(sheet.u(8), sheet.u(3))
    at, rest = inner.cut_left(icon_px, sheet.u(5))
    arrow, rest = rest.cut_right(sheet.u(8), sheet.u(3))
    press.add_widget(kit.icon(strip.icon, at.middle(icon_px, icon_px), BRAND))
    size = kit.fit(strip.text, rest, "lead", True)
    name, hint = rest.cut_left(kit.width(strip.text, size, bold=True), sheet.u(6))
    press.add_widget(kit.words(strip.text, name, size, BRAND, bold=True))
    if kit.width(strip.hint, "small") <= hint.w:
        press.add_widget(kit.words(strip.hint, hint, "small", MUTED))
    press.add_widget(kit.icon("next", arrow.middle(arrow.w, arrow.w), BRAND))
    return press


def stacked_height(kit: Kit, strip: Priority, width: float) -> float:
    """Of the chosen class above its button, in a column that narrow."""
    sheet = kit.sheet
    words = width - 2 * sheet.mm(STACK_PAD_MM)
    if sheet.tight:  # the class as its icon
        return sheet.mm(20 + 2 * STACK_PAD_MM + 1) + sheet.line("small")
    text_h = max(sheet.u(16), kit.height(strip.short, "small", words, bold=True))
    return sheet.mm(20 + 2 * STACK_PAD_MM + 1) + text_h


def _chosen(kit: Kit, strip: Priority, rect: Rect, icon_px: int) -> Widget:
    """Side by side; in a narrow column the class above its button."""
    sheet = kit.sheet
    box: Widget = kit.panel(rect, BRAND)
    if rect.h > sheet.mm(34):  # more than one row: stacked
        end, text = rect.inset(sheet.mm(STACK_PAD_MM)).cut_bottom(sheet.mm(20), sheet.mm(1))
    else:
        inner = rect.inset(sheet.u(6), max(0, min(sheet.u(3), (rect.h - sheet.mm(20)) / 2)))
        width = sheet.u(12) + sheet.mm(12) + kit.width(strip.button.text, "small", bold=True)
        end, text = inner.cut_right(width, sheet.u(4))
    clear = kit.press(strip.button.id, end, CARD, BRAND_TINT, None, 4)
    row = end.middle(min(end.w, sheet.mm(12) + kit.width(strip.button.text, "small", bold=True)), end.h)
    at, label = row.cut_left(sheet.mm(8), sheet.mm(3))
    clear.add_widget(kit.icon(strip.button.icon, at.middle(at.w, at.w), BRAND))
    clear.add_widget(kit.words(strip.button.text, label, "small", BRAND, bold=True))
    box.add_widget(clear)
    at, words = text.cut_left(icon_px, sheet.u(5))
    if kit.width(strip.text, "small", bold=True) <= words.w:
        box.add_widget(kit.icon(strip.icon, at.middle(icon_px, icon_px), ON_BRAND))
        box.add_widget(kit.words(strip.text, words, "body", ON_BRAND, bold=True))
        return box
    narrow = not kit.fits(strip.short, words, "small", True)
    if narrow and not kit.fits(strip.short, text, "small", True):  # the icon stands for it, as on the page before
        box.add_widget(kit.icon(strip.icon, at.middle(icon_px, icon_px), ON_BRAND))
        box.add_widget(kit.icon("check", words.cut_left(icon_px)[0].middle(icon_px, icon_px), ON_BRAND))
        return box
    if not narrow:
        box.add_widget(kit.icon(strip.icon, at.middle(icon_px, icon_px), ON_BRAND))
    box.add_widget(kit.words(strip.short, text if narrow else words, "body", ON_BRAND, bold=True))
    return box


def more(kit: Kit, button: Button, rect: Rect) -> Widget:
    """The way to what did not fit: its words, which page this is, an arrow."""
    return row_button(kit, button, rect)


def countdown_height(sheet: Sheet) -> int:
    return max(sheet.u(13), sheet.line("small"))


def countdown(kit: Kit, count: Countdown, rect: Rect) -> tuple[Widget, Words, Bar]:
    """ "12 秒后返回首页" and the bar beside it."""
    sheet = kit.sheet
    band = Panel(rect, None, None, 0.1)
    inner = rect.inset(sheet.u(EDGE_MM), 0)
    width = min(inner.w * 0.7, kit.width(count.text, "small") + sheet.u(10))
    text, rest = inner.cut_left(width, sheet.u(4))
    label = kit.words(count.text, text, "small", MUTED)
    line = Bar(rest.middle(rest.w, sheet.u(3)), HAIR, BRAND, count.fraction)
    band.add_widget(label)
    band.add_widget(line)
    return band, label, line
