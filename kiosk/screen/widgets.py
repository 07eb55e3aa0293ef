"""The few widgets everything is made of: words, icons, panels, things to press. Importing this opens no window."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.graphics import (
    Color,
    PopMatrix,
    PushMatrix,
    Rectangle,
    Rotate,
    SmoothEllipse,
    SmoothLine,
    SmoothRoundedRectangle,
)
from kivy.graphics.texture import Texture
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.widget import Widget
from PIL import Image as Picture
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from kiosk.screen import typeset
from kiosk.screen.paint import Surface, sharp
from kiosk.screen.rects import Rect
from kiosk.screen.theme import BORDER, BRAND, CARD, INK, SMALLER, Rgb, Sheet, Size

ASSETS = Path(__file__).resolve().parents[2] / "assets"
WIDTHS_MAX = 500
STAY_S = 0.25
ICONS_MAX = 256  # of 20 to 60 kB


class Words(Widget):  # type: ignore[misc]
    """A text in its rectangle, its lines broken already. The widget is as large as the text: a test sees what overflows.

    `said` is the text as it was given; `room` the rectangle it should stay in. Kivy's own Label costs five times as much to make.
    """

    def __init__(self, said: str, text: str, rect: Rect, look: dict[str, Any]) -> None:
        super().__init__(size_hint=(None, None))
        self.said, self.room, self.bold = said, rect, look["bold"]
        self._halign, self._valign = look["halign"], look["valign"]
        self._set = CoreLabel(
            font_size=look["px"], bold=look["bold"], color=(*look["colour"], 1), halign=look["halign"]
        )
        with self.canvas:
            Color(1, 1, 1, 1)
            self._ink = Rectangle()
        self._put(text)

    def _put(self, text: str) -> None:
        self.text = self._set.text = text
        self._set.refresh()
        texture, rect = self._set.texture, self.room
        self.texture_size = (texture.width, texture.height) if text else (0, 0)
        width, height = self.texture_size
        spare, free = rect.w - width, rect.h - height
        x = rect.x + (spare if self._halign == "right" else spare / 2 if self._halign == "center" else 0)
        y = rect.y + (free if self._valign == "top" else 0 if self._valign == "bottom" else free / 2)
        self.pos, self.size = (round(x), round(y)), (width, height)
        self._ink.texture = sharp(texture) if text else None
        self._ink.pos, self._ink.size = self.pos, self.size

    def say(self, text: str) -> None:
        """Other words in the same place and size (a countdown): one line."""
        self.said = text
        self._put(text)


class Panel(Widget):  # type: ignore[misc]
    """A filled rounded rectangle with an optional edge."""

    def __init__(self, rect: Rect, fill: Rgb | None, edge: Rgb | None, radius: float, line: float = 1.0) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        self.rect = rect
        self.surface = Surface(rect, fill, edge, radius, line)
        self.canvas.before.add(self.surface.corners)

    @property
    def fill(self) -> Color:
        return self.surface.fill


class Press(ButtonBehavior, Panel):  # type: ignore[misc]
    """A panel that can be pressed: it darkens at once, and tells its id when the finger lifts on it. It stays dark for STAY_S:
    by then its page has mostly gone, and the frame that would have lightened it has not stood in the way of the next one."""

    def __init__(self, id: str, tap: Callable[[str], None], pressed: Rgb, rect: Rect, **look: Any) -> None:
        super().__init__(rect=rect, **look)
        self.test_id, self._tap, self._pressed = id, tap, pressed
        self._normal = tuple(self.fill.rgba)
        self.held = False  # by a finger that came down on it as it is now
        self._light = Clock.create_trigger(self._lighten, STAY_S)

    def on_touch_down(self, touch: Any) -> bool:
        """Where a finger came down counts: on a busy box Kivy tells of it only after it has slid on, with its latest place."""
        window = self.get_root_window()
        if window is not None and not self.collide_point(
            touch.osx * (window.width - 1), touch.osy * (window.height - 1)
        ):
            return False
        return bool(super().on_touch_down(touch))

    def on_state(self, _: object, state: str) -> None:
        if state == "down":
            self._light.cancel()
            self.surface.paint((*self._pressed, 1))
        else:
            self._light()

    def _lighten(self, _: float) -> None:
        self.surface.paint(self._normal)

    def shown(self) -> None:
        """It has come onto the glass (again): no finger that came down before means it."""
        self.held = False
        if tuple(self.fill.rgba) != self._normal:
            self._light.cancel()
            self._lighten(0)

    def on_press(self) -> None:
        self.held = True

    def on_release(self) -> None:
        meant, self.held = self.held, False
        if meant and self.get_root_window() is not None:  # its page may have gone while the finger was down
            self._tap(self.test_id)


class Icon(Widget):  # type: ignore[misc]
    """One colour, as large as the largest square in the rectangle."""

    def __init__(self, name: str, rect: Rect, colour: Rgb) -> None:
        px = max(1, round(min(rect.w, rect.h)))
        box = rect.middle(px, px)
        super().__init__(pos=(round(box.x), round(box.y)), size=(px, px), size_hint=(None, None))
        with self.canvas:
            Color(*colour, 1)
            Rectangle(texture=icon_texture(name, px), pos=self.pos, size=self.size)


_icons: dict[tuple[str, int], Texture] = {}


def icon_texture(name: str, px: int) -> Texture:
    """The icon at the size it is shown in, remembered: Kivy's own way (a mipmap, forgotten after a minute) took 14 ms an icon
    on a box that draws by processor."""
    texture = _icons.get((name, px))
    if texture is None:
        with Picture.open(icon_file(name)) as picture:
            small = picture.convert("RGBA").resize((px, px), Picture.Resampling.LANCZOS, reducing_gap=2.0)
        texture = Texture.create(size=(px, px), colorfmt="rgba")
        texture.blit_buffer(small.transpose(Picture.Transpose.FLIP_TOP_BOTTOM).tobytes(), colorfmt="rgba")
        if len(_icons) >= ICONS_MAX:
            _icons.clear()
        _icons[name, px] = sharp(texture)
    return texture


class Rings(Widget):  # type: ignore[misc]
    """Soft circles behind the start page's hand."""

    def __init__(self, rect: Rect, fills: list[tuple[Rgb, float]]) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        with self.canvas:
            for colour, share in fills:
                d = rect.w * share
                Color(*colour, 1)
                SmoothEllipse(pos=(rect.x + (rect.w - d) / 2, rect.y + (rect.h - d) / 2), size=(d, d))


