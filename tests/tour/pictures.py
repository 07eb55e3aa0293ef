"""Judging pictures by their pixels: is every label readable where the screen says it is, and nothing cut off?"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.tour.finger import Item, Seen

LEAST_CONTRAST = 4.5  # WCAG 2.2 AA, for text of any size
LEAST_INK = 0.004  # of a label's area: less is dust, not writing
EDGE_PX = 1
INK_RATIO = 3.0  # against the ground: less is the smoothing of an edge
LITTLE = 0.02
FRAME = 0.6  # ink along most of a side is a border, not writing
SHEET_PX = 460
SHEET_COLUMNS = 5
LIT = 60  # of 255: an LED that is on

Rgb = tuple[int, int, int]


def luminance(colour: Rgb) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: Rgb, other: Rgb) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours(image: Image.Image) -> list[tuple[int, Rgb]]:
    """(pixels, colour), most frequent first; near shades are counted as one, so that smoothed edges do not matter."""
    coarse = image.convert("RGB").point(lambda value: round(value / 17) * 17)
    counted = coarse.getcolors(maxcolors=16**3) or []
    return sorted(((n, (c[0], c[1], c[2])) for n, c in counted if isinstance(c, tuple)), reverse=True)


def contrast(image: Image.Image) -> float:
    """Between the ground of a picture and the strongest writing on it; 1.0 when there is no writing at all."""
    counted = colours(image)
    ground = counted[0][1]
    enough = LEAST_INK * image.width * image.height
    return max((ratio(ground, colour) for n, colour in counted if n >= enough), default=1.0)


def ink_in(image: Image.Image, box: tuple[int, int, int, int], ground: Rgb) -> float:
    """The part of a strip that is written on, 0 to 1."""
    strip = image.crop(box)
    inked = sum(n for n, colour in colours(strip) if ratio(ground, colour) >= INK_RATIO)
    return inked / (strip.width * strip.height)


def cut_edges(image: Image.Image, rect: tuple[int, int, int, int]) -> list[str]:
    """The sides at which a text does not end where its box ends. `rect` is the box of the writing itself: lines have room
    above and below, so ink on the topmost or lowest row was cut off there; at the ends of a line a letter may touch the box, but
    what goes on beyond it has run over."""
    x, y, width, height = rect
    ground = colours(image.crop((x, y, x + width, y + height)))[0][1]
    found = []
    for side, row in (("top", y), ("bottom", y + height - EDGE_PX)):
        if LITTLE < ink_in(image, (x, row, x + width, row + EDGE_PX), ground) < FRAME:
            found.append(side)
    for side, inner, outer in (("left", x, x - 2 * EDGE_PX), ("right", x + width - EDGE_PX, x + width + EDGE_PX)):
        strips = [(at, y, at + EDGE_PX, y + height) for at in (inner, outer) if 0 <= at < image.width]
        if len(strips) == 2 and all(LITTLE < ink_in(image, strip, ground) < FRAME for strip in strips):
            found.append(side)
    return found


def faults(path: Path, seen: Seen) -> list[str]:
    """What is wrong with the labels of one screen picture, in words; empty when all is well."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    found = []
    for item in seen.items:
        if item.kind != "words" or not item.text.strip():
            continue
        found += [f"{path.name}: “{item.text}” {fault}" for fault in _item_faults(image, item)]
    return found


def _item_faults(image: Image.Image, item: Item) -> list[str]:
    x, y, width, height = item.rect
    if width <= 2 or height <= 2 or x < 0 or y < 0 or x + width > image.width or y + height > image.height:
        return [f"does not lie within the window: {item.rect} of {image.size}"]
    label = image.crop((x, y, x + width, y + height))
    found = []
    if (seen := contrast(label)) < LEAST_CONTRAST:
        found.append(f"has a contrast of {seen:.1f}, less than {LEAST_CONTRAST}")
    if sides := cut_edges(image, item.rect):
        found.append(f"is cut off at the {' and '.join(sides)}")
    return found


def contact_sheet(pictures: list[Path], out: Path, font: Path) -> None:
    """All pictures on one sheet, each with its name, in rows of five; a row is as high as its highest picture."""
    letters = ImageFont.truetype(str(font), 22)
    small = []
    for path in pictures:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        image.thumbnail((SHEET_PX, SHEET_PX * 16 // 9))
        small.append((path.name, image))
    small.sort(key=lambda named: (named[1].height < named[1].width, named[0]))  # upright ones first
    rows = [small[at : at + SHEET_COLUMNS] for at in range(0, len(small), SHEET_COLUMNS)]
    heights = [max(image.height for _, image in row) + 56 for row in rows]
    sheet = Image.new("RGB", (SHEET_COLUMNS * (SHEET_PX + 20) + 20, sum(heights) + 20), "#3A4750")
    draw = ImageDraw.Draw(sheet)
    for nth, row in enumerate(rows):
        y = 20 + sum(heights[:nth])
        for column, (name, image) in enumerate(row):
            x = 20 + column * (SHEET_PX + 20)
            draw.text((x, y), name, font=letters, fill="#FFFFFF")
            sheet.paste(image, (x, y + 32))
    sheet.save(out)


def is_lit(path: Path) -> bool:
    """Whether anything shines on the picture of a sign; a blinking one is dark half of the time."""
    with Image.open(path) as opened:
        return opened.convert("L").getextrema()[1] > LIT  # type: ignore[operator]


def for_docs(folder: Path, docs: Path) -> None:
    """The pictures of the documentation, taken anew from a complete tour, in few colours so that they stay small."""
    docs.mkdir(parents=True, exist_ok=True)
    screens = []
    for name in ("1-home", "2-question", "3-number"):
        with Image.open(folder / f"screen-zh-{name}.png") as opened:
            screens.append(opened.convert("RGB").resize((432, 768), Image.Resampling.LANCZOS))
    row = Image.new("RGB", (3 * 432 + 2 * 24, 768), "#FFFFFF")
    for nth, screen in enumerate(screens):
        row.paste(screen, (nth * (432 + 24), 0))
    row.quantize(128).save(docs / "screens.png", optimize=True)
    for source, name in (("counter", "counter"), ("board", "board"), ("bench", "bench"), ("ticket", "ticket")):
        with Image.open(folder / f"{source}.png") as opened:
            image = opened.convert("RGB")
        image.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
        image.quantize(128).save(docs / f"{name}.png", optimize=True)
