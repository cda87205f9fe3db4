"""Pictures for the log of a descent: paths over a shaded surface with contours, and a curve with its gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.events import Curve, FloatArray, SurfaceDrawn
from engine.raster import (
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

# Perceptually even and safe for the colour-blind; nine of its 256 colours, the rest is interpolated between them.
# Source: S. van der Walt, N. Smith, viridis, matplotlib 1.5, 2015, released under CC0.
_VIRIDIS = np.array(
    [
        (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141),
        (39, 173, 129), (92, 200, 99), (170, 220, 50), (253, 231, 37),
    ],
    np.float64,
)  # fmt: skip
_CONTOURS = 14
_MOST_PATHS = 64
_MOST_NAMED = 12
_LINE = 15


@dataclass(frozen=True)
class Frame:
    """Where numbers lie in a picture: x from `left` on, `width` pixels of it; y from `top` down, `height` pixels."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    left: int
    top: int
    width: int
    height: int

    def place(self, points: FloatArray) -> FloatArray:
        """Pixels float64 [n, 2] of points [n, 2]; the picture's y grows downwards."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        x = self.left + (points[:, 0].astype(np.float64) - x0) / (x1 - x0) * (self.width - 1)
        y = self.top + (y1 - points[:, 1].astype(np.float64)) / (y1 - y0) * (self.height - 1)
        pixels: FloatArray = np.stack([x, y], axis=1)
        return pixels

    def part(self, picture: Pixels) -> Pixels:
        """The pixels inside the axes, as a view."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    def inside(self) -> Frame:
        """The same axes for the pixels of `part`."""
        return Frame(self.x_range, self.y_range, 0, 0, self.width, self.height)


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """At most `most` multiples of 1, 2 or 5 times a power of ten in [low, high]; none where there is no such range."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return []
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(digit * power for digit in (1, 2, 5, 10, 20) if digit * power * most >= high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)][:most]


def surface_picture(
    surface: SurfaceDrawn, labels: Sequence[str], paths: Sequence[FloatArray], *, side: int = 480
) -> Pixels:
    """The surface, log-shaded, dark where low, with contours and known minima, and paths float [k, 2] over it.

    Paths are numbered from 1 at their starts and named below. Returns RGB uint8 [H, W, 3].
    """
    x_range = float(surface.x[0]), float(surface.x[-1])
    y_range = float(surface.y[0]), float(surface.y[-1])
    frame = Frame(x_range, y_range, left=46, top=28, width=side, height=side)
    named = labels[:_MOST_NAMED]
    more = len(labels) - len(named)
    picture = blank(frame.left + side + 14, frame.top + side + 26 + _LINE * (len(named) + (more > 0)))
    write(picture, f"{surface.label}: {surface.formula}", 6, 6)
    _axes(picture, frame)
    part, within = frame.part(picture), frame.inside()
    part[...] = _shaded(_resampled(surface.z, side, side)[::-1])
    for minimum in surface.minima:
        (place,) = within.place(np.array([minimum.point]))
        _cross(part, place, WHITE)
    for number, points in enumerate(paths[:_MOST_PATHS]):
        colour = SERIES[number % len(SERIES)]
        track = within.place(points)
        polyline(part, track, INK, width=4)
        polyline(part, track, colour, width=2)
    for number, points in enumerate(paths[:_MOST_PATHS]):
        colour = SERIES[number % len(SERIES)]
        known = within.place(points[np.isfinite(points).all(axis=1)])
        if len(known):
            (x, y), (last_x, last_y) = known[0], known[-1]
            disc(part, x, y, 4, colour, WHITE)
            disc(part, last_x, last_y, 5, colour, INK)
            write(part, f"{number + 1}", x + 7, y - 7, colour=WHITE)
    for number, label in enumerate(named):
        _named(picture, number, label, 8, frame.top + side + 24 + _LINE * number)
    if more > 0:
        write(picture, f"and {more} more", 24, frame.top + side + 24 + _LINE * len(named))
    return picture


def curve_picture(
    curve: Curve, labels: Sequence[str] = (), paths: Sequence[FloatArray] = (), *, width: int = 560, height: int = 320
) -> Pixels:
    """A function and its gradient over x, and the points of paths float [k, 2] (x and value) on it.

    Returns RGB uint8 [H, W, 3].
    """
    both = np.concatenate([curve.y, curve.gradient])
    low, high = _range(both)
    frame = Frame((float(curve.x[0]), float(curve.x[-1])), (low, high), left=64, top=46, width=width, height=height)
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
    """The ends of an axis for `values`, with room; what is not finite has no say."""
    known = values[np.isfinite(values)].astype(np.float64)
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = 0.05 * (high - low) or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _axes(picture: Pixels, frame: Frame, grid: bool = False) -> None:
    """A frame of one pixel with ticks, and with lines across where there is a grid."""
    ink = np.zeros(picture.shape[:2], np.uint8)
    bottom, right = frame.top + frame.height, frame.left + frame.width
    for value in ticks(*frame.x_range):
        x = round(float(frame.place(np.array([[value, frame.y_range[0]]]))[0, 0]))
        if grid:
            picture[frame.top : bottom, x] = FAINT
        ink[bottom : bottom + 4, x] = 255
        stamp(ink, f"{value:g}", x, bottom + 5, align=0.5)
    for value in ticks(*frame.y_range):
        y = round(float(frame.place(np.array([[frame.x_range[0], value]]))[0, 1]))
        if grid:
            picture[y, frame.left : right] = FAINT
        ink[y, frame.left - 4 : frame.left] = 255
        stamp(ink, f"{value:g}", frame.left - 6, y - 7, align=1.0)
    ink[frame.top - 1 : bottom + 1, [frame.left - 1, right]] = 255
    ink[[frame.top - 1, bottom], frame.left - 1 : right + 1] = 255
    spread(picture, ink, INK)


def _named(picture: Pixels, number: int, label: str, x: int, y: int, offset: int = 0) -> None:
    """One line of a legend: a mark in the path's colour, its number and its label, cut to the room there is."""
    disc(picture, x + 4, y + 7, 4, SERIES[(number + offset) % len(SERIES)])
    text, room = f"{number + 1}  {label}"[:120], picture.shape[1] - x - 20
    while len(text) > 4 and stencil(text).shape[1] > room:
        text = text[:-4] + "..."
    write(picture, text, x + 16, y)


