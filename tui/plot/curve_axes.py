"""Axes of curves: their ends, the length of a tangent, and where a slope is practically zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from engine.events import Curve, FloatArray
from engine.ticks import round_step
from tui.plot.line_plot import Frame
from tui.plot.scale import Scale, bounded

Shown = Literal["both", "function", "slope"]
Window = tuple[float, float]

FLAT = 0.01
"""A slope below this share of the steepest counts as zero: three such layers in a row reduce a gradient by six orders
of magnitude."""
LEAST_SHARE = 0.5
"""The least share of the height that the function keeps if its gradient is on the same axis."""
_LEAST_POINTS = 8
"""The fewest points of a curve that a window shows."""


def whole_range(curves: Sequence[Curve]) -> Window:
    """The range of x of all curves; (-1, 1) if there are none."""
    ends = [(float(curve.x[0]), float(curve.x[-1])) for curve in curves if len(curve.x)]
    low, high = min((low for low, _ in ends), default=-1.0), max((high for _, high in ends), default=1.0)
    return (low, high) if low < high else (low - 1.0, high + 1.0)


def zoomed(window: Window, whole: Window, centre: float, direction: int) -> Window | None:
    """A window half (1) or twice (-1) as wide around `centre`, within `whole`; None if that is all of it."""
    wide = (window[1] - window[0]) * (0.5 if direction > 0 else 2.0)
    if wide >= whole[1] - whole[0]:
        return None
    low = min(max(centre - wide / 2, whole[0]), whole[1] - wide)
    return low, low + wide


def panned(window: Window, whole: Window, part: float) -> Window:
    """The window moved by a share of its width, stopping at the ends of `whole`."""
    wide = window[1] - window[0]
    low = min(max(window[0] + part * wide, whole[0]), whole[1] - wide)
    return low, low + wide


def enough_points(curve: Curve, window: Window) -> bool:
    """Whether a window shows enough points of a curve to recognise its form."""
    first, last = np.searchsorted(curve.x, window)
    return int(last) - int(first) >= _LEAST_POINTS


def value_axis(curves: Sequence[Curve], shown: Shown, x: Scale) -> Scale:
    """The axis of values for what lies within `x`.

    If both are on one axis, the function keeps at least half of the height: a slope that is much larger leaves the
    picture, or the function would become a flat line.
    """
    values = _bounds([curve.y[_inside(curve, x)] for curve in curves])
    slopes = _bounds([curve.gradient[_inside(curve, x)] for curve in curves])
    if values is None or slopes is None:
        return Scale(0.0, 1.0)
    if shown != "both":
        return _rounded(*(values if shown == "function" else slopes))
    low, high = min(values[0], slopes[0]), max(values[1], slopes[1])
    spare = (values[1] - values[0]) * (1 / LEAST_SHARE - 1)
    below, above = values[0] - low, high - values[1]
    if spare <= 0 or below + above <= spare:
        return _rounded(low, high)
    share = (below / 2) / (below / 2 + above / 2)  # halved, because their sum may exceed the greatest float
    return Scale(values[0] - share * spare, values[1] + (1 - share) * spare)


def leaves(curves: Sequence[Curve], x: Scale, y: Scale) -> bool:
    """Whether a slope is cut off by the axis of values."""
    slopes = _bounds([curve.gradient[_inside(curve, x)] for curve in curves])
    slack = (y.high - y.low) * 1e-6
    return slopes is not None and (slopes[0] < y.low - slack or slopes[1] > y.high + slack)


def _inside(curve: Curve, x: Scale) -> slice:
    """The points within the axis, and one more on each side to draw lines to the edge."""
    first, last = np.searchsorted(curve.x, [x.low, x.high], side="left")
    return slice(max(int(first) - 1, 0), int(last) + 1)


def _bounds(arrays: Sequence[FloatArray]) -> Window | None:
    known = [array[np.isfinite(array)] for array in arrays]
    known = [array for array in known if len(array)]
    return (min(float(a.min()) for a in known), max(float(a.max()) for a in known)) if known else None


def _rounded(low: float, high: float) -> Scale:
    """An axis with round ends, at most a tenth further out."""
    if high <= low:
        return Scale(bounded(low - (abs(low) * 0.1 or 1.0)), bounded(high + (abs(high) * 0.1 or 1.0)))
    step = round_step(high / 10 - low / 10)
    return Scale(bounded(math.floor(low / step + 1e-9) * step), bounded(math.ceil(high / step - 1e-9) * step))


def tangent(x: float, y: float, slope: float, plot: Frame) -> tuple[FloatArray, FloatArray]:
    """The ends x, y float64 [2] each of the tangent at (x, y), of the same length on the screen for every slope.

    A cell counts as twice as high as wide.
    """
    across = plot.columns / (plot.x.high - plot.x.low)
    up = 2 * plot.rows * slope / (plot.y.high - plot.y.low)
    reach = max(plot.columns / 6, 6.0) / math.hypot(across, up)
    xs = np.array([x - reach, x + reach])
    return xs, y + slope * (xs - x)


def flat_ends(curve: Curve) -> tuple[Window, ...]:
    """The ranges at the ends of the curve where the slope is practically zero, and the value hardly changes: there an
    activation is saturated.

    A minimum in the middle is flat too, but no gradient is lost there: it is left out. Beside a pole every slope is
    small against the steepest one, but the value changes.
    """
    sizes, values = np.abs(curve.gradient), curve.y
    known = sizes[np.isfinite(sizes) & np.isfinite(values)]
    if len(known) < _LEAST_POINTS or known.max() == 0:
        return ()
    low, high = np.percentile(values[np.isfinite(values)] / 2, (5, 95))  # halved: the difference may be too large
    steep = np.flatnonzero(~(sizes < FLAT * float(known.max())))
    first, last = int(steep[0]), int(steep[-1])
    ends = []
    for begin, end in ((0, first - 1), (last + 1, len(sizes) - 1)):
        if end - begin >= 1 and np.ptp(values[begin : end + 1] / 2) <= FLAT * (high - low):
            ends.append((float(curve.x[begin]), float(curve.x[end])))
    return tuple(ends)


def nearest(curve: Curve, x: float) -> int:
    """The index of the point nearest to `x`; the curve must have points."""
    right = min(int(np.searchsorted(curve.x, x)), len(curve.x) - 1)
    left = max(right - 1, 0)
    return left if abs(float(curve.x[left]) - x) <= abs(float(curve.x[right]) - x) else right
