"""Marks on a map: paths, ghosts, starts, minima, the gradient's arrow, the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from tui.plot import path_styles
from tui.plot.braille import scattered
from tui.plot.palettes import Colours, blended, parsed
from tui.plot.raster import BOLD, NONE, REVERSE, Raster
from tui.plot.surface_picture import MapLook, SurfaceShades
from tui.plot.trails import Dots

_LEAST_PART, _SHORTEST_ARROW, _LONGEST_ARROW = 0.02, 2.0, 10.0
_FAINT = 0.6
_GHOST = 0.45


class CellGrid(Protocol):
    """The size of a drawing area in cells."""

    @property
    def columns(self) -> int: ...
    @property
    def rows(self) -> int: ...


class Places(CellGrid, Protocol):
    """A mapping from points of the plane to cells: a MapWindow, or a surface in three dimensions. `unit` is the width
    of a cell in the plane's units."""

    @property
    def unit(self) -> float: ...
    def places(self, points: FloatArray, across: int, down: int) -> npt.NDArray[np.float64]: ...
    def cell(self, x: float, y: float) -> tuple[int, int] | None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """One character at a point of the plane; if it is `followed`, an arrow at the edge points to it when it is
    outside."""

    x: float
    y: float
    char: str
    colour: int
    attributes: int = BOLD
    followed: bool = False


def lay_dots(
    cells: Raster,
    ground: SurfaceShades,
    dots: Dots,
    window: CellGrid,
    look: MapLook,
    colours: Colours,
    chosen: int = -1,
    char: str = "",
) -> None:
    """Draw paths over the map as braille dots, the newest on top and the `chosen` path above all.

    `colours` int32 [p] are the paths'. Dots of several paths in one cell share its last path's colour. In ASCII a cell
    shows its path's mark, or `char` if given.
    """
    if not len(dots.dot):
        return
    order = np.concatenate([np.flatnonzero(dots.path != chosen), np.flatnonzero(dots.path == chosen)])
    path, dot = dots.path[order], dots.dot[order]
    across, down = (1, 1) if look.glyphs.ascii else (2, 4)
    row, column = np.divmod(dot, window.columns * across)
    cell = row // down * window.columns + column // across
    owner = np.full(window.rows * window.columns, -1, np.intp)
    owner[cell] = path
    touched = np.flatnonzero(owner >= 0)
    owners = owner[touched]
    if look.glyphs.ascii:
        marks = np.array([char or path_styles.head(slot, look.glyphs) for slot in range(36)])
        cells.chars.flat[touched] = marks[owners % 36]
    else:
        cells.chars.flat[touched] = scattered(row, column, window.columns, window.rows).flat[touched]
    cells.back.flat[touched] = ground.mean.flat[touched]
    cells.front.flat[touched] = NONE if look.plain else colours[owners]
    cells.attributes.flat[touched] = 0


@lru_cache(maxsize=32)
def path_colours(paths: int, look: MapLook) -> Colours:
    """The colours of paths, int32 [p]; do not write to it."""
    return np.array([parsed(path_styles.colour(slot, dark=look.dark)) for slot in range(paths)], np.int32)


def faint(colours: Colours, look: MapLook) -> Colours:
    """The less prominent colours for steps that are still to come."""
    return blended(colours, look.background, _FAINT)


@lru_cache(maxsize=8)
def ghost_colour(look: MapLook) -> int:
    """The one colour of all ghosts."""
    return int(blended(np.array(look.ink, np.int32), look.background, _GHOST))


def put_marks(cells: Raster, ground: SurfaceShades, window: Places, marks: Sequence[Mark], look: MapLook) -> None:
    """Draw marks, the last on top; those outside the window are left out or become arrows at its edge."""
    for mark in marks:
        place, char = window.cell(mark.x, mark.y), mark.char
        if place is None and mark.followed:
            place, char = _at_edge(mark, window, look)
        if place is None:
            continue
        column, row = place
        cells.put(column, row, char, NONE if look.plain else mark.colour, mark.attributes)
        cells.back[row, column] = ground.mean[row, column]


def _at_edge(mark: Mark, window: Places, look: MapLook) -> tuple[tuple[int, int], str]:
    """The cell at the window's edge that is nearest to a mark outside, and an arrow towards the mark."""
    x, y = window.places(np.array([mark.x, mark.y]), 1, 1).tolist()
    left, right, up, down = look.glyphs.edges
    sideways = left if x < 0 else right if x >= window.columns else ""
    column, row = (int(min(max(at, 0), size - 1)) for at, size in ((x, window.columns), (y, window.rows)))
    return (column, row), sideways or (up if y < 0 else down)


