"""A whole run in a row or two of bars."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from rich.style import Style

from tui.drawing.buckets import broken, column_edges, extremes
from tui.drawing.cells import NO_STYLE, Cells
from tui.drawing.scale import Scale
from tui.series import Series

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*%#"


def sparkline(
    series: Series,
    steps: Scale,
    width: int,
    height: int,
    *,
    style: Callable[[float], Style] = lambda level: NO_STYLE,
    bad: Style = NO_STYLE,
    ascii_only: bool = False,
) -> Cells:
    """Bars up to the greatest value of each column, so that a spike of one step is seen.

    The bars' feet stand a little below the run's least value; the height is logarithmic where every value is positive.
    `style` colours a bar by its level in [0, 1]. A column with a value that is not finite is marked.
    """
    cells = Cells(width, height)
    edges = column_edges(series.steps, steps, width)
    _, most = extremes(series.values, edges)
    levels = _levels(series, most)
    for x in np.flatnonzero(np.isfinite(levels)).tolist():
        filled = max(round(levels[x] * 8 * height), 1)
        for row in range(height):
            part = min(max(filled - row * 8, 0), 8)
            cells.put(x, height - 1 - row, (_ASCII if ascii_only else _EIGHTHS)[part], style(float(levels[x])))
    for x in np.flatnonzero(broken(series.values, edges)).tolist():
        cells.put(x, height - 1, "x" if ascii_only else "×", bad)
    return cells


def _levels(series: Series, most: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Heights in [0, 1] of the columns' greatest values; NaN where there is none."""
    known = series.values[np.isfinite(series.values)].astype(np.float64)
    if not len(known):
        return np.full(len(most), np.nan)
    low, high = float(known.min()), float(known.max())
    if low > 0:
        low, high, most = math.log(low), math.log(high), np.log(most)
    if high == low:
        return np.where(np.isfinite(most), 0.5, np.nan)
    return (most - low) / (high - low)
