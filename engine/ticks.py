"""Round numbers for an axis."""

from __future__ import annotations

import math
import sys

_ROUND = (1.0, 2.0, 5.0, 10.0)


def linear_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Choose at most `most` multiples of 1, 2 or 5 times a power of ten in [low, high], ascending and evenly spaced; at
    least two if `most` allows.

    Empty if the ends are not finite and ascending, or nearer than normal floats; only 0 if a step would be beyond the
    greatest float.
    """
    if most < 1 or not (math.isfinite(low) and math.isfinite(high) and low < high):
        return ()
    least = high / most - low / most
    if least < sys.float_info.min:  # no power of ten is as small
        return ()
    step = round_step(least)
    while math.isfinite(step):
        first = math.ceil(low / step - 1e-9)
        last = math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            ticks = tuple(n * step for n in range(first, last + 1))
            return ticks if len(ticks) >= min(most, 2) else _some_of_finer(low, high, most, step) or ticks
        step = round_step(step * 1.001)
    return (0.0,) if low <= 0 <= high else ()


def _some_of_finer(low: float, high: float, most: int, step: float) -> tuple[float, ...]:
    """Every second or third multiple of a finer step, for the case that `step` itself gives fewer than two."""
    for _ in range(4):
        if step / 2.6 < sys.float_info.min:
            return ()
        step = round_step(step / 2.6)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last > first:
            stride = -(-(last - first + 1) // most)
            return tuple(n * step for n in range(first, last + 1, stride))
    return ()


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `least`, above 0; infinite if there is no such
    float."""
    if not math.isfinite(least):
        return math.inf
    power = 10.0 ** math.floor(math.log10(least))
    return next(digit * power for digit in _ROUND if digit * power >= least * (1 - 1e-9))
