"""The search that prepares a learner's own function of one or two variables for descent: the domain to draw, minima,
starts and a learning rate, from its values, gradients and Hessians at many points at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from engine.descent.kinks import at_kink, is_steep, kinks, merged
from engine.descent.stability import CENTRAL_STEP, COMPLEX_STEP, Plain
from engine.events import Minimum

Float64 = npt.NDArray[np.float64]

# Half the width of the windows that are searched in turn until one holds a minimum well inside.
WINDOWS = (3.0, 10.0, 40.0, 200.0, 1000.0)

# Half the widths that a picture may have.
_LADDER = tuple(rung * 10.0**power for power in range(-2, 5) for rung in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0))

# At most this many of the minima found are kept, the lowest.
MOST_MINIMA = 16

# Starts of the search along each axis, by the number of variables; and grid points among which low ones are sought.
_STARTS = {1: 201, 2: 15}
_LOOKS = {1: 2001, 2: 81}
_MOST_LOW = 200
_ITERATIONS = 50

# At most this many of the lowest grid points that are not within this share of the window from a smooth minimum are
# starts of the search for kinks.
_MOST_KINKS, _NEAR = 24, 0.03

# A curvature of less than this share of the largest counts as none.
_CURVED = 1e-6

# A place is a minimum's if the way to it, a share of the window, is shorter.
_ARRIVED = 1e-5

# The distance, a share of the window, beside a place without curvature from which a descent has to come back.
_BESIDE = 1e-2

# A point of the window that is lower than all its minima by this share of the values' range is much lower.
_LOWER = 0.01

# Suggested starts of descent, as shares of the picture's half width.
_SUGGESTED = {1: ((0.75,), (-0.75,), (0.4,)), 2: ((-0.7, 0.5), (0.6, 0.7), (0.7, -0.45))}
_RATES = (*(rung * 10.0**power for power in range(-5, 0) for rung in (1.0, 2.0, 5.0)), 1.0)
_TRIED_STEPS = 100

Ranges = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Landscape:
    """A function of points float64 [p, d]: `value` gives [p], `gradient` [p, d], `hessian` [p, d, d]."""

    dimensions: int
    value: Callable[[Float64], Float64]
    gradient: Callable[[Float64], Float64]
    hessian: Callable[[Float64], Float64]


@dataclass(frozen=True)
class Found:
    """The result of a search: `ranges` of each axis, the minima in them, lowest first, `starts`, a learning rate for
    them, whether the function is unbounded below, judged by values far outside, and whether it is equally low along a
    line or an area, a `level` floor, which is no minimum in the sense used here."""

    ranges: Ranges
    minima: tuple[Minimum, ...]
    starts: tuple[tuple[float, ...], ...]
    learning_rate: float
    endless: bool
    level: bool = False


def landscape(plain: Plain, dimensions: int) -> Landscape:
    """Derive a landscape from a function that accepts complex numbers, by complex steps; see
    engine.descent.stability."""

    def value(points: Float64) -> Float64:
        with np.errstate(all="ignore"):
            return np.asarray(plain(points), np.float64)

    def gradient(points: Float64) -> Float64:
        moved = points[:, None, :] + 1j * COMPLEX_STEP * np.eye(dimensions)
        with np.errstate(all="ignore"):
            slopes = plain(moved.reshape(-1, dimensions)).imag / COMPLEX_STEP
        return np.asarray(slopes.reshape(points.shape), np.float64)

    def hessian(points: Float64) -> Float64:
        size = CENTRAL_STEP * np.maximum(1.0, np.abs(points))
        nudges = size[:, :, None] * np.eye(dimensions)
        around = np.concatenate([points[:, None] + nudges, points[:, None] - nudges], axis=1)
        slopes = gradient(around.reshape(-1, dimensions)).reshape(-1, 2, dimensions, dimensions)
        with np.errstate(all="ignore"):
            found = (slopes[:, 0] - slopes[:, 1]) / (2.0 * size[:, :, None])
            return np.asarray((found + found.swapaxes(1, 2)) / 2.0)

    return Landscape(dimensions, value, gradient, hessian)


def search(ground: Landscape, ranges: Ranges = ()) -> Found:
    """Choose the domain to draw, or take `ranges`, and find the function's minima in it."""
    with np.errstate(all="ignore"):
        return _search(ground, ranges)


