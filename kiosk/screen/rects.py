"""Layout by cutting rectangles: explicit, and nothing overflows unseen. Pixels, origin at the bottom left (Kivy's)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    w: float
    h: float

    @property
    def top(self) -> float:
        return self.y + self.h

    @property
    def right(self) -> float:
        return self.x + self.w

    def inset(self, dx: float, dy: float | None = None) -> Rect:
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, max(0, self.w - 2 * dx), max(0, self.h - 2 * dy))

    def cut_top(self, h: float, gap: float = 0) -> tuple[Rect, Rect]:
        """(the upper `h`, what is below it and the gap)."""
        h = min(h, self.h)
        return Rect(self.x, self.top - h, self.w, h), Rect(self.x, self.y, self.w, max(0, self.h - h - gap))

    def cut_bottom(self, h: float, gap: float = 0) -> tuple[Rect, Rect]:
        h = min(h, self.h)
        return Rect(self.x, self.y, self.w, h), Rect(self.x, self.y + h + gap, self.w, max(0, self.h - h - gap))

    def cut_left(self, w: float, gap: float = 0) -> tuple[Rect, Rect]:
        w = min(w, self.w)
        return Rect(self.x, self.y, w, self.h), Rect(self.x + w + gap, self.y, max(0, self.w - w - gap), self.h)

    def cut_right(self, w: float, gap: float = 0) -> tuple[Rect, Rect]:
        w = min(w, self.w)
        return Rect(self.right - w, self.y, w, self.h), Rect(self.x, self.y, max(0, self.w - w - gap), self.h)

    def columns(self, n: int, gap: float) -> list[Rect]:
        w = (self.w - gap * (n - 1)) / max(1, n)  # a plan may have nothing to show
        return [Rect(round(self.x + i * (w + gap)), self.y, round(w), self.h) for i in range(n)]

    def rows(self, n: int, gap: float) -> list[Rect]:
        """From the top."""
        h = (self.h - gap * (n - 1)) / max(1, n)
        return [Rect(self.x, round(self.top - (i + 1) * h - i * gap), self.w, round(h)) for i in range(n)]

    def grid(self, count: int, columns: int, gap: float) -> list[Rect]:
        """Row by row; a last lone cell takes the whole row."""
        cells = [c for row in self.rows(-(-count // columns), gap) for c in row.columns(columns, gap)]
        if count % columns:
            last = cells[count - count % columns]
            wide = Rect(self.x, last.y, self.w, last.h).columns(count % columns, gap)
            cells = [*cells[: count - count % columns], *wide]
        return cells[:count]

    def middle(self, w: float, h: float) -> Rect:
        """A box of that size in the middle."""
        return Rect(round(self.x + (self.w - w) / 2), round(self.y + (self.h - h) / 2), w, h)
