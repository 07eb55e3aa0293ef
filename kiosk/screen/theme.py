"""The look in one place: colours, the type scale, millimetres. No Kivy here: tests and tools read it too.

Everything is laid out in millimetres of the real panel, from its configured diagonal, so a finger's target is a finger's
target on any panel. 21.5" portrait 1080×1920 is 4.03 px/mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from kiosk.flows.palette import PALETTE

Rgb = tuple[float, float, float]
Size = Literal["small", "body", "lead", "title", "head", "loud", "huge"]


def rgb(code: str) -> Rgb:
    """ "#0B4F6C" → 0…1."""
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255)


BRAND = rgb(PALETTE["brand"])
BRAND_DEEP = rgb(PALETTE["brand_deep"])
BRAND_SOFT = rgb(PALETTE["brand_soft"])
BRAND_TINT = rgb(PALETTE["brand_tint"])
ON_BRAND = rgb(PALETTE["on_brand"])
ON_BRAND_MUTED = rgb(PALETTE["on_brand_muted"])
INK = rgb(PALETTE["ink"])
MUTED = rgb(PALETTE["muted"])
PAGE = rgb(PALETTE["page"])
CARD = rgb(PALETTE["card"])
BORDER = rgb(PALETTE["border"])
HAIR = rgb(PALETTE["hair"])
GOOD = rgb(PALETTE["good"])
GOOD_TINT = rgb(PALETTE["good_tint"])
WARN_TINT = rgb(PALETTE["warn_tint"])
WARN_EDGE = rgb(PALETTE["warn_edge"])
ALARM = rgb(PALETTE["alarm"])
SHADE = (0.03, 0.09, 0.12, 0.72)  # under a cover

TONE_INK: dict[str, Rgb] = {"plain": BRAND, "good": GOOD, "warn": INK, "alarm": ALARM}
TONE_SURFACE: dict[str, Rgb] = {"plain": BRAND_TINT, "good": GOOD_TINT, "warn": WARN_TINT, "alarm": WARN_TINT}

# Millimetres of the em; `small` is 32 px at 21.5": its capitals are 5.8 mm high (ADA asks 4.8).
TYPE_MM: dict[Size, float] = {
    "small": 8.0,
    "body": 9.6,
    "lead": 12.0,
    "title": 15.2,
    "head": 20.8,
    "loud": 31.0,
    "huge": 64.0,
}
SMALLER: dict[Size, Size] = {
    "huge": "loud",
    "loud": "head",
    "head": "title",
    "title": "lead",
    "lead": "body",
    "body": "small",
}
LINE = 1.448  # Noto Sans SC: line height in ems

TARGET_MM = 20.0  # nothing touchable is smaller
TILE_MM = 40.0  # nor a main tile lower
GAP_MM = 6.0
EDGE_MM = 12.0
RADIUS_MM = 5.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A panel to lay out on."""

    width: int
    height: int
    diagonal_inch: float

    @property
    def px_per_mm(self) -> float:
        return math.hypot(self.width, self.height) / (self.diagonal_inch * 25.4)

    @property
    def landscape(self) -> bool:
        return self.width > self.height

    def mm(self, length: float) -> int:
        return round(length * self.px_per_mm)

    def font(self, size: Size) -> int:
        return self.mm(TYPE_MM[size])

    def line(self, size: Size) -> int:
        return math.ceil(self.font(size) * LINE)


def luminance(colour: Rgb) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: Rgb, b: Rgb) -> float:
    """1 … 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
