"""The 3D view of a function of two variables: the projection of its graph, and which parts of it are visible.

The projection is orthographic. No polygons are needed: every column of the picture is one vertical section of the
graph, and seen from above a point of it is hidden where a nearer one is drawn higher in the picture. The highest so
far, going away from the eye, is the horizon. Source: T. J. Wright, A two-space solution to the hidden line problem for
plotting functions of two variables, IEEE Transactions on Computers C-22(1), 1973.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.contours import contour_pixels
from engine.events import FloatArray

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Height = Callable[[Float64, Float64], Float64]
"""A function of x and y of one shape that returns heights in [0, 1]; NaN where there is no surface."""
Range = tuple[float, float]

LOWEST, HIGHEST = 10.0, 90.0
"""Limits of the elevation in degrees; below 0 a graph would be seen from underneath."""
TALL = 1.1
"""The height of the box, whose floor is 2 by 2."""
MOST_SAMPLES = 400
"""The most samples of a section: more would lie within a pixel of any picture drawn here."""
_REACH = math.sqrt(2.0)
_SLACK = 0.75
"""Pixels by which a point may lie below the horizon and still count as visible: both are rounded to pixels."""
_LIGHT = np.array([-0.45, 0.35, 0.82])
"""The direction of the light: right, away from the eye, up. It turns with the eye, so slopes stay readable."""
_NUDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Camera:
    """The direction of view, in degrees, as in matplotlib's `view_init`: `azimuth` is the direction of the eye in the
    plane, from the x axis towards the y axis, `elevation` its angle above the plane."""

    azimuth: float = -30.0
    elevation: float = 60.0

    def rotation(self) -> Float64:
        """The rotation from the box to the picture, float64 [3, 3]; its rows point right, up and towards the eye."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        return np.array(
            [
                [-math.sin(a), math.cos(a), 0.0],
                [-math.sin(e) * math.cos(a), -math.sin(e) * math.sin(a), math.cos(e)],
                [math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)],
            ]
        )

    def turned(self, around: float, up: float) -> Camera:
        """The camera moved by degrees around the graph and up or down, within the limits of the elevation."""
        azimuth = (self.azimuth + around + 180.0) % 360.0 - 180.0
        return Camera(azimuth, min(max(self.elevation + up, LOWEST), HIGHEST))


@dataclass(frozen=True, slots=True)
class View:
    """A picture of `columns` by `rows` square pixels of the graph over `x_range` by `y_range`.

    The graph stands in a box that is drawn at one scale from every azimuth, so it does not change size as it turns.
    """

    x_range: Range
    y_range: Range
    columns: int
    rows: int
    camera: Camera = Camera()

    @property
    def scale(self) -> float:
        """Pixels per unit of the box, whose floor is 2 by 2 units."""
        e = math.radians(self.camera.elevation)
        half = _REACH * math.sin(e) + TALL / 2 * math.cos(e)
        return max(min(self.columns / (2 * _REACH), self.rows / (2 * half)), 1e-9)

    def boxed(self, points: FloatArray) -> Float64:
        """Map points [..., 3] of x, y and height to coordinates in the box, float64 [..., 3], with its centre at 0."""
        points = np.asarray(points, np.float64)
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        x = (2 * points[..., 0] - x0 - x1) / (x1 - x0)
        y = (2 * points[..., 1] - y0 - y1) / (y1 - y0)
        return np.stack([x, y, (points[..., 2] - 0.5) * TALL], axis=-1)

    def pixels(self, points: FloatArray) -> Float64:
        """Map points [..., 3] of x, y and height to (column, row), float64 [..., 2]; the floor of each is the pixel's
        index."""
        seen = self.boxed(points) @ self.camera.rotation().T * self.scale
        return np.stack([self.columns / 2 + seen[..., 0], self.rows / 2 - seen[..., 1]], axis=-1)

    def inside(self, points: FloatArray) -> Bools:
        """Which points [..., 2] are within the floor of the box."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        x, y = points[..., 0], points[..., 1]
        return np.asarray((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))

    def plane(self, right: Float64, away: Float64) -> tuple[Float64, Float64]:
        """The x and y of the points that are `right` and `away` from the eye in box coordinates."""
        a = math.radians(self.camera.azimuth)
        x, y = -math.sin(a) * right - math.cos(a) * away, math.cos(a) * right - math.sin(a) * away
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        return (x0 + x1 + x * (x1 - x0)) / 2, (y0 + y1 + y * (y1 - y0)) / 2

    def finer(self, times: int) -> View:
        """The same picture with `times` as many pixels each way."""
        return replace(self, columns=self.columns * times, rows=self.rows * times)


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """The visible surface, each array float64 [rows, columns]: the `x`, `y` and `height` at a pixel, NaN where it shows
    no surface, and the `light` on it, 0 to 1. `wall` bool are the pixels of the box below the graph's edge."""

    view: View
    x: Float64
    y: Float64
    height: Float64
    light: Float64
    wall: Bools
    _sections: _Sections

    def visible(self, points: FloatArray) -> Bools:
        """Which points [n, 3] of x, y and height are hidden by nothing nearer; False for points outside the box."""
        return self._sections.visible(points)

    def grid(self, parts: int) -> Bools:
        """The pixels on grid lines that divide each side of the floor into `parts` parts, bool [rows, columns]."""
        (x0, x1), (y0, y1) = self.view.x_range, self.view.y_range
        lines = contour_pixels((self.x - x0) / (x1 - x0), parts) | contour_pixels((self.y - y0) / (y1 - y0), parts)
        return np.asarray(lines & np.isfinite(self.height))


