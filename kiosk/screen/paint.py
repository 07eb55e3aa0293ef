"""Painting that is cheap for a box without a graphics card, and looks the same on one that has it.

With software OpenGL a frame costs what its surfaces cost. A surface of 1080×1920 as Kivy paints it (a white texture, looked up
smoothly and mixed with what lies below) took 21 ms of processor time; one that is opaque and of one colour 7. So

- a page's ground is the colour the window is cleared with (`window.open_window`);
- all opaque surfaces of a page are painted first, by one shader that knows neither texture nor mixing (`Layer`);
- only their round corners, the icons and the words are mixed in, pixel for pixel (`sharp`).

Widgets whose surfaces touch round corners of others must not overlap them: a corner is painted after every surface of its page.
"""

from __future__ import annotations

from collections.abc import Sequence

from kivy.graphics import Callback, Color, InstructionGroup, Mesh, RenderContext
from kivy.graphics.opengl import GL_BLEND, glDisable, glEnable
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw

from kiosk.screen.rects import Rect
from kiosk.screen.theme import Rgb

PLAIN = "$HEADER$\nvoid main(void) { gl_FragColor = frag_color; }\n"
DISCS_MAX = 64  # of at most 200 kB
FINER = 4  # a disc is drawn so many times as large first

Box = tuple[int, int, int, int]  # left, bottom, right, top
_discs: dict[int, Texture] = {}


def sharp(texture: Texture) -> Texture:
    """For what is shown pixel by pixel: looked up plainly, which is a third cheaper and never blurs."""
    texture.min_filter = texture.mag_filter = "nearest"
    return texture


class Layer:
    """Where surfaces are painted, lowest first. `context` goes into the canvas that lies under everything else of the page."""

    def __init__(self) -> None:
        self.context = RenderContext(fs=PLAIN, use_parent_projection=True, use_parent_modelview=True)

    def hold(self, surfaces: Sequence[Surface]) -> None:
        """These from now on, and none of those before."""
        self.context.clear()
        self.context.add(Callback(_without_mixing))
        for surface in surfaces:
            self.context.add(surface.solid)
        self.context.add(Callback(_with_mixing))


def _without_mixing(_: object) -> bool:
    """-> True: it is done, and nothing is to be drawn anew for it."""
    glDisable(GL_BLEND)
    return True


def _with_mixing(_: object) -> bool:
    glEnable(GL_BLEND)
    return True


class Surface:
    """A filled rectangle with round corners: opaque, or with `fill` None not there at all, nor its edge.

    `solid` is for a `Layer`, `corners` for the widget's own canvas. `edge` is the colour of a border of `line` pixels, None for
    none; a `radius` below 1 makes plain corners.
    """

    def __init__(self, rect: Rect, fill: Rgb | None, edge: Rgb | None, radius: float, line: float) -> None:
        self.fill = Color(*(fill or (0, 0, 0)), 1 if fill else 0)
        self._round = Color(*self.fill.rgba)
        self.solid, self.corners = InstructionGroup(), InstructionGroup()
        if not fill:
            return
        box = (round(rect.x), round(rect.y), round(rect.right), round(rect.top))
        r = _radius(box, radius)
        if edge:
            self._paint(box, r, Color(*edge, 1), Color(*edge, 1))
            width = max(1, round(line))
            box = (box[0] + width, box[1] + width, box[2] - width, box[3] - width)
            r = _radius(box, radius - width)
        self._paint(box, r, self.fill, self._round)

    def _paint(self, box: Box, r: int, solid: Color, round_: Color) -> None:
        left, bottom, right, top = box
        self.solid.add(solid)
        if not r:
            self.solid.add(_quads([box]))
            return
        middle = (left, bottom + r, right, top - r)
        self.solid.add(_quads([middle, (left + r, bottom, right - r, bottom + r), (left + r, top - r, right - r, top)]))
        self.corners.add(round_)
        xs, ys = ((left, left + r), (right - r, right)), ((bottom, bottom + r), (top - r, top))
        corners = [(x[0], y[0], x[1], y[1]) for x in xs for y in ys]
        self.corners.add(_quads(corners, disc(r), [(x, y) for x in (0.0, 0.5) for y in (0.0, 0.5)]))

    def paint(self, rgba: Sequence[float]) -> None:
        """Another colour; the border's remains."""
        self.fill.rgba = self._round.rgba = rgba


def _radius(box: Box, radius: float) -> int:
    return 0 if radius < 1 else min(round(radius), (box[2] - box[0]) // 2, (box[3] - box[1]) // 2)


def _quads(boxes: Sequence[Box], texture: Texture | None = None, parts: Sequence[tuple[float, float]] = ()) -> Mesh:
    """Rectangles as one mesh; of `texture` each shows the quarter that begins at its part."""
    vertices: list[float] = []
    indices: list[int] = []
    for nth, (left, bottom, right, top) in enumerate(boxes):
        u, v = parts[nth] if parts else (0.0, 0.0)
        vertices += [left, bottom, u, v, right, bottom, u + 0.5, v, right, top, u + 0.5, v + 0.5, left, top, u, v + 0.5]
        indices += [4 * nth + n for n in (0, 1, 2, 2, 3, 0)]
    return Mesh(vertices=vertices, indices=indices, mode="triangles", texture=texture)


def disc(radius: int) -> Texture:
    """A white disc with a smooth edge, remembered."""
    texture = _discs.get(radius)
    if texture is None:
        side = 2 * radius
        with Image.new("L", (side * FINER, side * FINER)) as drawn:
            ImageDraw.Draw(drawn).ellipse((0, 0, side * FINER - 1, side * FINER - 1), fill=255)
            alpha = drawn.resize((side, side), Image.Resampling.BOX)
        texture = sharp(Texture.create(size=(side, side), colorfmt="rgba"))
        white = Image.new("L", (side, side), 255)
        texture.blit_buffer(Image.merge("RGBA", (white, white, white, alpha)).tobytes(), colorfmt="rgba")
        if len(_discs) >= DISCS_MAX:
            _discs.clear()
        _discs[radius] = texture
    return texture
