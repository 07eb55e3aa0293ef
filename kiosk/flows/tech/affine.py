"""Touch calibration: the affine map from what the touch panel says to where the finger was. Pure; pixels from the top left.

    x' = a·x + b·y + c        y' = d·x + e·y + f        matrix = (a, b, c, d, e, f)

Least squares over five crosses (four corners and the middle): three would fit any error, five leave a residual to judge by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CROSSES: tuple[Point, ...] = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.5, 0.5))  # of width and height
ACCEPT_MM = 3.0
LEAST_SCALE, MOST_SCALE = 0.2, 5.0  # outside, the panel's numbers mean something else


class Unfit(Exception):
    """The touches do not make a map: too few, all on one line, or impossibly stretched."""


def crosses(width: int, height: int) -> tuple[Point, ...]:
    """Where the five crosses stand, in pixels."""
    return tuple((round(x * width), round(y * height)) for x, y in CROSSES)


def fit(touched: Sequence[Point], wanted: Sequence[Point]) -> Matrix:
    """The map that takes `touched` to `wanted` with the least squared error. Raises Unfit."""
    if len(touched) != len(wanted) or len(touched) < 3:
        raise Unfit(f"{len(touched)} touches for {len(wanted)} crosses; at least 3 pairs are needed")
    n = len(touched)
    mx, my = sum(x for x, _ in touched) / n, sum(y for _, y in touched) / n
    sxx = sum((x - mx) ** 2 for x, _ in touched)
    syy = sum((y - my) ** 2 for _, y in touched)
    sxy = sum((x - mx) * (y - my) for x, y in touched)
    det = sxx * syy - sxy * sxy
    if det <= 1e-9 * max(1.0, (sxx + syy) ** 2):
        raise Unfit("the touches lie on one line or in one place")

    def row(values: list[float]) -> tuple[float, float, float]:
        mean = sum(values) / n
        tx = sum((x - mx) * (v - mean) for (x, _), v in zip(touched, values, strict=True))
        ty = sum((y - my) * (v - mean) for (_, y), v in zip(touched, values, strict=True))
        p, q = (tx * syy - ty * sxy) / det, (ty * sxx - tx * sxy) / det
        return p, q, mean - p * mx - q * my

    matrix: Matrix = (*row([x for x, _ in wanted]), *row([y for _, y in wanted]))
    if not sound(matrix):
        raise Unfit("the touches would stretch the picture beyond reason")
    return matrix


def residual(matrix: Matrix, touched: Sequence[Point], wanted: Sequence[Point]) -> float:
    """Pixels: how far the worst cross is missed."""
    return max(math.dist(apply(matrix, t), w) for t, w in zip(touched, wanted, strict=True))


def apply(matrix: Matrix, point: Point) -> Point:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + b * y + c, d * x + e * y + f


def sound(matrix: Matrix) -> bool:
    """Finite, and neither axis squeezed or stretched beyond reason (a turned or mirrored panel is fine)."""
    if not all(math.isfinite(v) for v in matrix):
        return False
    a, b, _, d, e, _ = matrix
    det = abs(a * e - b * d)
    return all(LEAST_SCALE <= s <= MOST_SCALE for s in (math.hypot(a, d), math.hypot(b, e))) and det >= LEAST_SCALE**2
