"""Marks on a plotted curve: flat ends, known minima, trails, the last step as a stair, balls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.style import Style

from engine.events import FloatArray, Minimum
from tui.plot.cells import Cells
from tui.plot.curve_axes import Window
from tui.plot.line_plot import Frame

Place = tuple[int, int]

_MOST_PLACES = 10_000
"""The most points of a trail that are drawn; a picture has fewer cells."""


@dataclass(frozen=True, slots=True)
class Ball:
    """A path at one step: its position, that of the step before (None at the start), and its mark and style."""

    x: float
    y: float
    before: tuple[float, float] | None
    head: str
    style: Style


def places(plot: Frame, x: FloatArray, y: FloatArray) -> npt.NDArray[np.intp]:
    """The cells (column, row) [m, 2], without duplicates, of the points float [n] within the plot's area."""
    across, down = plot.dots
    touched = np.zeros((plot.columns, plot.rows), dtype=bool)
    with np.errstate(invalid="ignore"):
        columns = np.rint(plot.x.place(x) * (across - 1)) * plot.columns // across
        rows = np.rint((1 - plot.y.place(y)) * (down - 1)) * plot.rows // down
        inside = (columns >= 0) & (columns < plot.columns) & (rows >= 0) & (rows < plot.rows)
    touched[columns[inside].astype(np.intp), rows[inside].astype(np.intp)] = True
    found: npt.NDArray[np.intp] = np.argwhere(touched) + np.array([plot.left, 0])
    return found


def place(plot: Frame, x: float, y: float) -> Place | None:
    """The cell of a point; None outside the plot's area."""
    found = places(plot, np.array([x]), np.array([y]))
    return (int(found[0, 0]), int(found[0, 1])) if len(found) else None


def draw_flat(cells: Cells, plot: Frame, ends: Sequence[Window], tint: Style, edge: Style, word: str) -> None:
    """Tint the columns of each window, with a dotted edge and a word, for readers who see no colour."""
    for low, high in ends:
        left, right = max(plot.column(low), 0), min(plot.column(high), plot.columns - 1)
        if right < left:
            continue
        where = np.zeros((cells.height, cells.width), dtype=bool)
        where[: plot.rows, plot.left + left : plot.left + right + 1] = True
        cells.lay(where, tint)
        inner = right if low <= plot.x.low + 1e-12 else left
        if 0 < inner < plot.columns - 1:
            for y in range(plot.rows):
                if cells.blank(plot.left + inner, y):
                    cells.put(plot.left + inner, y, plot.glyphs.border, edge + tint)
        start = plot.left + left + (right - left + 1 - len(word)) // 2
        rows = [y for y in reversed(range(plot.rows)) if _free(cells, start - 1, y, len(word) + 2)]
        if right - left >= len(word) + 1 and rows:
            cells.put(start, rows[0], word, edge + tint)


def _free(cells: Cells, x: int, y: int, width: int) -> bool:
    return all(cells.blank(x + along, y) for along in range(width))


def draw_minima(cells: Cells, plot: Frame, minima: Sequence[Minimum], style: Style) -> None:
    """Mark known minima on the axis of x."""
    if plot.height < 4:
        return
    for minimum in minima:
        if plot.x.low <= minimum.point[0] <= plot.x.high:
            cells.put(plot.left + plot.column(minimum.point[0]), plot.rows, plot.glyphs.edges[2], style)


def draw_trail(cells: Cells, plot: Frame, x: FloatArray, y: FloatArray, mark: str, style: Style) -> None:
    """Mark the earlier points of a path; of a very long one, enough points to leave no visible gap."""
    stride = max(len(x) // _MOST_PLACES, 1)
    for column, row in places(plot, x[::stride], y[::stride]).tolist():
        cells.put(column, row, mark, style)


def draw_stair(cells: Cells, plot: Frame, ball: Ball) -> None:
    """Draw the ball's last step: first along x, then up or down to its end."""
    if ball.before is None:
        return
    start, end = place(plot, *ball.before), place(plot, ball.x, ball.y)
    if start is None or end is None or start == end:
        return
    (along, upright, _), corners = plot.glyphs.cross, plot.glyphs.corners
    to_left, to_right, upward, downward = plot.glyphs.edges
    (x0, y0), (x1, y1) = start, end
    way, down = (1 if x1 > x0 else -1), y1 > y0
    for x in range(x0 + way, x1, way) if x1 != x0 else ():
        cells.put(x, y0, along, ball.style)
    if y1 == y0:
        if abs(x1 - x0) > 1:
            cells.put(x1 - way, y0, to_right if way > 0 else to_left, ball.style)
        return
    if x1 != x0:
        cells.put(x1, y0, corners[(0 if way > 0 else 1) + (0 if down else 2)], ball.style)
    for y in range(min(y0, y1) + 1, max(y0, y1)):
        cells.put(x1, y, upright, ball.style)
    if abs(y1 - y0) > 1:
        cells.put(x1, y1 - (1 if down else -1), downward if down else upward, ball.style)


def draw_ball(cells: Cells, plot: Frame, ball: Ball) -> None:
    """Draw the ball; if it is outside the picture, an arrow at the edge where it left."""
    if not (np.isfinite(ball.x) and np.isfinite(ball.y)):
        return
    left, right, up, down = plot.glyphs.edges
    column, row = plot.column(ball.x), plot.row(ball.y)
    mark = ball.head
    if not 0 <= column < plot.columns:
        mark = left if column < 0 else right
    elif not 0 <= row < plot.rows:
        mark = up if row < 0 else down
    x = plot.left + min(max(column, 0), plot.columns - 1)
    cells.put(x, min(max(row, 0), plot.rows - 1), mark, ball.style)
