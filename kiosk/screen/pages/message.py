"""One thing to know, what to do about it, perhaps an action: a wait, a guide on the way, trouble."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Message
from kiosk.screen.frame import main_button
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BORDER, BRAND, CARD, EDGE_MM, GAP_MM, INK, MUTED, TONE_INK, TONE_SURFACE
from kiosk.screen.widgets import Kit, Spinner

STEP_MM = 36.0


def build(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.mm(GAP_MM)
    body = rect.inset(sheet.mm(EDGE_MM), sheet.mm(9))
    made: list[Widget] = []
    for action in reversed(page.actions):
        cell, body = body.cut_bottom(sheet.mm(32), gap)
        made.append(main_button(kit, action, cell))
    if page.steps:
        title_h = sheet.line("lead") + sheet.mm(3) if page.steps_title else 0
        height = title_h + len(page.steps) * sheet.mm(STEP_MM) + (len(page.steps) - 1) * sheet.mm(4)
        area, body = body.cut_bottom(height, sheet.mm(10))
        made += _steps(kit, page, area)
    made += _middle(kit, page, body)
    return made


def _middle(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    ink = TONE_INK[page.tone]
    side = min(sheet.mm(104), rect.h * 0.44)
    title_h = kit.height(page.title, "head", rect.w, bold=True)
    body_h = kit.height(page.body, "lead", rect.w) if page.body else 0
    stack = rect.middle(rect.w, side + sheet.mm(12) + title_h + sheet.mm(5) + body_h)
    top, rest = stack.cut_top(side, sheet.mm(12))
    circle = top.middle(side, side)
    disc = kit.panel(circle, TONE_SURFACE[page.tone], None, side / sheet.px_per_mm / 2)
    disc.add_widget(kit.icon(page.icon, circle.middle(side * 0.46, side * 0.46), ink))
    if page.busy:
        disc.add_widget(Spinner(circle.inset(sheet.mm(3)), BRAND, sheet.mm(1.2)))
    title, rest = rest.cut_top(title_h, sheet.mm(5))
    made: list[Widget] = [disc, kit.words(page.title, title, "head", INK, bold=True, halign="center")]
    if page.body:
        made.append(kit.words(page.body, rest.cut_top(body_h)[0], "lead", MUTED, halign="center"))
    return made


def _steps(kit: Kit, page: Message, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    made: list[Widget] = []
    if page.steps_title:
        title, rect = rect.cut_top(sheet.line("lead"), sheet.mm(3))
        made.append(kit.words(page.steps_title, title, "lead", INK, bold=True))
    for fact in page.steps:
        row, rect = rect.cut_top(sheet.mm(STEP_MM), sheet.mm(4))
        made.append(_step(kit, fact, row))
    return made


def _step(kit: Kit, fact: Fact, row: Rect) -> Widget:
    sheet = kit.sheet
    box = kit.panel(row, CARD, BORDER, 6)
    px = sheet.mm(15)
    at, text = row.inset(sheet.mm(8), sheet.mm(2)).cut_left(px, sheet.mm(7))
    box.add_widget(kit.icon(fact.icon, at.middle(px, px), BRAND))
    box.add_widget(kit.words(fact.text, text, "lead", INK, bold=True))
    return box
