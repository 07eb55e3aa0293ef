"""How each block of a tech's page is drawn, and how high it must be. Pixels."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button, Tone
from kiosk.flows.tech.pages import (
    ROW_GAP_MM,
    ROW_MM,
    Actions,
    Block,
    Bytes,
    Code,
    Level,
    Note,
    Pad,
    Photo,
    Progress,
    Row,
    Rows,
    Shown,
    Text,
    Tiles,
    Wait,
)
from kiosk.screen.rects import Rect
from kiosk.screen.tech import controls
from kiosk.screen.tech.photo import Shot
from kiosk.screen.theme import (
    BORDER,
    BRAND,
    BRAND_TINT,
    CARD,
    HAIR,
    INK,
    MUTED,
    TARGET_MM,
    TONE_INK,
    TONE_SURFACE,
    Size,
)
from kiosk.screen.typeset import is_han
from kiosk.screen.widgets import Bar, Kit, Panel, QrCode, Spinner

TILE_MM = 30.0
CODE_MM = 50.0


def least(kit: Kit, block: Block, width: float) -> float:
    """Pixels the block must have."""
    sheet = kit.sheet
    match block:
        case Note():
            return _note_height(kit, block, width)
        case Rows(rows=rows):
            return len(rows) * sheet.mm(ROW_MM[sheet.build]) + max(0, len(rows) - 1) * sheet.mm(ROW_GAP_MM)
        case Tiles(tiles=tiles):
            lines = -(-len(tiles) // _tile_columns(kit))
            return lines * sheet.mm(TILE_MM) + (lines - 1) * sheet.mm(4)
        case Text():
            size = _text_size(block)
            return kit.height(broken(kit, block.text, width, size), size, width)
        case Bytes():
            return 3 * sheet.line("small") + sheet.mm(6)
        case Shown():
            return sheet.line("title") + sheet.mm(5) + _hint_height(kit, block, width)
        case Pad(rows=rows):
            return len(rows) * sheet.mm(TARGET_MM) + (len(rows) - 1) * sheet.mm(controls.KEY_GAP_MM)
        case Level():
            return sheet.mm(26) + sheet.line("lead")
        case Actions(buttons=buttons):
            return controls.actions_height(kit, buttons, width)
        case Code() | Photo():
            return sheet.mm(CODE_MM)
        case Wait():
            return sheet.mm(14)
        case Progress():
            return sheet.line("small") + sheet.mm(3)


def most(kit: Kit, block: Block, width: float) -> float:
    """Pixels of the block that it can make good use of."""
    sheet = kit.sheet
    match block:
        case Pad(rows=rows):
            high = 36 if len(rows) <= 4 and not sheet.compact else 26
            return len(rows) * sheet.mm(high) + (len(rows) - 1) * sheet.mm(controls.KEY_GAP_MM)
    return least(kit, block, width)


def build(kit: Kit, block: Block, rect: Rect) -> list[Widget]:
    match block:
        case Note():
            return [_note(kit, block, rect)]
        case Rows(rows=rows):
            return _rows(kit, rows, rect)
        case Tiles(tiles=tiles):
            return _tiles(kit, tiles, rect)
        case Text():
            return _text(kit, block, rect)
        case Bytes():
            return [_bytes(kit, block, rect)]
        case Shown():
            return _shown(kit, block, rect)
        case Pad():
            return controls.pad(kit, block, rect)
        case Level():
            return controls.level(kit, block, rect)
        case Actions(buttons=buttons):
            return controls.actions(kit, buttons, rect)
        case Code(url=url):
            side = min(rect.w, rect.h)
            return [QrCode(url, rect.middle(side, side))]
        case Photo(jpeg=jpeg):
            return [Shot(jpeg, rect)]
        case Wait():
            return _wait(kit, block, rect)
        case Progress():
            return _progress(kit, block, rect)


def clipped(kit: Kit, text: str, width: float, size: Size, *, bold: bool = False) -> str:
    """One line that fits, with … where it was longer."""
    line = text.replace("\n", " ")
    if kit.width(line, size, bold=bold) <= width:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if kit.width(line[:middle] + "…", size, bold=bold) <= width:
            low = middle
        else:
            high = middle - 1
    return line[:low].rstrip() + "…"


def broken(kit: Kit, text: str, width: float, size: Size, *, bold: bool = False) -> str:
    """The text with breaks inside words that are wider than a line: addresses, paths, codes."""
    lines = []
    for line in text.split("\n"):
        words = []
        for word in line.split(" "):
            while kit.width(word, size, bold=bold) > width and len(word) > 1 and not any(is_han(c) for c in word):
                n = len(word) - 1
                while n > 1 and kit.width(word[:n], size, bold=bold) > width:
                    n -= 1
                words.append(word[:n] + "\n")
                word = word[n:]
            words.append(word)
        lines.append(" ".join(words).replace("\n ", "\n"))
    return "\n".join(lines)


# --- to read ---------------------------------------------------------------------------------------------------------

PAD_MM = 3.0
MARK_MM = 8.0
MARKS: dict[Tone, str] = {"good": "check", "warn": "warn", "alarm": "warn"}


def _note_size(kit: Kit, note: Note) -> Size:
    if not note.loud:
        return "small"
    return "body" if kit.sheet.compact else "lead"


def _note_room(kit: Kit, note: Note, width: float) -> float:
    mark = kit.sheet.mm(MARK_MM + PAD_MM) if note.tone in MARKS else 0
    return width - (2 * kit.sheet.mm(PAD_MM) if mark else 0) - mark


def _note_height(kit: Kit, note: Note, width: float) -> float:
    room, size = _note_room(kit, note, width), _note_size(kit, note)
    return kit.height(broken(kit, note.text, room, size, bold=True), size, room, bold=True) + 2 * kit.sheet.mm(1.5)


def _note(kit: Kit, note: Note, rect: Rect) -> Widget:
    sheet, ink = kit.sheet, TONE_INK[note.tone] if note.tone != "plain" else INK
    band = Panel(rect, TONE_SURFACE[note.tone] if note.tone in MARKS else None, None, sheet.mm(2.5))
    inner = rect.inset(sheet.mm(PAD_MM) if note.tone in MARKS else 0, 0)
    if note.tone in MARKS:
        at, inner = inner.cut_left(sheet.mm(MARK_MM), sheet.mm(PAD_MM))
        band.add_widget(kit.icon(MARKS[note.tone], at.middle(at.w, at.w), ink))
    size = _note_size(kit, note)
    text = broken(kit, note.text, _note_room(kit, note, rect.w), size, bold=True)
    band.add_widget(kit.words(text, inner, size, ink, bold=True))
    return band


def _text_size(block: Text) -> Size:
    return "body" if block.strong else "small"


def _text(kit: Kit, block: Text, rect: Rect) -> list[Widget]:
    size = _text_size(block)
    lines = max(0, int((rect.h + 1) // (kit.height("字", size, rect.w) or 1)))
    if lines == 0:
        return []
    text = broken(kit, block.text, rect.w, size)
    if kit.height(text, size, rect.w) > rect.h + 1:
        short = [clipped(kit, line, rect.w, size) for line in block.text.split("\n")[:lines]]
        text = "\n".join(short)
    return [kit.words(text, rect, size, INK if block.strong else MUTED, valign="top")]


def _bytes(kit: Kit, block: Bytes, rect: Rect) -> Widget:
    """The newest at the bottom."""
    sheet = kit.sheet
    card = Panel(rect, CARD, HAIR, sheet.mm(2.5), max(1.0, sheet.mm(0.35)))
    inner = rect.inset(sheet.mm(3), sheet.mm(2))
    line_h = kit.height("字", "small", inner.w)
    room = max(1, int(inner.h // line_h))
    lines = block.lines[-room:] or (block.empty,)
    for line in lines:
        cell, inner = inner.cut_top(line_h)
        ink = INK if block.lines else MUTED
        card.add_widget(kit.words(clipped(kit, line, cell.w, "small"), cell, "small", ink))
    return card


def _wait(kit: Kit, block: Wait, rect: Rect) -> list[Widget]:
    side = kit.sheet.mm(9)
    at, words = rect.cut_left(side, kit.sheet.mm(4))
    spinner = Spinner(at.middle(side, side), BRAND, kit.sheet.mm(0.8))
    return [spinner, kit.words(clipped(kit, block.text, words.w, "small"), words, "small", MUTED)]


def _progress(kit: Kit, block: Progress, rect: Rect) -> list[Widget]:
    label_w = kit.width(block.text, "small")
    text, rest = rect.cut_left(label_w, kit.sheet.mm(4))
    bar = rest.middle(rest.w, kit.sheet.mm(2.4))
    made: list[Widget] = [kit.words(block.text, text, "small", MUTED)]
    if rest.w > kit.sheet.mm(10):
        made.append(Bar(bar, HAIR, BRAND, block.step / max(1, block.steps)))
    return made


# --- lists and tiles -------------------------------------------------------------------------------------------------


def _rows(kit: Kit, rows: tuple[Row, ...], rect: Rect) -> list[Widget]:
    made: list[Widget] = []
    height, gap = kit.sheet.mm(ROW_MM[kit.sheet.build]), kit.sheet.mm(ROW_GAP_MM)
    for row in rows:
        cell, rect = rect.cut_top(height, gap)
        made.append(_row(kit, row, cell))
    return made


def _row(kit: Kit, row: Row, rect: Rect) -> Widget:
    sheet = kit.sheet
    pressable = bool(row.id) and row.enabled
    box: Widget = kit.press(row.id, rect, CARD, BRAND_TINT, BORDER) if pressable else kit.panel(rect, CARD, HAIR)
    inner = rect.inset(sheet.mm(3), sheet.mm(0.6))
    side = min(sheet.mm(12), inner.h)
    at, inner = inner.cut_left(side, sheet.mm(4))
    disc = kit.panel(at.middle(side, side), TONE_SURFACE[row.tone], None, 3)
    disc.add_widget(kit.icon(row.icon, at.middle(side * 0.66, side * 0.66), TONE_INK[row.tone]))
    box.add_widget(disc)
    if row.tail and pressable:
        arrow, inner = inner.cut_right(sheet.mm(6), sheet.mm(2))
        box.add_widget(kit.icon("next", arrow.middle(sheet.mm(6), sheet.mm(6)), BRAND))
    ink = INK if row.enabled else MUTED
    line = kit.height("字", "small", inner.w, bold=True)
    if not row.text:
        box.add_widget(kit.words(clipped(kit, row.title, inner.w, "small", bold=True), inner, "small", ink, bold=True))
        return box
    upper, lower = inner.middle(inner.w, 2 * line).cut_top(line)
    box.add_widget(kit.words(clipped(kit, row.title, upper.w, "small", bold=True), upper, "small", ink, bold=True))
    tone = TONE_INK[row.tone] if row.tone in ("good", "alarm") else MUTED
    box.add_widget(kit.words(clipped(kit, row.text, lower.w, "small"), lower, "small", tone))
    return box


def _tile_columns(kit: Kit) -> int:
    return 4 if kit.sheet.landscape else 2


def _tiles(kit: Kit, tiles: tuple[Button, ...], rect: Rect) -> list[Widget]:
    cells = rect.grid(len(tiles), _tile_columns(kit), kit.sheet.mm(4))
    return [_tile(kit, tile, cell) for tile, cell in zip(tiles, cells, strict=True)]


def _tile(kit: Kit, tile: Button, rect: Rect) -> Widget:
    """Icon, name, and a hint where there is room for it."""
    sheet = kit.sheet
    box: Widget = kit.press(tile.id, rect, CARD, BRAND_TINT, BORDER) if tile.enabled else kit.panel(rect, CARD, HAIR)
    inner = rect.inset(sheet.mm(3.5), sheet.mm(2))
    name: Size = kit.fit(tile.text, Rect(0, 0, inner.w, sheet.line("lead")), "body" if sheet.compact else "lead", True)
    name_h = kit.height(tile.text, name, inner.w, bold=True)
    hint_h = kit.height(tile.hint, "small", inner.w)
    px = min(sheet.mm(16), max(0, inner.h - name_h - sheet.mm(1)))
    hint = tile.hint if px + name_h + hint_h + sheet.mm(3) <= inner.h else ""
    total = px + sheet.mm(1) + name_h + (hint_h if hint else 0)
    block = inner.middle(inner.w, total)
    icon, block = block.cut_top(px, sheet.mm(1))
    if px >= sheet.mm(6):
        box.add_widget(kit.icon(tile.icon, icon.cut_left(px)[0], BRAND))
    words, block = block.cut_top(name_h)
    box.add_widget(kit.words(tile.text, words, name, INK, bold=True))
    if hint:
        box.add_widget(kit.words(hint, block, "small", MUTED))
    return box


# --- what was typed -------------------------------------------------------------------------------------------------


def _hint_height(kit: Kit, block: Shown, width: float) -> float:
    return kit.height(block.hint, "small", width) + kit.sheet.mm(1.5) if block.hint else 0.0


def _shown(kit: Kit, block: Shown, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    box_h = sheet.line("title") + sheet.mm(4)
    made: list[Widget] = []
    if block.title:
        title, rect = rect.cut_left(min(rect.w * 0.4, kit.width(block.title, "small", bold=True)), sheet.mm(4))
        made += [kit.words(clipped(kit, block.title, title.w, "small", bold=True), title, "small", INK, bold=True)]
    upper, lower = rect.cut_top(box_h, sheet.mm(1.5))
    box = Panel(upper, CARD, BRAND, sheet.mm(3), max(1.0, sheet.mm(0.5)))
    inner = upper.inset(sheet.mm(4), 0)
    if block.text:
        text, size = block.text, kit.fit(block.text, inner, "title", True)
        while len(text) > 1 and kit.width(text, size, bold=True) > inner.w:  # the end is what is being typed
            text = text[1:]
        box.add_widget(kit.words(text, inner, size, INK, bold=True, halign="center"))
    made.append(box)
    if block.hint and lower.h > 0:
        made += _text(kit, Text(block.hint), lower)
    return made
