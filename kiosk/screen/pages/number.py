"""The number: huge; how many are ahead and about how long; what happens now; where the paper is."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Figure, Number
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
    INK,
    MUTED,
    ON_BRAND,
    TONE_INK,
    TONE_SURFACE,
    Size,
)
from kiosk.screen.widgets import Kit, QrCode

PAPER_MM = 34.0


def build(kit: Kit, page: Number, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.mm(GAP_MM)
    body = rect.inset(sheet.mm(EDGE_MM), gap)
    done, body = body.cut_bottom(sheet.mm(28), gap)
    made: list[Widget] = []
    if sheet.landscape:
        card, body = body.cut_left(body.w * 0.46, gap)
    else:
        card, body = body.cut_top(body.h - _lower_height(kit, page, body.w), gap)
    made.append(_card(kit, page, card))
    made.append(_paper(kit, page.paper, body.cut_top(sheet.mm(PAPER_MM))[0]))
    body = body.cut_top(sheet.mm(PAPER_MM), gap)[1]
    if page.figures:
        row, body = body.cut_top(sheet.mm(42), gap)
        cells = row.columns(len(page.figures), gap)
        made += [_figure(kit, f, c) for f, c in zip(page.figures, cells, strict=True)]
    if page.url:
        code, body = body.cut_right(sheet.mm(70), gap)
        made.append(_scan(kit, page, code))
    made.append(_now(kit, page, body))
    made.append(main_button(kit, page.done, done))
    return made


def _lower_height(kit: Kit, page: Number, width: float) -> float:
    sheet, gap = kit.sheet, kit.sheet.mm(GAP_MM)
    now = sheet.mm(82) if page.url else sheet.mm(64)
    return gap + sheet.mm(PAPER_MM) + gap + (sheet.mm(42) + gap if page.figures else 0) + now


def _card(kit: Kit, page: Number, rect: Rect) -> Widget:
    sheet = kit.sheet
    card = kit.panel(rect, CARD, BORDER, 7)
    inner = rect.inset(sheet.mm(8), sheet.mm(6))
    label, inner = inner.cut_top(sheet.line("lead"))
    card.add_widget(kit.words(page.label, label, "lead", MUTED, halign="center"))
    foot, inner = inner.cut_bottom(sheet.mm(20))
    card.add_widget(kit.words(page.number, inner, "huge", BRAND, bold=True, halign="center"))
    texts = [(page.service, BRAND_TINT, BRAND)] + ([(page.klass, BRAND, ON_BRAND)] if page.klass else [])
    size: Size = "lead"
    widths = _chips(kit, [t for t, _, _ in texts], size)
    if sum(widths) > inner.w - sheet.mm(4):
        size = "small"
        widths = _chips(kit, [t for t, _, _ in texts], size)
    row = foot.middle(sum(widths) + sheet.mm(4) * (len(texts) - 1), sheet.mm(19))
    for (text, fill, ink), width in zip(texts, widths, strict=True):
        chip, row = row.cut_left(width, sheet.mm(4))
        pill = kit.panel(chip, fill, None, 9.5)
        pill.add_widget(kit.words(text, chip, size, ink, bold=True, halign="center"))
        card.add_widget(pill)
    return card


def _chips(kit: Kit, texts: list[str], size: Size) -> list[float]:
    return [kit.width(t, size, bold=True) + kit.sheet.mm(14) for t in texts]


def _paper(kit: Kit, paper: Fact, rect: Rect) -> Widget:
    sheet = kit.sheet
    fill, ink = (GOOD, ON_BRAND) if paper.tone == "good" else (TONE_SURFACE[paper.tone], TONE_INK[paper.tone])
    box = kit.panel(rect, fill)
    px = sheet.mm(17)
    inner = rect.inset(sheet.mm(8), sheet.mm(1.5))
    width = min(inner.w - px - sheet.mm(6), kit.width(paper.text, "title", bold=True))
    row = inner.middle(px + sheet.mm(6) + width, inner.h)
    at, text = row.cut_left(px, sheet.mm(6))
    box.add_widget(kit.icon(paper.icon, at.middle(px, px), ink))
    box.add_widget(kit.words(paper.text, text, "title", ink, bold=True))
    return box


def _figure(kit: Kit, figure: Figure, rect: Rect) -> Widget:
    sheet = kit.sheet
    box = kit.panel(rect, CARD, BORDER, 6)
    inner = rect.inset(sheet.mm(8), sheet.mm(4))
    upper, lower = inner.cut_top(sheet.line("body"))
    at, text = upper.cut_left(sheet.mm(9), sheet.mm(3))
    box.add_widget(kit.icon(figure.icon, at.middle(at.w, at.w), MUTED))
    box.add_widget(kit.words(figure.label, text, "body", MUTED))
    box.add_widget(kit.words(figure.value, lower, "title", INK, bold=True))
    return box


def _now(kit: Kit, page: Number, rect: Rect) -> Widget:
    """What happens now, then what to have ready."""
    sheet = kit.sheet
    box = kit.panel(rect, BRAND if page.now_loud else BRAND_TINT, None, 6)
    ink = ON_BRAND if page.now_loud else BRAND
    inner = rect.inset(sheet.mm(8), sheet.mm(5))
    size: Size = "title" if page.now_loud else "lead"
    gap = sheet.mm(3)
    prepare_h = 0.0
    if page.prepare:
        room = Rect(0, 0, inner.w, inner.h * 0.5)
        prepare_h = kit.height(page.prepare, kit.fit(page.prepare, room, "body"), inner.w) + gap
    at, beside = inner.cut_left(sheet.mm(15), sheet.mm(5))
    space = Rect(beside.x, beside.y, beside.w, beside.h - prepare_h)
    now_h = kit.height(page.now, kit.fit(page.now, space, size, True), beside.w, bold=True)
    stack = inner.middle(inner.w, min(inner.h, now_h + prepare_h))
    upper, lower = stack.cut_top(now_h, gap)
    at, now = upper.cut_left(sheet.mm(15), sheet.mm(5))
    box.add_widget(kit.icon("speaker", at.middle(at.w, at.w), ink))
    box.add_widget(kit.words(page.now, now, size, ink, bold=True))
    if page.prepare:
        box.add_widget(kit.words(page.prepare, lower, "body", ink))
    return box


def _scan(kit: Kit, page: Number, rect: Rect) -> Widget:
    sheet = kit.sheet
    box = kit.panel(rect, CARD, BORDER, 6)
    label, square = rect.inset(sheet.mm(3)).cut_bottom(sheet.line("small"))
    box.add_widget(QrCode(page.url, square))
    box.add_widget(kit.words(page.scan, label, "small", INK, halign="center"))
    return box
