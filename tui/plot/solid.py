"""A surface in three dimensions on a terminal: its window, the positions of points on it, and its shades."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.descent.basins import Basins
from engine.descent.relief import Relief, function, relief, sample
from engine.descent.view3d import Bools, Camera, Float64, Sight, View, look
from engine.events import FloatArray, SurfaceDrawn
from tui.plot.basin_picture import basin_colours, basin_pixels_at
from tui.plot.braille import BLANK, braille, scattered
from tui.plot.map_window import MapWindow, Range
from tui.plot.palettes import LEVELS, Colours, blended, ramp
from tui.plot.raster import NONE, Raster
from tui.plot.surface_picture import MapLook, SurfaceShades, half_blocks, levels, mean
from tui.plot.trails import Dots

GRID = 12
"""The number of parts into which grid lines divide each side."""
_SAMPLES = 97
_PLANE_COLUMNS = 160
PLANE_ACROSS, PLANE_DOWN = 2, 4
"""Columns of the plane in which paths are traced before they are projected, and dots per cell: finer than most
screens."""
_LINE = 0.28
_MIDDLE = 0.6
"""The light at which a colour is the same as on the map."""
_ASCII_LIGHTS, _ASCII_WALL = ".,:;=", "'"
_LIGHTS = 6
"""The number of shades of light: few, so neighbours often share a colour."""


@dataclass(frozen=True, slots=True)
class SolidWindow:
    """A surface over a part of the plane, seen by a camera, in `columns` by `rows` cells."""

    x_range: Range
    y_range: Range
    camera: Camera
    columns: int
    rows: int

    @property
    def view(self) -> View:
        """The view in braille dots, two across and four down a cell, which are square."""
        return View(self.x_range, self.y_range, 2 * self.columns, 4 * self.rows, self.camera)

    @property
    def dots_a_dot(self) -> int:
        """About how many of the plane's dots are one dot on the screen: dashes are that much longer there."""
        return max(round(_PLANE_COLUMNS * PLANE_ACROSS / 2 / self.view.scale), 1)

    @property
    def plane(self) -> MapWindow:
        """The part of the plane as a map, on which paths are traced."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        unit = max(x1 - x0, y1 - y0) / _PLANE_COLUMNS
        columns, rows = max(round((x1 - x0) / unit), 1), max(round((y1 - y0) / unit / 2), 1)
        return MapWindow((x0 + x1) / 2, (y0 + y1) / 2, unit, columns, rows)


class Solid:
    """A surface in a window. Points lie on the surface; `columns`, `rows`, `unit`, `places` and `cell` are those of a
    MapWindow, so code that draws on a map draws on a solid too."""

    def __init__(self, surface: SurfaceDrawn, window: SolidWindow) -> None:
        self.window = window
        self.columns, self.rows = window.columns, window.rows
        self.unit = (window.x_range[1] - window.x_range[0]) / 2 / max(window.view.scale / 2, 1e-9)
        self._function = function(surface)
        axes = (np.linspace(*part, _SAMPLES) for part in (window.x_range, window.y_range))
        self.relief: Relief = relief(sample(surface, *axes))

    @cached_property
    def sight(self) -> Sight:
        """The visible surface at each dot."""
        return look(self.window.view, self.height)

    def height(self, x: Float64, y: Float64) -> Float64:
        """The height of the surface, 0 to 1."""
        return self.relief.height(np.asarray(self._function(x, y), np.float64))

    def lifted(self, points: FloatArray) -> Float64:
        """Add their heights to points [..., 2] of the plane: float64 [..., 3]."""
        x, y = (np.asarray(points[..., axis], np.float64) for axis in (0, 1))
        return np.stack([x, y, np.nan_to_num(self.height(x, y))], axis=-1)

    def places(self, points: FloatArray, across: int, down: int) -> Float64:
        """Map points [..., 2] to a grid of `across` by `down` fields a cell: float64 [..., 2], (column, row)."""
        dots = self.window.view.pixels(self.lifted(points))
        return np.asarray(dots * np.array([across / 2, down / 4]))

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The column and row of a point's cell; None if it is outside the window or not finite."""
        point = np.array([x, y])
        if not (np.isfinite(point).all() and bool(self.window.view.inside(point))):
            return None
        column, row = np.floor(self.places(point, 1, 1)).astype(int).tolist()
        return (column, row) if 0 <= column < self.columns and 0 <= row < self.rows else None

    def visible(self, points: FloatArray) -> Bools:
        """Which points [n, 2] of the plane are not hidden."""
        return self.sight.visible(self.lifted(points))

    def seen(self, dots: Dots, across: int, down: int) -> Dots:
        """The visible dots of paths on the window's plane, as dots of `across` by `down` a cell."""
        plane = self.window.plane
        row, column = np.divmod(dots.dot, plane.columns * PLANE_ACROSS)
        x = plane.x_range[0] + (column + 0.5) * plane.unit / PLANE_ACROSS
        y = plane.y_range[1] - (row + 0.5) * 2 * plane.unit / PLANE_DOWN
        points = np.stack([x, y], axis=1)
        places = np.floor(self.places(points, across, down)).astype(np.intp)
        inside = ((places >= 0) & (places < (self.columns * across, self.rows * down))).all(axis=1)
        kept = inside & self.visible(points)
        place = places[kept]
        return Dots(dots.path[kept], place[:, 1] * self.columns * across + place[:, 0], dots.step[kept])

    def place_at(self, column: int, row: int) -> tuple[float, float] | None:
        """The point of the plane at a cell; None if the cell shows none."""
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        dots = np.s_[4 * row : 4 * row + 4, 2 * column : 2 * column + 2]
        x, y = (part[dots][np.isfinite(self.sight.height[dots])] for part in (self.sight.x, self.sight.y))
        return (float(x.mean()), float(y.mean())) if x.size else None

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the window nearest to one outside it."""
        (x0, x1), (y0, y1) = self.window.x_range, self.window.y_range
        return min(max(x, x0), x1), min(max(y, y0), y1)


@dataclass(frozen=True, slots=True, eq=False)
class SolidShades(SurfaceShades):
    """A drawn solid, and the mapping from points to cells."""

    solid: Solid


def solid_shades(
    surface: SurfaceDrawn, window: SolidWindow, style: MapLook, basins: Basins | None = None
) -> SolidShades:
    """Draw the surface in a window; with `basins`, coloured by the minimum that each point leads to."""
    solid = Solid(surface, window)
    sight = solid.sight
    cells = Raster(window.columns, window.rows)
    if style.plain or style.glyphs.ascii:
        cells.chars[:] = _ascii(sight) if style.glyphs.ascii else _plain(sight)
        return SolidShades(cells, cells.back, solid.relief, solid)
    colours = _colours(sight, style, basins)
    drawn = half_blocks(colours)
    shades = SolidShades(drawn, mean(colours), solid.relief, solid)
    _lay_grid(shades, style)
    return shades


def _colours(sight: Sight, style: MapLook, basins: Basins | None) -> Colours:
    x, y, height, light = (part[::2, ::2] for part in (sight.x, sight.y, sight.height, sight.light))
    wall = sight.wall[::2, ::2]
    if basins is None:
        table = np.append(ramp(style.dark, style.system), np.int32(style.background)).astype(np.int32)
        colours = table[levels(height, LEVELS)]
    else:
        colours = basin_colours(basin_pixels_at(basins, x, y), style.dark, style.background, style.system)
    if style.system in ("truecolor", "256"):
        shade = np.minimum(np.nan_to_num(light) * _LIGHTS, _LIGHTS - 1).astype(np.intp)
        for number in range(_LIGHTS):
            where = (shade == number) & np.isfinite(height)
            colours[where] = _shone(colours[where], (number + 0.5) / _LIGHTS, style.dark)
    colours[~np.isfinite(height)] = style.background
    colours[wall] = int(blended(np.array(style.background, np.int32), style.ink, 0.1))
    return np.asarray(colours, np.int32)


def _shone(colours: Colours, light: float, dark: bool) -> Colours:
    """Colours under light from 0 to 1: unchanged in the middle, darker below, lighter above."""
    if light < _MIDDLE:
        return blended(colours, 0x000000, (0.6 if dark else 0.35) * (_MIDDLE - light) / _MIDDLE)
    return blended(colours, 0xFFFFFF, (0.2 if dark else 0.3) * (light - _MIDDLE) / (1 - _MIDDLE))


def _lay_grid(shades: SolidShades, style: MapLook) -> None:
    cells = shades.cells
    rows, columns = np.nonzero(shades.solid.sight.grid(GRID))
    chars = scattered(rows, columns, cells.width, cells.height)
    touched = chars != "\u2800"
    cells.chars[touched] = chars[touched]
    cells.back[touched] = shades.mean[touched]
    end = 0xFFFFFF if style.dark else 0x000000
    cells.front[touched] = blended(shades.mean, end, _LINE)[touched]


def label_axes(cells: Raster, solid: Solid, style: MapLook) -> None:
    """Name both axes and their ends beside the two edges of the floor that are nearest to the eye."""
    (x0, x1), (y0, y1) = solid.window.x_range, solid.window.y_range
    azimuth = math.radians(solid.window.camera.azimuth)
    near_x, near_y = x1 if math.cos(azimuth) >= 0 else x0, y1 if math.sin(azimuth) >= 0 else y0
    places = [("x", (x0 + x1) / 2, near_y), ("y", near_x, (y0 + y1) / 2)]
    places += [(f"{end:.3g}", at, near_y) for end, at in zip((x0, x1), _inset(x0, x1), strict=True)]
    places += [(f"{end:.3g}", near_x, at) for end, at in zip((y0, y1), _inset(y0, y1), strict=True)]
    front = NONE if style.plain else int(blended(np.array(style.ink, np.int32), style.background, 0.35))
    for text, x, y in places:
        column, row = np.floor(solid.window.view.pixels(np.array([x, y, 0.0])) / (2, 4)).astype(int).tolist()
        for gap in range(1, 5):
            start = column - len(text) - gap if column < solid.columns / 2 else column + 1 + gap
            if not (0 <= row < solid.rows and 0 <= start <= solid.columns - len(text)):
                continue
            if np.isin(cells.chars[row, max(start - 1, 0) : start + len(text) + 1], (" ", BLANK)).all():
                cells.put(start, row, text, front)
                break


def _inset(low: float, high: float) -> tuple[float, float]:
    """Positions for the labels of an edge's ends, a little inside: at the corner two edges' labels would meet."""
    return low + 0.08 * (high - low), high - 0.08 * (high - low)


def _plain(sight: Sight) -> npt.NDArray[np.str_]:
    """Draw the solid without colour: its grid lines and its outline."""
    parts = np.where(sight.wall, 1, np.where(np.isfinite(sight.height), 2, 0))
    edge = np.zeros(parts.shape, dtype=bool)
    edge[1:] |= parts[1:] != parts[:-1]
    edge[:, 1:] |= parts[:, 1:] != parts[:, :-1]
    return braille(sight.grid(GRID) | edge)


def _ascii(sight: Sight) -> npt.NDArray[np.str_]:
    """Draw the solid in ASCII: denser characters for more light, walls in another."""
    rows, columns = sight.light.shape[0] // 4, sight.light.shape[1] // 2

    def dots(part: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return part.reshape(rows, 4, columns, 2).transpose(0, 2, 1, 3).reshape(rows, columns, 8)

    count = dots(np.isfinite(sight.light)).sum(axis=2)
    light = np.nansum(dots(sight.light), axis=2) / np.maximum(count, 1)
    known = count >= 4
    dark, bright = np.quantile(light[known], (0.02, 0.98)) if known.any() else (0.0, 1.0)
    shades = np.array([*_ASCII_LIGHTS, " "])
    spread = np.clip((light - dark) / max(bright - dark, 1e-9), 0.0, 1.0)
    chars = shades[levels(np.where(known, spread, np.nan), len(shades) - 1)]
    return np.asarray(np.where(~known & (dots(sight.wall).sum(axis=2) >= 4), _ASCII_WALL, chars))
