"""The layout lint: what the eye would see, found by machine. On a live tree (`faults`) and on a photograph (`pale`).

Kivy's layouts overflow silently; every rule here has caught something real.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.screen.cover import Shade
from kiosk.screen.theme import TARGET_MM, Sheet, contrast
from kiosk.screen.widgets import Press, Spinner, Words
from kiosk.screen.window import BOLD, REGULAR

SLACK_PX = 2  # rounding
LEAST_CONTRAST = 4.5
APART_MM = 3.0
Box = tuple[float, float, float, float]


def box(widget: Widget) -> Box:
    return (widget.x, widget.y, widget.right, widget.top)


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0] - SLACK_PX
        and inner[1] >= outer[1] - SLACK_PX
        and inner[2] <= outer[2] + SLACK_PX
        and inner[3] <= outer[3] + SLACK_PX
    )


def overlap(a: Box, b: Box) -> bool:
    return (
        min(a[2], b[2]) - max(a[0], b[0]) > SLACK_PX
        and min(a[3], b[3]) - max(a[1], b[1]) > SLACK_PX
    )  # fmt: skip


def name(widget: Widget) -> str:
    label = getattr(widget, "said", "") or getattr(widget, "test_id", "")
    return f"{type(widget).__name__} {label!r} {[round(v) for v in box(widget)]}"


def faults(root: Widget, sheet: Sheet) -> list[str]:
    """Everything wrong with the layout of a picture, in words."""
    found = [*_overflows(root), *_targets(root, sheet), *_gaps(root, sheet), *_overlaps(root)]
    if sheet.low:
        found += _too_high(root, sheet)
    return found + [
        f"no glyph for {missing!r} in {w.said!r}" for w in labels(root) if (missing := tofu(w.text, w.bold))
    ]


def labels(root: Widget) -> Iterator[Words]:
    return (w for w in root.walk() if isinstance(w, Words))


def _overflows(root: Widget) -> Iterator[str]:
    for widget in root.walk():
        if isinstance(widget, Words):
            room = widget.room
            if not inside(box(widget), (room.x, room.y, room.right, room.top)):
                yield f"{name(widget)} overflows its room {room}"
            if widget.texture_size[0] > widget.width + SLACK_PX or widget.texture_size[1] > widget.height + SLACK_PX:
                yield f"{name(widget)} is cut: {widget.texture_size}"
        for child in widget.children:
            if not inside(box(child), box(widget)):
                yield f"{name(child)} leaves {name(widget)}"


def _targets(root: Widget, sheet: Sheet) -> Iterator[str]:
    least = sheet.mm(TARGET_MM) - SLACK_PX
    for widget in root.walk():
        if isinstance(widget, Press) and min(widget.size) < least:
            yield f"{name(widget)} is a target smaller than {TARGET_MM} mm"


def _gaps(root: Widget, sheet: Sheet) -> Iterator[str]:
    """Between two things to touch; a page that is one button as a whole lies under its own parts."""
    top = next((c for c in root.walk() if isinstance(c, Shade)), root)
    presses = [w for w in top.walk() if isinstance(w, Press) and w.test_id != "start"]
    least = sheet.mm(APART_MM) - SLACK_PX
    for a, b in combinations(presses, 2):
        x, y = max(a.x, b.x) - min(a.right, b.right), max(a.y, b.y) - min(a.top, b.top)
        if max(x, y) < least:
            yield f"{name(a)} and {name(b)} are less than {APART_MM} mm apart"


def _too_high(root: Widget, sheet: Sheet) -> Iterator[str]:
    """Low controls: everything to touch has its middle in the lower half."""
    top = next((c for c in root.walk() if isinstance(c, Shade)), root)
    for widget in top.walk():
        if isinstance(widget, Press) and widget.center_y > sheet.height / 2:
            yield f"{name(widget)} is to be touched in the upper half"


def _overlaps(root: Widget) -> Iterator[str]:
    """Siblings must not cover one another; the ground, a cover's shade and a spinner round its icon may."""
    for widget in root.walk():
        own = [c for c in widget.children if not isinstance(c, (Shade, Spinner)) and c.size != root.size]
        for a, b in combinations(own, 2):
            if overlap(box(a), box(b)):
                yield f"{name(a)} overlaps {name(b)}"


@cache
def glyphs(font: Path) -> frozenset[int]:
    with TTFont(str(font), lazy=True) as read:
        return frozenset(read.getBestCmap())


def tofu(text: str, bold: bool) -> str:
    """The characters the font cannot draw."""
    known = glyphs(BOLD if bold else REGULAR)
    return "".join(c for c in text if c != "\n" and ord(c) not in known)


def pale(image: Image.Image, root: Widget) -> list[str]:
    """Labels whose strongest ink against their ground is below 4.5 : 1, by the pixels of the photograph."""
    top = next((c for c in root.children if isinstance(c, Shade)), root)
    found = []
    for label in labels(top):
        crop = image.crop((int(label.x), int(image.height - label.top), int(label.right), int(image.height - label.y)))
        if (seen := ratio(crop)) < LEAST_CONTRAST:
            found.append(f"{name(label)} has contrast {seen:.1f}")
    return found


def ratio(crop: Image.Image) -> float:
    """Contrast of the most frequent colour with the strongest that covers at least 1 %."""
    counted: Any = sorted(crop.getcolors(crop.width * crop.height) or [], reverse=True)
    ground = _unit(counted[0][1])
    enough = 0.01 * crop.width * crop.height
    return max((contrast(ground, _unit(colour)) for n, colour in counted[1:40] if n >= enough), default=1.0)


def _unit(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    return (colour[0] / 255, colour[1] / 255, colour[2] / 255)
