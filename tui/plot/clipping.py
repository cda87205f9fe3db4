"""Clipping of segments to a grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def clipped(a: Float64, b: Float64, width: int, height: int) -> tuple[Float64, Float64, npt.NDArray[np.bool_]]:
    """Clip each segment a to b, float64 [n, 2] each, to the grid; returns both ends and which segments are inside at
    all.

    Source: Y.-D. Liang, B. A. Barsky, ACM Transactions on Graphics 3(1), 1984, for axis-parallel windows.
    """
    low, high = np.zeros(len(a)), np.ones(len(a))
    inside = np.ones(len(a), dtype=bool)
    # A quarter of a dot of slack: rounding must open no gap at an edge.
    for axis, size in ((0, width), (1, height)):
        start, way = a[:, axis], b[:, axis] - a[:, axis]
        still = way == 0
        inside &= ~still | ((start >= 0) & (start < size))
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (-0.25 - start) / way, (size + 0.25 - start) / way
        low = np.where(still, low, np.maximum(low, np.fmin(one, other)))
        high = np.where(still, high, np.minimum(high, np.fmax(one, other)))
    inside &= low <= high
    with np.errstate(invalid="ignore", over="ignore"):
        way = b - a
        return a + low[:, None] * way, a + high[:, None] * way, inside