def arrow_way(gradient: npt.NDArray[np.floating]) -> tuple[float, float] | None:
    """The direction of steepest descent, −∇f/|∇f|, from `gradient` float [2]; None if there is none."""
    size = float(np.hypot(*gradient.astype(np.float64)))
    if not (math.isfinite(size) and size > 1e-6):
        return None
    return -float(gradient[0]) / size, -float(gradient[1]) / size


def arrow_length(size: float, window: Places, typical: float) -> float:
    """The length in columns of a gradient's arrow; 0 if it is negligible.

    It depends on the share of the window's `typical` height that walking straight over half the window would descend.
    The scale is logarithmic: two columns more for ten times the gradient.
    """
    part = size * window.columns * window.unit / 2 / max(typical, 1e-300)
    if part < _LEAST_PART:
        return 0.0
    return min(_SHORTEST_ARROW + 2.0 * math.log10(part / _LEAST_PART), _LONGEST_ARROW)


def draw_arrow(
    cells: Raster,
    ground: SurfaceShades,
    window: Places,
    point: tuple[float, float],
    gradient: npt.NDArray[np.floating],
    look: MapLook,
    name: str = "",
    columns: float | None = None,
) -> None:
    """Draw an arrow along −∇f from `point`: a shaft of dots and a head that points in the nearest of 8 directions.

    The arrow of a part of a step has a `name`, one letter before its head that decides its colour, and is `columns`
    long, in proportion to the other parts.
    """
    colour = part_colour(name, look)
    way = arrow_way(gradient)
    if way is None or window.cell(*point) is None:
        return
    size = float(np.hypot(*gradient.astype(np.float64)))
    if columns is None:
        columns = arrow_length(size, window, typical_height(ground))
    length = columns * window.unit
    if not length:
        return
    tip = (point[0] + way[0] * length, point[1] + way[1] * length)
    count = max(int(length / window.unit * 2), 2)
    part = np.linspace(0.0, 1.0, count)[1:, None]
    line = np.array(point) + part * (np.array(tip) - np.array(point))
    across, down = (1, 1) if look.glyphs.ascii else (2, 4)
    places = np.floor(window.places(line, across, down)).astype(np.intp)
    inside = ((places >= 0) & (places < (window.columns * across, window.rows * down))).all(axis=1)
    places = places[inside]
    dot = places[:, 1] * window.columns * across + places[:, 0]
    zeros = np.zeros(len(dot), np.intp)
    if not look.glyphs.ascii:
        lay_dots(cells, ground, Dots(zeros, dot, zeros), window, look, np.array([colour], np.int32))
    (x0, y0), (x1, y1) = window.places(np.array([point, tip]), 1, 2).tolist()
    octant = round(math.atan2(y0 - y1, x1 - x0) / (math.pi / 4)) % 8
    head = look.glyphs.arrows[octant]
    put_marks(cells, ground, window, [Mark(*tip, head, colour)], look)
    place = window.cell(*tip)
    if name and place is not None:
        column = place[0] + (1 if x1 >= x0 else -1)
        if 0 <= column < window.columns:
            cells.put(column, place[1], name, NONE if look.plain else colour, BOLD)
            cells.back[place[1], column] = ground.mean[place[1], column]


def typical_height(ground: SurfaceShades) -> float:
    """The height of the median shade above the lowest value."""
    return ground.relief.value(0.5) - ground.relief.low


def part_colour(name: str, look: MapLook) -> int:
    """The colour of the arrow of a step's part; the gradient's is that of the ink."""
    momentum, step = (0xFF9BD2, 0xFFE27A) if look.dark else (0x8A0A56, 0x6A4A00)
    return {"m": momentum, "s": step}.get(name, look.ink)


def draw_cursor(
    cells: Raster, ground: SurfaceShades, window: Places, point: tuple[float, float], look: MapLook
) -> None:
    """Draw a cross at the cursor's cell, with arms in the cells around; a mark in the cell stays, reversed."""
    place = window.cell(*point)
    if place is None:
        return
    column, row = place
    side, up, middle = look.glyphs.cross
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
