"""Contour lines on a grid of pixels."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Scalar = TypeVar("Scalar", bound=np.generic)

_STEEP = 0.75
"""Contours a pixel above which lines would touch: there, shading alone says how steep it is."""


def contour_pixels(height: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.bool_]:
    """The pixels bool [h, w] on contour lines of `height` float64 [h, w], at k/count for k in 1..count-1.

    A pixel is on a line where one of its four neighbours is on the line's other side and is not nearer to it. So every
    line lies within a pixel of its place, is one or two pixels wide, and mirrors as the surface does.
    """
    scaled = height * count
    band = np.minimum(np.floor(scaled), count - 1)  # the very highest pixel begins no band of its own
    near = np.zeros(height.shape, dtype=bool)
    steep = np.zeros(height.shape, dtype=bool)
    for axis in (0, 1):
        one, other = _sides(scaled, axis)
        # The line between two pixels: where the upper of their bands begins.
        line = np.maximum(*_sides(band, axis))
        crossed = (np.minimum(one, other) < line) & np.isfinite(one) & np.isfinite(other)
        from_one, from_other = np.abs(one - line), np.abs(other - line)
        first, second = _sides(near, axis)
        first[crossed & (from_one <= from_other)] = True
        second[crossed & (from_other <= from_one)] = True
        first, second = _sides(steep, axis)
        first[np.abs(one - other) > _STEEP] = True
        second[np.abs(one - other) > _STEEP] = True
    return near & ~steep


def _sides(grid: npt.NDArray[Scalar], axis: int) -> tuple[npt.NDArray[Scalar], npt.NDArray[Scalar]]:
    """Each pair of neighbours along an axis, as two views of the grid."""
    return (grid[:-1], grid[1:]) if axis == 0 else (grid[:, :-1], grid[:, 1:])
