"""TensorBoard's smoothing of scalar curves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray

HIGHEST = 0.99
"""The strongest smoothing offered; at 1 the average would never change."""

_BLOCK = 64


class Smoother:
    """A debiased exponential moving average that grows with its run: each value is used once.

    With weight s the average after t finite values is (1 - s) * sum(s^(t-i) v_i) / (1 - s^t). The division removes the
    bias towards the initial zero. A value that is not finite is passed through and not counted.

    Source: TensorBoard, `classicSmoothing` in webapp/widgets/line_chart_v2/data_transformer.ts, and `resmoothDataset`
    in vz_line_chart2/line-chart.ts. Its special case for constant curves changes no number beyond rounding and is left
    out.

    Raises:
        ValueError: `weight` is outside [0, 1).
    """

    def __init__(self, weight: float) -> None:
        if not 0.0 <= weight < 1.0:
            raise ValueError(f"a smoothing weight lies in [0, 1), got {weight!r}")
        self.weight = weight
        self._average = 0.0
        self._counted = 0
        ages = np.arange(_BLOCK)
        lag = ages[:, None] - ages[None, :]
        self._kernel = np.where(lag >= 0, (1.0 - weight) * np.power(weight, np.maximum(lag, 0)), 0.0)
        self._decay = np.power(weight, ages + 1.0)

    def extend(self, values: FloatArray) -> npt.NDArray[np.float64]:
        """Smooth the next values [k], following those seen before; float64 [k]."""
        smoothed = np.array(values, dtype=np.float64)
        if not self.weight:
            return smoothed
        finite = np.isfinite(smoothed)
        counts = self._counted + np.arange(1, int(finite.sum()) + 1)
        averages = self._average_over(smoothed[finite])
        smoothed[finite] = averages / (1.0 - np.power(self.weight, counts))
        if len(averages):
            self._average = float(averages[-1])
            self._counted = int(counts[-1])
        return smoothed

    def _average_over(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The biased average after each of `values`, in blocks: a matrix product inside, one number carried across."""
        blocks = -(-len(values) // _BLOCK)
        padded = np.zeros(blocks * _BLOCK)
        padded[: len(values)] = values
        inside = padded.reshape(blocks, _BLOCK) @ self._kernel.T
        carried = np.empty(blocks)
        average = self._average
        for block, last in enumerate(inside[:, -1].tolist()):
            carried[block] = average
            average = last + self._decay[-1] * average
        result: npt.NDArray[np.float64] = (inside + carried[:, None] * self._decay).reshape(-1)[: len(values)]
        return result


def smoothed(values: FloatArray, weight: float) -> npt.NDArray[np.float64]:
    """Smooth a whole curve [n] as TensorBoard does; see Smoother."""
    return Smoother(weight).extend(values)
