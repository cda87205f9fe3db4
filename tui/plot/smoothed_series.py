"""A series with its smoothed values, updated as it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, IntArray
from tui.model.growable_array import GrowableArray
from tui.model.series import Series
from tui.model.smoothing import Smoother
from tui.plot.buckets import Buckets
from tui.plot.scale import Scale

_MOST_BUCKETS = 4
"""A plot uses a curve's buckets at the width of dots and of cells, raw and smoothed."""


@dataclass(frozen=True, slots=True)
class SeriesReading:
    """The values of a series at a cursor: `smoothed` as in TensorBoard, `time_s` seconds since the run began."""

    label: str
    step: float
    value: float
    smoothed: float
    time_s: float | None


class SmoothedSeries:
    """One series and its smoothed values; growing is O(new points)."""

    def __init__(self, series: Series, weight: float) -> None:
        self.series = series
        self._smoother = Smoother(weight)
        self._smoothed = GrowableArray.of((), np.float64).extended(self._smoother.extend(series.values))
        self._buckets: dict[tuple[Scale, int, bool], Buckets] = {}
        self._ends: dict[bool, tuple[int, npt.NDArray[np.float64]]] = {}

    @property
    def smoothed(self) -> npt.NDArray[np.float64]:
        """The smoothed values, float64 [n]."""
        return self._smoothed.array

    def grow(self, series: Series) -> bool:
        """Take a later state of the same series; returns False, and does nothing, if it is not a continuation."""
        known = len(self.series)
        if len(series) < known or not (
            _same_numbers(self.series.values, series.values[:known])
            and _same_numbers(self.series.steps, series.steps[:known])
        ):
            return False
        if len(series) > known:
            self._smoothed = self._smoothed.extended(self._smoother.extend(series.values[known:]))
        self.series = series
        return True

    def values(self, *, smooth: bool) -> FloatArray:
        """The raw values, or the smoothed ones."""
        return self.smoothed if smooth else self.series.values

    def buckets(self, scale: Scale, columns: int, *, smooth: bool) -> Buckets:
        """The values in the columns of an axis of steps."""
        key = (scale, columns, smooth)
        known = self._buckets.pop(key, None) or Buckets(scale, columns)
        while len(self._buckets) >= _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = known
        known.catch_up(self.series.steps, self.values(smooth=smooth))
        return known

    def ends(self, *, smooth: bool) -> npt.NDArray[np.float64]:
        """The least and the greatest finite value, and the least positive one (infinity: none); empty if no value is
        finite."""
        taken, ends = self._ends.get(smooth, (0, np.empty(0)))
        news = self.values(smooth=smooth)[taken:]
        known = np.concatenate([ends, news])
        known = known[np.isfinite(known)]
        if len(news) and len(known):
            ends = np.array([known.min(), known.max(), known.min(where=known > 0, initial=np.inf)])
            self._ends[smooth] = (taken + len(news), ends)
        return ends

    def read(self, step: float) -> SeriesReading | None:
        """The point nearest to `step`; None if the series is empty."""
        index = self.nearest(step)
        if index is None:
            return None
        times = self.series.times_s
        return SeriesReading(
            self.series.label,
            float(self.series.steps[index]),
            float(self.series.values[index]),
            float(self.smoothed[index]),
            None if times is None else float(times[index]),
        )

    def nearest(self, step: float) -> int | None:
        """The index of the point nearest to `step`."""
        steps = self.series.steps
        if not len(steps):
            return None
        right = min(int(np.searchsorted(steps, step)), len(steps) - 1)
        left = max(right - 1, 0)
        return left if abs(float(steps[left]) - step) < abs(float(steps[right]) - step) else right


def _same_numbers(a: FloatArray | IntArray, b: FloatArray | IntArray) -> bool:
    if a.__array_interface__["data"] == b.__array_interface__["data"] and a.shape == b.shape:
        return True
    return bool(np.array_equal(a, b, equal_nan=True))
