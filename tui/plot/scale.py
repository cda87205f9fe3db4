"""Axes: mapping numbers to places and back, round ends, ticks and their labels."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, IntArray
from engine.ticks import linear_ticks, round_step

Numbers = FloatArray | IntArray
GREATEST = sys.float_info.max
_MOST_POWER = math.log10(GREATEST) - 1e-12
_ALIKE = 1e-13
"""A relative difference below this is rounding, as between a constant and its smoothed values."""
_LOG_ENDS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
_ENDS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, logarithmic (base 10) if `log`.

    Raises:
        ValueError: the ends are not finite and ascending, or not positive on a logarithmic axis.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis needs finite, ascending ends, got {self.low!r} and {self.high!r}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic axis needs positive ends, got {self.low!r}")

    def place(self, values: Numbers) -> npt.NDArray[np.float64]:
        """Map values to places: 0 at `low`, 1 at `high`; NaN for values without a place (not finite; not positive on a
        log axis)."""
        numbers = np.asarray(values, dtype=np.float64)
        known = np.isfinite(numbers) & (numbers > 0) if self.log else np.isfinite(numbers)
        numbers = np.where(known, numbers, np.nan)
        low, high = self.low, self.high
        if self.log:
            numbers, low, high = np.log10(numbers), math.log10(low), math.log10(high)
        # In exact halves: the distance of the ends may exceed the greatest float.
        return (numbers / 2 - low / 2) / (high / 2 - low / 2)

    def value(self, place: float) -> float:
        """The number at a place; the inverse of `place`."""
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            return float(10 ** min(low + place * (high - low), _MOST_POWER))
        return bounded(2 * (self.low / 2 + place * (self.high / 2 - self.low / 2)))

    def ticks(self, most: int) -> tuple[float, ...]:
        """At most `most` round numbers on the axis, ascending: multiples of 1, 2 or 5, or powers of ten."""
        if most < 1:
            return ()
        return self._log_ticks(most) if self.log else linear_ticks(self.low, self.high, most)

    def _log_ticks(self, most: int) -> tuple[float, ...]:
        first, last = math.floor(math.log10(self.low)), min(math.ceil(math.log10(self.high)), 308)
        for digits in ((1.0, 2.0, 5.0), (1.0,)):
            ticks = self._inside(digit * 10.0**power for power in range(first, last + 1) for digit in digits)
            if len(ticks) <= most and len(ticks) >= 2:
                return ticks
        powers = self._inside(10.0**power for power in range(first, last + 1))
        if len(powers) < 2:
            return self._inside(digit * 10.0**p for p in range(first, last + 1) for digit in (1.0, 2.0, 5.0))[:most]
        return powers[:: -(-len(powers) // most)]

    def _inside(self, numbers: Iterable[float]) -> tuple[float, ...]:
        most = min(self.high * (1 + 1e-9), GREATEST)
        return tuple(n for n in numbers if self.low * (1 - 1e-9) <= n <= most)


def bounded(end: float) -> float:
    """The end of an axis, limited to the greatest float."""
    return min(max(end, -GREATEST), GREATEST)


def round_end(last: float) -> float:
    """A round number at or above `last` > 0, at most a third above it.

    As the end of a growing run's axis it changes a dozen times in a run, not with every step, so a frame changes few
    cells.
    """
    power = 10.0 ** math.floor(math.log10(last))
    return next(digit * power for digit in _ENDS if digit * power >= last * (1 - 1e-9))


def fit(
    arrays: Iterable[Numbers], *, log: bool = False, low: float | None = None, high: float | None = None
) -> Scale | None:
    """The axis with round ends that shows every finite value (every positive one if `log`); None if there is none.

    `low` and `high` fix an end. Infinities and NaN are ignored.
    """
    least, most = _bounds(arrays, log)
    if least > most:
        return None
    least, most = least if low is None else low, most if high is None else high
    if log:
        bottom = _log_floor(least)
        top = _log_ceiling(max(most, bottom * 1.001))
        return Scale(bottom, top if top > bottom else 2 * bottom, log=True)
    if most / 5 - least / 5 <= _ALIKE * max(abs(least), abs(most)):
        room = abs(least) * 0.1 or 1.0
        least, most = (bounded(least - room) if low is None else low), bounded(max(most, least) + room)
    step = round_step(most / 5 - least / 5)
    bottom = bounded(math.floor(least / step + 1e-9) * step) if low is None else low
    top = bounded(math.ceil(most / step - 1e-9) * step) if high is None else high
    return Scale(bottom, max(top, bottom + step * 1e-3))


def _bounds(arrays: Iterable[Numbers], log: bool) -> tuple[float, float]:
    """The least and greatest value that has a place; (inf, -inf) if there is none."""
    least, most = math.inf, -math.inf
    for array in arrays:
        known = array[np.isfinite(array)]
        known = known[known > 0] if log else known
        if len(known):
            least, most = min(least, float(known.min())), max(most, float(known.max()))
    return least, most


def _log_floor(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    # The least floats have only 0 as a round number below them, which a logarithmic axis cannot show.
    return max(digit * power for digit in _LOG_ENDS if digit * power * (1 - 1e-9) <= value) or value


def _log_ceiling(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return bounded(next((digit * power for digit in _LOG_ENDS if digit * power >= value * (1 - 1e-9)), value))


def tick_labels(ticks: tuple[float, ...]) -> tuple[str, ...]:
    """Format the ticks as short texts of one form: 0.25, 15k, 1e-05."""
    if not ticks:
        return ()
    largest = max(abs(tick) for tick in ticks)
    if largest >= 1e10:
        return tuple(f"{tick:.4g}" for tick in ticks)
    if largest >= 10_000:
        unit, suffix = (1e6, "M") if largest >= 1e6 else (1e3, "k")
        return tuple("0" if tick == 0 else f"{tick / unit:.6g}{suffix}" for tick in ticks)
    smallest = min((abs(tick) for tick in ticks if tick), default=0.0)
    steps = [b - a for a, b in pairwise(ticks)] or [smallest or 1.0]
    if smallest and (largest < 1e-3 or largest / smallest > 9_999):
        return tuple(f"{tick:.2g}" for tick in ticks)
    finest = min([*steps, smallest] if smallest else steps)
    digits = max(0, -math.floor(math.log10(finest) + 1e-9))
    return tuple(f"{tick:.{digits}f}" for tick in ticks)
