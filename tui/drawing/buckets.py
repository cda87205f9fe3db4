"""Long curves in few columns, without losing a spike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, IntArray
from tui.drawing.scale import Scale

Float64 = npt.NDArray[np.float64]


def column_edges(steps: FloatArray | IntArray, scale: Scale, columns: int) -> npt.NDArray[np.intp]:
    """Where each column of the axis begins in ascending `steps` [n], and where the last ends: [columns + 1].

    A column holds the points whose place rounds to it, so that the first and last column are half as wide.
    """
    places = (np.arange(1, columns) - 0.5) / max(columns - 1, 1)
    inner = np.array([scale.value(float(place)) for place in places])
    first, last = np.searchsorted(steps, scale.low, "left"), np.searchsorted(steps, scale.high, "right")
    edges = np.concatenate([[first], np.searchsorted(steps, inner, "left"), [last]])
    clipped: npt.NDArray[np.intp] = np.clip(edges, first, last).astype(np.intp)
    return clipped


def extremes(values: FloatArray, edges: npt.NDArray[np.intp]) -> tuple[Float64, Float64]:
    """The least and greatest finite value of each bucket, float64 [columns] each; NaN where a bucket has none."""
    known = np.isfinite(values)
    least = _reduce(np.minimum, np.where(known, values, np.inf), edges, np.inf)
    most = _reduce(np.maximum, np.where(known, values, -np.inf), edges, -np.inf)
    none = least > most
    return np.where(none, np.nan, least), np.where(none, np.nan, most)


def means(values: FloatArray, edges: npt.NDArray[np.intp]) -> Float64:
    """The mean of each bucket's finite values, float64 [columns]; NaN where a bucket has none."""
    known = np.isfinite(values)
    totals = _reduce(np.add, np.where(known, values, 0.0).astype(np.float64), edges)
    counts = _reduce(np.add, known.astype(np.float64), edges)
    result: Float64 = np.divide(totals, counts, out=np.full(len(totals), np.nan), where=counts > 0)
    return result


def broken(values: FloatArray, edges: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which buckets hold a value that is not finite, bool [columns]."""
    return _reduce(np.maximum, (~np.isfinite(values)).astype(np.float64), edges) > 0


def _reduce(operation: np.ufunc, values: FloatArray, edges: npt.NDArray[np.intp], identity: float = 0.0) -> Float64:
    """`operation` over each bucket; its identity where a bucket is empty."""
    starts, ends = edges[:-1], edges[1:]
    filled = ends > starts
    result = np.full(len(starts), identity)
    if filled.any():
        # Filled buckets touch each other, so each ends where the next filled one starts; the last ends at its edge.
        result[filled] = operation.reduceat(values[: ends[filled][-1]], starts[filled])
    return result
