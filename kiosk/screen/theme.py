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
Build = Literal["roomy", "desk", "compact"]  # short side from 230 mm (21.5"), from 160 mm (15.6"), below (10.1")
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

SIZES: tuple[Size, ...] = ("small", "body", "lead", "title", "head", "loud", "huge")


def _scale(*ems_mm: float) -> dict[Size, float]:
    return dict(zip(SIZES, ems_mm, strict=True))


# Millimetres of the em by the panel's build; `small` is 32 px at 21.5": its capitals are 5.8 mm high (ADA asks 4.8, which
# even the low panel keeps). Large text: small print and body grow by half; headings less, or nothing else would fit.
TYPE_MM: dict[Build, dict[Size, float]] = {
    "roomy": _scale(8.0, 9.6, 12.0, 15.2, 20.8, 31.0, 64.0),
    "desk": _scale(6.8, 8.0, 9.8, 12.4, 16.5, 25.0, 50.0),
    "compact": _scale(6.6, 7.2, 8.4, 10.2, 12.8, 21.0, 31.0),
}
BIG_TYPE_MM: dict[Build, dict[Size, float]] = {
    "roomy": _scale(12.0, 14.4, 17.0, 20.0, 25.0, 38.0, 64.0),
    "desk": _scale(10.2, 12.0, 13.6, 16.0, 20.0, 30.0, 56.0),
    "compact": _scale(9.9, 10.8, 11.6, 13.0, 15.0, 21.0, 29.0),
}
SPACE: dict[Build, float] = {
    "roomy": 1.0,
    "desk": 0.7,
    "compact": 0.5,
}  # of the gaps, icons and rows that are not targets
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
    big: bool = False  # large text
    low: bool = False  # everything to touch in the lower half

    @property
    def px_per_mm(self) -> float:
        return math.hypot(self.width, self.height) / (self.diagonal_inch * 25.4)

    @property
    def landscape(self) -> bool:
        return self.width > self.height

    @property
    def build(self) -> Build:
        short_mm = min(self.width, self.height) / self.px_per_mm
        return "roomy" if short_mm >= 230 else "desk" if short_mm >= 160 else "compact"

    @property
    def compact(self) -> bool:
        return self.build == "compact"

    @property
    def tight(self) -> bool:
        """Large text where there is little room: its rarer lines give way."""
        return self.big and (self.compact or self.low)

    def mm(self, length: float) -> int:
        """True millimetres: what a finger needs."""
        return round(length * self.px_per_mm)

    def u(self, length: float) -> int:
        """Millimetres of the roomy design, smaller on a smaller panel: gaps, icons, rows that nobody touches."""
        return round(length * SPACE[self.build] * self.px_per_mm)

    def row(self, length: float) -> int:
        """A design length for something to touch: never below the target."""
        return max(self.u(length), self.mm(TARGET_MM))

    def font(self, size: Size) -> int:
        return self.mm((BIG_TYPE_MM if self.big else TYPE_MM)[self.build][size])

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
