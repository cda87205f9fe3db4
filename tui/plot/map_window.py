"""The part of the plane that a map shows: square pixels, two in a cell, with zoom and pan."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from engine.ticks import round_step

Range = tuple[float, float]
_MOST_ZOOM_OUT = 16.0
_MOST_ZOOM_IN = 1e6


@dataclass(frozen=True, slots=True)
class MapWindow:
    """`columns` by `rows` cells around the centre (`x`, `y`), a pixel `unit` wide and high in the plane's units.

    A cell is assumed to be twice as high as wide, as in nearly all terminal fonts: its two pixels are square and a
    circle looks round. Row 0 is the highest y.
    """

    x: float
    y: float
    unit: float
    columns: int
    rows: int

    @property
    def x_range(self) -> Range:
        """The x of the left and of the right edge."""
        half = self.columns * self.unit / 2
        return (self.x - half, self.x + half)

    @property
    def y_range(self) -> Range:
        """The y of the lower and of the upper edge."""
        half = self.rows * self.unit
        return (self.y - half, self.y + half)

    def pixels(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The centres of the pixels: x float64 [columns] ascending, y float64 [2·rows] descending."""
        x = self.x_range[0] + (np.arange(self.columns) + 0.5) * self.unit
        y = self.y_range[1] - (np.arange(2 * self.rows) + 0.5) * self.unit
        return np.asarray(x, np.float64), np.asarray(y, np.float64)

    def places(self, points: FloatArray, across: int, down: int) -> npt.NDArray[np.float64]:
        """Map points [..., 2] to a grid of `across` by `down` fields a cell: float64 [..., 2], (column, row).

        Field 0 extends from 0 to 1, so the floor is a point's field.
        """
        origin = np.array([self.x_range[0], self.y_range[1]])
        fields = np.array([across / self.unit, -down / (2 * self.unit)])
        return np.asarray((np.asarray(points, np.float64) - origin) * fields)

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The column and row of a point's cell; None if it is outside or not finite."""
        if not (math.isfinite(x) and math.isfinite(y)):
            return None
        column = math.floor((x - self.x) / self.unit + self.columns / 2)
        row = math.floor((self.y - y) / (2 * self.unit) + self.rows / 2)
        return (column, row) if 0 <= column < self.columns and 0 <= row < self.rows else None

    def panned(self, right: int, up: int) -> MapWindow:
        """The window moved by eighths of its size, by whole pixels, or the picture would shimmer."""
        return replace(
            self,
            x=self.x + right * max(self.columns // 8, 1) * self.unit,
            y=self.y + up * max(self.rows // 4, 1) * self.unit,
        )

    def zoomed(self, factor: float, about: tuple[float, float] | None = None) -> MapWindow:
        """The window scaled by `factor`, with the point `about` (by default the centre) staying in place."""
        x, y = about or (self.x, self.y)
        return replace(self, unit=self.unit / factor, x=x + (self.x - x) / factor, y=y + (self.y - y) / factor)

    def showing(self, x: float, y: float) -> MapWindow:
        """This window, or the nearest one with the point at least a pixel inside its edges."""
        moved = []
        for value, centre, half in ((x, self.x, self.columns / 2), (y, self.y, float(self.rows))):
            room = max(half - 1.5, 0.0) * self.unit
            moved.append(min(max(centre, value - room), value + room))
        return replace(self, x=moved[0], y=moved[1])


def fitted(x_range: Range, y_range: Range, columns: int, rows: int) -> MapWindow:
    """The smallest window that shows both ranges completely; in the direction with more room it shows more."""
    unit = max((x_range[1] - x_range[0]) / max(columns, 1), (y_range[1] - y_range[0]) / max(2 * rows, 1))
    return MapWindow(sum(x_range) / 2, sum(y_range) / 2, unit, columns, rows)


def zoom_allowed(window: MapWindow, whole: MapWindow) -> bool:
    """Whether a window is neither so large that the function is unrecognisable nor so small that floats are too
    coarse."""
    return whole.unit / _MOST_ZOOM_IN <= window.unit <= whole.unit * _MOST_ZOOM_OUT


def stepped(value: float, unit: float, direction: int) -> float:
    """The next multiple of a round step at least `unit` wide, up (1) or down (-1) from `value`; 0 rounds to nearest.

    So a cursor that moves by a pixel or slightly more per press stays on numbers that can be written down.
    """
    step = round_step(unit)
    place = value / step
    nearest = round(place)
    if direction and abs(place - nearest) > 1e-6:
        nearest = math.ceil(place) if direction > 0 else math.floor(place)
    else:
        nearest += direction
    return round(nearest * step, max(0, -math.floor(math.log10(step) + 1e-9))) + 0.0
