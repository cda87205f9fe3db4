"""Values over the steps of a run of known length, in as many buckets as there are columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray

Float64 = npt.NDArray[np.float64]


class StepBuckets:
    """The least and greatest value of each path in each column, updated as paths grow.

    `total` steps and the start, step 0, are spread over `columns`. A column without a step, or without a finite value,
    holds NaN.
    """

    def __init__(self, paths: int, columns: int, total: int) -> None:
        self.columns, self.total = columns, max(total, 1)
        self.least: Float64 = np.full((paths, columns), np.nan)
        self.most: Float64 = np.full((paths, columns), np.nan)
        self.steps = 0

    def extend(self, values: FloatArray) -> None:
        """Add the next values [p, k] of every path."""
        count = int(values.shape[1])
        if not count:
            return
        place = self.column(np.arange(self.steps, self.steps + count))
        starts = np.concatenate([[0], np.flatnonzero(np.diff(place)) + 1])
        column = place[starts]
        numbers = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
        self.least[:, column] = np.fmin(self.least[:, column], np.fmin.reduceat(numbers, starts, axis=1))
        self.most[:, column] = np.fmax(self.most[:, column], np.fmax.reduceat(numbers, starts, axis=1))
        self.steps += count

    def column(self, steps: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
        """The column of each step; steps after the end are in the last."""
        share = np.minimum(steps / self.total, 1.0)
        return np.asarray(np.rint(share * (self.columns - 1)), np.intp)

    def line(self, path: int) -> tuple[Float64, Float64]:
        """The path as points (step, value), from the greatest to the least value within each column."""
        step = np.repeat(np.arange(self.columns) / max(self.columns - 1, 1) * self.total, 2)
        value = np.stack([self.least[path], self.most[path]], axis=1).ravel()
        # From the greater to the least: a descent enters a column high and leaves it low.
        value = value.reshape(-1, 2)[:, ::-1].ravel()
        known = np.isfinite(value)
        return step[known], value[known]
