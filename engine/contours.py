"""Operations on a surface given on a grid: resampling, logarithmic heights, contour lines."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray

Scalar = TypeVar("Scalar", bound=np.generic)

_STEEP = 0.75
"""Contours per pixel above which lines would merge: there only the shading shows the slope."""


def resampled(z: FloatArray, rows: int, columns: int) -> FloatArray:
    """Resample `z` [h, w] to [rows, columns] by linear interpolation.

    A value that is not finite counts as the greatest finite one: interpolation would spread it over whole rows.
    """

    def weights(before: int, after: int) -> FloatArray:
        at = np.linspace(0, before - 1, after)
        shares: FloatArray = np.clip(1 - np.abs(at[:, None] - np.arange(before)), 0, None)
        return shares

    finite = np.isfinite(z)
    known = np.where(finite, z, z[finite].max() if finite.any() else 0.0)
    values: FloatArray = weights(z.shape[0], rows) @ known @ weights(z.shape[1], columns).T
    return values


def log_heights(z: FloatArray) -> npt.NDArray[np.float64]:
    """Map finite values [h, w] to heights in [0, 1], linear in log(1 + z - min), so valleys are visible beside
    walls."""
    depth = np.log1p(z.astype(np.float64) - z.min())
    return np.asarray(depth / (depth.max() or 1.0))


def contour_pixels(height: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.bool_]:
    """Find the pixels bool [h, w] on contour lines of `height` float64 [h, w], at k/count for k in 1..count-1.

    A pixel is on a line where one of its four neighbours is on the line's other side and is not nearer to it. So each
    line is at most a pixel off, one or two pixels wide, and has the surface's symmetries.
    """
    scaled = height * count
    band = np.minimum(np.floor(scaled), count - 1)  # the maximum itself starts no band of its own
    near = np.zeros(height.shape, dtype=bool)
    steep = np.zeros(height.shape, dtype=bool)
    for axis in (0, 1):
        one, other = _sides(scaled, axis)
        # The line between two pixels: the lower edge of the higher band.
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
    """Pair neighbours along an axis: two views of the grid, shifted by one."""
    return (grid[:-1], grid[1:]) if axis == 0 else (grid[:, :-1], grid[:, 1:])
