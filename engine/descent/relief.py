"""A surface as heights: its values at any point, and how high each is on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.descent import chosen
from engine.events import FloatArray, SurfaceDrawn

Float64 = npt.NDArray[np.float64]
SurfaceFunction = Callable[[Float64, Float64], FloatArray]


def function(surface: SurfaceDrawn) -> SurfaceFunction:
    """Return the surface as a function of arrays x and y of one shape.

    For one of the engine's surfaces, or a typed one, it is the formula itself; for any other the drawn grid is
    interpolated, and values beyond its edges are NaN.
    """
    try:
        return chosen.surface_shape(surface.key, float(surface.parameters.get("conditioning", 10.0)))
    except KeyError:
        return lambda x, y: _interpolated(surface, x, y)


def sample(surface: SurfaceDrawn, x: Float64, y: Float64) -> Float64:
    """Evaluate the surface on the grid of `x` [w] and `y` [h]: float64 [h, w]."""
    return np.asarray(function(surface)(*np.meshgrid(x, y)), np.float64)


def value_at(surface: SurfaceDrawn, x: float, y: float) -> float:
    """Evaluate the surface at one point."""
    return float(function(surface)(np.array([x]), np.array([y]))[0])


def _interpolated(surface: SurfaceDrawn, x: Float64, y: Float64) -> Float64:
    """Interpolate bilinearly between the grid's points; NaN outside."""
    column, row = (_index(axis, at) for axis, at in ((surface.x, x), (surface.y, y)))
    left, top = (np.clip(np.floor(np.nan_to_num(at)).astype(np.intp), 0, None) for at in (column, row))
    left, top = np.minimum(left, len(surface.x) - 2), np.minimum(top, len(surface.y) - 2)
    a, b = column - left, row - top
    z = np.asarray(surface.z, np.float64)
    with np.errstate(invalid="ignore"):
        upper = z[top, left] * (1 - a) + z[top, left + 1] * a
        lower = z[top + 1, left] * (1 - a) + z[top + 1, left + 1] * a
        return np.asarray(upper * (1 - b) + lower * b)


def _index(axis: FloatArray, at: Float64) -> Float64:
    """Positions of values on an ascending axis, as fractional indices of its points; NaN outside."""
    return np.interp(at, axis, np.arange(len(axis), dtype=np.float64), left=np.nan, right=np.nan)


@dataclass(frozen=True, slots=True)
class Relief:
    """A scale from values to heights in [0, 1]: 0 at `low`, 1 at `high`, between them log(1 + v/`knee`), scaled, for
    the value v above `low`.

    An infinite knee is a linear scale.
    """

    low: float
    high: float
    knee: float

    def height(self, z: Float64) -> Float64:
        """Heights of values; NaN for NaN."""
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
    """Choose the scale that shows values best: the lowest at 0, the highest at 1, the median at 1/2.

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
