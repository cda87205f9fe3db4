"""A line plot in cells: lines as braille dots (or ASCII marks), axes, ticks, a cursor.

It is drawn with NumPy and not by plotext: a dashed line, a dim line that a bright one may cover, a theme's colours and
a marked NaN cannot be addressed in plotext's figure, and its ANSI text would have to be parsed back into segments each
frame (7 ms for 80x24 with two lines; this takes 1 ms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.style import Style

from engine.events import FloatArray
from tui.plot.braille import BLANK, SOLID, Dash, braille, trace
from tui.plot.cells import NO_STYLE, Cells
from tui.plot.scale import Scale, tick_labels
from tui.text.glyphs import UNICODE, Glyphs


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """A line through `x`, `y` float [n]; NaN is a gap. `mark` draws it in ASCII.

    With `exits` an arrow at the edge shows where its values leave the axis.
    """

    x: FloatArray
    y: FloatArray
    style: Style = NO_STYLE
    dash: Dash = SOLID
    mark: str = "*"
    exits: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of everything but the data, and whether only ASCII may be drawn."""

    axis: Style = NO_STYLE
    tick: Style = NO_STYLE
    cursor: Style = NO_STYLE
    bad: Style = NO_STYLE
    glyphs: Glyphs = UNICODE


@dataclass(frozen=True, slots=True)
class Cursor:
    """A vertical line at `x`, and a point on it at `y` (NaN: no point)."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The layout of a plot of `width` by `height` cells: the plot's area is `columns` by `rows` of them, from (left,
    0)."""

    width: int
    height: int
    x: Scale
    y: Scale
    left: int
    columns: int
    rows: int
    glyphs: Glyphs = UNICODE
    x_name: str = ""

    @property
    def dots(self) -> tuple[int, int]:
        """The size in dots of the finest grid for a line: across and down."""
        return (self.columns, self.rows) if self.glyphs.ascii else (2 * self.columns, 4 * self.rows)

    def column(self, x: float) -> int:
        """The column of cells of `x` within the plot's area."""
        return round(float(self.x.place(np.array([x]))[0]) * (self.dots[0] - 1)) * self.columns // self.dots[0]

    def row(self, y: float) -> int:
        """The row of cells of `y`, from the top."""
        return round((1 - float(self.y.place(np.array([y]))[0])) * (self.dots[1] - 1)) * self.rows // self.dots[1]


@lru_cache(maxsize=64)
def frame(width: int, height: int, x: Scale, y: Scale, *, x_name: str = "", glyphs: Glyphs = UNICODE) -> Frame:
    """Lay out a plot: labels of the value axis left, labels of the steps below, if there is room for them."""
    rows = height - 2 if height >= 4 else height
    labels = tick_labels(y.ticks(_most_y(rows)))
    gutter = max([len(label) for label in labels] + [len(x_name)])
    left = gutter + 1 if width >= gutter + 12 and height >= 4 else 0
    return Frame(width, height, x, y, left, max(width - left, 0), max(rows, 0), glyphs, x_name)


def draw(
    plot: Frame,
    lines: Sequence[PlotLine],
    look: Look,
    *,
    cursor: Cursor | None = None,
    bad: npt.NDArray[np.float64] | None = None,
) -> Cells:
    """Draw lines, the first at the bottom; a cell that two share shows the upper one.

    `bad` are the places on the x axis [n] to be marked as not finite.
    """
    cells = _axes(plot, look).copy()
    if plot.columns <= 0 or plot.rows <= 0:
        return cells
    for line in lines:
        _draw_line(cells, plot, line)
    for line in lines:
        if line.exits:
            _draw_exits(cells, plot, line)
    if bad is not None:
        for x in bad.tolist():
            cells.put(plot.left + plot.column(x), plot.rows - 1, plot.glyphs.broken, look.bad)
    if cursor is not None:
        _draw_cursor(cells, plot, cursor, look)
    return cells


def _draw_line(cells: Cells, plot: Frame, line: PlotLine) -> None:
    width, height = plot.dots
    x = plot.x.place(line.x) * (width - 1)
    y = (1 - plot.y.place(line.y)) * (height - 1)
    dots = trace(x, y, width, height, line.dash)
    chars = np.where(dots, line.mark[:1], BLANK) if plot.glyphs.ascii else braille(dots)
    cells.fill(chars != BLANK, chars, line.style, plot.left)


def _draw_exits(cells: Cells, plot: Frame, line: PlotLine) -> None:
    """Draw arrows at the upper and lower edge, at the first point of each part of the line that is outside."""
    if len(line.x) == 0:
        return
    x, y = plot.x.place(line.x), plot.y.place(line.y)
    _, _, up, down = plot.glyphs.edges
    slack = 0.5 / max(plot.dots[1] - 1, 1)  # a dot that is rounded to the edge still counts as inside
    for beyond, row, arrow in ((y > 1 + slack, 0, up), (y < -slack, plot.rows - 1, down)):
        began = beyond & ~np.concatenate([[False], beyond[:-1]]) & (x >= 0) & (x <= 1)
        for place in line.x[began].tolist():
            cells.put(plot.left + plot.column(place), row, arrow, line.style)


def _draw_cursor(cells: Cells, plot: Frame, cursor: Cursor, look: Look) -> None:
    if not np.isfinite(plot.x.place(np.array([cursor.x]))[0]):  # a log axis has no place for step 0
        return
    x = plot.left + plot.column(cursor.x)
    for y in range(plot.rows):
        if cells.blank(x, y):
            cells.put(x, y, plot.glyphs.cross[1], look.cursor)
    if np.isfinite(plot.y.place(np.array([cursor.y]))[0]):
        cells.put(x, min(max(plot.row(cursor.y), 0), plot.rows - 1), plot.glyphs.ball, look.cursor)


@lru_cache(maxsize=16)
def _axes(plot: Frame, look: Look) -> Cells:
    """Draw what surrounds the lines; kept separately, because an axis changes far less often than they do."""
    cells = Cells(plot.width, plot.height)
    if plot.height < 4 or plot.columns <= 0 or plot.rows <= 0:
        return cells
    side, tick, corner, _, _ = plot.glyphs.axis
    bottom = plot.rows
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
    draw_x_axis(cells, plot, look)
    return cells


def draw_x_axis(cells: Cells, plot: Frame, look: Look) -> None:
    """Draw the axis below a plot: its line, its ticks and their labels, in the two rows after the plot's."""
    *_, floor, down = plot.glyphs.axis
    cells.put(plot.left, plot.rows, floor * plot.columns, look.axis)
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
    """The number of labels of the value axis: one in three rows reads well, but at least three."""
    return max(rows // 3 + 1, 3)
