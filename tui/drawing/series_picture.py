"""Series as lines on axes: which window, which ends, what is drawn over what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.style import Style

from tui.curve import Curve
from tui.drawing.buckets import broken, column_edges, extremes, means
from tui.drawing.line_plot import DOTTED, SOLID, Frame, Line
from tui.drawing.scale import Scale, fit, round_end
from tui.drawing.series_styles import dash, mark
from tui.series import Series

Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ink:
    """How one curve is drawn: its `line` style, the style of its raw values behind (None: not shown), its slot.

    `plain` is for terminals without colour: the raw values are dotted, so that the smoothed line stands out.
    """

    line: Style
    raw: Style | None
    slot: int
    ghost: bool = False
    plain: bool = False


def step_scale(series: Sequence[Series], window: Window | None = None, *, log: bool = False) -> Scale:
    """The axis of steps: the window, or the whole of every series with a round end that rarely moves."""
    if window is not None:
        low, high = window
        return Scale(max(low, 1e-9) if log else low, high, log)
    filled = [one.steps for one in series if len(one)]
    if not filled:
        return Scale(1.0, 10.0, log)
    low = min(float(steps[0]) for steps in filled)
    high = max(float(steps[-1]) for steps in filled)
    if log:
        low = max(low, 1.0)
        return Scale(low, max(round_end(max(high, 1.0)), low * 2), log=True)
    low = 0.0 if 0 <= low <= high / 2 or low == high else low
    return Scale(low, max(round_end(high), low + 1) if high > 0 else low + 1)


def value_scale(
    curves: Sequence[Curve],
    steps: Scale,
    raw_shown: Sequence[bool],
    *,
    log: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Scale:
    """The axis of values, with round ends: what is drawn within the window, infinities and NaN left out."""
    shown = []
    for curve, raw in zip(curves, raw_shown, strict=True):
        first, last = np.searchsorted(curve.series.steps, [steps.low, steps.high])
        part = slice(max(int(first) - 1, 0), int(last) + 1)
        shown.append(curve.series.values[part] if raw else curve.smoothed[part])
    return fit(shown, log=log, low=low, high=high) or Scale(*((0.1, 1.0) if log else (0.0, 1.0)), log)


def lines(curves: Sequence[Curve], inks: Sequence[Ink], plot: Frame) -> list[Line]:
    """The lines of all curves, the first curve's on top, raw values below every smoothed line.

    A column of many steps shows the least and the greatest raw value, so that no spike is lost, and the mean of the
    smoothed ones, so that the trend is a line.
    """
    behind, front = [], []
    columns = plot.dots[0]
    x = np.array([plot.x.value(place) for place in np.linspace(0.0, 1.0, columns)])
    for curve, ink in zip(reversed(curves), reversed(inks), strict=True):
        steps = curve.series.steps
        edges = column_edges(steps, plot.x, columns)
        style, sparse = dash(ink.slot), bool((np.diff(edges) <= 1).all())
        if ink.ghost:
            style = DOTTED
        if ink.raw is not None:
            raw_x, raw_y = _raw(curve, edges, x, plot.x, sparse)
            behind.append(Line(raw_x, raw_y, ink.raw, DOTTED if ink.plain else SOLID, "."))
        line_x, line_y = _smooth(curve, edges, x, plot.x, sparse)
        front.append(Line(line_x, line_y, ink.line, style, "." if ink.ghost else mark(ink.slot)))
    return behind + front


def broken_places(curve: Curve, plot: Frame) -> npt.NDArray[np.float64]:
    """Where on the axis of steps a curve holds values that are not finite: one place a column of cells."""
    edges = column_edges(curve.series.steps, plot.x, plot.columns)
    x = np.array([plot.x.value(place) for place in np.linspace(0.0, 1.0, plot.columns)])
    return np.asarray(x[broken(curve.series.values, edges)])


def _points(values: npt.NDArray[np.float64], curve: Curve, x: Scale) -> tuple[npt.NDArray[np.float64], ...]:
    """The points themselves, with a neighbour on either side of the window so that lines run to its edge."""
    first, last = np.searchsorted(curve.series.steps, [x.low, x.high])
    part = slice(max(int(first) - 1, 0), int(last) + 1)
    return curve.series.steps[part].astype(np.float64), values[part].astype(np.float64)


def _raw(
    curve: Curve, edges: npt.NDArray[np.intp], x: npt.NDArray[np.float64], scale: Scale, sparse: bool
) -> tuple[npt.NDArray[np.float64], ...]:
    if sparse:
        return _points(curve.series.values.astype(np.float64), curve, scale)
    least, most = extremes(curve.series.values, edges)
    return _joined(np.repeat(x, 2), np.stack([least, most], axis=1).ravel(), broken(curve.series.values, edges))


def _smooth(
    curve: Curve, edges: npt.NDArray[np.intp], x: npt.NDArray[np.float64], scale: Scale, sparse: bool
) -> tuple[npt.NDArray[np.float64], ...]:
    if sparse:
        return _points(curve.smoothed, curve, scale)
    return _joined(x, means(curve.smoothed, edges), broken(curve.series.values, edges))


def _joined(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], ...]:
    """Leave out columns without a step, which are no gap; keep those where every value is broken, which are."""
    keep = np.isfinite(y) | np.repeat(bad, len(y) // len(bad))
    return x[keep], y[keep]
