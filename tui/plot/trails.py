"""Paths as dots on a fine grid over the cells of a map: found once for each new step, and available up to any step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from tui.plot.braille import Dash
from tui.plot.clipping import clipped
from tui.plot.map_window import MapWindow

Indices = npt.NDArray[np.intp]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Dots in the order they were reached: `path`, `dot` and `step` intp [n]; a dot is row · (dots across) + column."""

    path: Indices
    dot: Indices
    step: Indices

    def until(self, step: int) -> Dots:
        """The dots reached by `step`."""
        count = int(np.searchsorted(self.step, step, "right"))
        return Dots(self.path[:count], self.dot[:count], self.step[:count])


class Trails:
    """The dots of several paths in one window, each dot once per path, even if the path comes back.

    A cell holds `across` by `down` dots. Extending is O(newly touched dots): a path that moves within a dot adds
    nothing.
    """

    def __init__(
        self, window: MapWindow, paths: int, across: int = 2, down: int = 4, dashes: Sequence[Dash] = ()
    ) -> None:
        self.window, self.paths = window, paths
        self.across, self.down = across, down
        self.width, self.height = window.columns * across, window.rows * down
        self._period, self._drawn = _periods(dashes, paths)
        self._along = np.zeros(paths)
        self._seen = np.zeros((paths, self.width * self.height), dtype=bool)
        self._last: Float64 | None = None
        self._steps = 0
        self._pieces: list[Dots] = []

    @property
    def steps(self) -> int:
        """How many points of each path were added."""
        return self._steps

    def extend(self, points: FloatArray) -> Dots:
        """Add the next points [p, k, 2] of every path, NaN for a gap; returns the new dots."""
        if not points.size:
            nothing = np.zeros(0, np.intp)
            return Dots(nothing, nothing, nothing)
        places = self.window.places(points, self.across, self.down)
        before = places[:, 0] if self._last is None else self._last
        self._last = places[:, -1]
        places = np.concatenate([before[:, None], places], axis=1)
        first = self._steps
        self._steps += int(points.shape[1])
        new = self._new(*self._walk(places, first))
        self._pieces.append(new)
        return new

    def dots(self) -> Dots:
        """Every dot so far."""
        if len(self._pieces) != 1:
            parts = [[getattr(piece, name) for piece in self._pieces] for name in ("path", "dot", "step")]
            empty = np.zeros(0, np.intp)
            self._pieces = [Dots(*(np.concatenate([empty, *part]) for part in parts))]
        return self._pieces[0]

    def _walk(self, places: Float64, first: int) -> tuple[Indices, Indices, Indices]:
        """Path, dot and step of every dot on the segments between places [p, k+1, 2], in path order."""
        start, end = places[:, :-1], places[:, 1:]
        with np.errstate(invalid="ignore"):
            # A segment whose ends are in the same dot touches no other dot, so it adds nothing.
            moved = (np.floor(start) != np.floor(end)).any(axis=2) & np.isfinite(start + end).all(axis=2)
        if first == 0:
            moved[:, 0] = np.isfinite(end[:, 0]).all(axis=1)
        path, column = np.nonzero(moved)
        a, b, inside = clipped(start[moved], end[moved], self.width, self.height)
        path, column, a, b = path[inside], column[inside], a[inside], b[inside]
        counts = np.maximum(np.ceil(np.abs(b - a).max(axis=1, initial=0.0) - 1e-9), 1).astype(np.intp)
        segment = np.repeat(np.arange(len(counts)), counts)
        ends = np.cumsum(counts)
        rank = np.arange(len(segment)) - np.repeat(ends - counts, counts)
        part = (rank + 1) / counts[segment]
        at = np.floor(a[segment] + part[:, None] * (b - a)[segment]).astype(np.intp)
        kept = ((at >= 0) & (at < (self.width, self.height))).all(axis=1) & self._inked(path, counts, segment)
        segment, at = segment[kept], at[kept]
        return path[segment], at[:, 1] * self.width + at[:, 0], column[segment] + first

    def _inked(self, path: Indices, counts: Indices, segment: Indices) -> npt.NDArray[np.bool_]:
        """Which dots the path's dash draws; the dash continues where it ended."""
        if not self._period.any():
            return np.ones(len(segment), dtype=bool)
        total = np.cumsum(counts)
        before = np.concatenate([[0], total])[np.searchsorted(path, np.arange(self.paths))]
        owner = path[segment]
        along = np.arange(len(segment)) - before[owner] + self._along[owner]
        np.add.at(self._along, path, counts)
        period = self._period[owner]
        return np.asarray((period == 0) | (along % np.maximum(period, 1) < self._drawn[owner]))

    def _new(self, path: Indices, dot: Indices, step: Indices) -> Dots:
        """The first visit to each dot that the path had not touched before, in the order of steps."""
        fresh = ~self._seen[path, dot]
        path, dot, step = path[fresh], dot[fresh], step[fresh]
        order = np.argsort(step, kind="stable")
        path, dot, step = path[order], dot[order], step[order]
        _, firsts = np.unique(path * (self.width * self.height) + dot, return_index=True)
        firsts.sort()
        path, dot, step = path[firsts], dot[firsts], step[firsts]
        self._seen[path, dot] = True
        return Dots(path, dot, step)


def _periods(dashes: Sequence[Dash], paths: int) -> tuple[Indices, Indices]:
    """The number of dots of a dash with its gap (0: solid), and of the dash alone, intp [p] each."""
    pairs = [(0, 0) if dash is None else (sum(dash), dash[0]) for dash in dashes] or [(0, 0)]
    table = np.array([pairs[path % len(pairs)] for path in range(paths)], np.intp).reshape(paths, 2)
    return table[:, 0], table[:, 1]
