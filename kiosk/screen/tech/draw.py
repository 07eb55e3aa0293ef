"""A tech's page as widgets: header and bar as everywhere, blocks under one another between them.

Upright: what there is to know from the top, what there is to do at the bottom, in reach. Landscape: side by side. A block
says how high it must be; what is left goes to those that can use it, and where there is too little the texts give way.
"""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.tech.pages import (
    BODY_EDGE_MM,
    Actions,
    Block,
    Bytes,
    Code,
    Level,
    Note,
    Pad,
    Photo,
    TechPage,
    TechView,
    Text,
    Tiles,
)
from kiosk.screen import frame
from kiosk.screen.rects import Rect
from kiosk.screen.tech import blocks, glass
from kiosk.screen.theme import EDGE_MM
from kiosk.screen.widgets import Kit

GROWS = (Tiles, Bytes, Code, Photo, Text)
SIDE = 0.46  # of the width, for what there is to do, in landscape
LOWER = 0.62  # of the height, at most, for what can be large, upright


def build(kit: Kit, view: TechView) -> list[Widget]:
    """Every widget of the picture; its ground is what the window is cleared to."""
    sheet = kit.sheet
    whole = Rect(0, 0, sheet.width, sheet.height)
    if not isinstance(view.page, TechPage):
        return glass.build(kit, view.page, whole)
    head, body = whole.cut_top(frame.header_height(sheet))
    made: list[Widget] = [frame.header(kit, view.header, head)]
    if view.bar:
        dock, body = frame.cut_bar(sheet, body)
        made.append(frame.bar(kit, view.bar, dock))
    inner = body.inset(sheet.u(EDGE_MM), sheet.mm(BODY_EDGE_MM[sheet.build]))
    return made + _page(kit, view.page, inner)


def _page(kit: Kit, page: TechPage, rect: Rect) -> list[Widget]:
    if not page.lower:
        return stack(kit, page.upper, rect)
    if kit.sheet.landscape:
        if not page.upper:
            return stack(kit, page.lower, rect)
        side, left = rect.cut_right(rect.w * SIDE, kit.sheet.mm(5))
        return stack(kit, page.upper, left) + stack(kit, page.lower, side)
    gap = kit.sheet.mm(6)
    gaps = gap * (len(page.lower) - 1)
    least = sum(_least(kit, b, rect) for b in page.lower) + gaps
    most = sum(blocks.most(kit, b, rect.w) for b in page.lower) + gaps
    if any(isinstance(b, GROWS) for b in page.lower):
        most = max(most, rect.h * 0.5)
    low, upper = rect.cut_bottom(max(least, min(most, rect.h * LOWER)), gap)
    return stack(kit, page.upper, upper) + stack(kit, page.lower, low)


def _least(kit: Kit, block: Block, rect: Rect) -> float:
    return blocks.least(kit, block, rect.w)


def stack(kit: Kit, shown: tuple[Block, ...], rect: Rect) -> list[Widget]:
    """From the top; the room to spare goes to the blocks that grow, pads take what they can use."""
    gap = kit.sheet.mm(3.5) if kit.sheet.compact else kit.sheet.mm(5)
    least = [_least(kit, b, rect) for b in shown]
    spare = rect.h - sum(least) - gap * (len(shown) - 1)
    growing = [n for n, b in enumerate(shown) if isinstance(b, GROWS) and not isinstance(b, Text)]
    if spare > 0 and growing:
        for n in growing:
            least[n] += spare / len(growing)
    elif spare > 0:
        for n, block in enumerate(shown):
            if isinstance(block, (Pad, Level, Actions)):
                more = min(spare, blocks.most(kit, block, rect.w) - least[n])
                least[n] += max(0.0, more)
                spare -= max(0.0, more)
    elif spare < 0:
        least = _squeeze(shown, least, -spare)
    made: list[Widget] = []
    for block, height in zip(shown, least, strict=True):
        cell, rest = rect.cut_top(height, gap)
        rect = rest
        if height > 0:
            made += blocks.build(kit, block, cell)
    return made


def _squeeze(shown: tuple[Block, ...], least: list[float], short: float) -> list[float]:
    """Texts and logs give way from the last one up, then remarks; what is to be pressed never does."""
    given = list(least)
    for gives in (_gives_first, _gives_then):
        for n in reversed(range(len(shown))):
            if short > 0 and gives(shown[n]):
                take = min(given[n], short) if isinstance(shown[n], GROWS) else given[n]
                given[n] -= take
                short -= take
    return given


def _gives_first(block: Block) -> bool:
    return isinstance(block, GROWS) and not isinstance(block, Tiles)


def _gives_then(block: Block) -> bool:
    return isinstance(block, Note) and not block.loud and block.tone != "alarm"
