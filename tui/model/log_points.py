"""The points of one tag of a log, in bounded memory: scalars as arrays, other kinds as logged.

An entry whose step is not after those before it replaces all from its step on, as in TensorBoard, and `superseded`
counts those replaced. Scalars that are all at step 0 were logged without a step: their order replaces it. If a tag has
too many entries, every second one is dropped, and `every` counts that. The newest is always kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from engine.log.event_values import Logged, LoggedScalar
from tui.model.growable_array import GrowableArray
from tui.model.series import Series

MOST_POINTS = 2**20
"""The most points of one tag that are kept."""
MOST_EARLIER = 8
"""The most earlier curves of one tag that are kept, the last ones."""
MOST_KEPT = 1000
"""The most images, histograms or texts of one tag that are kept."""
_LARGEST, _SMALLEST = 1e300, 1e-300

L = TypeVar("L", bound=Logged)


@dataclass(frozen=True, slots=True)
class Points:
    """A tag's scalars by ascending step; `times_s` are seconds since `began`, the time of the first of them in seconds
    since 1970 (NaN: not known). Of `seen` points every `every`-th is kept, and the newest, which is `loose` if it is
    not one of those. With `by_order` the log gives no steps, and `steps` are the points' indices. `earlier` are the
    curves before each time that a later point superseded some of their points."""

    steps: GrowableArray
    times_s: GrowableArray
    values: GrowableArray
    every: int = 1
    seen: int = 0
    loose: bool = False
    began: float = math.nan
    superseded: int = 0
    by_order: bool = False
    earlier: tuple[Points, ...] = ()

    @classmethod
    def none(cls) -> Points:
        """No points yet."""
        return cls(GrowableArray.of((), np.int64), GrowableArray.of((), np.float64), GrowableArray.of((), np.float64))

    def __len__(self) -> int:
        return len(self.steps)

    def series(self, label: str, *, ghost: bool = False) -> Series:
        """The points as a curve; for an unchanged tag it is equal to the last one, in O(1)."""
        return Series(label, self.steps.array, self.values.array, self.times_s.array, ghost)

    def extended(self, entries: Sequence[LoggedScalar]) -> Points:
        """Append entries."""
        steps = np.array([entry.step for entry in entries], np.int64)
        wall_times = np.array([entry.wall_time or math.nan for entry in entries], np.float64)
        values = _drawable(np.array([entry.value for entry in entries], np.float64))
        if not steps.any() and self._has_no_steps and self.seen + len(steps) > 1:
            places = np.arange(self.seen, self.seen + len(steps))
            return replace(self, by_order=True)._followed_by(places, wall_times, values)
        points = self._newest() if self.by_order else self
        # If steps decrease, a new file has begun, or a program was restarted.
        (back,) = np.nonzero(np.diff(steps) < 0)
        cuts = [0, *(back[-MOST_EARLIER:] + 1).tolist(), len(steps)]
        for begin, end in pairwise(cuts):
            points = points._superseded_by(steps[begin:end], wall_times[begin:end], values[begin:end])
        return points

    def _superseded_by(
        self, steps: npt.NDArray[np.int64], wall_times: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
    ) -> Points:
        """Append points that replace those from their first step on."""
        least_from_here = np.minimum.accumulate(steps[::-1])[::-1]
        stays = np.append(steps[:-1] < least_from_here[1:], True)
        points = self.before(int(least_from_here[0]))
        points = replace(points, superseded=points.superseded + len(stays) - int(stays.sum()))
        return points._followed_by(steps[stays], wall_times[stays], values[stays])

    @property
    def _has_no_steps(self) -> bool:
        alone = self.seen == 1 and int(self.steps.array[0]) == 0
        return self.superseded == 0 and (self.by_order or self.seen == 0 or alone)

    def _newest(self) -> Points:
        """Only the newest of points without steps, at step 0."""
        last = self._at(slice(len(self) - 1, None))
        zero = GrowableArray.of((), np.int64).extended(np.zeros(1, np.int64))
        return replace(last, steps=zero, every=1, seen=1, loose=False, superseded=self.seen - 1, by_order=False)

    def before(self, step: int) -> Points:
        """The points before a step."""
        count = int(np.searchsorted(self.steps.array, step))
        if count == len(self):
            return self
        left = count * self.every
        began = self.began if count else math.nan
        superseded = self.superseded + max(self.seen - left, 0)
        earlier = self.earlier
        if len(self) - count > 1:  # a single point that is logged twice is not a curve
            earlier = (*earlier, replace(self, earlier=()))[-MOST_EARLIER:]
        return replace(
            self._at(slice(count)), seen=left, loose=False, began=began, superseded=superseded, earlier=earlier
        )

    def halved(self) -> Points:
        """Every second point, and the newest."""
        places = np.arange(0, len(self), 2)
        odd = places[-1] != len(self) - 1
        if odd:
            places = np.append(places, len(self) - 1)
        return replace(self._at(places), every=self.every * 2, loose=self.loose or bool(odd))

    def _followed_by(
        self, steps: npt.NDArray[np.int64], wall_times: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
    ) -> Points:
        """Append points that are all after these."""
        began = self.began
        if math.isnan(began):
            began = float(next((time for time in wall_times if not math.isnan(time)), math.nan))
        times_s = wall_times - began
        held = self._at(slice(len(self) - 1)) if self.loose else self
        hold = (self.seen + np.arange(len(steps))) % self.every == 0
        loose = not bool(hold[-1])
        hold[-1] = True
        grown = replace(
            self,
            steps=held.steps.extended(steps[hold]),
            times_s=held.times_s.extended(times_s[hold]),
            values=held.values.extended(values[hold]),
            seen=self.seen + len(steps),
            loose=loose,
            began=began,
        )
        return grown.halved() if len(grown) > MOST_POINTS else grown

    def _at(self, places: slice | npt.NDArray[np.intp]) -> Points:
        return replace(
            self,
            steps=GrowableArray.of((), np.int64).extended(self.steps.array[places]),
            times_s=GrowableArray.of((), np.float64).extended(self.times_s.array[places]),
            values=GrowableArray.of((), np.float64).extended(self.values.array[places]),
        )


def _drawable(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Limit values so their differences and quotients are numbers: too large ones become infinite, too small ones 0."""
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
        """Append entries."""
        kept = self
        for entry in entries:
            kept = kept.before(entry.step)._followed_by(entry)
        return kept

    def before(self, step: int) -> Kept[L]:
        """The entries before a step."""
        count, size = len(self.entries), self.size
        while count and self.entries[count - 1].step >= step:
            count -= 1
            size -= self.entries[count].payload
        if count == len(self.entries):
            return self
        return Kept(self.entries[:count], self.every, count * self.every, size=size)

    def halved(self) -> Kept[L]:
        """Every second entry, and the newest; of two only the newest."""
        entries = self.entries[::2] if len(self.entries) > 2 else ()
        odd = len(self.entries) % 2 == 0
        if odd:
            entries = (*entries, self.entries[-1])
        return Kept(entries, self.every * 2, self.seen, odd or self.loose, sum(each.payload for each in entries))

    def _followed_by(self, entry: L) -> Kept[L]:
        """Append an entry that is after these."""
        entries, size = self.entries, self.size + entry.payload
        if self.loose:
            entries, size = entries[:-1], size - entries[-1].payload
        grown = Kept((*entries, entry), self.every, self.seen + 1, self.seen % self.every != 0, size)
        return grown.halved() if len(grown.entries) > MOST_KEPT else grown