def _search(ground: Landscape, ranges: Ranges) -> Found:
    if ranges:
        places, level = minima_in(ground, ranges)
    else:
        places, level, half = _in_windows(ground)
        reach = float(np.abs(places).max()) if len(places) else 0.0
        half = half if len(places) or level else _window(ground)
        if reach > 0.15 * half:
            half = next(rung for rung in _LADDER if rung >= reach / 0.6)
        ranges = _finite_part(ground, ((-half, half),) * ground.dimensions)
    values = ground.value(places)
    order = np.argsort(values, kind="stable")[:MOST_MINIMA]
    size = np.array([high - low for low, high in ranges])
    sharp = at_kink(ground.value, places, size)
    minima = tuple(_minimum(places[number], float(values[number]), bool(sharp[number])) for number in order)
    starts = _starts(ground, ranges)
    return Found(ranges, minima, starts, _learning_rate(ground, ranges, starts), _endless(ground, ranges), level)


def _in_windows(ground: Landscape) -> tuple[Float64, bool, float]:
    """Search windows in turn until one holds a minimum well inside, and if a point of that window is much lower, also
    the next one for a lower minimum. Returns the minima, whether the floor of the first window is level, which ends the
    search (far out all values of exp(-x) are 0 in 64 bits), and half the width of the window."""
    known = None
    for half in WINDOWS:
        window = ((-half, half),) * ground.dimensions
        places, level = minima_in(ground, window)
        inside = places[(np.abs(places) <= 0.8 * half).all(axis=1)]
        lowest = ground.value(inside).min(initial=np.inf)
        if known is not None:
            return (inside, False, half) if lowest < ground.value(known[0]).min() else known
        if level and half == WINDOWS[0]:
            return inside, True, half
        if not len(inside):
            continue
        values = ground.value(_grid(window, _LOOKS[ground.dimensions]))
        values = values[np.isfinite(values)]
        if not values.size or values.min() >= lowest - _LOWER * np.ptp(values):
            return inside, False, half
        known = inside, False, half
    return known or (places, False, half)