class Spinner(Widget):  # type: ignore[misc]
    """A turning arc. `turn` is called by the screen's clock only while one is shown."""

    def __init__(self, rect: Rect, colour: Rgb, line: float) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        middle = (rect.x + rect.w / 2, rect.y + rect.h / 2)
        with self.canvas:
            PushMatrix()
            self._rotate = Rotate(angle=0, origin=middle)
            Color(*colour, 1)
            SmoothLine(circle=(*middle, rect.w / 2 - line, 0, 270), width=line)
            PopMatrix()

    def turn(self, degrees: float) -> None:
        self._rotate.angle -= degrees


class Bar(Widget):  # type: ignore[misc]
    """How much of a time is left."""

    def __init__(self, rect: Rect, back: Rgb, colour: Rgb, fraction: float) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        with self.canvas:
            Color(*back, 1)
            SmoothRoundedRectangle(pos=self.pos, size=self.size, radius=[rect.h / 2])
            Color(*colour, 1)
            self._done = SmoothRoundedRectangle(pos=self.pos, size=self.size, radius=[rect.h / 2])
        self.show(fraction)

    def show(self, fraction: float) -> None:
        self._done.size = (max(self.height, self.width * fraction), self.height)


_code: dict[str, Texture] = {}  # of the code drawn last, by what it says


