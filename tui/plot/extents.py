"""The extent of an axis of values: it follows the curves that are finite and current, not one that explodes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.events import FloatArray

EXPLODED = 100.0
"""A curve whose values are this many times larger than those of the others, and than its start, does not count."""
GHOST = 10.0
"""The same factor for a ghost, and for a diverged path beside others that have not diverged."""


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """What an axis needs to know of a curve.

    `values` float [n] are its values, or enough of them to include the extremes, `first` is its first value. `lost` is
    true if its newest value is not finite, `ghost` if it is of an earlier run.
    """

    values: FloatArray
    first: float
    lost: bool = False
    ghost: bool = False

    @property
    def size(self) -> float:
        """Its greatest finite absolute value; -1 if it has none."""
        return float(np.abs(self.values).max(where=np.isfinite(self.values), initial=-1.0))


def determining(extents: Sequence[Extent], *, log: bool = False) -> list[FloatArray]:
    """Select the values that an axis must show completely.

    If every current curve has diverged, a linear axis shows their values up to `EXPLODED` times their starts.
    """
    known = sorted((each for each in extents if each.size >= 0), key=lambda each: each.size)
    current = [each for each in known if not each.ghost]
    held = [each for each in current if not each.lost]
    leading = held or current or known
    reach = max((abs(each.first) for each in leading if math.isfinite(each.first)), default=0.0)
    if not held and reach and not log:
        limit = EXPLODED * reach
        return [np.clip(each.values, -limit, limit) for each in leading] + _within(known, leading, reach)
    chosen: list[Extent] = []
    for each in leading:
        if chosen and each.size > EXPLODED * reach:
            break
        chosen.append(each)
        reach = max(reach, each.size)
    return [each.values for each in chosen] + _within(known, leading, reach)


def _within(known: Sequence[Extent], leading: Sequence[Extent], reach: float) -> list[FloatArray]:
    """The values of the other curves that are at most `GHOST` times as large."""
    return [each.values for each in known if each not in leading and each.size <= GHOST * reach]
