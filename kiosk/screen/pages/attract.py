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
    PAGE,
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
    second_h = sheet.line("lead")
    width = rect.w - 2 * sheet.u(EDGE_MM)
    title_h = kit.height(
        page.title, kit.fit(page.title, Rect(0, 0, width, 2 * sheet.line("head")), "head", True), width, bold=True
    )
    texts = title_h + second_h + sheet.u(4)
    side = min(rect.h - texts - sheet.u(26), rect.w - sheet.u(40), sheet.u(125))
    stack = rect.middle(width, side + sheet.u(10) + texts)
    ring, rest = stack.cut_top(side, sheet.u(10))
    circle = ring.middle(side, side)
    rings = Rings(circle, [(RING, 1.0), (BRAND_SOFT, 0.76), (ON_BRAND, 0.52)])
    hand = circle.middle(side * 0.3, side * 0.3)
    rings.add_widget(kit.icon("touch", hand, BRAND))
    into.add_widget(rings)
    upper, lower = rest.cut_top(title_h, sheet.u(4))
    into.add_widget(kit.words(page.title, upper, "head", ON_BRAND, bold=True, halign="center"))
    into.add_widget(kit.words(page.second, lower.cut_top(second_h)[0], "lead", ON_BRAND_MUTED, halign="center"))


def _hall_height(kit: Kit, page: Attract) -> float:
    sheet = kit.sheet
    rows = 2 if len(page.calls) > 2 else 1
    notice = sheet.u(24 + GAP_MM) if page.notice else 0
    return (
        notice
        + sheet.u(10 + 10 + 22)
        + rows * sheet.u(36)
        + (rows - 1) * sheet.u(GAP_MM)
        + sheet.u(GAP_MM)
        + sheet.u(20)
    )


def _hall(kit: Kit, page: Attract, rect: Rect, into: Widget) -> None:
    """The light half: notice, latest calls, how many wait. Upright the calls stand two in a row, in landscape in a list."""
    sheet = kit.sheet
    gap = sheet.u(GAP_MM)
    ground = Panel(rect, PAGE, None, 0.1)
    into.add_widget(ground)
    inner = rect.inset(sheet.u(EDGE_MM), sheet.u(10))
    if page.notice:
        words_w = inner.w - sheet.u(26)
        height = max(sheet.u(24), kit.height(page.notice, "small", words_w) + sheet.u(6))
        band, inner = inner.cut_top(height, gap)
        box = kit.panel(band, WARN_TINT)
        at, text = band.inset(sheet.u(6), sheet.u(2)).cut_left(sheet.u(10), sheet.u(4))
        box.add_widget(kit.icon("warn", at.middle(at.w, at.w), INK))
        box.add_widget(kit.words(page.notice, text, "body", INK))
        ground.add_widget(box)
    inner = _facts(kit, page, inner, ground)
    title, inner = inner.cut_top(max(sheet.u(18), sheet.line("lead")), sheet.u(4))
    ground.add_widget(kit.words(page.calls_title, title, "lead", INK, bold=True))
    if not page.calls:
        box = kit.panel(inner.cut_top(min(inner.h, sheet.u(44)))[0], CARD)
        box.add_widget(
            kit.words(page.no_calls, Rect(box.x, box.y, box.width, box.height), "lead", MUTED, halign="center")
        )
        ground.add_widget(box)
        return
    calls, columns = page.calls, 2
    if sheet.landscape:
        columns, least = 1, sheet.line("lead") + sheet.u(5)
        calls = calls[: max(1, int((inner.h + gap) // (least + gap)))]
        inner = inner.cut_top(min(inner.h, len(calls) * (sheet.u(44) + gap) - gap))[0]
    for i, (call, cell) in enumerate(zip(calls, inner.grid(len(calls), columns, gap), strict=True)):
        ground.add_widget(_call(kit, call, cell, latest=i == 0))


def _call(kit: Kit, call: Call, cell: Rect, *, latest: bool) -> Widget:
    sheet = kit.sheet
    ink, soft, fill = (ON_BRAND, ON_BRAND, BRAND) if latest else (INK, MUTED, CARD)
    box = kit.panel(cell, fill)
    inner = cell.inset(sheet.u(7), sheet.u(2) if not sheet.landscape else 0)
    size = kit.fit(call.number, inner, "head", True)
    left, right = inner.cut_left(min(kit.width(call.number, size, bold=True), inner.w * 0.55), sheet.u(4))
    box.add_widget(kit.words(call.number, left, size, ink, bold=True))
    box.add_widget(kit.words(call.counter, right, "lead", soft, halign="right"))
    return box


def _facts(kit: Kit, page: Attract, rect: Rect, into: Widget) -> Rect:
    """At the bottom of `rect`, side by side or, if too long, in rows; -> what is left above."""
    sheet, gap = kit.sheet, kit.sheet.u(GAP_MM)
    height = max(sheet.u(18), sheet.line("small") + sheet.mm(1))
    longest = max((kit.width(f.text, "small", bold=True) for f in page.facts), default=0) + sheet.u(28)
    rows = 1 if longest <= (rect.w - gap) / 2 else len(page.facts)
    area, left = rect.cut_bottom(rows * height + (rows - 1) * gap / 2, gap)
    cells = area.columns(len(page.facts), gap) if rows == 1 else area.rows(rows, gap / 2)
    for fact, cell in zip(page.facts, cells, strict=True):
        box = kit.panel(cell, BRAND_TINT if fact.tone == "plain" else WARN_TINT)
        at, text = cell.inset(sheet.u(7), 0).cut_left(sheet.u(10), sheet.u(4))
        box.add_widget(kit.icon(fact.icon, at.middle(at.w, at.w), TONE_INK[fact.tone]))
        box.add_widget(kit.words(fact.text, text, "body", TONE_INK[fact.tone], bold=True))
        into.add_widget(box)
    return left