def is_somewhere_finite(value: Callable[[Float64], Float64], ranges: Ranges) -> bool:
    """Whether a function of points float64 [p, d] is finite at a place of a fine grid in the window."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(value(_grid(ranges, _LOOKS[len(ranges)]))).any())


def minima_in(ground: Landscape, ranges: Ranges) -> tuple[Float64, bool]:
    """Find the minima in a window, float64 [m, d]: Newton's method from many starts, merged, checked by the Hessian;
    and lowest points at kinks, which have none. Also returns whether the floor is level somewhere: no point around is
    lower, and some are as low."""
    size = np.array([high - low for low, high in ranges])
    lowest = _low_points(ground, ranges)
    starts = np.concatenate([_grid(ranges, _STARTS[ground.dimensions]), lowest])
    low, high = np.array(ranges).T
    found = _newton(ground, starts, (low + high) / 2, size)
    found = found[((found >= low) & (found <= high)).all(axis=1)]
    places = merged(ground.value, found, 1e-3 * size)
    smooth = places[_may_be_minimum(ground, places, size) & ~is_steep(ground.value, places, size)]
    smooth, level = _isolated(ground, smooth, (low + high) / 2, size)
    known = np.any(np.all(np.abs(lowest[:, None] - smooth) <= _NEAR * size, axis=2), axis=1)
    sharp, edges = kinks(ground.value, lowest[~known][:_MOST_KINKS], low, high)
    flat = _is_flat(ground, sharp, 1e-5 * size)
    return _round(ground, np.concatenate([smooth, sharp[~flat]]), size), level or edges or bool(flat.any())


def _round(ground: Landscape, places: Float64, size: Float64) -> Float64:
    """The places, each moved to the number with few digits beside it if f is no higher there, and lower only within
    rounding."""
    for share in (1e-3, 1e-1):
        digit = 10.0 ** np.floor(np.log10(share * size))
        rounded = np.round(places / digit) * digit
        here = ground.value(places)
        gained = here - ground.value(rounded)
        same = (gained >= 0.0) & (gained <= 1e-10 * (1.0 + np.abs(here)))
        places = np.where(same[:, None], rounded, places)
    return places


def _isolated(ground: Landscape, places: Float64, middle: Float64, size: Float64) -> tuple[Float64, bool]:
    """The minima among places where the gradient is small and no point of a ring is lower; and whether the floor is
    level at one of the others.

    Where the Hessian is nearly singular, a descent that begins beside the place, along the direction without curvature,
    comes back to a minimum; on a level floor it stays, and in a valley that falls it ends at a lower place.
    """
    if not len(places):
        return places, False
    curvatures, axes = _curvatures(ground, places, size)
    along = np.einsum("pji,pj->pi", axes, ground.gradient(places) * size)
    with np.errstate(all="ignore"):
        ahead = np.abs(along / curvatures).max(axis=1)  # the rest of the way by Newton's method
    clear = (curvatures[:, 0] > _CURVED * np.abs(curvatures).max(axis=1)) & (ahead < _ARRIVED)
    if clear.all():
        return places, False
    doubtful = merged(ground.value, _newton(ground, places[~clear], middle, size), _BESIDE * size)
    _, axes = _curvatures(ground, doubtful, size)
    here = ground.value(doubtful)
    noise = 1e-9 * np.abs(ground.value(doubtful + _BESIDE * size * axes[:, :, -1]) - here) + 1e-15 * np.abs(here)
    flat, falls = _is_flat(ground, doubtful, _BESIDE * size), np.zeros(len(doubtful), np.bool_)
    for way in (_BESIDE * size * axes[:, :, 0], -_BESIDE * size * axes[:, :, 0]):
        ends = _newton(ground, doubtful + way, middle, size)
        if len(ends) < len(doubtful):  # f is not finite beside one of them
            continue
        away = np.abs((ends - doubtful) / size).max(axis=1) > 0.3 * _BESIDE
        there = ground.value(ends)
        falls |= away & (there < here - noise)
        flat |= away & (there <= here + noise)
    return np.concatenate([places[clear], doubtful[~flat & ~falls]]), bool((flat & ~falls).any())


def _curvatures(ground: Landscape, places: Float64, size: Float64) -> tuple[Float64, Float64]:
    """The eigenvalues [p, d], ascending, and eigenvectors [p, d, d] of the Hessian in shares of the window."""
    return np.linalg.eigh(np.nan_to_num(ground.hessian(places)) * size[:, None] * size)


def _is_flat(ground: Landscape, places: Float64, radius: Float64) -> npt.NDArray[np.bool_]:
    """Whether f is the same at each place and at a distance on at least one side of it, bool [p]."""
    ways = np.concatenate([np.eye(places.shape[1]), -np.eye(places.shape[1])])
    around = ground.value((places[:, None] + radius * ways).reshape(-1, places.shape[1])).reshape(
        len(places), len(ways)
    )
    return np.asarray((around == ground.value(places)[:, None]).any(axis=1))


def _grid(ranges: Ranges, count: int) -> Float64:
    """The points of a regular grid, [count^d, d]."""
    axes = np.meshgrid(*(np.linspace(low, high, count) for low, high in ranges), indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def _low_points(ground: Landscape, ranges: Ranges) -> Float64:
    """The points of a fine grid that are no higher than all their neighbours and lower than one of them."""
    count = _LOOKS[ground.dimensions]
    grid = _grid(ranges, count)
    values = np.nan_to_num(ground.value(grid), nan=np.inf).reshape((count,) * ground.dimensions)
    low, slope = np.isfinite(values), np.zeros(values.shape, np.bool_)
    padded = np.pad(values, 1, mode="edge")
    for shift in product((0, 1, 2), repeat=ground.dimensions):
        beside = padded[tuple(slice(by, by + count) for by in shift)]
        low &= values <= beside
        slope |= values < beside
    chosen = np.flatnonzero((low & slope).ravel())
    return grid[chosen[np.argsort(values.ravel()[chosen], kind="stable")[:_MOST_LOW]]]


def _newton(ground: Landscape, starts: Float64, middle: Float64, size: Float64) -> Float64:
    """Descend from `starts` by damped Newton's method, eigenvalues of the Hessian made positive; returns where it
    stops. Source: J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., 2006, section 3.4."""
    points = starts[np.isfinite(ground.value(starts))]
    damping = np.full(len(points), 1e-3)
    values, moving = ground.value(points), np.ones(len(points), np.bool_)
    for _ in range(_ITERATIONS):
        (here,) = np.nonzero(moving)
        if not here.size:
            break
        gradients, hessians = ground.gradient(points[here]), ground.hessian(points[here])
        usable = np.isfinite(gradients).all(axis=1) & np.isfinite(hessians).all(axis=(1, 2))
        # Discard points where the slope is lost in the rounding of f, and points that have left the window.
        usable &= (np.abs(gradients) * size).max(axis=1) > 1e-14 * np.abs(values[here])
        usable &= (np.abs(points[here] - middle) <= size).all(axis=1)
        moving[here[~usable]] = False
        here, gradients, hessians = here[usable], gradients[usable], hessians[usable]
        curvatures, axes = np.linalg.eigh(hessians)
        steep = np.maximum(np.abs(curvatures), 1e-12) + damping[here, None]
        steps = np.einsum("pij,pj->pi", axes, np.einsum("pji,pj->pi", axes, gradients) / steep)
        longest = np.abs(steps / size).max(axis=1, initial=0.0)
        steps /= np.maximum(1.0, longest / 0.1)[:, None]
        tried = points[here] - steps
        arrived = ground.value(tried)
        better = arrived <= values[here]
        damping[here] = np.clip(np.where(better, damping[here] / 10.0, damping[here] * 10.0), 1e-12, 1e12)
        points[here[better]], values[here[better]] = tried[better], arrived[better]
        moving[here[(longest < 1e-10) | (damping[here] > 1e9)]] = False
    return points


def _may_be_minimum(ground: Landscape, places: Float64, size: Float64) -> npt.NDArray[np.bool_]:
    """Which places may be minima: the gradient is zero, and the Hessian is positive definite and all points of a small
    ring around are higher; or, within rounding, the Hessian is semidefinite and no point of the ring is lower."""
    if not len(places):
        return np.zeros(0, np.bool_)
    slopes = np.linalg.norm(ground.gradient(places) * size, axis=1)
    curvatures, _ = _curvatures(ground, places, size)
    largest = np.abs(curvatures).max(axis=1)
    values = ground.value(places)
    level = slopes <= 1e-6 * largest + 1e-12 * np.abs(values)
    told = curvatures[:, 0] > _CURVED * largest
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) if ground.dimensions == 2 else np.array([[1.0], [-1.0]])
    around = ground.value((places[:, None] + 1e-2 * size * ring).reshape(-1, ground.dimensions))
    above = around.reshape(len(places), -1) - values[:, None]
    highest = above.max(axis=1, keepdims=True)
    higher, no_lower = (above > 1e-7 * highest).all(axis=1), (above >= -1e-9 * highest).all(axis=1)
    semidefinite = curvatures[:, 0] > -_CURVED * np.maximum(largest, 1e-9)
    return np.asarray(level & ((higher & told) | (no_lower & semidefinite)))


def _minimum(place: Float64, value: float, kink: bool) -> Minimum:
    parts = [f"{part:.4g}".replace("-", "−") for part in place + 0.0]
    label = f"x = {parts[0]}" if len(parts) == 1 else f"({', '.join(parts)})"
    return Minimum(label, tuple(float(part) for part in place), value, found=True, kink=kink)


def _window(ground: Landscape) -> float:
    """Half the width of the narrowest window in which the function is finite somewhere; of the narrowest of all, if it
    is finite in none."""
    windows = ((half, ((-half, half),) * ground.dimensions) for half in WINDOWS)
    return next((half for half, ranges in windows if is_somewhere_finite(ground.value, ranges)), WINDOWS[0])


def _finite_part(ground: Landscape, ranges: Ranges) -> Ranges:
    """The smallest window that holds all points where the function is finite; the whole one where there is none."""
    grid = _grid(ranges, _LOOKS[ground.dimensions])
    finite = grid[np.isfinite(ground.value(grid))]
    if not len(finite):
        return ranges
    found = tuple(zip(finite.min(axis=0).tolist(), finite.max(axis=0).tolist(), strict=True))
    return found if all(low < high for low, high in found) else ranges


def _starts(ground: Landscape, ranges: Ranges) -> tuple[tuple[float, ...], ...]:
    """Starts for descent: in three corners of the window, where value and slope are finite in the float32 of a descent;
    else at up to three places of a grid."""
    low, high = np.array(ranges).T
    middle, half = (low + high) / 2, (high - low) / 2
    places = middle + half * np.array(_SUGGESTED[ground.dimensions])
    coarse = 10.0 ** np.floor(np.log10(half) - 1)
    places = np.round(places / coarse) * coarse
    for found in (places, _grid(ranges, 9), _grid(ranges, _LOOKS[ground.dimensions])):
        numbers = np.column_stack([ground.value(found), ground.gradient(found)])
        usable = found[(np.abs(numbers) < np.finfo(np.float32).max).all(axis=1)]
        if len(usable):
            break
    usable = usable[:: len(usable) // 3 + 1] if found is not places else usable
    chosen = usable if len(usable) else places[:1]
    return tuple(tuple(float(f"{part:.6g}") for part in place) for place in chosen)


def _learning_rate(ground: Landscape, ranges: Ranges, starts: tuple[tuple[float, ...], ...]) -> float:
    """Of many rates, the one at which plain descent from `starts` gets lowest without going far outside the window."""
    low, high = np.array(ranges).T
    places = np.tile(np.array(starts), (len(_RATES), 1))
    rates = np.repeat(np.array(_RATES), len(starts))[:, None]
    kept = np.ones(len(places), np.bool_)
    for _ in range(_TRIED_STEPS):
        with np.errstate(all="ignore"):
            places = places - np.where(kept[:, None], rates * ground.gradient(places), 0.0)
            kept &= ((places >= 2 * low - high) & (places <= 2 * high - low)).all(axis=1)
        places[~kept] = np.array(starts[0])
    values = np.where(kept, ground.value(places), np.inf).reshape(len(_RATES), -1)
    totals = np.where(np.isfinite(values).all(axis=1), np.nan_to_num(values).mean(axis=1), np.inf)
    return _RATES[int(totals.argmin())] if np.isfinite(totals).any() else 0.01


def _endless(ground: Landscape, ranges: Ranges) -> bool:
    """Whether values keep falling the further outside they are taken."""
    low, high = np.array(ranges).T
    middle, half = (low + high) / 2, (high - low) / 2
    shape = np.array(list(product((-1.0, 0.0, 1.0), repeat=ground.dimensions)))
    shape = shape[(shape != 0).any(axis=1)]
    lowest = []
    for far in (1.0, 10.0, 100.0, 1000.0):
        values = ground.value(middle + far * half * shape)
        lowest.append(float(np.nan_to_num(values, nan=np.inf, neginf=-1e308).min()))
    return all(after < before - 0.5 * abs(lowest[0] + 1.0) for before, after in pairwise(lowest))