@dataclass(frozen=True, slots=True, eq=False)
class _Sections:
    """Vertical sections of a graph, one for each column of pixels: k samples each from `near` on, `step` apart (in the
    box, away from the eye), their vertical position in the picture, [columns, k], and its running maximum."""

    view: View
    near: Float64
    step: Float64
    up: Float64
    horizon: Float64

    def visible(self, points: FloatArray) -> Bools:
        view, rotation = self.view, self.view.camera.rotation()
        places = view.boxed(points)
        seen = places @ rotation.T
        a = math.radians(view.camera.azimuth)
        away = -(places[:, 0] * math.cos(a) + places[:, 1] * math.sin(a))
        column = seen[:, 0] * view.scale + view.columns / 2 - 0.5
        known = np.isfinite(column) & np.isfinite(seen[:, 1]) & view.inside(np.asarray(points)[:, :2])
        column = np.where(known, column, 0.0)
        lowest = np.full(len(places), np.inf)
        # Beside a steep slope the horizon of one column would hide a point that lies between two columns.
        for beside in (np.floor(column), np.ceil(column)):
            at = np.clip(beside, 0, view.columns - 1).astype(np.intp)
            sample = (np.where(known, away, 0.0) - self.near[at]) / self.step[at]
            sample = np.clip(np.nan_to_num(sample), 0, self.up.shape[1] - 1).astype(np.intp)
            lowest = np.minimum(lowest, self.horizon[at, sample])
        return np.asarray(known & (seen[:, 1] >= lowest - _SLACK / view.scale))


def look(view: View, height: Height) -> Sight:
    """Compute the visible surface of a graph in `view`."""
    sections = _cut(view, height)
    up = np.asarray((view.rows / 2 - np.arange(view.rows) - 0.5) / view.scale, np.float64)
    away, wall = _met(sections, up)
    right = np.broadcast_to((np.arange(view.columns) + 0.5 - view.columns / 2) / view.scale, away.shape)
    x, y = view.plane(right, away)
    here = height(x, y)
    return Sight(view, x, y, here, _lit(view, height, here, right, away), wall, sections)


def _cut(view: View, height: Height) -> _Sections:
    """Sample the graph in sections, as finely as the picture needs."""
    a, e = math.radians(view.camera.azimuth), math.radians(view.camera.elevation)
    right = np.asarray((np.arange(view.columns) + 0.5 - view.columns / 2) / view.scale, np.float64)
    # A line away from the eye is inside the box where |x| <= 1 and |y| <= 1.
    ends = []
    for along, start in ((-math.cos(a), -math.sin(a) * right), (-math.sin(a), math.cos(a) * right)):
        slow = abs(along) < 1e-9
        first = np.where(np.abs(start) <= 1, -np.inf, np.inf) if slow else (-np.sign(along) - start) / along
        ends.append((first, -first if slow else (np.sign(along) - start) / along))
    near, far = np.maximum(ends[0][0], ends[1][0]), np.minimum(ends[0][1], ends[1][1])
    there = near < far
    near, far = np.where(there, near, np.nan), np.where(there, far, np.nan)
    samples = min(max(2 * view.rows, 64), MOST_SAMPLES)
    step = (far - near) / (samples - 1)
    away = near[:, None] + np.arange(samples) * step[:, None]
    z = height(*view.plane(right[:, None], away))
    up = away * math.sin(e) + (z - 0.5) * TALL * math.cos(e)
    up = np.where(np.isfinite(up), up, -np.inf)
    return _Sections(view, near, step, up, np.maximum.accumulate(up, axis=1))


def _met(sections: _Sections, up: Float64) -> tuple[Float64, Bools]:
    """Intersect the ray through each pixel with the graph. Returns its distance from the eye in the box, [rows,
    columns], NaN where there is no hit, and the pixels where it hits the wall below the near edge instead. `up` [rows]
    is the vertical position of each row of pixels."""
    columns, samples = sections.up.shape
    # One search for all columns: each is offset by more than any picture is high, so their ranges cannot overlap.
    apart = 100.0
    shelves = (np.clip(sections.horizon, -apart / 3, apart / 3) + apart * np.arange(columns)[:, None]).ravel()
    sought = up[:, None] + apart * np.arange(columns)
    column = np.broadcast_to(np.arange(columns), sought.shape)
    found = np.searchsorted(shelves, sought) - column * samples
    inside = np.minimum(found, samples - 1)
    after, before = sections.up[column, inside], sections.up[column, np.maximum(inside - 1, 0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        back = np.clip(np.nan_to_num((after - up[:, None]) / (after - before), nan=0.0, posinf=0.0), 0.0, 1.0)
    away = sections.near[column] + (inside - back) * sections.step[column]
    e = math.radians(sections.view.camera.elevation)
    floor = sections.near * math.sin(e) - TALL / 2 * math.cos(e)
    stands = np.isfinite(sections.up[:, 0])
    wall = (found == 0) & (up[:, None] >= floor) & stands
    return np.where((found > 0) & (found < samples), away, np.nan), wall


def _lit(view: View, height: Height, here: Float64, right: Float64, away: Float64) -> Float64:
    """Compute the light on the graph: the cosine between its normal and the light, at least 0. `here` are the heights
    of the graph."""
    ahead = [height(*view.plane(right + dx, away + dy)) for dx, dy in ((_NUDGE, 0.0), (0.0, _NUDGE))]
    slopes = [np.nan_to_num((each - here) * TALL / _NUDGE) for each in ahead]
    size = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + 1.0)
    sun = _LIGHT / np.linalg.norm(_LIGHT)
    light = (sun[2] - slopes[0] * sun[0] - slopes[1] * sun[1]) / size
    return np.where(np.isfinite(away), np.clip(light, 0.0, 1.0), np.nan)
