"""A picture for the log of a descent: its paths on the surface in three dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.colours import viridis
from engine.descent.relief import function, relief
from engine.descent.view3d import Float64, Height, Sight, View, look
from engine.events import FloatArray, SurfaceDrawn
from engine.log.plots import draw_ends, draw_tracks, names_height, write_names
from engine.log.raster import WHITE, Colour, Pixels, blank, write

_TOP = 28
_GRID = 12
_WALL: Colour = (196, 196, 202)
_MOST_POINTS = 20_000
_PART = 1 / 150
"""Between two steps a path is drawn through points on the surface, at most this share of the domain apart."""


def solid_picture(
    surface: SurfaceDrawn, labels: Sequence[str], paths: Sequence[FloatArray], *, width: int = 480, height: int = 370
) -> Pixels:
    """Draw the surface from azimuth -30 and elevation 60 degrees, its height log-scaled, dark where low, with grid
    lines and the visible parts of paths float [k, 2].

    Paths are numbered from 1 at their starts and named below. Returns RGB uint8 [H, W, 3].
    """
    ranges = [(float(axis[0]), float(axis[-1])) for axis in (surface.x, surface.y)]
    view = View(ranges[0], ranges[1], width, height)
    values, scale = function(surface), relief(np.asarray(surface.z, np.float64))

    def heights(x: Float64, y: Float64) -> Float64:
        return scale.height(np.asarray(values(x, y), np.float64))

    sight = look(view, heights)
    picture = blank(width, _TOP + height + 8 + names_height(labels))
    write(picture, f"{surface.label}: {surface.formula}", 6, 6)
    part = picture[_TOP : _TOP + height]
    part[...] = _shaded(sight)
    _write_ends(part, view)
    draw_tracks(part, [_track(sight, heights, _draped(view, points)) for points in paths])
    draw_ends(part, [_track(sight, heights, points) for points in paths])
    write_names(picture, labels, _TOP + height + 6)
    return picture


def _shaded(sight: Sight) -> Pixels:
    """Colour the surface by height and light on white, its walls grey, grid lines a little darker."""
    known = np.isfinite(sight.height)
    colours = viridis(256)[np.where(known, sight.height * 255, 0.0).astype(np.intp)]
    colours *= (0.55 + 0.6 * np.nan_to_num(sight.light))[..., None]
    colours[sight.grid(_GRID)] *= 0.75
    colours[~known] = WHITE
    colours[sight.wall] = _WALL
    shades: Pixels = np.clip(np.rint(colours), 0, 255).astype(np.uint8)
    return shades


def _draped(view: View, points: FloatArray) -> FloatArray:
    """Add points between a path's steps, so its line follows the surface; a point that is not finite interrupts it."""
    points = np.asarray(points[:_MOST_POINTS], np.float64)
    if len(points) < 2:
        return points
    size = np.array([end - start for start, end in (view.x_range, view.y_range)])
    gaps = np.nan_to_num(np.abs(np.diff(points, axis=0) / size).max(axis=1), nan=0.0, posinf=0.0)
    most = max(_MOST_POINTS // len(points), 1)
    counts = np.clip(np.ceil(gaps / _PART), 1, min(most, round(2 / _PART))).astype(np.intp)
    segment = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = ((rank + 1) / counts[segment])[:, None]
    between = points[segment] * (1 - share) + points[segment + 1] * share
    return np.concatenate([points[:1], between])


def _track(sight: Sight, heights: Height, points: FloatArray) -> FloatArray:
    """Map the points [k, 2] of a path into the picture, NaN for one that is hidden or outside."""
    x, y = (np.asarray(points[:, axis], np.float64) for axis in (0, 1))
    with np.errstate(over="ignore", invalid="ignore"):
        lifted = np.stack([x, y, np.nan_to_num(heights(x, y))], axis=1)
        seen = sight.visible(lifted)
    return np.where(seen[:, None], sight.view.pixels(np.where(seen[:, None], lifted, 0.0)), np.nan)


def _write_ends(picture: Pixels, view: View) -> None:
    """Name the axes and their ends beside the two edges of the floor that are nearest to the eye."""
    (x0, x1), (y0, y1) = view.x_range, view.y_range
    azimuth = math.radians(view.camera.azimuth)
    near_x, near_y = x1 if math.cos(azimuth) >= 0 else x0, y1 if math.sin(azimuth) >= 0 else y0
    along = [(0.04, 0), (0.5, None), (0.96, 1)]
    places = [("x" if end is None else f"{(x0, x1)[end]:g}", x0 + part * (x1 - x0), near_y) for part, end in along]
    places += [("y" if end is None else f"{(y0, y1)[end]:g}", near_x, y0 + part * (y1 - y0)) for part, end in along]
    for text, x, y in places:
        column, row = view.pixels(np.array([x, y, 0.0])).tolist()
        left = column < view.columns / 2
        write(picture, text, column + (-8 if left else 8), row - 2, align=1.0 if left else 0.0)
