"""Long curves summarised in few columns without losing a spike; updating a growing curve is O(new points)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, IntArray
from tui.plot.scale import Scale

Float64 = npt.NDArray[np.float64]


@lru_cache(maxsize=64)
def column_places(scale: Scale, columns: int) -> Float64:
    """The centres of an axis's columns as places on it, float64 [columns], read-only."""
    return _on_axis(scale, np.linspace(0.0, 1.0, columns))


@lru_cache(maxsize=64)
def _borders(scale: Scale, columns: int) -> Float64:
    """The borders between neighbouring columns, float64 [columns - 1]."""
    return _on_axis(scale, (np.arange(1, columns) - 0.5) / max(columns - 1, 1))


def _on_axis(scale: Scale, places: Float64) -> Float64:
    numbers = np.array([scale.value(place) for place in places.tolist()])
    numbers.setflags(write=False)
    return numbers


class Buckets:
    """Summaries of a curve's points in each of the `columns` of an axis, updated as the curve grows.

    A column holds the points whose place rounds to it: the first and last column are half as wide. `counts` [columns]
    are the numbers of finite values, `others` those of values that are not.
    """

    def __init__(self, scale: Scale, columns: int) -> None:
        self._scale = scale
        self._borders = _borders(scale, columns)
        self._least = np.full(columns, np.inf)
        self._most = np.full(columns, -np.inf)
        self._totals = np.zeros(columns)
        self.counts = np.zeros(columns, dtype=np.intp)
        self.others = np.zeros(columns, dtype=np.intp)
        self._taken = 0

    def catch_up(self, steps: FloatArray | IntArray, values: FloatArray) -> None:
        """Add the new points of a curve, given its ascending steps [n] and values [n] with the points added earlier
        first."""
        steps, values = steps[self._taken :], values[self._taken :]
        self._taken += len(steps)
        first, last = np.searchsorted(steps, self._scale.low, "left"), np.searchsorted(steps, self._scale.high, "right")
        if first >= last:
            return
        steps, values = steps[first:last], values[first:last].astype(np.float64)
        edges = np.concatenate([[0], np.searchsorted(steps, self._borders, "left"), [len(steps)]])
        into = np.flatnonzero(edges[1:] > edges[:-1])
        # Filled columns touch each other, so each ends where the next filled one starts.
        starts = edges[into]
        known = np.isfinite(values)
        if not known.all():
            self.others[into] += np.add.reduceat(~known, starts, dtype=np.intp)
        self.counts[into] += np.add.reduceat(known, starts, dtype=np.intp)
        self._least[into] = np.minimum(self._least[into], np.minimum.reduceat(np.where(known, values, np.inf), starts))
        self._most[into] = np.maximum(self._most[into], np.maximum.reduceat(np.where(known, values, -np.inf), starts))
        self._totals[into] += np.add.reduceat(np.where(known, values, 0.0), starts)

    @property
    def least(self) -> Float64:
        """The least finite value of each column, float64 [columns]; NaN where there is none."""
        return np.where(self.counts > 0, self._least, np.nan)

    @property
    def most(self) -> Float64:
        """The greatest finite value of each column, float64 [columns]; NaN where there is none."""
        return np.where(self.counts > 0, self._most, np.nan)

    @property
    def means(self) -> Float64:
        """The mean of each column's finite values, float64 [columns]; NaN where there is none."""
        result: Float64 = np.divide(
            self._totals, self.counts, out=np.full_like(self._totals, np.nan), where=self.counts > 0
        )
        return result

    @property
    def broken(self) -> npt.NDArray[np.bool_]:
        """Which columns hold a value that is not finite, bool [columns]."""
        return self.others > 0

    @property
    def sparse(self) -> bool:
        """Whether no column holds more than one point."""
        return bool((self.counts + self.others).max(initial=0) <= 1)
