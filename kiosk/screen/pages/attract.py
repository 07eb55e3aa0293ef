"""The start page: what to do, and the life of the hall. The whole page is one button."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Attract, Call
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BRAND,
    BRAND_SOFT,
    BRAND_TINT,
    CARD,
    EDGE_MM,
    GAP_MM,
    INK,
    MUTED,
    ON_BRAND,
    ON_BRAND_MUTED,
    TONE_INK,
    WARN_TINT,
    Rgb,
)
from kiosk.screen.widgets import Kit, Panel, Rings

RING: Rgb = (0.075, 0.345, 0.46)


def build(kit: Kit, page: Attract, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    start = kit.press(page.start.id, rect, BRAND, BRAND, None, 0.02)
    if sheet.landscape:
        hero, hall = rect.cut_left(rect.w * 0.52)
    else:
        hall, hero = rect.cut_bottom(_hall_height(kit, page))
    _hero(kit, page, hero, start)
    _hall(kit, page, hall, start)
    return [start]


def _hero(kit: Kit, page: Attract, rect: Rect, into: Widget) -> None:
    sheet = kit.sheet
    title_h, second_h = sheet.line("head"), sheet.line("lead")
    texts = title_h + second_h + sheet.mm(4)
    side = min(rect.h - texts - sheet.mm(26), rect.w - sheet.mm(40), sheet.mm(125))
    stack = rect.middle(rect.w - 2 * sheet.mm(EDGE_MM), side + sheet.mm(10) + texts)
    ring, rest = stack.cut_top(side, sheet.mm(10))
    circle = ring.middle(side, side)
    rings = Rings(circle, [(RING, 1.0), (BRAND_SOFT, 0.76), (ON_BRAND, 0.52)])
    hand = circle.middle(side * 0.3, side * 0.3)
    rings.add_widget(kit.icon("touch", hand, BRAND))
    into.add_widget(rings)
    upper, lower = rest.cut_top(title_h, sheet.mm(4))
    into.add_widget(kit.words(page.title, upper, "head", ON_BRAND, bold=True, halign="center"))
    into.add_widget(kit.words(page.second, lower.cut_top(second_h)[0], "lead", ON_BRAND_MUTED, halign="center"))


def _hall_height(kit: Kit, page: Attract) -> float:
    sheet = kit.sheet
    rows = 2 if len(page.calls) > 2 else 1
    notice = sheet.mm(24 + GAP_MM) if page.notice else 0
    return (
        notice
        + sheet.mm(10 + 10 + 22)
        + rows * sheet.mm(36)
        + (rows - 1) * sheet.mm(GAP_MM)
        + sheet.mm(GAP_MM)
        + sheet.mm(20)
    )


def _hall(kit: Kit, page: Attract, rect: Rect, into: Widget) -> None:
    """The lower, light half: notice, latest calls, how many wait."""
    sheet = kit.sheet
    ground = Panel(rect, (0.949, 0.961, 0.969), None, 0.1)
    into.add_widget(ground)
    inner = rect.inset(sheet.mm(EDGE_MM), sheet.mm(10))
    if page.notice:
        band, inner = inner.cut_top(sheet.mm(24), sheet.mm(GAP_MM))
        box = kit.panel(band, WARN_TINT)
        at, text = band.inset(sheet.mm(6), sheet.mm(2)).cut_left(sheet.mm(10), sheet.mm(4))
        box.add_widget(kit.icon("warn", at.middle(at.w, at.w), INK))
        box.add_widget(kit.words(page.notice, text, "body", INK))
        ground.add_widget(box)
    facts, inner = inner.cut_bottom(sheet.mm(18), sheet.mm(GAP_MM))
    _facts(kit, page, facts, ground)
    title, inner = inner.cut_top(sheet.mm(18), sheet.mm(4))
    ground.add_widget(kit.words(page.calls_title, title, "lead", INK, bold=True))
    if not page.calls:
        box = kit.panel(inner, CARD)
        box.add_widget(kit.words(page.no_calls, inner.inset(sheet.mm(6)), "lead", MUTED, halign="center"))
        ground.add_widget(box)
        return
    cells = inner.grid(len(page.calls), 2, sheet.mm(GAP_MM))
    for i, (call, cell) in enumerate(zip(page.calls, cells, strict=True)):
        ground.add_widget(_call(kit, call, cell, latest=i == 0))


def _call(kit: Kit, call: Call, cell: Rect, *, latest: bool) -> Widget:
    sheet = kit.sheet
    ink, soft, fill = (ON_BRAND, ON_BRAND, BRAND) if latest else (INK, MUTED, CARD)
    box = kit.panel(cell, fill)
    inner = cell.inset(sheet.mm(7), sheet.mm(2))
    width = kit.width(call.number, "head", bold=True)
    left, right = inner.cut_left(min(width, inner.w * 0.55), sheet.mm(4))
    box.add_widget(kit.words(call.number, left, "head", ink, bold=True))
    box.add_widget(kit.words(call.counter, right, "lead", soft, halign="right"))
    return box


def _facts(kit: Kit, page: Attract, rect: Rect, into: Widget) -> None:
    sheet = kit.sheet
    for fact, cell in zip(page.facts, rect.columns(len(page.facts), sheet.mm(GAP_MM)), strict=True):
        box = kit.panel(cell, BRAND_TINT if fact.tone == "plain" else WARN_TINT)
        at, text = cell.inset(sheet.mm(7), sheet.mm(2)).cut_left(sheet.mm(10), sheet.mm(4))
        box.add_widget(kit.icon(fact.icon, at.middle(at.w, at.w), TONE_INK[fact.tone]))
        box.add_widget(kit.words(fact.text, text, "body", TONE_INK[fact.tone], bold=True))
        into.add_widget(box)
