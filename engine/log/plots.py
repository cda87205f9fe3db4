"""Pictures for the log of a descent: paths over a shaded surface with contours, and a curve with its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.colours import viridis
from engine.contours import contour_pixels, log_heights, resampled
from engine.events import Curve, FloatArray, SurfaceDrawn
from engine.log.raster import (
    FAINT,
    INK,
    SERIES,
    WHITE,
    Colour,
    Pixels,
    blank,
    disc,
    polyline,
    spread,
    stamp,
    stencil,
    write,
)
from engine.ticks import linear_ticks

_CONTOURS = 14
_SHADES = 256
_MOST_TICKS = 7
_MOST_PATHS = 64
_MOST_NAMED = 12
_LINE = 15


@dataclass(frozen=True)
class PictureFrame:
    """The position of a plot in a picture: x from `left` on, `width` pixels; y from `top` down, `height` pixels."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    left: int
    top: int
    width: int
    height: int

    def place(self, points: FloatArray) -> FloatArray:
        """Map points [n, 2] to pixels float64 [n, 2]; the picture's y grows downwards."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        x = self.left + (points[:, 0].astype(np.float64) - x0) / (x1 - x0) * (self.width - 1)
        y = self.top + (y1 - points[:, 1].astype(np.float64)) / (y1 - y0) * (self.height - 1)
        pixels: FloatArray = np.stack([x, y], axis=1)
        return pixels

    def part(self, picture: Pixels) -> Pixels:
        """The pixels inside the axes, as a view."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    def inside(self) -> PictureFrame:
        """The same axes for the pixels of `part`."""
        return PictureFrame(self.x_range, self.y_range, 0, 0, self.width, self.height)


def surface_picture(
    surface: SurfaceDrawn, labels: Sequence[str], paths: Sequence[FloatArray], *, side: int = 480
) -> Pixels:
    """Draw the surface, log-shaded, dark where low, with contours and known minima, and paths float [k, 2] over it.

    Paths are numbered from 1 at their starts and named below. Returns RGB uint8 [H, W, 3].
    """
    x_range = float(surface.x[0]), float(surface.x[-1])
    y_range = float(surface.y[0]), float(surface.y[-1])
    frame = PictureFrame(x_range, y_range, left=46, top=28, width=side, height=side)
    picture = blank(frame.left + side + 14, frame.top + side + 26 + names_height(labels))
    write(picture, f"{surface.label}: {surface.formula}", 6, 6)
    _axes(picture, frame)
    part, within = frame.part(picture), frame.inside()
    part[...] = _shaded(resampled(surface.z, side, side)[::-1])
    for minimum in surface.minima:
        (place,) = within.place(np.array([minimum.point]))
        _cross(part, place, WHITE)
    draw_tracks(part, [within.place(points) for points in paths])
    draw_ends(part, [within.place(points) for points in paths])
    write_names(picture, labels, frame.top + side + 24)
    return picture


def draw_tracks(picture: Pixels, tracks: Sequence[FloatArray]) -> None:
    """Draw paths through pixels float [k, 2] each; a point that is not finite breaks one."""
    for number, track in enumerate(tracks[:_MOST_PATHS]):
        polyline(picture, track, INK, width=4)
        polyline(picture, track, SERIES[number % len(SERIES)], width=2)


def draw_ends(picture: Pixels, tracks: Sequence[FloatArray]) -> None:
    """Mark the first and the last finite point of each path, and number it from 1 at the first."""
    for number, track in enumerate(tracks[:_MOST_PATHS]):
        colour = SERIES[number % len(SERIES)]
        known = track[np.isfinite(track).all(axis=1)]
        if len(known):
            (x, y), (last_x, last_y) = known[0], known[-1]
            disc(picture, x, y, 4, colour, WHITE)
            disc(picture, last_x, last_y, 5, colour, INK)
            write(picture, f"{number + 1}", x + 7, y - 7, colour=WHITE)


def names_height(labels: Sequence[str]) -> int:
    """The height in pixels of the lines of `write_names`."""
    return _LINE * min(len(labels), _MOST_NAMED + 1)


def write_names(picture: Pixels, labels: Sequence[str], top: int) -> None:
    """Write a legend: a line for each of the first paths, and how many more there are."""
    for number, label in enumerate(labels[:_MOST_NAMED]):
        _named(picture, number, label, 8, top + _LINE * number)
    if len(labels) > _MOST_NAMED:
        write(picture, f"and {len(labels) - _MOST_NAMED} more", 24, top + _LINE * _MOST_NAMED)


