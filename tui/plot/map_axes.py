"""Axes around a map: ticks and labels left of it and below, as far as there is room."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style

from tui.drawing.cells import NO_STYLE, Cells
from tui.drawing.map_window import MapWindow
from tui.drawing.scale import Scale, tick_labels

_LEAST_WIDTH, _LEAST_HEIGHT = 24, 7
"""Below these a map has all the room there is, and the cursor alone tells where things are."""
_GUTTER = 4


@dataclass(frozen=True, slots=True)
class MapFrame:
    """Where the map lies in its widget: `columns` by `rows` cells from column `left`; axes take the rest."""

    left: int
    columns: int
    rows: int

    @property
    def below(self) -> int:
        """How many rows the x axis takes."""
        return 2 if self.left else 0


def map_frame(width: int, height: int, gutter: int = _GUTTER) -> MapFrame:
    """Lay out a map in `width` by `height` cells, `gutter` of them for the labels of the y axis."""
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return MapFrame(0, max(width, 0), max(height, 0))
    return MapFrame(gutter + 1, width - gutter - 1, height - 2)


def gutter(window: MapWindow, frame: MapFrame) -> int:
    """How wide the labels of the y axis are beyond what the frame has for them; 0 where they fit."""
    widest = max((len(label) for label in tick_labels(_y_ticks(window))), default=0)
    return widest if frame.left and widest >= frame.left else 0


def draw_left(
    window: MapWindow, frame: MapFrame, axis: Style = NO_STYLE, tick: Style = NO_STYLE, *, ascii_only: bool = False
) -> Cells:
    """The y axis: `left` columns by `rows`."""
    cells = Cells(frame.left, frame.rows)
    side, mark = "|+" if ascii_only else "│┤"
    for y in range(frame.rows):
        cells.put(frame.left - 1, y, side, axis)
    ticks = _y_ticks(window)
    for value, label in zip(ticks, tick_labels(ticks), strict=True):
        place = window.cell(window.x, value)
        if place is not None:
            cells.put(frame.left - 1, place[1], mark, axis)
            cells.put(frame.left - 1 - len(label), place[1], label, tick)
    return cells


def draw_below(
    window: MapWindow, frame: MapFrame, axis: Style = NO_STYLE, tick: Style = NO_STYLE, *, ascii_only: bool = False
) -> Cells:
    """The x axis: two rows over the whole width."""
    cells = Cells(frame.left + frame.columns, frame.below)
    corner, floor, mark = "+-+" if ascii_only else "└─┬"
    cells.put(frame.left - 1, 0, corner + floor * frame.columns, axis)
    ticks = Scale(*window.x_range).ticks(max(frame.columns // 8, 2))
    free = frame.left
    for value, label in zip(ticks, tick_labels(ticks), strict=True):
        place = window.cell(value, window.y)
        if place is None:
            continue
        x = frame.left + place[0]
        cells.put(x, 0, mark, axis)
        start = min(max(x - (len(label) - 1 + (label[0] == "-")) // 2, free), cells.width - len(label))
        if start >= free and abs(start - x) < 6:
            cells.put(start, 1, label, tick)
            free = start + len(label) + 1
    return cells


def _y_ticks(window: MapWindow) -> tuple[float, ...]:
    return Scale(*window.y_range).ticks(max(window.rows // 3 + 1, 3))
