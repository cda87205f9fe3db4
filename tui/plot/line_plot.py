"""A line plot in cells: lines as braille dots (or ASCII marks), axes, ticks, a cursor.

Drawn here with NumPy and not by plotext: a dashed line, a dim line that a bright one may cover, a theme's colours and
a marked NaN are cells that plotext's figure cannot address, and its ANSI text would have to be parsed back into
segments each frame (7 ms for 80x24 with two lines; this takes 1 ms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.style import Style

from engine.events import FloatArray
from tui.drawing.braille import BLANK, Dash, braille, trace
from tui.drawing.cells import NO_STYLE, Cells
from tui.drawing.scale import Scale, tick_labels

SOLID: Dash = None
DASHED: Dash = (5, 4)
DOTTED: Dash = (1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line through `x`, `y` float [n]; NaN is a gap. `mark` draws it in ASCII."""

    x: FloatArray
    y: FloatArray
    style: Style = NO_STYLE
    dash: Dash = SOLID
    mark: str = "*"


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of what is not data, and whether only ASCII may be drawn."""

    axis: Style = NO_STYLE
    tick: Style = NO_STYLE
    cursor: Style = NO_STYLE
    bad: Style = NO_STYLE
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """A vertical line at `x`, and a point on it at `y` (NaN: no point)."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things lie in a plot of `width` by `height` cells: lines in `columns` by `rows` of them, from (left, 0)."""

    width: int
    height: int
    x: Scale
    y: Scale
    left: int
    columns: int
    rows: int
    ascii_only: bool = False
    x_name: str = ""

    @property
    def dots(self) -> tuple[int, int]:
        """The finest grid a line is drawn on: how many dots across and down."""
        return (self.columns, self.rows) if self.ascii_only else (2 * self.columns, 4 * self.rows)

    def column(self, x: float) -> int:
        """The column of cells of `x` within the plot's area."""
        return round(float(self.x.place(np.array([x]))[0]) * (self.dots[0] - 1)) * self.columns // self.dots[0]

    def row(self, y: float) -> int:
        """The row of cells of `y`, from the top."""
        return round((1 - float(self.y.place(np.array([y]))[0])) * (self.dots[1] - 1)) * self.rows // self.dots[1]


@lru_cache(maxsize=64)
def frame(width: int, height: int, x: Scale, y: Scale, *, x_name: str = "", ascii_only: bool = False) -> Frame:
    """Lay out a plot: labels of the value axis left, labels of the steps below, as far as there is room for them."""
    rows = height - 2 if height >= 4 else height
    labels = tick_labels(y.ticks(_most_y(rows)))
    gutter = max([len(label) for label in labels] + [len(x_name)])
    left = gutter + 1 if width >= gutter + 12 and height >= 4 else 0
    return Frame(width, height, x, y, left, max(width - left, 0), max(rows, 0), ascii_only, x_name)


def draw(
    plot: Frame,
    lines: Sequence[Line],
    look: Look,
    *,
    cursor: Cursor | None = None,
    bad: npt.NDArray[np.float64] | None = None,
) -> Cells:
    """Draw lines, the first at the bottom; where two share a cell the upper has it.

    `bad` are the places on the x axis [n] to be marked as not finite.
    """
    cells = _axes(plot, look).copy()
    if plot.columns <= 0 or plot.rows <= 0:
        return cells
    for line in lines:
        _draw_line(cells, plot, line)
    if bad is not None:
        for x in bad.tolist():
            cells.put(plot.left + plot.column(x), plot.rows - 1, "x" if plot.ascii_only else "×", look.bad)
    if cursor is not None:
        _draw_cursor(cells, plot, cursor, look)
    return cells


def _draw_line(cells: Cells, plot: Frame, line: Line) -> None:
    width, height = plot.dots
    x = plot.x.place(line.x) * (width - 1)
    y = (1 - plot.y.place(line.y)) * (height - 1)
    dots = trace(x, y, width, height, line.dash)
    chars = np.where(dots, line.mark[:1], BLANK) if plot.ascii_only else braille(dots)
    cells.fill(chars != BLANK, chars, line.style, plot.left)


def _draw_cursor(cells: Cells, plot: Frame, cursor: Cursor, look: Look) -> None:
    if not np.isfinite(plot.x.place(np.array([cursor.x]))[0]):  # step 0 has no place on a log axis
        return
    x = plot.left + plot.column(cursor.x)
    for y in range(plot.rows):
        if cells.blank(x, y):
            cells.put(x, y, "|" if plot.ascii_only else "│", look.cursor)
    if np.isfinite(plot.y.place(np.array([cursor.y]))[0]):
        cells.put(x, min(max(plot.row(cursor.y), 0), plot.rows - 1), "O" if plot.ascii_only else "●", look.cursor)


@lru_cache(maxsize=16)
def _axes(plot: Frame, look: Look) -> Cells:
    """What lies around the lines: it changes when an axis does, far more seldom than they do."""
    cells = Cells(plot.width, plot.height)
    if plot.height < 4 or plot.columns <= 0 or plot.rows <= 0:
        return cells
    side, tick, corner, floor, down = "|++-+" if plot.ascii_only else "│┤└─┬"
    bottom = plot.rows
    cells.put(plot.left, bottom, floor * plot.columns, look.axis)
    if plot.left:
        for y in range(plot.rows):
            cells.put(plot.left - 1, y, side, look.axis)
        cells.put(plot.left - 1, bottom, corner, look.axis)
        ticks = plot.y.ticks(_most_y(plot.rows))
        for value, label in zip(ticks, tick_labels(ticks), strict=True):
            y = plot.row(value)
            cells.put(plot.left - 1, y, tick, look.axis)
            cells.put(plot.left - 1 - len(label), y, label, look.tick)
        cells.put(plot.left - 1 - len(plot.x_name), bottom + 1, plot.x_name, look.tick)
    _draw_x_ticks(cells, plot, look, down)
    return cells


def _draw_x_ticks(cells: Cells, plot: Frame, look: Look, down: str) -> None:
    ticks = plot.x.ticks(max(plot.columns // 10, 2))
    free = plot.left
    for value, label in zip(ticks, tick_labels(ticks), strict=True):
        x = plot.left + plot.column(value)
        cells.put(x, plot.rows, down, look.axis)
        start = min(max(x - len(label) // 2, plot.left), plot.width - len(label))
        if start >= free:
            cells.put(start, plot.rows + 1, label, look.tick)
            free = start + len(label) + 1


def _most_y(rows: int) -> int:
    """How many labels the value axis has room for: one in three rows reads well, but at least three."""
    return max(rows // 3 + 1, 3)
