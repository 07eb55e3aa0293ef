"""A grid of services. All tiles of a page look alike: what does not fit one of them is left out of all.

The name comes first; then, as far as there is room, people waiting, the badge, the other language, the rule above the facts.
"""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Fact, Tile
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BORDER,
    BRAND,
    BRAND_TINT,
    CARD,
    GAP_MM,
    GOOD,
    HAIR,
    INK,
    MUTED,
    ON_BRAND,
    PAGE,
    Rgb,
    Size,
)
from kiosk.screen.widgets import Kit, Panel

NAME_SIZES: tuple[Size, ...] = ("title", "lead", "body", "small")


class Tiles:
    """`cells` of `columns` × `rows`, or fewer tiles in the same places: a second page keeps the first one's grid."""

    def __init__(self, kit: Kit, tiles: tuple[Tile, ...], columns: int, rows: int, rect: Rect) -> None:
        self.kit, self.tiles, self.sheet = kit, tiles, kit.sheet
        gap = self.sheet.u(GAP_MM)
        full = max(len(tiles), columns * rows if self.sheet.big else 0)
        self.cells = rect.grid(full, columns, gap)[: len(tiles)]
        # one design for upright and roomy, a flat one for tiles that are wide and low
        self.flat = self.sheet.big or self.sheet.landscape or self.sheet.low

    def build(self) -> list[Widget]:
        if not self.tiles:
            return []
        make = self._flat_tile if self.flat else self._tile
        if self.flat:
            self._plan()
        else:
            self.size = self._name_size()
        return [make(tile, cell) for tile, cell in zip(self.tiles, self.cells, strict=True)]

    # --- upright -----------------------------------------------------------------------------------------------------

    def _name_size(self) -> Size:
        """One size for all names: the largest at which none needs more than two lines."""
        kit, sheet = self.kit, self.sheet
        for size in NAME_SIZES[:3]:
            room = [
                Rect(0, 0, c.w - 2 * sheet.mm(8), sheet.line(size) * (1 if size == "title" else 2)) for c in self.cells
            ]
            if all(kit.fit(t.name, r, size, True) == size for t, r in zip(self.tiles, room, strict=True)):
                return size
        return NAME_SIZES[2]

    def _tile(self, tile: Tile, cell: Rect) -> Widget:
        """Badge and arrow, name with the other language under it, facts below a rule."""
        kit, sheet, size = self.kit, self.sheet, self.size
        box = self._box(tile, cell)
        inner = cell.inset(sheet.mm(8), sheet.mm(7))
        foot, rest = inner.cut_bottom(sheet.mm(12), sheet.mm(4))
        rule, rest = rest.cut_bottom(max(1, sheet.mm(0.35)), sheet.mm(3))
        box.add_widget(Panel(rule, HAIR, None, 0.1))
        self._facts(tile.facts, foot, box)
        one_line = size == "title"
        names_h = sheet.line("title") + sheet.line("small") if one_line else 2 * sheet.line(size)
        badge_px = min(sheet.mm(27), max(sheet.mm(14), rest.h - names_h - sheet.mm(2)))
        top, rest = rest.cut_top(badge_px, sheet.mm(2))
        badge, beside = top.cut_left(badge_px, sheet.mm(5))
        box.add_widget(self._badge(tile, badge))
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

    # --- wide and low ------------------------------------------------------------------------------------------------

    def _plan(self) -> None:
        """What every tile of this page has room for."""
        kit, sheet = self.kit, self.sheet
        self.pad = (sheet.u(8), sheet.u(4) if not sheet.tight else sheet.mm(1))
        inner = self.cells[0].inset(*self.pad)
        line = sheet.line("small")
        seconds = any(t.second for t in self.tiles)
        for badge, foot, second in ((1, 1, 1), (1, 1, 0), (0, 1, 0), (1, 0, 0), (0, 0, 0)):
            self.badge_px = (
                min(inner.h, sheet.u(25), inner.w * 0.25) if badge and not (sheet.big and sheet.compact) else 0
            )
            self.foot, self.second = bool(foot), bool(second) and seconds
            width = inner.w - (self.badge_px + sheet.u(6) if self.badge_px else 0)
            height = inner.h - (line if foot else 0) - (line if self.second else 0)
            least: Size = "lead" if badge or foot else "small"
            for self.size in NAME_SIZES[: NAME_SIZES.index(least) + 1]:
                room = Rect(0, 0, width, height)
                if all(kit.fit(t.name, room, self.size, True) == self.size for t in self.tiles) and (
                    not self.second or all(kit.width(t.second, "small") <= width for t in self.tiles)
                ):
                    return

    def _flat_tile(self, tile: Tile, cell: Rect) -> Widget:
        """Badge left; name, other language and facts below one another beside it."""
        kit, sheet = self.kit, self.sheet
        box = self._box(tile, cell)
        inner = cell.inset(*self.pad)
        if self.badge_px:
            left, inner = inner.cut_left(self.badge_px, sheet.u(6))
            box.add_widget(self._badge(tile, left.middle(self.badge_px, self.badge_px)))
        line = sheet.line("small")
        name_h = kit.height(tile.name, self.size, inner.w, bold=True)
        height = name_h + (line if self.second else 0) + (line if self.foot else 0)
        spread = min(sheet.u(3), max(0, inner.h - height))
        stack = inner.middle(inner.w, height + (spread if self.foot else 0))
        name, stack = stack.cut_top(name_h)
        box.add_widget(kit.words(tile.name, name, self.size, INK if tile.enabled else MUTED, bold=True))
        if self.second:
            second, stack = stack.cut_top(line)
            box.add_widget(kit.words(tile.second, second, "small", MUTED))
        if self.foot:
            self._facts(tile.facts, stack.cut_bottom(line)[0], box)
        return box

    # --- both --------------------------------------------------------------------------------------------------------

    def _box(self, tile: Tile, cell: Rect) -> Widget:
        if tile.enabled:
            return self.kit.press(tile.id, cell, CARD, BRAND_TINT, BORDER, 6)
        return self.kit.panel(cell, PAGE, BORDER, 6)

    def _badge(self, tile: Tile, rect: Rect) -> Widget:
        square = self.kit.panel(rect, BRAND if tile.enabled else MUTED, None, rect.w / self.sheet.px_per_mm * 0.22)
        square.add_widget(self.kit.icon(tile.icon, rect.middle(rect.w * 0.68, rect.w * 0.68), ON_BRAND))
        return square

    def _facts(self, facts: tuple[Fact, ...], rect: Rect, into: Widget) -> None:
        """Side by side, each as wide as its words, as many as there is room for."""
        kit, sheet, rest = self.kit, self.sheet, rect
        icon_px = min(rect.h, max(sheet.u(8.5), sheet.mm(5)))
        for fact in facts:
            colour: Rgb = GOOD if fact.tone == "good" else INK
            width = icon_px + sheet.u(2) + kit.width(fact.text, "small", bold=True)
            if width > rest.w:
                icon_px, width = 0, kit.width(fact.text, "small", bold=True)
            if width > rest.w:
                return
            cell, rest = rest.cut_left(width, sheet.u(6))
            at, text = cell.cut_left(icon_px, sheet.u(2) if icon_px else 0)
            if icon_px:
                into.add_widget(kit.icon(fact.icon, at.middle(icon_px, icon_px), colour))
            into.add_widget(kit.words(fact.text, text, "small", colour, bold=True))
