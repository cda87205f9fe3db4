"""What is drawn upon a map: paths, ghosts, starts, minima, the gradient's arrow, the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tui.drawing import path_styles
from tui.drawing.braille import scattered
from tui.drawing.map_window import MapWindow
from tui.drawing.palettes import Colours, blended, parsed
from tui.drawing.raster import BOLD, NONE, REVERSE, Raster
from tui.drawing.surface_picture import Ground, MapLook
from tui.drawing.trails import Dots

_ARROWS = "→↗↑↖←↙↓↘"
_ASCII_ARROWS = ">/^\\</v\\"
_LEAST_PART, _SHORTEST_ARROW, _LONGEST_ARROW = 0.02, 2.0, 10.0
_FAINT = 0.6
_GHOST = 0.45


@dataclass(frozen=True, slots=True)
class Mark:
    """One character at a point of the plane."""

    x: float
    y: float
    char: str
    colour: int
    attributes: int = BOLD


def lay_dots(
    cells: Raster,
    ground: Ground,
    dots: Dots,
    window: MapWindow,
    look: MapLook,
    colours: Colours,
    chosen: int = -1,
    char: str = "",
) -> None:
    """Lay paths over the map as braille dots, the newest on top and the `chosen` path above all.

    `colours` int32 [p] are the paths'. Dots of several paths share a cell, and its last one's colour. In ASCII a cell
    shows its path's mark, or `char` where it is given.
    """
    if not len(dots.dot):
        return
    order = np.concatenate([np.flatnonzero(dots.path != chosen), np.flatnonzero(dots.path == chosen)])
    path, dot = dots.path[order], dots.dot[order]
    across, down = (1, 1) if look.ascii_only else (2, 4)
    row, column = np.divmod(dot, window.columns * across)
    cell = row // down * window.columns + column // across
    owner = np.full(window.rows * window.columns, -1, np.intp)
    owner[cell] = path
    touched = np.flatnonzero(owner >= 0)
    owners = owner[touched]
    if look.ascii_only:
        marks = np.array([char or path_styles.head(slot, ascii_only=True) for slot in range(36)])
        cells.chars.flat[touched] = marks[owners % 36]
    else:
        cells.chars.flat[touched] = scattered(row, column, window.columns, window.rows).flat[touched]
    cells.back.flat[touched] = ground.mean.flat[touched]
    cells.front.flat[touched] = NONE if look.plain else colours[owners]
    cells.attributes.flat[touched] = 0


@lru_cache(maxsize=32)
def path_colours(paths: int, look: MapLook) -> Colours:
    """The colours of paths, int32 [p]; not to be written to."""
    return np.array([parsed(path_styles.colour(slot, dark=look.dark)) for slot in range(paths)], np.int32)


def faint(colours: Colours, look: MapLook) -> Colours:
    """The same for what is not to catch the eye: steps that are still to come."""
    return blended(colours, look.background, _FAINT)


@lru_cache(maxsize=8)
def ghost_colour(look: MapLook) -> int:
    """The one colour of all ghosts."""
    return int(blended(np.array(look.ink, np.int32), look.background, _GHOST))


def put_marks(cells: Raster, ground: Ground, window: MapWindow, marks: Sequence[Mark], look: MapLook) -> None:
    """Write marks, the last on top; those outside the window are left out."""
    for mark in marks:
        place = window.cell(mark.x, mark.y)
        if place is None:
            continue
        column, row = place
        cells.put(column, row, mark.char, NONE if look.plain else mark.colour, mark.attributes)
        cells.back[row, column] = ground.mean[row, column]


def arrow_way(gradient: npt.NDArray[np.floating]) -> tuple[float, float] | None:
    """The direction of steepest descent, −∇f over its length, from `gradient` float [2]; None where there is none."""
    size = float(np.hypot(*gradient.astype(np.float64)))
    if not (math.isfinite(size) and size > 1e-6):
        return None
    return -float(gradient[0]) / size, -float(gradient[1]) / size


def arrow_length(size: float, window: MapWindow, typical: float) -> float:
    """How many columns long the arrow of a gradient is; 0 where it is too small to matter.

    Its measure is the part of the window's `typical` height that a straight walk over half the window would lose. The
    scale is logarithmic: two columns more for ten times the gradient.
    """
    part = size * window.columns * window.unit / 2 / max(typical, 1e-300)
    if part < _LEAST_PART:
        return 0.0
    return min(_SHORTEST_ARROW + 2.0 * math.log10(part / _LEAST_PART), _LONGEST_ARROW)


def draw_arrow(
    cells: Raster,
    ground: Ground,
    window: MapWindow,
    point: tuple[float, float],
    gradient: npt.NDArray[np.floating],
    look: MapLook,
) -> None:
    """Draw the arrow along −∇f from `point`: a shaft of dots and a head that points in the nearest of 8 directions."""
    way = arrow_way(gradient)
    if way is None or window.cell(*point) is None:
        return
    size = float(np.hypot(*gradient.astype(np.float64)))
    length = arrow_length(size, window, ground.relief.value(0.5) - ground.relief.low) * window.unit
    if not length:
        return
    tip = (point[0] + way[0] * length, point[1] + way[1] * length)
    count = max(int(length / window.unit * 2), 2)
    part = np.linspace(0.0, 1.0, count)[1:, None]
    line = np.array(point) + part * (np.array(tip) - np.array(point))
    across, down = (1, 1) if look.ascii_only else (2, 4)
    places = np.floor(window.places(line, across, down)).astype(np.intp)
    inside = ((places >= 0) & (places < (window.columns * across, window.rows * down))).all(axis=1)
    places = places[inside]
    dot = places[:, 1] * window.columns * across + places[:, 0]
    zeros = np.zeros(len(dot), np.intp)
    if not look.ascii_only:
        lay_dots(cells, ground, Dots(zeros, dot, zeros), window, look, np.array([look.ink], np.int32))
    octant = round(math.atan2(way[1], way[0]) / (math.pi / 4)) % 8
    head = (_ASCII_ARROWS if look.ascii_only else _ARROWS)[octant]
    put_marks(cells, ground, window, [Mark(*tip, head, look.ink)], look)


def draw_cursor(cells: Raster, ground: Ground, window: MapWindow, point: tuple[float, float], look: MapLook) -> None:
    """A cross at the cursor's cell, its arms in the cells around; a mark below it stays, reversed."""
    place = window.cell(*point)
    if place is None:
        return
    column, row = place
    side, up, middle = ("-", "|", "+") if look.ascii_only else ("─", "│", "┼")
    front = NONE if look.plain else look.ink
    for x, y, char in (
        (column - 2, row, side),
        (column - 1, row, side),
        (column + 1, row, side),
        (column + 2, row, side),
        (column, row - 1, up),
        (column, row + 1, up),
    ):
        if 0 <= x < window.columns and 0 <= y < window.rows:
            cells.back[y, x] = ground.mean[y, x]
            cells.put(x, y, char, front, BOLD)
    marked = bool(cells.attributes[row, column])
    cells.put(
        column, row, str(cells.chars[row, column]) if marked else middle, front, BOLD | REVERSE if marked else BOLD
    )
    cells.back[row, column] = ground.mean[row, column]
