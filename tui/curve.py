"""A series with its smoothed values, kept up to date as it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from tui.series import Series
from tui.smoothing import Smoother


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cursor reads off a series: `smoothed` as TensorBoard shows it, `time_s` seconds since the run began."""

    label: str
    step: float
    value: float
    smoothed: float
    time_s: float | None


class Curve:
    """One series and its smoothed values float64 [n]; growing costs only what is new."""

    def __init__(self, series: Series, weight: float) -> None:
        self.series = series
        self._smoother = Smoother(weight)
        self.smoothed: npt.NDArray[np.float64] = self._smoother.extend(series.values)

    def grow(self, series: Series) -> bool:
        """Take a later state of the same series; False (and nothing happens) if it is not a continuation."""
        known = len(self.series)
        if len(series) < known or not _same_numbers(self.series.values, series.values[:known]):
            return False
        if len(series) > known:
            self.smoothed = np.concatenate([self.smoothed, self._smoother.extend(series.values[known:])])
        self.series = series
        return True

    def read(self, step: float) -> Reading | None:
        """The point nearest to `step`; None if the series is empty."""
        index = self.nearest(step)
        if index is None:
            return None
        times = self.series.times_s
        return Reading(
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


def _same_numbers(a: FloatArray, b: FloatArray) -> bool:
    if a.__array_interface__["data"] == b.__array_interface__["data"] and a.shape == b.shape:
        return True
    return bool(np.array_equal(a, b, equal_nan=True))
