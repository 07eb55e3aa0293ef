"""Where touches enter: each goes through the calibration before any widget sees it (a Kivy input post-processor).

Kivy hands the events of a frame to its post-processors, then scales them to the window; one and the same event object comes
again when the finger moves or lifts, in the same frame or later, so what has been mapped must be known.
"""

from __future__ import annotations

from typing import Any

from kiosk.flows.tech.affine import Matrix, Point, apply, sound

RAW = "yitai_raw"  # in touch.ud: as the panel told it, 0…1 from the bottom left
DONE = "yitai_done"  # what it was mapped to


class Touches:
    """`matrix` maps pixels from the top left; None: as they come."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(1, width - 1), max(1, height - 1)
        self.matrix: Matrix | None = None

    def use(self, matrix: Matrix | None) -> None:
        """From the next event on; one that cannot be is refused with ValueError."""
        if matrix is not None and not sound(matrix):
            raise ValueError(f"a calibration that no panel has: {matrix}; calibrate the touch panel again")
        self.matrix = matrix

    def process(self, events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Called by Kivy for each frame."""
        for _, touch in events:
            if touch.is_touch:
                self._one(touch)
        return events

    def _one(self, touch: Any) -> None:
        first = DONE not in touch.ud
        if not first and touch.ud[DONE] == (touch.sx, touch.sy):
            return
        touch.ud[RAW] = (touch.sx, touch.sy)
        if first:
            touch.ud[RAW] = (touch.osx, touch.osy)  # where it came down, also if it has slid on within the frame
            touch.osx, touch.osy = self._mapped(touch.osx, touch.osy)
        touch.sx, touch.sy = touch.ud[DONE] = self._mapped(touch.sx, touch.sy)
        if first:
            touch.psx, touch.psy = touch.sx, touch.sy

    def _mapped(self, sx: float, sy: float) -> Point:
        if self.matrix is None:
            return sx, sy
        x, y = apply(self.matrix, (sx * self.width, (1 - sy) * self.height))
        return min(1.0, max(0.0, x / self.width)), min(1.0, max(0.0, 1 - y / self.height))

    def raw(self, touch: Any) -> Point:
        """Pixels from the top left as the panel told them."""
        sx, sy = touch.ud.get(RAW, (touch.sx, touch.sy))
        return sx * self.width, (1 - sy) * self.height

    def seen(self, touch: Any) -> Point:
        """Pixels from the top left as the widgets see it."""
        return touch.sx * self.width, (1 - touch.sy) * self.height

    def came_down(self, touch: Any) -> Point:
        return touch.osx * self.width, (1 - touch.osy) * self.height
