"""Home: the life of the hall in one line, and up to six services."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Home, Tile
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BORDER,
    BRAND,
    BRAND_TINT,
    CARD,
    EDGE_MM,
    GAP_MM,
    GOOD,
    HAIR,
    INK,
    MUTED,
    ON_BRAND,
    PAGE,
    WARN_TINT,
    Rgb,
    Size,
)
from kiosk.screen.widgets import Kit, Panel

STRIP_MM = 21.0
PAD_MM = 8.0
SIZES: tuple[Size, ...] = ("title", "lead", "body")


def build(kit: Kit, page: Home, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    strip, rest = rect.cut_top(sheet.mm(STRIP_MM), sheet.mm(9))
    made = [_notice(kit, page.notice, strip) if page.notice else _strip(kit, page.facts, strip)]
    body = Rect(rest.x + sheet.mm(EDGE_MM), rest.y, rest.w - 2 * sheet.mm(EDGE_MM), rest.h)
    title, tiles = body.cut_top(sheet.line("title"), sheet.mm(6))
    made.append(kit.words(page.title, title, "title", INK, bold=True))
    columns = 3 if sheet.landscape else 2 if len(page.tiles) > 3 else 1
    cells = tiles.grid(len(page.tiles), columns, sheet.mm(GAP_MM))
    size = _name_size(kit, page.tiles, cells)
    made += [_tile(kit, tile, cell, size) for tile, cell in zip(page.tiles, cells, strict=True)]
    return made


def _name_size(kit: Kit, tiles: tuple[Tile, ...], cells: list[Rect]) -> Size:
    """One size for all names: the largest at which none needs more than two lines."""
    for size in SIZES:
        room = [
            Rect(0, 0, c.w - 2 * kit.sheet.mm(PAD_MM), kit.sheet.line(size) * (1 if size == "title" else 2))
            for c in cells
        ]
        if all(kit.fit(t.name, r, size, True) == size for t, r in zip(tiles, room, strict=True)):
            return size
    return SIZES[-1]


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


def _notice(kit: Kit, text: str, rect: Rect) -> Widget:
    sheet = kit.sheet
    band = Panel(rect, WARN_TINT, None, 0.1)
    at, words = rect.inset(sheet.mm(EDGE_MM), 0).cut_left(sheet.mm(10), sheet.mm(4))
    band.add_widget(kit.icon("warn", at.middle(at.w, at.w), INK))
    band.add_widget(kit.words(text, words, "body", INK, bold=True))
    return band


def _tile(kit: Kit, tile: Tile, cell: Rect, size: Size) -> Widget:
    """Badge and arrow, name with the other language under it, facts below a rule."""
    sheet = kit.sheet
    box: Widget = (
        kit.press(tile.id, cell, CARD, BRAND_TINT, BORDER, 6) if tile.enabled else kit.panel(cell, PAGE, BORDER, 6)
    )
    inner = cell.inset(sheet.mm(PAD_MM), sheet.mm(7))
    foot, rest = inner.cut_bottom(sheet.mm(12), sheet.mm(4))
    rule, rest = rest.cut_bottom(max(1, sheet.mm(0.35)), sheet.mm(3))
    box.add_widget(Panel(rule, HAIR, None, 0.1))
    _facts(kit, tile.facts, foot, box)
    one_line = size == "title"
    names_h = sheet.line("title") + sheet.line("small") if one_line else 2 * sheet.line(size)
    badge_px = min(sheet.mm(27), max(sheet.mm(14), rest.h - names_h - sheet.mm(2)))
    top, rest = rest.cut_top(badge_px, sheet.mm(2))
    badge, beside = top.cut_left(badge_px, sheet.mm(5))
    square = kit.panel(badge, BRAND if tile.enabled else MUTED, None, 6)
    square.add_widget(kit.icon(tile.icon, badge.middle(badge_px * 0.68, badge_px * 0.68), ON_BRAND))
    box.add_widget(square)
    arrow, beside = beside.cut_right(sheet.mm(9), sheet.mm(3))
    if tile.enabled:
        box.add_widget(kit.icon("next", arrow.middle(arrow.w, arrow.w), BRAND))
    ink = INK if tile.enabled else MUTED
    if one_line:
        name, second = rest.middle(rest.w, names_h).cut_top(sheet.line("title"))
        box.add_widget(kit.words(tile.name, name, size, ink, bold=True))
        box.add_widget(kit.words(tile.second, second, "small", MUTED))
    else:  # long names need both lines: the other language stands beside the badge
        box.add_widget(kit.words(tile.name, rest, size, ink, bold=True))
        box.add_widget(kit.words(tile.second, beside, "small", MUTED))
    return box


def _facts(kit: Kit, facts: tuple[Fact, ...], rect: Rect, into: Widget) -> None:
    """Side by side, each as wide as its words."""
    sheet, rest = kit.sheet, rect
    for fact in facts:
        colour: Rgb = GOOD if fact.tone == "good" else INK
        icon_px = sheet.mm(8.5)
        width = icon_px + sheet.mm(2) + kit.width(fact.text, "small", bold=True)
        cell, rest = rest.cut_left(width, sheet.mm(6))
        at, text = cell.cut_left(icon_px, sheet.mm(2))
        into.add_widget(kit.icon(fact.icon, at.middle(icon_px, icon_px), colour))
        into.add_widget(kit.words(fact.text, text, "small", colour, bold=True))
