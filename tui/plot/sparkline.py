"""A sparkline: a whole run in one or two rows of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rich.style import Style

from tui.plot.buckets import Buckets
from tui.plot.cells import NO_STYLE, Cells
from tui.text.glyphs import UNICODE, Glyphs

_EIGHTHS = np.array(list(" ▁▂▃▄▅▆▇█"))
_ASCII = np.array(list(" .:-=+*%#"))


def sparkline(
    buckets: Buckets,
    height: int,
    *,
    stages: Sequence[Style] = (NO_STYLE,),
    bad: Style = NO_STYLE,
    glyphs: Glyphs = UNICODE,
) -> Cells:
    """Draw bars up to the greatest value of each column, so a spike of one step is visible.

    The bars start a little below the run's least value; the height is logarithmic if every value is positive. `stages`
    are the styles of bars from the lowest to the highest. A column with a value that is not finite is marked.
    """
    levels = _levels(buckets)
    cells = Cells(len(levels), height)
    known = np.isfinite(levels)
    filled = np.where(known, np.maximum(np.rint(np.where(known, levels, 0.0) * 8 * height), 1), 0).astype(np.intp)
    parts = np.clip(filled - np.arange(height - 1, -1, -1)[:, None] * 8, 0, 8)
    chars = (_ASCII if glyphs.ascii else _EIGHTHS)[parts]
    stage = np.where(known, np.rint(np.where(known, levels, 0.0) * (len(stages) - 1)), -1)
    for number, style in enumerate(stages):
        cells.fill(np.broadcast_to(stage == number, parts.shape), chars, style)
    for x in np.flatnonzero(buckets.broken).tolist():
        cells.put(x, height - 1, glyphs.broken, bad)
    return cells


def _levels(buckets: Buckets) -> npt.NDArray[np.float64]:
    """Heights in [0, 1] of the columns' greatest values; NaN if there is none."""
    most = buckets.most
    if not buckets.counts.any():
        return most
    low, high = float(np.nanmin(buckets.least)), float(np.nanmax(most))
    if low > 0:
        low, high, most = math.log(low), math.log(high), np.log(most)
    if high == low:
        return np.where(np.isfinite(most), 0.5, np.nan)
    return (most - low) / (high - low)
