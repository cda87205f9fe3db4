"""Axes around a map: ticks and labels left of it and below, if there is room."""

from __future__ import annotations

from dataclasses import dataclass

from tui.plot.cells import Cells
from tui.plot.line_plot import Look
from tui.plot.map_window import MapWindow
from tui.plot.scale import Scale, tick_labels

_LEAST_WIDTH, _LEAST_HEIGHT = 24, 7
"""A smaller map gets all of the room, and only the cursor shows coordinates."""
_GUTTER = 4


@dataclass(frozen=True, slots=True)
class MapFrame:
    """The position of the map in its widget: `columns` by `rows` cells from column `left`; axes take the rest."""

    left: int
    columns: int
    rows: int

    @property
    def below(self) -> int:
        """The number of rows for the x axis."""
        return 2 if self.left else 0


def map_frame(width: int, height: int, gutter: int = _GUTTER) -> MapFrame:
    """Lay out a map in `width` by `height` cells, `gutter` of them for the labels of the y axis."""
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return MapFrame(0, max(width, 0), max(height, 0))
    return MapFrame(gutter + 1, width - gutter - 1, height - 2)


def gutter(window: MapWindow, frame: MapFrame) -> int:
    """By how many cells the labels of the y axis exceed the frame's room for them; 0 if they fit."""
    widest = max((len(label) for label in tick_labels(_y_ticks(window))), default=0)
    return widest if frame.left and widest >= frame.left else 0


def draw_left(window: MapWindow, frame: MapFrame, look: Look) -> Cells:
    """Draw the y axis: `left` columns by `rows`."""
    cells = Cells(frame.left, frame.rows)
    side, mark, *_ = look.glyphs.axis
    for y in range(frame.rows):
        cells.put(frame.left - 1, y, side, look.axis)
    ticks = _y_ticks(window)
    for value, label in zip(ticks, tick_labels(ticks), strict=True):
        place = window.cell(window.x, value)
        if place is not None:
            cells.put(frame.left - 1, place[1], mark, look.axis)
            cells.put(frame.left - 1 - len(label), place[1], label, look.tick)
    return cells


def draw_below(window: MapWindow, frame: MapFrame, look: Look) -> Cells:
    """Draw the x axis: two rows over the whole width."""
    cells = Cells(frame.left + frame.columns, frame.below)
    *_, corner, floor, mark = look.glyphs.axis
    cells.put(frame.left - 1, 0, corner + floor * frame.columns, look.axis)
    ticks = Scale(*window.x_range).ticks(max(frame.columns // 8, 2))
    free = frame.left
    for value, label in zip(ticks, tick_labels(ticks), strict=True):
        place = window.cell(value, window.y)
        if place is None:
            continue
        x = frame.left + place[0]
        cells.put(x, 0, mark, look.axis)
        start = min(max(x - (len(label) - 1 + (label[0] == "-")) // 2, free), cells.width - len(label))
        if start >= free and abs(start - x) < 6:
            cells.put(start, 1, label, look.tick)
            free = start + len(label) + 1
    return cells


def _y_ticks(window: MapWindow) -> tuple[float, ...]:
    return Scale(*window.y_range).ticks(max(window.rows // 3 + 1, 3))