def _resampled(z: FloatArray, width: int, height: int) -> FloatArray:
    """`z` [h, w] at [height, width] places, linearly between its own."""

    def weights(before: int, after: int) -> FloatArray:
        at = np.linspace(0, before - 1, after)
        shares: FloatArray = np.clip(1 - np.abs(at[:, None] - np.arange(before)), 0, None)
        return shares

    # What is not finite counts as the highest there is: it would spread over whole rows otherwise.
    finite = np.isfinite(z)
    known = np.where(finite, z, z[finite].max() if finite.any() else 0.0)
    resampled: FloatArray = weights(z.shape[0], height) @ known @ weights(z.shape[1], width).T
    return resampled


def _shaded(z: FloatArray) -> Pixels:
    """Values [h, w] as colours, evenly in log(1 + z − least), with a darker line where a contour passes."""
    depth = np.log1p(z - z.min())
    depth = depth / (depth.max() or 1.0)
    at = depth * (len(_VIRIDIS) - 1)
    below = np.minimum(at.astype(np.intp), len(_VIRIDIS) - 2)
    share = (at - below)[..., None]
    colours = _VIRIDIS[below] * (1 - share) + _VIRIDIS[below + 1] * share
    band = (depth * _CONTOURS).astype(np.intp)
    line = np.zeros(z.shape, bool)
    line[:, 1:] |= band[:, 1:] != band[:, :-1]
    line[1:] |= band[1:] != band[:-1]
    colours[line] *= 0.72
    shades: Pixels = np.rint(colours).astype(np.uint8)
    return shades


def _cross(picture: Pixels, place: FloatArray, colour: Colour) -> None:
    x, y = (float(part) for part in place)
    for dx, dy in ((6, 6), (6, -6)):
        ends = np.array([[x - dx, y - dy], [x + dx, y + dy]])
        polyline(picture, ends, INK, width=4)
        polyline(picture, ends, colour, width=2)
