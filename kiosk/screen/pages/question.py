"""A question and its two to six answers; the choice of a priority class looks the same."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button, Question
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BORDER, BRAND, BRAND_TINT, CARD, EDGE_MM, GAP_MM, HAIR, INK, MUTED, ON_BRAND
from kiosk.screen.widgets import Kit, Panel

CHOICE_MAX_MM = {1: 84.0, 2: 84.0, 3: 70.0}  # by rows; more rows: 60


def build(kit: Kit, page: Question, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    body = rect.inset(sheet.mm(EDGE_MM), sheet.mm(10))
    line, body = body.cut_top(sheet.mm(22), sheet.mm(7))
    made = _context(kit, page, line)
    if sheet.landscape:
        side, choices = body.cut_left(body.w * 0.4, sheet.mm(12))
        _title(kit, page, side, made)
    else:
        choices = _title(kit, page, body, made)
    columns = 2 if len(page.choices) > 4 else 1
    rows = -(-len(page.choices) // columns)
    gap = sheet.mm(GAP_MM)
    height = min(choices.h, rows * sheet.mm(CHOICE_MAX_MM.get(rows, 60.0)) + (rows - 1) * gap)
    area, _ = choices.cut_top(height)
    for choice, cell in zip(page.choices, area.grid(len(page.choices), columns, gap), strict=True):
        made.append(_choice(kit, choice, cell))
    return made


def _title(kit: Kit, page: Question, body: Rect, into: list[Widget]) -> Rect:
    """-> what is left below."""
    sheet = kit.sheet
    title, body = body.cut_top(kit.height(page.title, "head", body.w, bold=True), sheet.mm(3))
    into.append(kit.words(page.title, title, "head", INK, bold=True))
    if page.body:
        text, body = body.cut_top(kit.height(page.body, "lead", body.w), sheet.mm(3))
        into.append(kit.words(page.body, text, "lead", MUTED))
    return body.cut_top(sheet.mm(4))[1]


def _context(kit: Kit, page: Question, rect: Rect) -> list[Widget]:
    """What it is about, and on the right "第 1 步，最多 2 步" with one mark for each step."""
    sheet = kit.sheet
    badge, rest = rect.cut_left(rect.h, sheet.mm(6))
    square = kit.panel(badge, BRAND, None, 5)
    square.add_widget(kit.icon(page.icon, badge.middle(badge.w * 0.66, badge.w * 0.66), ON_BRAND))
    made: list[Widget] = [square]
    if page.steps:
        progress, rest = rest.cut_right(kit.width(page.progress, "small"), sheet.mm(6))
        upper, lower = progress.cut_top(progress.h * 0.62)
        made.append(kit.words(page.progress, upper, "small", MUTED, halign="right"))
        gap, h = sheet.mm(2), sheet.mm(2.6)
        for i, cell in enumerate(lower.columns(page.steps, gap)):
            made.append(Panel(cell.middle(cell.w, h), BRAND if i < page.step else HAIR, None, h / 2))
    made.append(kit.words(page.context, rest, "lead", BRAND, bold=True))
    return made


def _choice(kit: Kit, choice: Button, cell: Rect) -> Widget:
    sheet = kit.sheet
    press = kit.press(choice.id, cell, CARD, BRAND_TINT, BORDER, 6)
    inner = cell.inset(sheet.mm(9), sheet.mm(4))
    arrow, inner = inner.cut_right(sheet.mm(10), sheet.mm(4))
    press.add_widget(kit.icon("next", arrow.middle(arrow.w, arrow.w), BRAND))
    if choice.icon:
        px = sheet.mm(26)
        at, inner = inner.cut_left(px, sheet.mm(7))
        badge = at.middle(px, px)
        square = kit.panel(badge, BRAND_TINT, None, 6)
        square.add_widget(kit.icon(choice.icon, badge.middle(px * 0.66, px * 0.66), BRAND))
        press.add_widget(square)
    if not choice.hint:
        press.add_widget(kit.words(choice.text, inner, "title", INK, bold=True))
        return press
    gap = sheet.mm(1)
    hint_h = kit.height(choice.hint, "body", inner.w)
    size = kit.fit(choice.text, Rect(inner.x, inner.y, inner.w, inner.h - hint_h - gap), "title", True)
    name_h = kit.height(choice.text, size, inner.w, bold=True)
    name, hint = inner.middle(inner.w, name_h + gap + hint_h).cut_top(name_h, gap)
    press.add_widget(kit.words(choice.text, name, size, INK, bold=True))
    press.add_widget(kit.words(choice.hint, hint, "body", MUTED))
    return press
