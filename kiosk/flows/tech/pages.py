"""What a tech's page shows: blocks under one another, frozen values in the tech's language.

`upper` is what there is to know, `lower` what there is to do: below it, in reach; in landscape beside it. Each block knows
its buttons; how much of a list fits a panel is counted here, in millimetres, so that the picture and `buttons` agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.flows.pages import Button, Countdown, Header, Tone
from kiosk.flows.seen import MM_PER_INCH, Lang, Timing
from kiosk.flows.tech.affine import Point

Build = Literal["roomy", "desk", "compact"]  # as the sheet of the screen: short side from 230 mm, from 160 mm, below
ROW_MM: dict[Build, float] = {"roomy": 29.0, "desk": 24.5, "compact": 21.5}
ROW_GAP_MM = 3.5
BODY_EDGE_MM: dict[Build, float] = {"roomy": 8.0, "desk": 5.0, "compact": 3.0}
# What the frame leaves of the height, (portrait, landscape) takes away: header, bar.
FRAME_MM: dict[Build, tuple[float, float]] = {"roomy": (84.0, 30.0), "desk": (84.0, 19.0), "compact": (84.0, 12.5)}


@dataclass(frozen=True, slots=True)
class Note:
    """One line or two with a mark: what is so, what went wrong."""

    tone: Tone
    text: str
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list; `id` "" is not to be pressed."""

    id: str
    icon: str
    title: str
    text: str
    tone: Tone = "plain"
    tail: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Rows:
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Tiles:
    tiles: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; it takes the room there is, and ends with … where that is too little."""

    text: str
    strong: bool = False
    middle: bool = False


@dataclass(frozen=True, slots=True)
class Bytes:
    """The last lines of a log, as many as there is room for."""

    lines: tuple[str, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What has been typed; `title` stands before it where there is no room above."""

    text: str
    hint: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Pad:
    """Rows of keys; "" is a hole."""

    rows: tuple[tuple[Button | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Between minus and plus."""

    value: int
    label: str
    less: Button
    more: Button


@dataclass(frozen=True, slots=True)
class Actions:
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Code:
    url: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a camera's test, base64 of a JPEG."""

    jpeg: str


@dataclass(frozen=True, slots=True)
class Wait:
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    step: int
    steps: int
    text: str


Block = Note | Rows | Tiles | Text | Bytes | Shown | Pad | Level | Actions | Code | Photo | Wait | Progress


@dataclass(frozen=True, slots=True)
class Crosses:
    """The whole glass: nothing to press, the cross at `points[at]`."""

    points: tuple[Point, ...]
    at: int
    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Target:
    """The whole glass: one dot to hit."""

    at: Point
    button: Button
    text: str


@dataclass(frozen=True, slots=True)
class TechPage:
    upper: tuple[Block, ...]
    lower: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class TechView:
    """One picture, with the same outside as `kiosk.flows.pages.ViewModel`."""

    place: str
    lang: Lang
    header: Header
    page: TechPage | Crosses | Target
    bar: tuple[Button, ...]
    cover: None = None
    countdown: Countdown | None = None
    big: bool = False
    low: bool = False

    def buttons(self) -> tuple[Button, ...]:
        """Every button a finger can reach now."""
        own: tuple[Button, ...] = ()
        if isinstance(self.page, Target):
            own = (self.page.button,)
        elif isinstance(self.page, TechPage):
            own = tuple(b for block in (*self.page.upper, *self.page.lower) for b in buttons_of(block))
        return tuple(b for b in (*own, *self.bar) if b.enabled)


def buttons_of(block: Block) -> tuple[Button, ...]:
    match block:
        case Rows(rows=rows):
            return tuple(Button(r.id, r.title, enabled=r.enabled) for r in rows if r.id)
        case Tiles(tiles=buttons) | Actions(buttons=buttons):
            return buttons
        case Pad(rows=rows):
            return tuple(key for row in rows for key in row if key is not None)
        case Level(less=less, more=more):
            return (less, more)
    return ()


# --- how much fits ---------------------------------------------------------------------------------------------------


def build_of(panel: Timing) -> Build:
    short = min(panel.width, panel.height) / px_per_mm(panel)
    return "roomy" if short >= 230 else "desk" if short >= 160 else "compact"


def px_per_mm(panel: Timing) -> float:
    return float((panel.width**2 + panel.height**2) ** 0.5 / (panel.diagonal_inch * MM_PER_INCH))


def rows_that_fit(panel: Timing, other_mm: float = 0.0) -> int:
    """Rows of a list on a page that has nothing else but `other_mm` of height; at least one."""
    build = build_of(panel)
    frame = FRAME_MM[build][0 if panel.portrait else 1]
    room = panel.height / px_per_mm(panel) - frame - 2 * BODY_EDGE_MM[build] - other_mm
    return max(1, int((room + ROW_GAP_MM) // (ROW_MM[build] + ROW_GAP_MM)))
