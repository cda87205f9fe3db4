"""A surface as shades: its values at the pixels of a window, and how high each is on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine import surfaces
from engine.events import FloatArray, SurfaceDrawn
from tui.drawing.map_window import MapWindow

Float64 = npt.NDArray[np.float64]
Function = Callable[[Float64, Float64], FloatArray]


def function(surface: SurfaceDrawn) -> Function:
    """The surface as a function of arrays x and y of one shape.

    It is the formula itself where the surface is one of the engine's; of any other the drawn grid is interpolated, and
    there is NaN beyond its edges.
    """
    try:
        return surfaces.surface(surface.key, float(surface.parameters.get("conditioning", 10.0)))
    except KeyError:
        return lambda x, y: _interpolated(surface, x, y)


def sample(surface: SurfaceDrawn, window: MapWindow) -> Float64:
    """The surface at the window's pixels, float64 [2·rows, columns], row 0 at the top."""
    x, y = window.pixels()
    return np.asarray(function(surface)(*np.meshgrid(x, y)), np.float64)


def value_at(surface: SurfaceDrawn, x: float, y: float) -> float:
    """The surface at one point."""
    return float(function(surface)(np.array([x]), np.array([y]))[0])


def _interpolated(surface: SurfaceDrawn, x: Float64, y: Float64) -> Float64:
    """Bilinear between the grid's points; NaN outside."""
    column, row = (_index(axis, at) for axis, at in ((surface.x, x), (surface.y, y)))
    left, top = (np.clip(np.floor(np.nan_to_num(at)).astype(np.intp), 0, None) for at in (column, row))
    left, top = np.minimum(left, len(surface.x) - 2), np.minimum(top, len(surface.y) - 2)
    a, b = column - left, row - top
    z = np.asarray(surface.z, np.float64)
    upper = z[top, left] * (1 - a) + z[top, left + 1] * a
    lower = z[top + 1, left] * (1 - a) + z[top + 1, left + 1] * a
    return np.asarray(upper * (1 - b) + lower * b)


def _index(axis: FloatArray, at: Float64) -> Float64:
    """Where values lie on an ascending axis, counted in its points; NaN outside."""
    return np.interp(at, axis, np.arange(len(axis), dtype=np.float64), left=np.nan, right=np.nan)


@dataclass(frozen=True, slots=True)
class Relief:
    """Heights in [0, 1]: 0 at `low`, 1 at `high`, log(1 + v/`knee`) of the value v above `low` between.

    An infinite knee is a linear scale.
    """

    low: float
    high: float
    knee: float

    def height(self, z: Float64) -> Float64:
        """How high values lie; NaN for NaN."""
        above = np.clip(z - self.low, 0, self.high - self.low)
        if not np.isfinite(self.knee):
            return np.asarray(above / (self.high - self.low))
        return np.asarray(np.log1p(above / self.knee) / np.log1p((self.high - self.low) / self.knee))

    def value(self, height: float) -> float:
        """The value at a height; the inverse of `height`."""
        whole = self.high - self.low
        if not np.isfinite(self.knee):
            return self.low + height * whole
        return self.low + self.knee * float(np.expm1(height * np.log1p(whole / self.knee)))


def relief(z: Float64) -> Relief:
    """The heights that show values best: the lowest at 0, the highest at 1, and the median in the middle.

    log(1 + m/s) is half of log(1 + M/s) where (1 + m/s)² = 1 + M/s, that is s = m²/(M − 2m): so the knee follows from
    the median m and the highest M above the lowest. Where M ≤ 2m a linear scale is as good.
    """
    known = z[np.isfinite(z)]
    if not known.size:
        return Relief(0.0, 1.0, np.inf)
    low, middle, high = float(known.min()), float(np.median(known)), float(known.max())
    whole, half = high - low, middle - low
    if whole <= 0:
        return Relief(low, low + 1.0, np.inf)
    if whole < 2.1 * half:
        return Relief(low, high, np.inf)
    return Relief(low, high, max(half * half / (whole - 2 * half), whole * 1e-9))
