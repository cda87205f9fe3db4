"""What is held of one tag of a log, in bounded memory: scalars as arrays, all else as it was logged.

An entry whose step is not beyond those before it takes the place of all from its step on, as in TensorBoard. Where a
tag has more than its share every second entry is let go, and `every` says so. The newest is always there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from engine.event_values import Logged, LoggedScalar
from tui.growing import Growing
from tui.series import Series

MOST_POINTS = 2**20
"""Points of one tag that are held."""
MOST_KEPT = 1000
"""Images, histograms or texts of one tag that are held."""
_LARGEST, _SMALLEST = 1e300, 1e-300

L = TypeVar("L", bound=Logged)


@dataclass(frozen=True, slots=True)
class Points:
    """A tag's scalars by ascending step; `times_s` are seconds since the run began. Of `seen` points every `every`-th
    is held, and the newest, which is `loose` where it is not one of those."""

    steps: Growing
    times_s: Growing
    values: Growing
    every: int = 1
    seen: int = 0
    loose: bool = False

    @classmethod
    def none(cls) -> Points:
        """No point yet."""
        return cls(Growing.of((), np.int64), Growing.of((), np.float64), Growing.of((), np.float64))

    def __len__(self) -> int:
        return len(self.steps)

    def series(self, label: str) -> Series:
        """The points as a curve; of an unchanged tag it is equal to the last one, at no cost."""
        return Series(label, self.steps.array, self.values.array, self.times_s.array)

    def extended(self, entries: Sequence[LoggedScalar], began: float) -> Points:
        """These and more; `began` is when the run did, in seconds since 1970."""
        steps = np.array([entry.step for entry in entries], np.int64)
        wall_times = np.array([entry.wall_time or math.nan for entry in entries], np.float64)
        values = _drawable(np.array([entry.value for entry in entries], np.float64))
        least_from_here = np.minimum.accumulate(steps[::-1])[::-1]
        stays = np.append(steps[:-1] < least_from_here[1:], True)
        points = self.before(int(least_from_here[0]))
        return points._followed_by(steps[stays], wall_times[stays] - began, values[stays])

    def before(self, step: int) -> Points:
        """Without those from a step on."""
        count = int(np.searchsorted(self.steps.array, step))
        if count == len(self):
            return self
        return replace(self._at(slice(count)), seen=count * self.every, loose=False)

    def halved(self) -> Points:
        """Every second of them, and the newest."""
        places = np.arange(0, len(self), 2)
        odd = places[-1] != len(self) - 1
        if odd:
            places = np.append(places, len(self) - 1)
        return replace(self._at(places), every=self.every * 2, loose=self.loose or bool(odd))

    def _followed_by(
        self, steps: npt.NDArray[np.int64], times_s: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
    ) -> Points:
        """Add points that are all beyond these."""
        held = self._at(slice(len(self) - 1)) if self.loose else self
        hold = (self.seen + np.arange(len(steps))) % self.every == 0
        loose = not bool(hold[-1])
        hold[-1] = True
        grown = Points(
            held.steps.extended(steps[hold]),
            held.times_s.extended(times_s[hold]),
            held.values.extended(values[hold]),
            self.every,
            self.seen + len(steps),
            loose,
        )
        return grown.halved() if len(grown) > MOST_POINTS else grown

    def _at(self, places: slice | npt.NDArray[np.intp]) -> Points:
        return replace(
            self,
            steps=Growing.of((), np.int64).extended(self.steps.array[places]),
            times_s=Growing.of((), np.float64).extended(self.times_s.array[places]),
            values=Growing.of((), np.float64).extended(self.values.array[places]),
        )


def _drawable(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values whose differences and quotients are numbers: what no axis could hold is infinite, or 0."""
    size = np.abs(values)
    values[size > _LARGEST] = np.copysign(np.inf, values[size > _LARGEST])
    values[size < _SMALLEST] = 0.0
    return values


@dataclass(frozen=True, slots=True)
class Kept(Generic[L]):
    """A tag's entries of another kind, by ascending step; `every`, `seen` and `loose` as in Points, `size` in bytes."""

    entries: tuple[L, ...] = ()
    every: int = 1
    seen: int = 0
    loose: bool = False
    size: int = 0

    def extended(self, entries: Iterable[L]) -> Kept[L]:
        """These and more."""
        kept = self
        for entry in entries:
            kept = kept.before(entry.step)._followed_by(entry)
        return kept

    def before(self, step: int) -> Kept[L]:
        """Without those from a step on."""
        count, size = len(self.entries), self.size
        while count and self.entries[count - 1].step >= step:
            count -= 1
            size -= self.entries[count].payload
        if count == len(self.entries):
            return self
        return Kept(self.entries[:count], self.every, count * self.every, size=size)

    def halved(self) -> Kept[L]:
        """Every second of them, and the newest; of two the newest alone."""
        entries = self.entries[::2] if len(self.entries) > 2 else ()
        odd = len(self.entries) % 2 == 0
        if odd:
            entries = (*entries, self.entries[-1])
        return Kept(entries, self.every * 2, self.seen, odd or self.loose, sum(each.payload for each in entries))

    def _followed_by(self, entry: L) -> Kept[L]:
        """Add one that is beyond these."""
        entries, size = self.entries, self.size + entry.payload
        if self.loose:
            entries, size = entries[:-1], size - entries[-1].payload
        grown = Kept((*entries, entry), self.every, self.seen + 1, self.seen % self.every != 0, size)
        return grown.halved() if len(grown.entries) > MOST_KEPT else grown
