"""Home: the life of the hall in one line, and up to six services; in large text four a page.

Three arrangements. Upright: a line of facts, the title, tiles below one another. Landscape: title and facts in one line, tiles
beside one another. Low: facts and title in the upper half, everything to touch in the lower.
"""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Home
from kiosk.screen.buttons import row_button
from kiosk.screen.pages.tile import Tiles
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BORDER, BRAND, BRAND_TINT, CARD, EDGE_MM, GAP_MM, INK, WARN_TINT, Size
from kiosk.screen.widgets import Kit, Panel

STRIP_MM = 21.0


def build(kit: Kit, page: Home, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    made: list[Widget] = []
    if sheet.landscape:
        tiles = _top_line(kit, page, rect, made)
    elif sheet.low:
        tiles = _upper_half(kit, page, rect, made)
    else:
        tiles = _upright(kit, page, rect, made)
    if page.more is not None and not (sheet.landscape and sheet.big):
        cell, tiles = tiles.cut_bottom(sheet.row(26 if sheet.low else 34), sheet.u(GAP_MM))
        made.append(row_button(kit, page.more, cell))
    columns = _columns(kit, len(page.tiles))
    rows = 4 if sheet.big and columns == 1 else 2 if sheet.big else -(-len(page.tiles) // columns)
    made += Tiles(kit, page.tiles, columns, rows, tiles).build()
    return made


def _columns(kit: Kit, tiles: int) -> int:
    sheet = kit.sheet
    if sheet.big:
        return 2 if sheet.landscape or sheet.low else 1
    if sheet.landscape:
        return 3 if tiles > 4 else 2 if tiles > 1 else 1
    return 2 if tiles > 3 else 1


def _upright(kit: Kit, page: Home, rect: Rect, into: list[Widget]) -> Rect:
    """-> where the tiles go."""
    sheet = kit.sheet
    if page.notice or not sheet.big:
        height = sheet.mm(STRIP_MM) if not sheet.big else kit.height(page.notice, "small", rect.w * 0.84) + sheet.mm(4)
        strip, rect = rect.cut_top(height)
        into.append(notice(kit, page.notice, strip) if page.notice else _strip(kit, page.facts, strip))
    _, rest = rect.cut_top(sheet.mm(9))
    body = Rect(rest.x + sheet.mm(EDGE_MM), rest.y, rest.w - 2 * sheet.mm(EDGE_MM), rest.h)
    title, tiles = body.cut_top(sheet.line("title"), sheet.mm(6))
    into.append(kit.words(page.title, title, "title", INK, bold=True))
    return tiles


def _top_line(kit: Kit, page: Home, rect: Rect, into: list[Widget]) -> Rect:
    """Title left; right the facts, or in large text the next page. A notice needs the whole line."""
    sheet = kit.sheet
    body = rect.inset(sheet.u(EDGE_MM), 0).cut_top(sheet.mm(2.5) if sheet.compact else sheet.u(7))[1]
    gap = sheet.mm(3) if sheet.compact else sheet.u(GAP_MM)
    more = page.more if sheet.big else None
    if page.notice and not (sheet.compact and more):
        line, body = body.cut_top(_notice_height(kit, page.notice, body.w), gap)
        into.append(notice(kit, page.notice, line, radius_mm=4))
        if sheet.compact:
            return _foot(kit, body)
    line, body = body.cut_top(max(sheet.line("title"), sheet.mm(20) if more else 0), gap)
    if more is not None:
        label = more.short if sheet.tight else more.text
        width = kit.width(label, "lead", bold=True) + 2 * sheet.u(8) + sheet.u(10) + sheet.mm(6)
        cell, line = line.cut_right(width, sheet.u(GAP_MM))
        into.append(row_button(kit, more, cell))
        into.append(kit.words(page.title, line, "title", INK, bold=True))
        return _foot(kit, body)
    size = kit.fit(page.title, line, "title", True)
    title, rest = line.cut_left(kit.width(page.title, size, bold=True), sheet.u(14))
    into.append(kit.words(page.title, title, size, INK, bold=True))
    into += _inline(kit, page.facts, rest)
    return _foot(kit, body)


def _foot(kit: Kit, body: Rect) -> Rect:
    return body.cut_bottom(kit.sheet.mm(3))[1]


def _inline(kit: Kit, facts: tuple[Fact, ...], rect: Rect) -> list[Widget]:
    """As many facts as there is room for, against the right edge."""
    sheet = kit.sheet
    icon_px, inner_gap, gap = max(sheet.u(9), sheet.mm(5.5)), sheet.u(3), sheet.u(9)
    widths: list[float] = []
    for fact in facts:
        width = icon_px + inner_gap + kit.width(fact.text, "small", bold=True)
        if sum(widths) + len(widths) * gap + width > rect.w:
            break
        widths.append(width)
    made: list[Widget] = []
    rest = rect.cut_right(sum(widths) + max(0, len(widths) - 1) * gap)[0]
    for fact, width in zip(facts, widths, strict=False):
        cell, rest = rest.cut_left(width, gap)
        at, text = cell.cut_left(icon_px, inner_gap)
        made.append(kit.icon(fact.icon, at.middle(icon_px, icon_px), BRAND))
        made.append(kit.words(fact.text, text, "small", BRAND if fact.tone == "plain" else INK, bold=True))
    return made


def _upper_half(kit: Kit, page: Home, rect: Rect, into: list[Widget]) -> Rect:
    """What there is to read above, in rows; -> the lower half's part of `rect`."""
    sheet = kit.sheet
    middle = sheet.height // 2 - sheet.mm(2)
    lower = Rect(rect.x, rect.y, rect.w, middle - rect.y).inset(sheet.mm(EDGE_MM), 0)
    upper = Rect(rect.x, middle, rect.w, rect.top - middle).inset(sheet.mm(EDGE_MM), sheet.mm(10))
    title, upper = upper.cut_bottom(kit.height(page.title, "head", upper.w, bold=True) + sheet.mm(4), sheet.mm(6))
    into.append(kit.words(page.title, title, "head", INK, bold=True))
    if page.notice:
        line, upper = upper.cut_top(_notice_height(kit, page.notice, upper.w), sheet.mm(6))
        into.append(notice(kit, page.notice, line, radius_mm=5))
    gap = sheet.mm(GAP_MM)
    row_h = min(sheet.mm(44), (upper.h - gap * (len(page.facts) - 1)) / max(1, len(page.facts)))
    stack = upper.middle(upper.w, row_h * len(page.facts) + gap * (len(page.facts) - 1))
    for fact, row in zip(page.facts, stack.rows(len(page.facts), gap), strict=True):
        box = kit.panel(row, CARD, BORDER, 6)
        px = sheet.mm(16)
        at, text = row.inset(sheet.mm(10), sheet.mm(2)).cut_left(px, sheet.mm(8))
        box.add_widget(kit.icon(fact.icon, at.middle(px, px), BRAND))
        box.add_widget(kit.words(fact.text, text, "lead", INK, bold=True))
        into.append(box)
    return lower


def _strip(kit: Kit, facts: tuple[Fact, ...], rect: Rect) -> Widget:
    """The facts as wide as their words, spread over the line; what does not fit falls off its end."""
    sheet = kit.sheet
    band = Panel(rect, BRAND_TINT, None, 0.1)
    rest, icon_px = rect.inset(sheet.mm(EDGE_MM), 0), sheet.mm(9)
    for fact in facts:
        width = icon_px + sheet.mm(3) + kit.width(fact.text, "small", bold=True)
        if width > rest.w:
            break
        cell, rest = rest.cut_left(width, sheet.mm(6))
        at, text = cell.cut_left(icon_px, sheet.mm(3))
        band.add_widget(kit.icon(fact.icon, at.middle(icon_px, icon_px), BRAND))
        band.add_widget(kit.words(fact.text, text, "small", BRAND if fact.tone == "plain" else INK, bold=True))
    return band


def _notice_height(kit: Kit, text: str, width: float) -> float:
    sheet = kit.sheet
    inner = width - 2 * sheet.u(EDGE_MM) - sheet.u(14)
    size: Size = "small" if sheet.big or sheet.compact else "body"
    return kit.height(text, size, inner, bold=True) + sheet.mm(3)


def notice(kit: Kit, text: str, rect: Rect, radius_mm: float = 0.0) -> Widget:
    sheet = kit.sheet
    band = Panel(rect, WARN_TINT, None, sheet.mm(radius_mm) or 0.1)
    at, words = rect.inset(sheet.u(EDGE_MM), 0).cut_left(sheet.u(10), sheet.u(4))
    band.add_widget(kit.icon("warn", at.middle(at.w, at.w), INK))
    band.add_widget(kit.words(text, words, "body", INK, bold=True))
    return band
