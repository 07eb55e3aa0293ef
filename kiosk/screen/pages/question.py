"""A question and its two to six answers; the choice of a priority class looks the same.

Upright: the question above its answers; low: the question in the upper half. Landscape: the question and the priority offer
left, the answers right.
"""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button, Priority, Question
from kiosk.screen import frame
from kiosk.screen.buttons import row_button
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BORDER, BRAND, BRAND_TINT, CARD, EDGE_MM, GAP_MM, HAIR, INK, MUTED, ON_BRAND
from kiosk.screen.widgets import Kit, Panel

CHOICE_MAX_MM = {1: 84.0, 2: 84.0, 3: 70.0}  # by rows; more rows: 60


def build(kit: Kit, page: Question, rect: Rect, strip: Priority | None = None) -> list[Widget]:
    sheet = kit.sheet
    made: list[Widget] = []
    if sheet.landscape:
        body = rect.inset(sheet.u(EDGE_MM), max(sheet.u(8), sheet.mm(3)))
        side, choices = body.cut_left(body.w * (0.4 if not sheet.tight else 0.42), sheet.u(10))
        _side(kit, page, side, strip, made)
    elif sheet.low:
        middle = sheet.height // 2 - sheet.mm(2)
        upper = Rect(rect.x, middle, rect.w, rect.top - middle).inset(sheet.mm(EDGE_MM), sheet.mm(12))
        _head(kit, page, upper, made)
        choices = Rect(rect.x, rect.y, rect.w, middle - rect.y).inset(sheet.mm(EDGE_MM), 0)
    else:
        choices = _head(kit, page, rect.inset(sheet.mm(EDGE_MM), sheet.mm(10)), made)
    if page.more is not None:
        cell, choices = choices.cut_bottom(sheet.row(26 if sheet.low else 34), sheet.u(GAP_MM))
        made.append(row_button(kit, page.more, cell))
    columns = 2 if len(page.choices) > 4 else 1
    rows = -(-len(page.choices) // columns)
    gap = sheet.u(GAP_MM)
    height = min(choices.h, rows * _highest(kit, rows) + (rows - 1) * gap)
    area = choices.cut_top(height)[0]
    for choice, cell in zip(page.choices, area.grid(len(page.choices), columns, gap), strict=True):
        made.append(_choice(kit, choice, cell))
    return made


def _highest(kit: Kit, rows: int) -> float:
    return kit.sheet.u(CHOICE_MAX_MM.get(rows, 60.0) * (1.15 if kit.sheet.big or kit.sheet.landscape else 1))


def _head(kit: Kit, page: Question, body: Rect, into: list[Widget]) -> Rect:
    """Context, question, explanation; -> what is left below."""
    sheet = kit.sheet
    line, body = body.cut_top(max(sheet.u(22), sheet.line("lead")), sheet.u(7))
    into += _context(kit, page, line)
    title, body = body.cut_top(kit.height(page.title, "head", body.w, bold=True), sheet.u(3))
    into.append(kit.words(page.title, title, "head", INK, bold=True))
    if page.body:
        text, body = body.cut_top(kit.height(page.body, "lead", body.w), sheet.u(3))
        into.append(kit.words(page.body, text, "lead", MUTED))
    return body.cut_top(sheet.u(4))[1]


def _side(kit: Kit, page: Question, side: Rect, strip: Priority | None, into: list[Widget]) -> None:
    """The left column of landscape, from both ends; the explanation takes what is left, the context gives way."""
    sheet, gap = kit.sheet, sheet_gap(kit)
    if strip is not None:
        one_row = sheet.row(STRIP_ROW_MM)
        stacked = frame.stacked_height(kit, strip, side.w) if strip.chosen else 0
        cell, side = side.cut_bottom(stacked or one_row, gap)
        into.append(frame.priority(kit, strip, cell))
    size = kit.fit(page.title, side, "head", True)
    title_h = kit.height(page.title, size, side.w, bold=True)
    body_h = kit.height(page.body, "small", side.w) + gap if page.body else 0
    context_h = max(sheet.u(22), sheet.line("lead"))
    beside = Rect(0, 0, side.w - context_h - sheet.u(6), context_h)
    if context_h + gap + title_h + body_h <= side.h and kit.fits(page.context, beside, "small", True):
        line, side = side.cut_top(context_h, gap)
        into += _context(kit, page, line)
    title, side = side.cut_top(min(title_h, side.h), gap)
    into.append(kit.words(page.title, title, size, INK, bold=True))
    if page.body and kit.height(page.body, "small", side.w) <= side.h:
        size = kit.fit(page.body, side, "lead")
        text = side.cut_top(kit.height(page.body, size, side.w))[0]
        into.append(kit.words(page.body, text, size, MUTED))


STRIP_ROW_MM = 28.0


def sheet_gap(kit: Kit) -> int:
    return kit.sheet.mm(3) if kit.sheet.compact else kit.sheet.u(GAP_MM)


def _context(kit: Kit, page: Question, rect: Rect) -> list[Widget]:
    """What it is about, and on the right "第 1 步，最多 2 步" with one mark for each step."""
    sheet = kit.sheet
    badge, rest = rect.cut_left(rect.h, sheet.u(6))
    square = kit.panel(badge, BRAND, None, 5 if sheet.build == "roomy" else 3)
    square.add_widget(kit.icon(page.icon, badge.middle(badge.w * 0.66, badge.w * 0.66), ON_BRAND))
    made: list[Widget] = [square]
    width = kit.width(page.progress, "small")
    if page.steps and width + sheet.u(6) + kit.width(page.context, "small", bold=True) <= rest.w:
        progress, rest = rest.cut_right(width, sheet.u(6))
        upper, lower = progress.cut_top(max(progress.h * 0.62, sheet.line("small")))
        made.append(kit.words(page.progress, upper, "small", MUTED, halign="right"))
        gap, h = sheet.u(2), sheet.u(2.6)
        for i, cell in enumerate(lower.columns(page.steps, gap) if lower.h > h else ()):
            made.append(Panel(cell.middle(cell.w, h), BRAND if i < page.step else HAIR, None, h / 2))
    made.append(kit.words(page.context, rest, "lead", BRAND, bold=True))
    return made


def _choice(kit: Kit, choice: Button, cell: Rect) -> Widget:
    """Icon and hint are there if the answer itself stays large."""
    sheet = kit.sheet
    press = kit.press(choice.id, cell, CARD, BRAND_TINT, BORDER, 6)
    inner = cell.inset(sheet.u(9), min(sheet.u(4), sheet.mm(1) if sheet.compact else sheet.u(4)))
    if not sheet.tight:
        arrow, inner = inner.cut_right(sheet.u(10), sheet.u(4))
        press.add_widget(kit.icon("next", arrow.middle(arrow.w, arrow.w), BRAND))
    px = min(sheet.u(26), inner.h)
    if choice.icon and kit.width(choice.text, "lead", bold=True) <= inner.w - px - sheet.u(7):
        at, inner = inner.cut_left(px, sheet.u(7))
        badge = at.middle(px, px)
        square = kit.panel(badge, BRAND_TINT, None, px / sheet.px_per_mm * 0.22)
        square.add_widget(kit.icon(choice.icon, badge.middle(px * 0.66, px * 0.66), BRAND))
        press.add_widget(square)
    gap = sheet.u(1)
    hint_size = kit.fit(choice.hint, Rect(0, 0, inner.w, sheet.line("body")), "body")
    hint_h = kit.height(choice.hint, hint_size, inner.w) if choice.hint else 0
    room = Rect(inner.x, inner.y, inner.w, inner.h - hint_h - gap)
    size = kit.fit(choice.text, room, "title", True)
    if not choice.hint or kit.height(choice.text, size, inner.w, bold=True) > room.h or size in ("body", "small"):
        press.add_widget(kit.words(choice.text, inner, "title", INK, bold=True))
        return press
    name_h = kit.height(choice.text, size, inner.w, bold=True)
    name, hint = inner.middle(inner.w, name_h + gap + hint_h).cut_top(name_h, gap)
    press.add_widget(kit.words(choice.text, name, size, INK, bold=True))
    press.add_widget(kit.words(choice.hint, hint, hint_size, MUTED))
    return press