def curve_picture(
    curve: Curve, labels: Sequence[str] = (), paths: Sequence[FloatArray] = (), *, width: int = 560, height: int = 320
) -> Pixels:
    """Draw a function and its gradient over x, and the points of paths float [k, 2] (x and value) on it.

    Returns RGB uint8 [H, W, 3].
    """
    both = np.concatenate([curve.y, curve.gradient])
    low, high = _range(both)
    frame = PictureFrame(
        (float(curve.x[0]), float(curve.x[-1])), (low, high), left=64, top=46, width=width, height=height
    )
    named = labels[:_MOST_NAMED]
    picture = blank(frame.left + width + 14, frame.top + height + 26 + _LINE * len(named))
    write(picture, curve.formula, 6, 6)
    _axes(picture, frame, grid=True)
    part, within = frame.part(picture), frame.inside()
    for number, (text, y) in enumerate((("value", curve.y), ("gradient", curve.gradient))):
        polyline(part, within.place(np.stack([curve.x, y], axis=1)), SERIES[number])
        write(picture, text, frame.left + 90 * number, 26, colour=SERIES[number])
    for number, points in enumerate(paths[:_MOST_PATHS]):
        colour = SERIES[(number + 2) % len(SERIES)]
        known = within.place(points[np.isfinite(points).all(axis=1)])
        for at, (x, y) in enumerate(known):
            disc(part, x, y, 4 if at in (0, len(known) - 1) else 2, colour, WHITE)
    for number, label in enumerate(named):
        _named(picture, number, label, 8, frame.top + height + 24 + _LINE * number, offset=2)
    return picture


def _range(values: FloatArray) -> tuple[float, float]:
    """The ends of an axis for `values`, with a margin; values that are not finite are ignored."""
    known = values[np.isfinite(values)].astype(np.float64)
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = 0.05 * (high - low) or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _axes(picture: Pixels, frame: PictureFrame, grid: bool = False) -> None:
    """Draw a frame of one pixel with ticks, and lines across if there is a grid."""
    ink = np.zeros(picture.shape[:2], np.uint8)
    bottom, right = frame.top + frame.height, frame.left + frame.width
    for value in linear_ticks(*frame.x_range, _MOST_TICKS):
        x = round(float(frame.place(np.array([[value, frame.y_range[0]]]))[0, 0]))
        if grid:
            picture[frame.top : bottom, x] = FAINT
        ink[bottom : bottom + 4, x] = 255
        stamp(ink, f"{value:g}", x, bottom + 5, align=0.5)
    for value in linear_ticks(*frame.y_range, _MOST_TICKS):
        y = round(float(frame.place(np.array([[frame.x_range[0], value]]))[0, 1]))
        if grid:
            picture[y, frame.left : right] = FAINT
        ink[y, frame.left - 4 : frame.left] = 255
        stamp(ink, f"{value:g}", frame.left - 6, y - 7, align=1.0)
    ink[frame.top - 1 : bottom + 1, [frame.left - 1, right]] = 255
    ink[[frame.top - 1, bottom], frame.left - 1 : right + 1] = 255
    spread(picture, ink, INK)


def _named(picture: Pixels, number: int, label: str, x: int, y: int, offset: int = 0) -> None:
    """Write one line of a legend: a mark in the path's colour, its number and its label, cut to the available width."""
    disc(picture, x + 4, y + 7, 4, SERIES[(number + offset) % len(SERIES)])
    text, room = f"{number + 1}  {label}"[:120], picture.shape[1] - x - 20
    while len(text) > 4 and stencil(text).shape[1] > room:
        text = text[:-4] + "..."
    write(picture, text, x + 16, y)


def _shaded(z: FloatArray) -> Pixels:
    """Colour finite values [h, w] by `log_heights`, with a darker line along each contour."""
    heights = log_heights(z)
    colours = viridis(_SHADES)[np.rint(heights * (_SHADES - 1)).astype(np.intp)]
    colours[contour_pixels(heights, _CONTOURS)] *= 0.72
    shades: Pixels = np.rint(colours).astype(np.uint8)
    return shades


def _cross(picture: Pixels, place: FloatArray, colour: Colour) -> None:
    x, y = (float(part) for part in place)
    for dx, dy in ((6, 6), (6, -6)):
        ends = np.array([[x - dx, y - dy], [x + dx, y + dy]])
        polyline(picture, ends, INK, width=4)
        polyline(picture, ends, colour, width=2)
