"""Lowest points at kinks, where a function has no slope and Newton's method finds nothing: of abs(x) + abs(y), or
max(x², abs(y)). A pattern search finds them, and rings of points around check them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Value = Callable[[Float64], Float64]

_DIRECTIONS = 16
_ITERATIONS = 150

# The first step, a share of the window, by the number of variables, and the smallest.
_FIRST = {1: 1.0 / 2000.0, 2: 1.0 / 80.0}
_SMALLEST = 1e-10
_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))

# Directions in which the lowest neighbour of a point is sought, the rounds in which the best is refined, the radii from
# _WIDE on at which a valley is followed, each a quarter of the one before, and the most steps at each.
_RING, _ROUNDS = 128, 8
_LEVELS, _FOLLOWED = 8, 10

# At most this many places, the lowest, are followed: each takes a few thousand values.
_MOST = 8

# A point at a kink has slopes around it that do not vanish: the steepest at the inner radius is at least this share of
# the steepest at the outer. Of a smooth function it is a tenth or less. Radii are shares of the window.
_INNER, _OUTER, _SHARE = 1e-5, 1e-4, 0.5

# A jump does not get smaller at this radius.
_TINY = 1e-7

# The radius at which all points have to be higher.
_WIDE = 1e-2


def kinks(value: Value, starts: Float64, low: Float64, high: Float64) -> tuple[Float64, bool]:
    """Find lowest points at kinks inside a window, float64 [m, d], by a pattern search from `starts` [p, d];
    and whether one was on a level floor.

    `value` maps points [p, d] to values [p]; `low` and `high` [d] are the window's ends. Source: T. Kolda, R. Lewis,
    V. Torczon, SIAM Review 45(3), 2003, section 3; the directions are turned in each iteration.
    """
    size = high - low
    places = merged(value, _descended(value, starts, size), _WIDE * size)
    places = places[at_kink(value, places, size)][:_MOST]
    places = merged(value, _polished(value, places, size), 1e-3 * size)
    places = places[((places > low) & (places < high)).all(axis=1)]
    places = np.where(np.abs(places) < 1e-6 * size, 0.0, places)
    sharp = places[at_kink(value, places, size)]
    lowest, level = _is_lowest(value, sharp, size)
    return sharp[lowest], bool(level.any())


def merged(value: Value, places: Float64, distance: Float64) -> Float64:
    """The lowest of places that are within a distance of each other."""
    found: list[Float64] = []
    for place in places[np.argsort(value(places), kind="stable")]:
        if all((np.abs(place - other) > distance).any() for other in found):
            found.append(place)
    return np.array(found).reshape(-1, places.shape[1])


def is_steep(value: Value, places: Float64, size: Float64) -> npt.NDArray[np.bool_]:
    """Whether the slopes around each place [p, d] do not vanish towards it, as at a kink and at a jump, bool [p]."""
    inner, outer = (_rise(value, places, radius * size) for radius in (_INNER, _OUTER))
    return np.asarray((inner / _INNER > _SHARE * outer / _OUTER) & (inner > 1e-9 * np.abs(value(places))))


def at_kink(value: Value, places: Float64, size: Float64) -> npt.NDArray[np.bool_]:
    """Whether the slopes around each place [p, d] do not vanish although the function does not jump there, bool [p]."""
    steep = is_steep(value, places, size)
    steep[steep] = _rise(value, places[steep], _TINY * size) < 0.5 * _rise(value, places[steep], _INNER * size)
    return steep


def _rise(value: Value, places: Float64, radii: Float64) -> Float64:
    """The largest difference between a place's value and those around it, [p]."""
    around = places[:, None] + radii * _ways(places.shape[1], 2 * _DIRECTIONS)
    found = value(around.reshape(-1, places.shape[1])).reshape(around.shape[:2])
    return np.asarray(np.abs(found - value(places)[:, None]).max(axis=1))


def _descended(value: Value, starts: Float64, size: Float64) -> Float64:
    """Where a pattern search from `starts` ends: it moves to the lowest of several points around, or halves its
    step."""
    points, values = starts.copy(), value(starts)
    steps = np.full(len(points), _FIRST[points.shape[1]])
    for number in range(_ITERATIONS):
        if not (steps > _SMALLEST).any():
            break
        ways = _ways(points.shape[1], _DIRECTIONS, number * _GOLDEN) * size
        tried = points[:, None] + steps[:, None, None] * ways
        found = np.nan_to_num(value(tried.reshape(-1, points.shape[1])), nan=np.inf).reshape(len(points), -1)
        best = found.argmin(axis=1)
        rows = np.arange(len(points))
        better = found[rows, best] < values
        points[better], values[better] = tried[rows, best][better], found[rows, best][better]
        steps = np.where(better, 1.3 * steps, 0.5 * steps)
    return points


def _ways(dimensions: int, count: int, turned: float = 0.0) -> Float64:
    """Directions of length 1, [n, d]: both of one variable, or `count` of two, turned by an angle."""
    if dimensions == 1:
        return np.array([[1.0], [-1.0]])
    angles = turned + np.linspace(0.0, 2.0 * math.pi, count, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _around(value: Value, places: Float64, radius: Float64) -> tuple[Float64, Float64, Float64]:
    """The lowest and the highest value [p] at a distance from each place, and the point [p, d] where it is lowest.

    The lowest may be in a narrow valley: the best of several directions is refined.
    """
    rows = np.arange(len(places))
    angles = np.linspace(0.0, 2.0 * math.pi, _RING, endpoint=False)[None].repeat(len(places), 0)
    width, highest = 2.0 * math.pi / _RING, np.full(len(places), -np.inf)
    for _ in range(_ROUNDS if places.shape[1] == 2 else 1):
        ways = np.stack([np.cos(angles), np.sin(angles)], axis=2)
        if places.shape[1] == 1:
            ways = np.array([[[1.0], [-1.0]]]).repeat(len(places), 0)
        around = places[:, None] + radius * ways
        values = np.nan_to_num(value(around.reshape(-1, places.shape[1])), nan=np.inf).reshape(around.shape[:2])
        highest, best = np.maximum(highest, values.max(axis=1)), values.argmin(axis=1)
        lowest, there = values[rows, best], around[rows, best]
        angles = angles[rows, best % angles.shape[1]][:, None] + np.linspace(-width, width, 9)
        width /= 4.0
    return lowest, highest, there


def _polished(value: Value, places: Float64, size: Float64) -> Float64:
    """Follow the valley at each place to its lowest point, in steps that get shorter."""
    points, values = places.copy(), value(places)
    for radius in _WIDE * 4.0 ** -np.arange(_LEVELS):
        moving = np.ones(len(points), np.bool_)
        for _ in range(_FOLLOWED):
            (here,) = np.nonzero(moving)
            if not here.size:
                break
            lowest, highest, there = _around(value, points[here], radius * size)
            better = values[here] - lowest > 1e-9 * (highest - values[here])
            points[here[better]], values[here[better]] = there[better], lowest[better]
            moving[here[~better]] = False
    return points


def _is_lowest(value: Value, places: Float64, size: Float64) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether all points around each place are higher, also along the direction in which they are lowest; and whether
    those are as low as the place: the floor is level."""
    if not len(places):
        return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
    here = value(places)
    lowest, highest, _ = _around(value, places, _WIDE * size)
    rise = (lowest - here) / (highest - here)
    return np.isfinite(highest) & (rise > 1e-5), np.isfinite(highest) & (np.abs(rise) < 1e-9)
