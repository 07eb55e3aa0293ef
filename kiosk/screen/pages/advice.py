"""Advice instead of a number: do it right here, or bring these papers first. A number stays one touch away."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Advice
from kiosk.screen.frame import main_button
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BORDER,
    BRAND,
    BRAND_TINT,
    CARD,
    EDGE_MM,
    GAP_MM,
    GOOD,
    GOOD_TINT,
    INK,
    MUTED,
    ON_BRAND,
    TONE_INK,
    TONE_SURFACE,
    WARN_TINT,
)
from kiosk.screen.widgets import Kit


def build(kit: Kit, page: Advice, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.mm(GAP_MM)
    body = rect.inset(sheet.mm(EDGE_MM), sheet.mm(9))
    row_h = sheet.mm(34)
    made: list[Widget] = []
    if sheet.landscape:
        side, body = body.cut_right(body.w * 0.38, gap)
        for action, cell in zip(page.actions, side.rows(len(page.actions), gap), strict=True):
            made.append(main_button(kit, action, cell))
    else:
        for action in reversed(page.actions):
            cell, body = body.cut_bottom(row_h, gap)
            made.append(main_button(kit, action, cell))
    if page.status is not None:
        cell, body = body.cut_bottom(sheet.mm(28), gap)
        made.append(_status(kit, page, cell))
    made.append(_card(kit, page, body))
    return made


def _status(kit: Kit, page: Advice, rect: Rect) -> Widget:
    assert page.status is not None
    sheet, fact = kit.sheet, page.status
    box = kit.panel(rect, TONE_SURFACE[fact.tone])
    at, text = rect.inset(sheet.mm(8), sheet.mm(2)).cut_left(sheet.mm(14), sheet.mm(5))
    box.add_widget(kit.icon(fact.icon, at.middle(at.w, at.w), TONE_INK[fact.tone]))
    box.add_widget(kit.words(fact.text, text, "lead", TONE_INK[fact.tone], bold=True))
    return box


def _card(kit: Kit, page: Advice, rect: Rect) -> Widget:
    card = kit.panel(rect, CARD, BORDER, 7)
    inner = rect.inset(kit.sheet.mm(11), kit.sheet.mm(10))
    (_papers if page.items else _here)(kit, page, inner, card)
    return card


def _here(kit: Kit, page: Advice, rect: Rect, into: Widget) -> None:
    """It can be done right here: one picture, one sentence, in the middle."""
    sheet, gap = kit.sheet, kit.sheet.mm(6)
    side = min(sheet.mm(72), rect.h * 0.28)
    badge_h = sheet.mm(20)
    title_h = kit.height(
        page.title, kit.fit(page.title, Rect(0, 0, rect.w, sheet.line("head")), "head", True), rect.w, bold=True
    )
    size = kit.fit(page.body, Rect(0, 0, rect.w, rect.h - side - badge_h - title_h - 3 * gap), "title")
    body_h = kit.height(page.body, size, rect.w)
    stack = rect.middle(rect.w, side + badge_h + title_h + body_h + 3 * gap)
    top, stack = stack.cut_top(side, gap)
    circle = top.middle(side, side)
    disc = kit.panel(circle, GOOD_TINT, None, side / sheet.px_per_mm / 2)
    disc.add_widget(kit.icon(page.icon, circle.middle(side * 0.5, side * 0.5), GOOD))
    into.add_widget(disc)
    top, stack = stack.cut_top(badge_h, gap)
    chip = top.middle(min(top.w, kit.width(page.badge, "lead", bold=True) + sheet.mm(16)), badge_h)
    pill = kit.panel(chip, GOOD, None, 10)
    pill.add_widget(kit.words(page.badge, chip, "lead", ON_BRAND, bold=True, halign="center"))
    into.add_widget(pill)
    title, body = stack.cut_top(title_h, gap)
    into.add_widget(kit.words(page.title, title, "head", INK, bold=True, halign="center"))
    into.add_widget(kit.words(page.body, body, size, INK, valign="top"))


def _papers(kit: Kit, page: Advice, rect: Rect, into: Widget) -> None:
    """What is missing, why it matters, and the list to check."""
    sheet, px = kit.sheet, kit.sheet.mm(32)
    top, inner = rect.cut_top(px, sheet.mm(7))
    badge, rest = top.cut_left(px, sheet.mm(8))
    square = kit.panel(badge, WARN_TINT, None, 8)
    square.add_widget(kit.icon(page.icon, badge.middle(px * 0.66, px * 0.66), INK))
    into.add_widget(square)
    into.add_widget(kit.words(page.badge, rest, "lead", INK, bold=True))
    size = kit.fit(page.title, Rect(0, 0, inner.w, sheet.line("head")), "head", True)
    title, inner = inner.cut_top(kit.height(page.title, size, inner.w, bold=True), sheet.mm(4))
    into.add_widget(kit.words(page.title, title, size, INK, bold=True))
    if page.body:
        text, inner = inner.cut_top(kit.height(page.body, "body", inner.w), sheet.mm(6))
        into.add_widget(kit.words(page.body, text, "body", MUTED))
    _items(kit, page, inner, into)


def _items(kit: Kit, page: Advice, rect: Rect, into: Widget) -> None:
    sheet = kit.sheet
    title, rest = rect.cut_top(sheet.line("body"), sheet.mm(3))
    into.add_widget(kit.words(page.items_title, title, "body", BRAND, bold=True))
    room = rest.h / max(1, len(page.items))
    gap = sheet.mm(3)
    for item in page.items:
        row, rest = rest.cut_top(min(room - gap, sheet.mm(26)), gap)
        box = kit.panel(row, BRAND_TINT, None, 4)
        at, text = row.inset(sheet.mm(6), sheet.mm(1)).cut_left(sheet.mm(10), sheet.mm(5))
        box.add_widget(kit.icon("check", at.middle(at.w, at.w), BRAND))
        box.add_widget(kit.words(item, text, "lead", INK, bold=True))
        into.add_widget(box)
