"""One thing to know, what to do about it, perhaps an action: a wait, a guide on the way, trouble.

Upright: the thing, then what to do, then the actions. Landscape: the thing left; what to do and the actions right.
"""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Message
from kiosk.screen.buttons import main_button, main_height
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BORDER, BRAND, CARD, EDGE_MM, GAP_MM, INK, MUTED, TONE_INK, TONE_SURFACE
from kiosk.screen.widgets import Kit, Spinner

STEP_MM = 36.0


def build(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.u(GAP_MM)
    body = rect.inset(sheet.u(EDGE_MM), sheet.u(9) if not sheet.compact else sheet.mm(3))
    made: list[Widget] = []
    if sheet.landscape and sheet.tight and len(page.steps) > 1:
        return _low_panel(kit, page, body)
    if sheet.landscape and (page.steps or page.actions):
        left, side = body.cut_left(body.w * (0.38 if sheet.tight else 0.46), sheet.u(10))
        _side(kit, page, side, made)
        return made + _middle(kit, page, left)
    for action in reversed(page.actions):
        cell, body = body.cut_bottom(sheet.row(40 if sheet.big else 32), gap)
        made.append(main_button(kit, action, cell))
    if page.steps:
        title_h = sheet.line("lead") + sheet.mm(3) if page.steps_title else 0
        height = title_h + sum(_step_heights(kit, page, body.w)) + (len(page.steps) - 1) * sheet.mm(4)
        area, body = body.cut_bottom(height, sheet.mm(10))
        made += _steps(kit, page, area)
    return made + _middle(kit, page, body)


def _low_panel(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    """Large text on a low panel: title, text, and of what to do as much as there is room for."""
    gap = kit.sheet.mm(3)
    body_h, row_h = kit.height(page.body, "small", rect.w), _step_heights(kit, page, rect.w)[0]
    free = rect.h - kit.height(page.title, "lead", rect.w, bold=True) - body_h - gap
    steps = page.steps[: max(1, int(free // (row_h + gap)))]
    made: list[Widget] = []
    for fact in reversed(steps):
        row, rect = rect.cut_bottom(row_h, gap)
        made.append(_step(kit, fact, row))
    title, rest = rect.cut_top(rect.h - body_h)
    made.append(kit.words(page.title, title, "head", INK, bold=True, halign="center"))
    made.append(kit.words(page.body, rest, "lead", MUTED, halign="center"))
    return made


def _side(kit: Kit, page: Message, side: Rect, into: list[Widget]) -> None:
    """Steps and actions as one column, in the middle of the height."""
    sheet, gap = kit.sheet, kit.sheet.mm(3) if kit.sheet.compact else kit.sheet.u(GAP_MM)
    action_h = [main_height(kit, a, side.w, sheet.row(40)) for a in page.actions]
    step_h = _step_heights(kit, page, side.w)
    title_h = sheet.line("lead") + gap if page.steps_title else 0
    rows_h = sum(action_h) + sum(step_h) + gap * (len(action_h) + len(step_h) - 1)
    if title_h + rows_h > side.h:
        title_h = 0
    stack = side.middle(side.w, title_h + rows_h)
    if title_h:
        title, stack = stack.cut_top(sheet.line("lead"), gap)
        into.append(kit.words(page.steps_title, title, "lead", INK, bold=True))
    for fact, height in zip(page.steps, step_h, strict=True):
        row, stack = stack.cut_top(height, gap)
        into.append(_step(kit, fact, row))
    for action, height in zip(page.actions, action_h, strict=True):
        row, stack = stack.cut_top(height, gap)
        into.append(main_button(kit, action, row))


def _middle(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    """The picture gives way to the words."""
    sheet = kit.sheet
    ink = TONE_INK[page.tone]
    title_size = kit.fit(page.title, Rect(0, 0, rect.w, 2 * sheet.line("head")), "head", True)
    title_h = kit.height(page.title, title_size, rect.w, bold=True)
    gaps = sheet.u(12) + sheet.u(5)
    size = kit.fit(page.body, Rect(0, 0, rect.w, rect.h - title_h - gaps), "lead")
    body_h = kit.height(page.body, size, rect.w) if page.body else 0
    side = min(sheet.u(104), rect.h * 0.44, rect.h - title_h - body_h - gaps)
    if side < sheet.u(30):
        side = 0
    stack = rect.middle(rect.w, side + (gaps if side else sheet.u(5)) + title_h + body_h)
    made: list[Widget] = []
    if side:
        top, stack = stack.cut_top(side, sheet.u(12))
        circle = top.middle(side, side)
        disc = kit.panel(circle, TONE_SURFACE[page.tone], None, side / sheet.px_per_mm / 2)
        disc.add_widget(kit.icon(page.icon, circle.middle(side * 0.46, side * 0.46), ink))
        if page.busy:
            disc.add_widget(Spinner(circle.inset(sheet.u(3)), BRAND, sheet.mm(1.2)))
        made.append(disc)
    title, rest = stack.cut_top(title_h, sheet.u(5))
    made.append(kit.words(page.title, title, title_size, INK, bold=True, halign="center"))
    if page.body:
        made.append(kit.words(page.body, rest.cut_top(body_h)[0], size, MUTED, halign="center"))
    return made


def _steps(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    made: list[Widget] = []
    if page.steps_title:
        title, rect = rect.cut_top(sheet.line("lead"), sheet.mm(3))
        made.append(kit.words(page.steps_title, title, "lead", INK, bold=True))
    for fact, height in zip(page.steps, _step_heights(kit, page, rect.w), strict=True):
        row, rect = rect.cut_top(height, sheet.mm(4))
        made.append(_step(kit, fact, row))
    return made


def _step_heights(kit: Kit, page: Message, width: float) -> list[float]:
    """As high as the words need, the same for all."""
    sheet = kit.sheet
    room = _step_inside(kit, Rect(0, 0, width, sheet.height))[1].w
    least = max((kit.height(f.text, "small", room, bold=True) + sheet.mm(3) for f in page.steps), default=0)
    return [max(sheet.u(STEP_MM), least)] * len(page.steps)


def _step_inside(kit: Kit, row: Rect) -> tuple[Rect | None, Rect]:
    """(the icon's place, the words'); no icon where there is little room."""
    sheet = kit.sheet
    if sheet.tight and sheet.landscape:
        return None, row.inset(sheet.u(6), 0)
    return row.inset(sheet.u(8), sheet.mm(1)).cut_left(sheet.u(15), sheet.u(7))


def _step(kit: Kit, fact: Fact, row: Rect) -> Widget:
    box = kit.panel(row, CARD, BORDER, 6)
    at, text = _step_inside(kit, row)
    if at is not None:
        box.add_widget(kit.icon(fact.icon, at.middle(at.w, at.w), BRAND))
    box.add_widget(kit.words(fact.text, text, "lead", INK, bold=True))
    return box
