"""Series as lines on axes: the window, the ends of the axes, and the order of drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.style import Style
from textual.color import Color

from engine.events import FloatArray
from tui.model.series import Series
from tui.plot.braille import DOTTED, SOLID
from tui.plot.buckets import Buckets, column_places
from tui.plot.extents import Extent, determining
from tui.plot.line_plot import Frame, PlotLine
from tui.plot.scale import Scale, fit, round_end
from tui.plot.series_styles import colour, dash, mark
from tui.plot.smoothed_series import SmoothedSeries

Window = tuple[float, float]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ink:
    """The styles of one curve: its `line`, its raw values (None: not shown), its slot.

    `plain` is for terminals without colour: the raw values are dotted, so the smoothed line stands out.
    """

    line: Style
    raw: Style | None
    slot: int
    ghost: bool = False
    plain: bool = False


@lru_cache(maxsize=128)
def ink(slot: int, ground: Color, *, dark: bool, raw: bool, ghost: bool = False, plain: bool = False) -> Ink:
    """The ink of a slot's curve on a background; `raw` if its raw values are drawn too."""
    full = Color.parse(colour(slot, dark=dark))
    faint = Style(color=full.blend(ground, 0.4 if ghost else 0.55).rich_color)
    line = faint if ghost else Style(color=full.rich_color)
    return Ink(line, faint if raw and not ghost else None, slot, ghost, plain)


def step_scale(series: Sequence[Series], window: Window | None = None, *, log: bool = False) -> Scale:
    """The axis of steps: the window, or the range of all series with a round end that rarely changes."""
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
    curves: Sequence[SmoothedSeries],
    steps: Scale,
    raw_shown: Sequence[bool],
    *,
    log: bool = False,
    low: float | None = None,
    high: float | None = None,
    falls: bool = False,
) -> Scale:
    """The axis of values, with round ends, for the finite values within the window.

    If values normally fall (`falls`), an explosion does not determine the axis.
    """
    shown: list[FloatArray] = []
    firsts: list[float] = []
    for curve, raw in zip(curves, raw_shown, strict=True):
        at = curve.series.steps
        if len(at) and steps.low <= at[0] and at[-1] <= steps.high:
            shown.append(curve.ends(smooth=not raw))
            part = slice(None)
        else:
            part = _part(curve, steps)
            shown.append(curve.values(smooth=not raw)[part])
        firsts += [float(first) for first in curve.series.values[part][:1]] or [np.nan]
    if falls:
        lost = [bool(len(curve.series) and not np.isfinite(curve.series.values[-1])) for curve in curves]
        ghosts = [curve.series.ghost for curve in curves]
        shown = determining([Extent(*each) for each in zip(shown, firsts, lost, ghosts, strict=True)], log=log)
    return fit(shown, log=log, low=low, high=high) or Scale(*((0.1, 1.0) if log else (0.0, 1.0)), log)


def lines(curves: Sequence[SmoothedSeries], inks: Sequence[Ink], plot: Frame) -> list[PlotLine]:
    """The lines of all curves, the first curve's on top, raw values below every smoothed line.

    A column of many steps shows the least and the greatest raw value, so no spike is lost, and the mean of the smoothed
    ones, so the trend is a line.
    """
    behind, front = [], []
    columns = plot.dots[0]
    for curve, ink in zip(reversed(curves), reversed(inks), strict=True):
        raw = curve.buckets(plot.x, columns, smooth=False)
        if ink.raw is not None:
            raw_x, raw_y = _points(curve, plot.x, smooth=False) if raw.sparse else _spread(raw, plot.x)
            behind.append(PlotLine(raw_x, raw_y, ink.raw, DOTTED if ink.plain else SOLID, ".", exits=True))
        line_x, line_y = _points(curve, plot.x, smooth=True) if raw.sparse else _trend(curve, plot.x, columns, raw)
        style = DOTTED if ink.ghost else dash(ink.slot)
        front.append(PlotLine(line_x, line_y, ink.line, style, "." if ink.ghost else mark(ink.slot), exits=True))
    return behind + front


def broken_places(curve: SmoothedSeries, plot: Frame) -> Float64:
    """The places on the axis of steps where a curve has values that are not finite: one per column of cells."""
    buckets = curve.buckets(plot.x, plot.columns, smooth=False)
    return column_places(plot.x, plot.columns)[buckets.broken]


def _part(curve: SmoothedSeries, x: Scale) -> slice:
    """The points within a window, with a neighbour on each side to draw lines to its edge."""
    first, last = np.searchsorted(curve.series.steps, [x.low, x.high])
    return slice(max(int(first) - 1, 0), int(last) + 1)


def _points(curve: SmoothedSeries, x: Scale, *, smooth: bool) -> tuple[Float64, Float64]:
    part = _part(curve, x)
    return curve.series.steps[part].astype(np.float64), curve.values(smooth=smooth)[part].astype(np.float64)


def _spread(raw: Buckets, x: Scale) -> tuple[Float64, Float64]:
    least, most = raw.least, raw.most
    places = column_places(x, len(least))
    return _joined(np.repeat(places, 2), np.stack([least, most], axis=1).ravel(), raw.broken)


def _trend(curve: SmoothedSeries, x: Scale, columns: int, raw: Buckets) -> tuple[Float64, Float64]:
    return _joined(column_places(x, columns), curve.buckets(x, columns, smooth=True).means, raw.broken)


def _joined(x: Float64, y: Float64, bad: npt.NDArray[np.bool_]) -> tuple[Float64, Float64]:
    """Leave out columns without a step, which are no gaps; keep those where every value is not finite, which are
    gaps."""
    keep = np.isfinite(y) | np.repeat(bad, len(y) // len(bad))
    return x[keep], y[keep]