class QrCode(Widget):  # type: ignore[misc]
    """A QR code, sharp: whole pixels a module, quiet zone included (ISO/IEC 18004: 4 modules).

    Working it out takes 12 ms, so the page it stands on is drawn first and the code comes one frame later; the same code on the
    next picture stands there at once, or it would blink whenever something beside it changes.
    """

    def __init__(self, data: str, rect: Rect) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        self.data, self._rect, self._drawn = data, rect, False
        self._soon = Clock.create_trigger(self._draw)

    def shown(self) -> None:
        if self.data in _code:
            self._draw()
        else:
            self._soon()

    def _draw(self, _: float = 0.0) -> None:
        if self.get_root_window() is None or self._drawn:  # gone meanwhile, or drawn already
            return
        self._drawn = True
        texture = code_texture(self.data)
        n = texture.width
        side = max(1, int(min(self._rect.w, self._rect.h) // n)) * n
        box = self._rect.middle(side, side)
        with self.canvas:
            Color(1, 1, 1, 1)
            Rectangle(texture=texture, pos=(box.x, box.y), size=(side, side))


def code_texture(data: str) -> Texture:
    """One pixel a module; the last one is remembered."""
    texture = _code.get(data)
    if texture is None:
        code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
        code.add_data(data)
        code.make(fit=True)
        matrix = code.get_matrix()
        n = len(matrix)
        texture = sharp(Texture.create(size=(n, n), colorfmt="luminance"))
        texture.blit_buffer(bytes(0 if dark else 255 for row in reversed(matrix) for dark in row), colorfmt="luminance")
        _code.clear()
        _code[data] = texture
    return texture


def icon_file(name: str) -> Path:
    """The icon's picture; a name without one (a hall may write any) shows the ticket."""
    path = ASSETS / "icons" / f"{name}.png"
    return path if path.is_file() else ASSETS / "icons" / "ticket.png"


class Kit:
    """Makes the widgets of one picture on one sheet; `tap` hears the id of what is pressed."""

    def __init__(self, sheet: Sheet, tap: Callable[[str], None]) -> None:
        self.sheet = sheet
        self.tap = tap
        self._rulers: dict[tuple[int, bool], CoreLabel] = {}
        self._widths: dict[tuple[str, int, bool], tuple[float, float]] = {}
        self._parts: dict[tuple[object, ...], Widget] = {}
        self.keeps = False  # while a picture is prepared

    def part(self, make: Callable[..., Widget], *about: Hashable) -> Widget:
        """`make(kit, *about)`, or what it made of exactly the same when the picture was prepared: for the parts a page is put
        together from, each of which stands on a page once. Kept for one picture only: kept longer, parts that come and go leave
        holes in the memory (8 kB a visit, measured)."""
        key = (make, *about)
        made = self._parts.pop(key, None) or make(self, *about)
        if self.keeps:
            self._parts[key] = made
        return made

    def forget_parts(self) -> None:
        self._parts.clear()

    def words(
        self, text: str, rect: Rect, size: Size, colour: Rgb = INK, *, bold: bool = False, halign: str = "left",
        valign: str = "middle",
    ) -> Words:  # fmt: skip
        """The text in the largest step of the scale, from `size` down, at which it fits the rectangle."""
        size = self.fit(text, rect, size, bold)
        px = self.sheet.font(size)
        lines = "\n".join(typeset.wrap(typeset.tidy(text), rect.w, lambda t: self._extent(t, px, bold)[0]))
        return Words(text, lines, rect, {"px": px, "colour": colour, "bold": bold, "halign": halign, "valign": valign})

    def fit(self, text: str, rect: Rect, size: Size, bold: bool = False) -> Size:
        """The largest size from `size` down that fits the rectangle; the smallest if none does."""
        while size in SMALLER and not self.fits(text, rect, size, bold):
            size = SMALLER[size]
        return size

    def fits(self, text: str, rect: Rect, size: Size, bold: bool = False) -> bool:
        px = self.sheet.font(size)
        widest = typeset.widest_piece(typeset.tidy(text), lambda t: self._extent(t, px, bold)[0])
        return widest <= rect.w and self.height(text, size, rect.w, bold=bold) <= rect.h + 1

    def width(self, text: str, size: Size, *, bold: bool = False) -> float:
        """Pixels of the text on one line."""
        return math.ceil(self._extent(typeset.tidy(text), self.sheet.font(size), bold)[0])

    def height(self, text: str, size: Size, width: float, *, bold: bool = False) -> float:
        """Pixels of the text's lines, broken at `width`."""
        px = self.sheet.font(size)
        lines = typeset.wrap(typeset.tidy(text), width, lambda t: self._extent(t, px, bold)[0])
        return math.ceil(len(lines) * self._extent("字", px, bold)[1])

    def _extent(self, text: str, px: int, bold: bool) -> tuple[float, float]:
        """(width, height) of one line; remembered, since a picture asks for the same pieces again and again."""
        known = self._widths.get((text, px, bold))
        if known is None:
            ruler = self._rulers.get((px, bold))
            if ruler is None:
                ruler = self._rulers[px, bold] = CoreLabel(font_size=px, bold=bold)
                ruler.resolve_font_name()
            w, h = ruler.get_extents(text)
            if len(self._widths) >= WIDTHS_MAX:
                self._widths.clear()
            known = self._widths[text, px, bold] = (float(w), float(h))
        return known

    def icon(self, name: str, rect: Rect, colour: Rgb = BRAND) -> Icon:
        return Icon(name, rect, colour)

    def panel(self, rect: Rect, fill: Rgb = CARD, edge: Rgb | None = None, radius_mm: float = 5.0) -> Panel:
        return Panel(rect, fill, edge, self.sheet.mm(radius_mm), max(1.0, self.sheet.mm(0.35)))

    def press(
        self, id: str, rect: Rect, fill: Rgb, pressed: Rgb, edge: Rgb | None = BORDER, radius_mm: float = 5.0
    ) -> Press:
        look = {"fill": fill, "edge": edge, "radius": self.sheet.mm(radius_mm), "line": max(1.0, self.sheet.mm(0.35))}
        return Press(id, self.tap, pressed, rect, **look)
