"""Advice instead of a number: do it right here, or bring these papers first. A number stays one touch away."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Advice, Fact
from kiosk.screen.buttons import main_button, main_height
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
    Size,
)
from kiosk.screen.typeset import is_han
from kiosk.screen.widgets import Kit

ITEM_SIZES: tuple[Size, ...] = ("lead", "body", "small")


def build(kit: Kit, page: Advice, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    gap = sheet.mm(3) if sheet.compact else sheet.u(GAP_MM)
    body = rect.inset(sheet.u(EDGE_MM), sheet.u(9) if not sheet.compact else sheet.mm(2.5))
    if sheet.landscape and sheet.tight:
        return _low_panel(kit, page, rect.inset(sheet.mm(4), sheet.mm(2)))
    made: list[Widget] = []
    if sheet.landscape:
        side, body = body.cut_right(body.w * (0.36 if not sheet.tight else 0.4), gap)
        for action, cell in zip(page.actions, _side_rows(kit, page, side, gap, made), strict=True):
            made.append(main_button(kit, action, cell))
    else:
        for action in reversed(page.actions):
            cell, body = body.cut_bottom(sheet.mm(34), gap)
            made.append(main_button(kit, action, cell))
        if page.status is not None:
            cell, body = body.cut_bottom(sheet.mm(28 if not sheet.big else 36), gap)
            made.append(_status(kit, page.status, cell))
    made.append(_card(kit, page, body))
    return made


def _low_panel(kit: Kit, page: Advice, rect: Rect) -> list[Widget]:
    """Large text on a low panel: title, what to know as one text, the actions in a row. News of the list outweighs the title."""
    sheet, gap = kit.sheet, kit.sheet.mm(3)
    cell_w = (rect.w - gap * (len(page.actions) - 1)) / len(page.actions)
    actions_h = max(main_height(kit, a, cell_w, sheet.mm(20.5)) for a in page.actions)
    row, body = rect.cut_bottom(actions_h, sheet.mm(2))
    cells = row.columns(len(page.actions), gap)
    made = [main_button(kit, a, c) for a, c in zip(page.actions, cells, strict=True)]
    text = _in_one_line(page) if page.items else page.body
    if page.status is not None:
        height = kit.height(page.status.text, "small", body.w - sheet.mm(4), bold=True) + sheet.mm(2.5)
        cell, body = body.cut_bottom(height, sheet.mm(2))
        made.append(_status(kit, page.status, cell))
    text_h = kit.height(text, "small", body.w)
    title_h = kit.height(page.title, "small", body.w, bold=True)
    if text_h + title_h <= body.h:
        size = kit.fit(page.title, Rect(0, 0, body.w, body.h - text_h), "head", True)
        title, body = body.cut_top(kit.height(page.title, size, body.w, bold=True))
        made.append(kit.words(page.title, title, size, INK, bold=True))
    made.append(kit.words(text, body, "title", INK))
    return made


def _in_one_line(page: Advice) -> str:
    mark, pause = ("：", "、") if any(is_han(c) for c in page.items_title) else (": ", ", ")
    return page.items_title + mark + pause.join(page.items)


def _side_rows(kit: Kit, page: Advice, side: Rect, gap: float, into: list[Widget]) -> list[Rect]:
    """The places of the actions in the right column; what became of the list stands above them."""
    sheet = kit.sheet
    if page.status is not None:
        room = side.w - (sheet.u(32) if not sheet.tight else sheet.mm(4))
        height = kit.height(page.status.text, "small", room, bold=True) + sheet.mm(3)
        cell, side = side.cut_top(max(sheet.u(34), height), gap)
        into.append(_status(kit, page.status, cell))
    rows = max(2, len(page.actions)) if page.status is None else len(page.actions)
    height = min(side.h, rows * sheet.row(62) + (rows - 1) * gap)
    return side.cut_bottom(height)[0].rows(rows, gap)[-len(page.actions) :]


def _status(kit: Kit, fact: Fact, rect: Rect) -> Widget:
    sheet = kit.sheet
    box = kit.panel(rect, TONE_SURFACE[fact.tone])
    px = sheet.u(14)
    inner = rect.inset(sheet.u(8) if not sheet.tight else sheet.mm(2), sheet.mm(1))
    at, text = inner.cut_left(px, sheet.u(5))
    if kit.fits(fact.text, text, "small", True) and not sheet.tight:
        box.add_widget(kit.icon(fact.icon, at.middle(px, px), TONE_INK[fact.tone]))
    else:
        text = inner
    box.add_widget(kit.words(fact.text, text, "lead", TONE_INK[fact.tone], bold=True))
    return box


def _card(kit: Kit, page: Advice, rect: Rect) -> Widget:
    sheet = kit.sheet
    card = kit.panel(rect, CARD, BORDER, 7)
    inner = rect.inset(sheet.u(11), sheet.u(10)) if not sheet.compact else rect.inset(sheet.mm(3), sheet.mm(2))
    (_papers if page.items else _here)(kit, page, inner, card)
    return card


def _here(kit: Kit, page: Advice, rect: Rect, into: Widget) -> None:
    """It can be done right here: one picture, one sentence, in the middle. The picture gives way to the words."""
    sheet, gap = kit.sheet, kit.sheet.u(6)
    narrow = kit.width(page.badge, "small", bold=True) > rect.w - sheet.mm(2)  # the title says the same
    badge_h = 0 if narrow else max(sheet.u(20), sheet.line("small"))
    title_size = kit.fit(page.title, Rect(0, 0, rect.w, sheet.line("head")), "head", True)
    title_h = kit.height(page.title, title_size, rect.w, bold=True)
    room = Rect(0, 0, rect.w, rect.h - badge_h - title_h - 2 * gap)
    size = kit.fit(page.body, Rect(0, 0, rect.w, min(room.h, rect.h * 0.55)), "title")
    body_h = kit.height(page.body, size, rect.w)
    side = min(sheet.u(72), rect.h * 0.28, room.h - body_h - gap)
    if side < sheet.u(36):
        side = 0
    stack = rect.middle(rect.w, (side + gap if side else 0) + badge_h + title_h + body_h + 2 * gap)
    if side:
        top, stack = stack.cut_top(side, gap)
        circle = top.middle(side, side)
        disc = kit.panel(circle, GOOD_TINT, None, side / sheet.px_per_mm / 2)
        disc.add_widget(kit.icon(page.icon, circle.middle(side * 0.5, side * 0.5), GOOD))
        into.add_widget(disc)
    if not narrow:
        top, stack = stack.cut_top(badge_h, gap)
        into.add_widget(_pill(kit, page.badge, top))
    title, body = stack.cut_top(title_h, gap)
    into.add_widget(kit.words(page.title, title, title_size, INK, bold=True, halign="center"))
    into.add_widget(kit.words(page.body, body, size, INK, valign="top"))


def _pill(kit: Kit, text: str, top: Rect) -> Widget:
    sheet = kit.sheet
    chip = top.middle(min(top.w, kit.width(text, "lead", bold=True) + sheet.u(16)), top.h)
    pill = kit.panel(chip, GOOD, None, chip.h / sheet.px_per_mm / 2)
    pill.add_widget(kit.words(text, chip.inset(sheet.mm(1), 0), "lead", ON_BRAND, bold=True, halign="center"))
    return pill


def _papers(kit: Kit, page: Advice, rect: Rect, into: Widget) -> None:
    """The list to check comes first; what is missing and why it matters stand above it as far as there is room."""
    sheet, px, gap = kit.sheet, max(kit.sheet.u(32), kit.sheet.line("lead")), kit.sheet.u(6)
    title_size = kit.fit(page.title, Rect(0, 0, rect.w, sheet.line("head")), "head", True)
    title_h = kit.height(page.title, title_size, rect.w, bold=True)
    body_h = kit.height(page.body, "body", rect.w) + gap if page.body else 0
    heading_h = sheet.line("body") + sheet.u(3)
    free = rect.h - title_h - sheet.u(4) - sum(h + sheet.u(3) for h in _item_heights(kit, page, rect.w, "small"))
    if with_heading := heading_h <= free:
        free -= heading_h
    if with_body := bool(page.body) and body_h <= free:
        free -= body_h
    beside = Rect(0, 0, rect.w - px - sheet.u(8), px)
    if px + gap <= free and kit.fits(page.badge, beside, "small", True):
        top, rect = rect.cut_top(px, gap)
        badge, rest = top.cut_left(px, sheet.u(8))
        square = kit.panel(badge, WARN_TINT, None, px / sheet.px_per_mm * 0.22)
        square.add_widget(kit.icon(page.icon, badge.middle(px * 0.66, px * 0.66), INK))
        into.add_widget(square)
        into.add_widget(kit.words(page.badge, rest, "lead", INK, bold=True))
    title, rect = rect.cut_top(title_h, sheet.u(4))
    into.add_widget(kit.words(page.title, title, title_size, INK, bold=True))
    if with_body:
        text, rect = rect.cut_top(body_h - gap, gap)
        into.add_widget(kit.words(page.body, text, "body", MUTED))
    if with_heading:
        title, rect = rect.cut_top(sheet.line("body"), sheet.u(3))
        into.add_widget(kit.words(page.items_title, title, "body", BRAND, bold=True))
    _items(kit, page, rect, into)


def _item_width(kit: Kit, width: float) -> float:
    sheet = kit.sheet
    return width - 2 * sheet.u(6) - (0 if sheet.tight else sheet.u(15))


def _item_heights(kit: Kit, page: Advice, width: float, size: Size) -> list[float]:
    pad = kit.sheet.mm(2 if kit.sheet.tight else 3)
    return [kit.height(i, size, _item_width(kit, width), bold=True) + pad for i in page.items]


def _items(kit: Kit, page: Advice, rect: Rect, into: Widget) -> None:
    """One size for all: the largest at which the whole list fits."""
    sheet, gap = kit.sheet, kit.sheet.u(3)
    for size in ITEM_SIZES:
        heights = _item_heights(kit, page, rect.w, size)
        if sum(heights) + gap * (len(heights) - 1) <= rect.h:
            break
    spare = (rect.h - sum(heights) - gap * (len(heights) - 1)) / max(1, len(heights))
    for item, height in zip(page.items, heights, strict=True):
        row, rect = rect.cut_top(height + max(0, min(spare, sheet.u(9))), gap)
        box = kit.panel(row, BRAND_TINT, None, 4)
        text = row.inset(sheet.u(6), sheet.mm(0.5))
        if not sheet.tight:
            at, text = text.cut_left(sheet.u(10), sheet.u(5))
            box.add_widget(kit.icon("check", at.middle(at.w, at.w), BRAND))
        box.add_widget(kit.words(item, text, size, INK, bold=True))
        into.add_widget(box)
