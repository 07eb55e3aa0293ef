"""The number: huge; how many are ahead and about how long; what happens now; where the paper is.

Upright: below one another. Landscape: the number left, the rest right, done below the number. In large text on a low panel
the code and what is on the paper anyway give way: number, people ahead or where to go, the paper, done.
"""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Figure, Number
from kiosk.screen.buttons import main_button
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
CODE_LEAST_MM = 26.0
CHIP_SIZES: tuple[Size, ...] = ("lead", "body", "small")


def build(kit: Kit, page: Number, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    if sheet.landscape and sheet.tight:
        return _low_panel(kit, page, rect)
    return _landscape(kit, page, rect) if sheet.landscape else _upright(kit, page, rect)


def _upright(kit: Kit, page: Number, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.mm(GAP_MM)
    body = rect.inset(sheet.mm(EDGE_MM), gap)
    done, body = body.cut_bottom(sheet.mm(28), gap)
    paper_h = _paper_height(kit, page.paper, body.w)
    now = sheet.mm(82 if not sheet.big else 72) if page.url else sheet.mm(64)
    figure_h = sheet.mm(42) if not sheet.big else sheet.line("small") + sheet.line("title") + sheet.mm(5)
    card, body = body.cut_top(body.h - gap - paper_h - gap - (figure_h + gap if page.figures else 0) - now, gap)
    paper, body = body.cut_top(paper_h, gap)
    made = [_card(kit, page, card), kit.part(_paper, page.paper, paper)]
    if page.figures:
        row, body = body.cut_top(figure_h, gap)
        made += [
            kit.part(_figure, f, c) for f, c in zip(page.figures, row.columns(len(page.figures), gap), strict=True)
        ]
    if page.url:
        code, body = body.cut_right(sheet.mm(70 if not sheet.big else 80), gap)
        made.append(_scan(kit, page, code))
    made.append(kit.part(_now, page.now, page.now_loud, page.prepare, body))
    made.append(kit.part(main_button, page.done, done))
    return made


def _landscape(kit: Kit, page: Number, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.mm(3) if kit.sheet.compact else kit.sheet.u(GAP_MM)
    body = rect.inset(sheet.u(EDGE_MM), gap)
    left, body = body.cut_left(body.w * (0.47 if not sheet.big else 0.44), gap)
    done, left = left.cut_bottom(sheet.row(32), gap)
    paper, body = body.cut_top(_paper_height(kit, page.paper, body.w), gap)
    made = [_card(kit, page, left), kit.part(_paper, page.paper, paper), kit.part(main_button, page.done, done)]
    if page.figures:
        height = sheet.line("small" if sheet.big else "body") + sheet.line("title") + sheet.u(9)
        row, body = body.cut_top(height, gap)
        made += _figures(kit, page, row, gap)
    side = min(body.h - sheet.line("small"), body.w * 0.42)
    wide = max(side, kit.width(page.scan, "small")) + sheet.u(8)
    beside = Rect(0, 0, body.w - wide - gap - 2 * sheet.u(8), body.h - 2 * sheet.u(5))
    if page.url and side >= sheet.mm(CODE_LEAST_MM) and kit.fits(page.now, beside, "small", True):
        code, body = body.cut_right(wide, gap)
        made.append(_scan(kit, page, code))
    made.append(kit.part(_now, page.now, page.now_loud, page.prepare, body))
    return made


def _low_panel(kit: Kit, page: Number, rect: Rect) -> list[Widget]:
    sheet, gap = kit.sheet, kit.sheet.mm(3)
    body = rect.inset(sheet.u(EDGE_MM), gap)
    done, body = body.cut_bottom(sheet.mm(20.5), gap)
    paper, body = body.cut_bottom(_paper_height(kit, page.paper, body.w), gap)
    made = [kit.part(_paper, page.paper, paper), kit.part(main_button, page.done, done)]
    card, side = body.cut_left(body.w * 0.47, gap)
    made.append(_card(kit, page, card))
    if not page.figures:
        return [*made, kit.part(_now, page.now, page.now_loud, page.prepare, side)]
    for figure, cell in zip(page.figures, side.rows(len(page.figures), gap), strict=True):
        box = kit.panel(cell, CARD, BORDER, 4)
        inner = cell.inset(sheet.mm(3), 0)
        text = f"{figure.short} {figure.value}"
        if kit.width(text, "small", bold=True) > inner.w:  # the clock says what the figure is
            text = figure.value
            at, beside = inner.cut_left(sheet.mm(8), sheet.mm(2))
            if kit.fits(text, Rect(0, 0, beside.w, sheet.line("small")), "small", True):
                inner = beside
                box.add_widget(kit.icon(figure.icon, at.middle(at.w, at.w), MUTED))
        box.add_widget(kit.words(text, inner, "lead", INK, bold=True))
        made.append(box)
    return made


def _figures(kit: Kit, page: Number, row: Rect, gap: float) -> list[Widget]:
    """Side by side, each as wide as its words need."""
    sheet = kit.sheet
    size: Size = "small" if sheet.big else "body"

    def needs(figure: Figure, label: str) -> float:
        return max(kit.width(label, size), kit.width(figure.value, "lead", bold=True)) + 2 * sheet.u(8)

    free = row.w - gap * (len(page.figures) - 1)
    widths = [needs(f, f.label) for f in page.figures]
    if sum(widths) > free:
        widths = [needs(f, f.short) for f in page.figures]
    spare = (free - sum(widths)) / len(widths)
    made: list[Widget] = []
    for figure, width in zip(page.figures, widths, strict=True):
        cell, row = row.cut_left(width + spare, gap)
        made.append(kit.part(_figure, figure, cell))
    return made


def _card(kit: Kit, page: Number, rect: Rect) -> Widget:
    """Label and business give way when the number needs the room."""
    sheet = kit.sheet
    card = kit.panel(rect, CARD, BORDER, 7)
    inner = rect.inset(sheet.u(8), sheet.u(6) if not sheet.big else sheet.mm(1.5))
    chip_h = max(sheet.u(19), sheet.line("small"))
    number_h = sheet.line("huge") * (0.85 if sheet.tight else 1)
    if inner.h >= number_h + chip_h + sheet.line("lead"):
        label, inner = inner.cut_top(sheet.line("lead"))
        card.add_widget(kit.words(page.label, label, "lead", MUTED, halign="center"))
    foot, inner = inner.cut_bottom(chip_h, sheet.u(1))
    card.add_widget(kit.words(page.number, inner, "huge", BRAND, bold=True, halign="center"))
    texts = [(page.service, BRAND_TINT, BRAND)] + ([(page.klass, BRAND, ON_BRAND)] if page.klass else [])
    size: Size
    for size in CHIP_SIZES:
        widths = _chips(kit, [t for t, _, _ in texts], size)
        if sum(widths) + sheet.u(4) * (len(texts) - 1) <= foot.w:
            break
    else:  # the class went through the priority strip; the business is what matters here
        texts, widths = (texts[:1], widths[:1]) if widths[0] <= foot.w else ([], [])
    row = foot.middle(sum(widths) + sheet.u(4) * max(0, len(texts) - 1), chip_h)
    for (text, fill, ink), width in zip(texts, widths, strict=True):
        chip, row = row.cut_left(width, sheet.u(4))
        pill = kit.panel(chip, fill, None, chip_h / sheet.px_per_mm / 2)
        pill.add_widget(kit.words(text, chip.inset(sheet.mm(1), 0), size, ink, bold=True, halign="center"))
        card.add_widget(pill)
    return card


def _chips(kit: Kit, texts: list[str], size: Size) -> list[float]:
    return [kit.width(t, size, bold=True) + kit.sheet.u(14) for t in texts]


def _paper_height(kit: Kit, paper: Fact, width: float) -> float:
    """As high as its words need in at most two lines."""
    sheet = kit.sheet
    room = width - sheet.u(16) - sheet.u(17) - sheet.u(6)
    size = kit.fit(paper.text, Rect(0, 0, room, 2 * sheet.line("body")), "title", True)
    return max(sheet.u(PAPER_MM if not sheet.big else 30), kit.height(paper.text, size, room, bold=True) + sheet.mm(3))


def _paper(kit: Kit, paper: Fact, rect: Rect) -> Widget:
    sheet = kit.sheet
    fill, ink = (GOOD, ON_BRAND) if paper.tone == "good" else (TONE_SURFACE[paper.tone], TONE_INK[paper.tone])
    box = kit.panel(rect, fill)
    px = sheet.u(17)
    inner = rect.inset(sheet.u(8), sheet.u(1.5))
    width = min(inner.w - px - sheet.u(6), kit.width(paper.text, "title", bold=True))
    row = inner.middle(px + sheet.u(6) + width, inner.h)
    at, text = row.cut_left(px, sheet.u(6))
    box.add_widget(kit.icon(paper.icon, at.middle(px, px), ink))
    box.add_widget(kit.words(paper.text, text, "title", ink, bold=True))
    return box


def _figure(kit: Kit, figure: Figure, rect: Rect) -> Widget:
    sheet = kit.sheet
    box = kit.panel(rect, CARD, BORDER, 6)
    inner = rect.inset(sheet.u(8), sheet.u(4) if not sheet.big else sheet.u(2))
    size: Size = "small" if sheet.big else "body"
    upper, lower = inner.cut_top(sheet.line(size))
    px = sheet.u(9)
    label = figure.label if kit.width(figure.label, size) <= upper.w else figure.short
    if kit.width(label, size) <= upper.w - px - sheet.u(3):
        at, upper = upper.cut_left(px, sheet.u(3))
        box.add_widget(kit.icon(figure.icon, at.middle(px, px), MUTED))
    box.add_widget(kit.words(label, upper, size, MUTED))
    box.add_widget(kit.words(figure.value, lower, "title", INK, bold=True))
    return box


def _now(kit: Kit, now: str, loud: bool, prepare: str, rect: Rect) -> Widget:
    """What happens now, then what to have ready (it is on the paper too, so it may give way)."""
    sheet = kit.sheet
    box = kit.panel(rect, BRAND if loud else BRAND_TINT, None, 6)
    ink = ON_BRAND if loud else BRAND
    inner = rect.inset(sheet.u(8), sheet.u(5) if not sheet.tight else sheet.mm(1))
    size: Size = "title" if loud else "lead"
    gap, px = sheet.u(3), sheet.u(15)
    icon_w = px + sheet.u(5)
    if sheet.tight or not kit.fits(now, Rect(0, 0, inner.w - icon_w, inner.h), "small", True):
        icon_w = 0
    width = inner.w - icon_w
    prepare_h = 0.0
    prepare_size: Size = "body"
    if prepare:
        least = kit.height(now, "small" if sheet.big else "body", width, bold=True)
        room = Rect(0, 0, inner.w, min(inner.h * 0.5, inner.h - least - gap))
        prepare_size = kit.fit(prepare, room, "body")
        prepare_h = kit.height(prepare, prepare_size, inner.w) + gap
        if prepare_h - gap > room.h:
            prepare, prepare_h = "", 0.0
    size = kit.fit(now, Rect(0, 0, width, inner.h - prepare_h), size, True)
    now_h = kit.height(now, size, width, bold=True)
    upper, lower = inner.middle(inner.w, min(inner.h, now_h + prepare_h)).cut_top(now_h, gap)
    if icon_w:
        at, upper = upper.cut_left(px, sheet.u(5))
        box.add_widget(kit.icon("speaker", at.middle(px, px), ink))
    box.add_widget(kit.words(now, upper, size, ink, bold=True))
    if prepare:
        box.add_widget(kit.words(prepare, lower, prepare_size, ink))
    return box


def _scan(kit: Kit, page: Number, rect: Rect) -> Widget:
    sheet = kit.sheet
    box = kit.panel(rect, CARD, BORDER, 6)
    label, square = rect.inset(sheet.u(3)).cut_bottom(sheet.line("small"))
    box.add_widget(QrCode(page.url, square))
    box.add_widget(kit.words(page.scan, label, "small", INK, halign="center"))
    return box
