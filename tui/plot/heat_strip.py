"""Histograms over the steps: one column each, dark for low and bright for high density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from tui.plot.scale import Scale, fit

Float64 = npt.NDArray[np.float64]
_WIDEST = 1e300  # beyond it, subtraction would overflow


@dataclass(frozen=True, slots=True)
class Summary:
    """A histogram in five numbers; quantiles are interpolated within bins."""

    count: float
    least: float
    lower: float
    median: float
    upper: float
    most: float


def sound(bins: FloatArray) -> Float64:
    """The bins float64 [k, 3] (left, right, count) that are finite and not empty, by ascending left edge."""
    good = np.isfinite(bins).all(axis=1) & (bins[:, 2] > 0) & (np.abs(bins[:, :2]) < _WIDEST).all(axis=1)
    kept = np.asarray(bins[good], np.float64)
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    kept[:, 1] = np.maximum(kept[:, 1], kept[:, 0])
    return kept


def value_scale(histograms: Sequence[FloatArray]) -> Scale:
    """The axis of values, with round ends, that includes every bin that is not empty."""
    edges = [kept[:, :2].ravel() for bins in histograms if len(kept := sound(bins))]
    return fit(edges) or Scale(0.0, 1.0)


def density(bins: FloatArray, scale: Scale, rows: int) -> Float64:
    """The density of a histogram in each of `rows` equal parts of the axis, from the top: float64 [rows], at most 1.

    Counts are spread evenly over their bins; the fullest part is 1.
    """
    kept = sound(bins)
    edges = np.linspace(scale.low, scale.high, rows + 1)
    if not len(kept):
        return np.zeros(rows)
    part = (edges[1] - edges[0]) or 1.0
    left, right = kept[:, 0], np.maximum(kept[:, 1], kept[:, 0] + part * 1e-6)
    inside = (np.clip(edges[None, :], left[:, None], right[:, None]) - left[:, None]) / (right - left)[:, None]
    # The axis's upper end belongs to the last part.
    inside[:, -1] = np.where(left >= edges[-1], 1.0, inside[:, -1])
    mass = (np.diff(inside, axis=1) * kept[:, 2:]).sum(axis=0)
    peak = mass.max()
    return np.asarray(mass[::-1] / peak if peak > 0 else mass)


def reach(steps: Sequence[int]) -> tuple[float, float]:
    """The range on the axis of histograms at these ascending steps: each extends half-way to its neighbours, the first
    and the last equally far outwards."""
    first, last = float(steps[0]), float(steps[-1])
    if len(steps) < 2:
        return first - 0.5, last + 0.5
    return first - (steps[1] - steps[0]) / 2, last + (steps[-1] - steps[-2]) / 2


def columns_of(steps: Sequence[int], scale: Scale, columns: int) -> npt.NDArray[np.intp]:
    """Which histogram at these ascending steps each column shows: the nearest; -1 outside the range of all."""
    places = np.linspace(0.0, 1.0, columns)
    at = np.array([scale.value(float(place)) for place in places])
    known = np.asarray(steps, np.float64)
    nearest = np.searchsorted((known[1:] + known[:-1]) / 2, at, "right")
    low, high = reach(steps)
    shown = np.where((at >= low) & (at <= high), nearest, -1)
    for number in range(len(steps)):  # one narrower than a column is kept if no other is lost for it
        column = round(float(scale.place(known[number : number + 1])[0]) * (columns - 1))
        if 0 <= column < columns and shown[column] < 0:
            shown[column] = number
    return np.asarray(shown)


def summary(bins: FloatArray) -> Summary | None:
    """Summarise a histogram; None if it is empty."""
    kept = sound(bins)
    if not len(kept):
        return None
    total = float(kept[:, 2].sum())
    # The cumulative shares of the bins, from 0.
    shares = np.concatenate([[0.0], np.cumsum(kept[:, 2])]) / total

    def quantile(share: float) -> float:
        place = min(int(np.searchsorted(shares, share, "right")) - 1, len(kept) - 1)
        within = (share - shares[place]) / (shares[place + 1] - shares[place])
        return float(kept[place, 0] + within * (kept[place, 1] - kept[place, 0]))

    return Summary(total, float(kept[0, 0]), quantile(0.25), quantile(0.5), quantile(0.75), float(kept[:, 1].max()))
