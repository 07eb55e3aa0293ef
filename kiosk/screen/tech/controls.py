"""What is pressed on a tech's page: pads of keys, a level between minus and plus, rows of actions. Pixels."""

from __future__ import annotations

from kivy.uix.widget import Widget

from kiosk.flows.pages import Button
from kiosk.flows.tech.pages import Level, Pad
from kiosk.screen.buttons import main_button, main_height
from kiosk.screen.rects import Rect
from kiosk.screen.theme import (
    BORDER,
    BRAND,
    BRAND_DEEP,
    BRAND_TINT,
    CARD,
    HAIR,
    INK,
    MUTED,
    ON_BRAND,
    TARGET_MM,
    Rgb,
)
from kiosk.screen.widgets import Bar, Kit

KEY_GAP_MM = 3.2
ACTION_MM = 24.0


def pad(kit: Kit, shown: Pad, rect: Rect) -> list[Widget]:
    gap = kit.sheet.mm(KEY_GAP_MM)
    widest = max(len(row) for row in shown.rows)
    if widest <= 4:  # a telephone's keys are no wider than a hand
        rect = rect.middle(min(rect.w, kit.sheet.mm(190)), rect.h)
    made: list[Widget] = []
    for keys, line in zip(shown.rows, rect.rows(len(shown.rows), gap), strict=True):
        for key, cell in zip(keys, line.columns(len(keys), gap), strict=True):
            if key is not None:
                made.append(_key(kit, key, cell))
    return made


def _key(kit: Kit, key: Button, cell: Rect) -> Widget:
    fill, ink, edge = _look(key)
    box: Widget = (
        kit.press(key.id, cell, fill, BRAND_DEEP if fill == BRAND else BRAND_TINT, edge)
        if key.enabled
        else kit.panel(cell, CARD, HAIR)
    )
    inner = cell.inset(kit.sheet.mm(1), 0)
    size = kit.fit(key.text, inner, "head" if len(key.text) == 1 else "lead", True)
    if key.icon and not kit.fits(key.text, inner, size, True):
        px = min(inner.w, inner.h, kit.sheet.mm(10))
        box.add_widget(kit.icon(key.icon, inner.middle(px, px), ink))
    else:
        box.add_widget(kit.words(key.text, inner, size, ink, bold=True, halign="center"))
    return box


def _look(button: Button) -> tuple[Rgb, Rgb, Rgb | None]:
    """(fill, ink, edge)."""
    if not button.enabled:
        return CARD, MUTED, HAIR
    if button.look == "main":
        return BRAND, ON_BRAND, None
    return (BRAND_TINT if button.look == "quiet" else CARD), BRAND, BORDER


def level(kit: Kit, shown: Level, rect: Rect) -> list[Widget]:
    sheet = kit.sheet
    label, line = rect.cut_top(sheet.line("lead"), sheet.mm(2))
    made: list[Widget] = [kit.words(shown.label, label, "lead", INK, bold=True, halign="center")]
    side = max(sheet.mm(TARGET_MM), min(sheet.mm(30), line.w / 4))
    less, line = line.cut_left(side, sheet.mm(4))
    more, line = line.cut_right(side, sheet.mm(4))
    made += [_key(kit, shown.less, less), _key(kit, shown.more, more)]
    made.append(Bar(line.middle(line.w, sheet.mm(6)), HAIR, BRAND, shown.value / 100))
    return made


def actions_height(kit: Kit, buttons: tuple[Button, ...], width: float) -> float:
    columns = _action_columns(kit, buttons, width)
    lines = -(-len(buttons) // columns)
    gap = kit.sheet.mm(4)
    cell = (width - gap * (columns - 1)) / columns
    high = max((main_height(kit, b, cell, kit.sheet.row(ACTION_MM)) for b in buttons), default=0.0)
    return lines * high + max(0, lines - 1) * gap


def _action_columns(kit: Kit, buttons: tuple[Button, ...], width: float) -> int:
    """Two beside each other where their words allow it and there are many."""
    half = (width - kit.sheet.mm(4)) / 2 - kit.sheet.mm(4 if kit.sheet.compact else 16)
    fits = all(kit.width(b.text, "small", bold=True) <= half for b in buttons)
    return 2 if len(buttons) > 2 and fits else 1


def actions(kit: Kit, buttons: tuple[Button, ...], rect: Rect) -> list[Widget]:
    cells = rect.grid(len(buttons), _action_columns(kit, buttons, rect.w), kit.sheet.mm(4))
    return [_action(kit, button, cell) for button, cell in zip(buttons, cells, strict=True)]


def _action(kit: Kit, button: Button, cell: Rect) -> Widget:
    if button.enabled:
        return main_button(kit, button, cell)
    box = kit.panel(cell, CARD, HAIR)
    inner = cell.inset(kit.sheet.mm(3), 0)
    box.add_widget(kit.words(button.text, inner, "lead", MUTED, bold=True, halign="center"))
    return box
