"""Draws the screen's icons: line paths on a 24×24 grid, one stroke width, as white PNGs that the screen tints.

Run `python assets/icons/make.py` after a change (needs fonttools, a development tool); the PNGs are kept in the tree.
The drawings are our own. M/L/H/V/C/Q/A/Z are SVG path commands.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from PIL import Image, ImageDraw

SIZE_PX = 384
OVER = 3  # drawn this much larger, then reduced: smooth edges
STROKE = 1.6  # grid units
CURVE_STEPS = 40


def circle(x: float, y: float, r: float) -> str:
    return f"M{x - r} {y}A{r} {r} 0 1 1 {x + r} {y}A{r} {r} 0 1 1 {x - r} {y}Z"


def box(x: float, y: float, w: float, h: float, r: float) -> str:
    return (
        f"M{x + r} {y}H{x + w - r}A{r} {r} 0 0 1 {x + w} {y + r}V{y + h - r}A{r} {r} 0 0 1 {x + w - r} {y + h}"
        f"H{x + r}A{r} {r} 0 0 1 {x} {y + h - r}V{y + r}A{r} {r} 0 0 1 {x + r} {y}Z"
    )


PERSON = circle(12, 7.5, 3.8) + "M4.5 20.5C4.5 16.4 7.6 14.2 12 14.2C16.4 14.2 19.5 16.4 19.5 20.5"

ICONS: dict[str, str] = {
    # services
    "pay": circle(12, 12, 9.2) + "M8.2 6.8L12 12L15.8 6.8M12 12V17.6M8.6 12.2H15.4M8.6 15H15.4",
    "ask": "M4.5 4.2H19.5A1.8 1.8 0 0 1 21.3 6V15A1.8 1.8 0 0 1 19.5 16.8H12.2L7.5 20.8V16.8H4.5"
    "A1.8 1.8 0 0 1 2.7 15V6A1.8 1.8 0 0 1 4.5 4.2Z"
    "M9.4 8.9C9.4 7.4 10.5 6.6 12 6.6C13.5 6.6 14.6 7.5 14.6 8.8C14.6 10.6 12 10.6 12 12.3M12 14.35V14.4",
    "plug": "M8.2 2.6V7.4M15.8 2.6V7.4M5.2 7.4H18.8V10.6C18.8 14.4 15.9 17 12 17C8.1 17 5.2 14.4 5.2 10.6Z"
    "M12 17V21.4",
    "works": "M3.2 18.2H20.8M4.9 18V14.6C4.9 10.4 8 7.2 12 7.2C16 7.2 19.1 10.4 19.1 14.6V18M9.6 7.6V12.6"
    "M14.4 7.6V12.6"
    "M9.6 7.5V5.6H14.4V7.5",
    "sundry": "M6 2.8H18V21.2L15.6 19.4L13.2 21.2L12 20.2L10.8 21.2L8.4 19.4L6 21.2ZM9.2 7.4H14.8M9.2 11H14.8"
    "M9.2 14.6H12.6",
    "fault": "M13.2 2.6L5 13.6H11L10.2 21.4L19 9.8H12.6Z",
    # the tech's pages
    "search": circle(10.2, 10.2, 6.8) + "M15.2 15.2L21 21",
    "network": box(9, 2.8, 6, 5, 1.2) + box(2.6, 16.2, 6, 5, 1.2) + box(15.4, 16.2, 6, 5, 1.2)
    + "M12 7.8V12M5.6 16.2V12H18.4V16.2",
    "gear": circle(12, 12, 3.2) + circle(12, 12, 7)
    + "M12 2.4V5M12 19V21.6M2.4 12H5M19 12H21.6M5.2 5.2L7.05 7.05M16.95 16.95L18.8 18.8M18.8 5.2L16.95 7.05"
    "M7.05 16.95L5.2 18.8",
    "health": "M2.6 12.4H7L9.6 6L13.8 18.4L16.4 12.4H21.4",
    "usb": box(7.4, 8.2, 9.2, 13, 1.8) + "M9 8.2V2.8H15V8.2M11 5.4V5.5M13 5.4V5.5",
    "sign": box(2.8, 5, 18.4, 10.6, 1.6) + "M7 8.6V12M7 8.6L10 12V8.6M13.2 8.6V12H16.6M8.4 19.6H15.6M12 15.6V19.6",
    "keypad": box(4, 2.8, 16, 18.4, 2) + "M8.4 7.6V7.7M12 7.6V7.7M15.6 7.6V7.7M8.4 12V12.1M12 12V12.1M15.6 12V12.1"
    "M8.4 16.4V16.5M12 16.4V16.5M15.6 16.4V16.5",
    "scan": "M3 7.6V3H7.6M16.4 3H21V7.6M21 16.4V21H16.4M7.6 21H3V16.4M6.6 12H17.4",
    "card": box(2.6, 5, 18.8, 14, 2) + "M2.6 9.4H21.4M6 14.8H11",
    "camera": box(2.6, 6.4, 18.8, 13.4, 2) + circle(12, 13.2, 3.9) + "M8.4 6.4L9.8 3.8H14.2L15.6 6.4",
    "bytes": "M3.4 6H9.4M12.4 6H20.6M3.4 12H13M16 12H20.6M3.4 18H7.4M10.4 18H17",
    "minus": "M4.4 12H19.6",
    "plus": "M4.4 12H19.6M12 4.4V19.6",
    "erase": "M8.2 5H21V19H8.2L2.8 12ZM11.6 9.2L17.2 14.8M17.2 9.2L11.6 14.8",
    # the frame
    "lang": circle(12, 12, 9.2) + "M2.9 12H21.1M12 2.8C9.4 5.2 8.1 8.4 8.1 12C8.1 15.6 9.4 18.8 12 21.2"
    "M12 2.8C14.6 5.2 15.9 8.4 15.9 12C15.9 15.6 14.6 18.8 12 21.2",
    "staff": "M4.2 14.6V12A7.8 7.8 0 0 1 19.8 12V14.6"
    + box(2.8, 13, 3.6, 5.6, 1.4)
    + box(17.6, 13, 3.6, 5.6, 1.4)
    + "M19.4 18.6C19.4 20.4 17.6 21.4 14.4 21.4",
    "priority": "M12 20.6C6.4 16.6 2.9 13.3 2.9 9.2C2.9 6.3 5.1 4.2 7.7 4.2C9.5 4.2 11.1 5.2 12 6.8"
    "C12.9 5.2 14.5 4.2 16.3 4.2C18.9 4.2 21.1 6.3 21.1 9.2C21.1 13.3 17.6 16.6 12 20.6Z",
    "back": "M14.8 5L7.8 12L14.8 19",
    "exit": "M13 3.6H5.6A1.4 1.4 0 0 0 4.2 5V19A1.4 1.4 0 0 0 5.6 20.4H13M9.6 12H20.6M16.4 7.6L20.8 12L16.4 16.4",
    "home": "M3.4 11.2L12 3.8L20.6 11.2M5.6 9.4V20.2H18.4V9.4M9.8 20V14.2H14.2V20",
    "big": "M2.8 19L8.6 5L14.4 19M4.8 14.4H12.4M14.8 19L18 11L21.2 19M15.9 16.4H20.1",
    "close": "M5.6 5.6L18.4 18.4M18.4 5.6L5.6 18.4",
    "again": "M20.4 12A8.4 8.4 0 1 1 17.6 5.7M17.8 2.2V6.2H13.8",
    "next": "M9.2 5L16.2 12L9.2 19",
    # things and people
    "check": "M4.4 12.6L9.8 18L19.8 6.8",
    "clock": circle(12, 12, 9.2) + "M12 6.4V12L15.8 14.4",
    "people": circle(9, 8, 3.4) + "M2.6 19.6C2.6 16 5.3 14 9 14C12.7 14 15.4 16 15.4 19.6"
    "M15.6 4.9A3.2 3.2 0 0 1 15.6 11.1M17.6 14.4C20 15.1 21.4 17 21.4 19.6",
    "person": PERSON,
    "counter": "M3 13.6H21M4.8 13.8V20.6M19.2 13.8V20.6" + circle(12, 5.6, 2.6) + "M7.2 13.4"
    "C7.2 11.2 9.2 10 12 10C14.8 10 16.8 11.2 16.8 13.4",
    "printer": "M7 8.4V3.2H17V8.4M7 16.6H4.4A1.4 1.4 0 0 1 3 15.2V9.8A1.4 1.4 0 0 1 4.4 8.4H19.6"
    "A1.4 1.4 0 0 1 21 9.8V15.2"
    "A1.4 1.4 0 0 1 19.6 16.6H17M7 13.4H17V20.8H7ZM17.4 11V11.05",
    "phone": box(6.4, 2.4, 11.2, 19.2, 2) + "M10.6 18.6H13.4",
    "paper": "M14 2.8H6.6A1.4 1.4 0 0 0 5.2 4.2V19.8A1.4 1.4 0 0 0 6.6 21.2H17.4A1.4 1.4 0 0 0 18.8 19.8V7.6Z"
    "M14 2.8V7.6H18.8M8.8 12.2H15.2M8.8 16H15.2",
    "ticket": "M3 6.2H21V9.6A2.4 2.4 0 0 0 21 14.4V17.8H3V14.4A2.4 2.4 0 0 0 3 9.6ZM14.6 6.6V8.2M14.6 11.2V12.8"
    "M14.6 15.8V17.4",
    "speaker": "M3.4 9.2V14.8H7L12.4 19.2V4.8L7 9.2ZM16 8.6C17.9 10.4 17.9 13.6 16 15.4M18.6 5.8"
    "C22 9.2 22 14.8 18.6 18.2",
    "warn": "M12 3.4L21.8 20.2H2.2ZM12 9.6V14M12 16.85V16.9",
    "touch": "M9.2 13V6.4A1.7 1.7 0 0 1 12.6 6.4V11.2L17.8 12.4A2.2 2.2 0 0 1 19.5 14.8L18.7 19.4"
    "A2.4 2.4 0 0 1 16.3 21.4H12.4"
    "A3 3 0 0 1 10 20.2L5.8 14.8A1.55 1.55 0 0 1 8.1 12.7L9.2 13.7M5.8 8.2A5.3 5.3 0 1 1 16 8.2",
    "elderly": circle(10.4, 5, 2.4) + "M10.4 9.4C8 9.4 7 11 7 13.2V15.2H9.4L9 21.2M10.4 9.4"
    "C12.4 9.4 13 11.4 15.8 12.4M11.6 14.6L12.6 21.2"
    "M16.6 21.2V13.2A1.4 1.4 0 0 1 19.4 13.2",
    "disabled": circle(10.2, 4.4, 2) + "M10.2 8.2V14H15L17.4 19.2L19.4 18.4M10.2 10.8H14.6M7.8 11.6"
    "A5.2 5.2 0 1 0 14.6 18.2",
    "pregnant": circle(11, 4.6, 2.3) + "M9.2 9C7.6 10.6 7.4 13.2 7.4 15.8H9.2V21.2H13V15.8"
    "C15.4 15.6 16.2 14.2 16.2 12.9C16.2 11.4 14.9 10.4 13.2 10.2C12.9 9.2 12 8.6 11 8.6C10.3 8.6 9.7 8.7 9.2 9Z",
}  # fmt: skip


def polylines(path: str) -> list[list[tuple[float, float]]]:
    """The path as lists of points in grid units."""
    pen = RecordingPen()
    parse_path(path, pen)
    lines: list[list[tuple[float, float]]] = []
    for verb, points in pen.value:
        if verb == "moveTo":
            lines.append([points[0]])
        elif verb == "lineTo":
            lines[-1].append(points[0])
        elif verb in ("curveTo", "qCurveTo"):
            lines[-1].extend(_curve([lines[-1][-1], *points]))
        elif verb == "closePath":
            lines[-1].append(lines[-1][0])
    return lines


def _curve(control: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """De Casteljau, any order."""
    out = []
    for i in range(1, CURVE_STEPS + 1):
        t, row = i / CURVE_STEPS, control
        while len(row) > 1:
            row = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(row)]
        out.append(row[0])
    return out


def draw(path: str) -> Image.Image:
    scale, radius = SIZE_PX * OVER / 24, STROKE / 2 * SIZE_PX * OVER / 24
    mask = Image.new("L", (SIZE_PX * OVER, SIZE_PX * OVER))
    pen = ImageDraw.Draw(mask)
    for line in polylines(path):
        points = [(x * scale, y * scale) for x, y in line]
        if len(points) > 1:
            pen.line(points, fill=255, width=round(radius * 2))
        for x, y in points:  # round joins and ends
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    mask = mask.resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS)
    icon = Image.new("RGBA", mask.size, (255, 255, 255, 0))
    icon.putalpha(mask)
    return icon


def main() -> None:
    here = Path(__file__).parent
    for name, path in ICONS.items():
        draw(path).save(here / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
