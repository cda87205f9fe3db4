"""Gradient and Hessian of a function at a point, to machine precision and in NumPy, without taking a step of descent.

Formulas that are written over an array namespace also accept complex numbers, and Im f(x + ih)/h is the derivative
without a difference of nearly equal numbers, so h may be tiny. Source: W. Squire, G. Trapp, SIAM Review 40(1), 1998, p.
110.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.descent.surfaces import Surface
from engine.events import FloatArray

# The complex step h: its square is far below the rounding of any value here.
COMPLEX_STEP = 1e-30

# The step of the central difference between two such gradients, relative to the coordinate: truncation and rounding
# errors are then both about 1e-10.
CENTRAL_STEP = 1e-5

# A curvature of less than this share of the largest is 0 within rounding.
_ZERO = 1e-8

# How far beside a point a floor has to be level.
_BESIDE = 1e-3

# A NumPy function of points float64 or complex128 [p, d] that returns values [p].
Plain = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
Rest = Literal["minimum", "saddle", "maximum", "floor"]


@dataclass(frozen=True)
class Stability:
    """A surface's gradient and curvature at `point` [2], and whether plain descent at a learning rate is stable there.

    `gradient` [2] and `hessian` [2, 2] float64; `eigenvalues` [2] ascending, `eigenvectors` [2, 2] of unit length, in
    columns. `ratio` is learning rate · λmax / 2: on a quadratic, plain descent multiplies its distance along the
    steepest eigenvector by |1 − 2·ratio| each step, so above 1 it diverges. Source: Y. LeCun, P. Simard, B.
    Pearlmutter, Advances in Neural Information Processing Systems 5, 1993, p. 156.
    """

    point: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray
    eigenvalues: FloatArray
    eigenvectors: FloatArray
    ratio: float

    def __post_init__(self) -> None:
        for array in (self.point, self.gradient, self.hessian, self.eigenvalues, self.eigenvectors):
            array.setflags(write=False)


def stability(surface: Surface, point: Sequence[float], learning_rate: float) -> Stability:
    """Compute the curvature of `surface` at `point` (x, y) and the stability of plain descent there."""
    place = np.array(point, np.float64)
    plain = plain_surface(surface)
    gradient, hessian = derivatives(plain, place)
    finite = bool(np.isfinite(hessian).all())
    values, vectors = np.linalg.eigh(hessian) if finite else (np.full(2, np.nan), np.full((2, 2), np.nan))
    value = float(plain(place[None])[0])
    return Stability(place, value, gradient, hessian, values, vectors, learning_rate * float(values[-1]) / 2.0)


def plain_surface(surface: Surface) -> Plain:
    """Turn `surface` into a NumPy function of points [p, 2] that returns values [p]."""

    def plain(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        with np.errstate(over="ignore", invalid="ignore"):
            values: npt.NDArray[Any] = surface.f(points[:, 0], points[:, 1], np)
        return values

    return plain


def derivatives(plain: Plain, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute gradient [d] and Hessian [d, d] of `plain` at `point` float64 [d]."""
    size = len(point)
    nudges = np.diag(CENTRAL_STEP * np.maximum(1.0, np.abs(point)))
    around = np.concatenate([point[None], point + nudges, point - nudges])
    # Row r, column k: point r of the stencil, moved by ih along axis k.
    moved = around[:, None, :] + 1j * COMPLEX_STEP * np.eye(size)
    with np.errstate(over="ignore", invalid="ignore"):
        slopes = plain(moved.reshape(-1, size)).imag.reshape(-1, size) / COMPLEX_STEP
        hessian = (slopes[1 : size + 1] - slopes[size + 1 :]) / (2.0 * np.diag(nudges))[:, None]
        return slopes[0], (hessian + hessian.T) / 2.0


def _signs(curvatures: FloatArray) -> FloatArray:
    """The signs of curvatures [d]: 0 for one that is 0 within rounding, beside the largest."""
    return np.where(np.abs(curvatures) <= _ZERO * np.abs(curvatures).max(), 0.0, np.sign(curvatures))


def resting_place(plain: Plain, point: Sequence[float], within: float) -> Rest | None:
    """Classify the stationary point within a distance `within` of `point`: None where Newton's method finds none there,
    or where the Hessian does not decide. A floor is a line of points with the same lowest value."""
    start = np.array(point, np.float64)
    place = start
    for _ in range(20):
        gradient, hessian = derivatives(plain, place)
        curvatures = np.linalg.eigvalsh(hessian) if np.isfinite(hessian).all() else np.zeros(1)
        if not _signs(curvatures).all():
            return "floor" if _is_on_floor(plain, place, hessian) else None
        step = np.linalg.solve(hessian, gradient)
        place = place - step
        if not np.linalg.norm(place - start) <= within:
            return None
        if np.linalg.norm(step) <= 1e-8 * (1.0 + np.linalg.norm(place)):
            return "minimum" if curvatures[0] > 0 else "maximum" if curvatures[-1] < 0 else "saddle"
    return None


def _is_on_floor(plain: Plain, point: FloatArray, hessian: FloatArray) -> bool:
    """Whether f is as low at `point` [d] as on both sides along the direction without curvature, and rises along the
    others."""
    if not np.isfinite(hessian).all():
        return False
    curvatures, axes = np.linalg.eigh(hessian)
    if not (_signs(curvatures) >= 0).all() or not curvatures[-1] > 0:
        return False
    around = _BESIDE * np.concatenate([axes.T, -axes.T])
    rise = plain(point + around) - plain(point[None])
    level, steep = np.abs(rise[[0, len(axes)]]).max(), np.abs(rise[[len(axes) - 1, -1]]).min()
    return bool(level <= 1e-5 * steep)
