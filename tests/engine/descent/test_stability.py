"""Gradients and Hessians without TensorFlow equal those of its tapes, and predict where plain descent is stable."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from engine.descent import compiled_descent, surfaces
from engine.descent.optimizers import OptimizerSettings
from engine.descent.stability import derivatives, plain_surface, resting_place, stability
from engine.own.expressions import parse

POINTS = [(1.0, 0.0), (-2.3, 1.7), (3.5, -0.4)]


def by_tapes(surface: surfaces.Surface, point: tuple[float, float]) -> tuple[Any, Any]:
    """Gradient and Hessian by a tape within a tape."""
    place = tf.constant(point, tf.float64)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(place)
        with tf.GradientTape() as inner:
            inner.watch(place)
            value = surface.f(place[0], place[1], tf.math)
        gradient = inner.gradient(value, place)
    return gradient.numpy(), outer.jacobian(gradient, place, experimental_use_pfor=False).numpy()


@pytest.mark.parametrize("name", surfaces.NAMES)
@pytest.mark.parametrize("point", POINTS)
def test_gradient_and_hessian_are_those_of_the_tapes(name: str, point: tuple[float, float]) -> None:
    surface = surfaces.surface(name)
    gradient, hessian = by_tapes(surface, point)
    found = stability(surface, point, 0.01)
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-7, atol=1e-6)
    assert found.value == pytest.approx(float(surface(*map(np.array, point))), rel=1e-15)


@pytest.mark.parametrize("name", surfaces.NAMES)
def test_the_eigenvectors_are_those_of_the_hessian(name: str) -> None:
    found = stability(surfaces.surface(name), (1.3, -0.7), 0.01)
    assert found.eigenvalues[0] <= found.eigenvalues[1]
    np.testing.assert_allclose(found.hessian @ found.eigenvectors, found.eigenvectors * found.eigenvalues, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(found.eigenvectors, axis=0), 1.0)


def test_a_bowl_has_the_curvatures_it_was_made_of() -> None:
    found = stability(surfaces.bowl(50.0), (3.0, -2.0), 0.02)
    np.testing.assert_allclose(found.eigenvalues, [1.0, 50.0], rtol=1e-9)
    np.testing.assert_allclose(np.abs(found.eigenvectors), np.eye(2), atol=1e-9)
    assert found.ratio == pytest.approx(0.02 * 50.0 / 2.0)


@pytest.mark.parametrize(("rate", "shrinks"), [(0.19, True), (0.21, False)])
def test_plain_descent_runs_away_where_the_ratio_is_over_one(rate: float, shrinks: bool) -> None:
    bowl = surfaces.bowl(10.0)
    assert (stability(bowl, (0.0, 0.0), rate).ratio < 1.0) is shrinks
    with compiled_descent.program(
        bowl.key, compiled_descent.surface_objective(bowl), "sgd", OptimizerSettings(), 1
    ) as program:
        program.begin(np.float32([[0.0, 1.0]]), rate)
        heights = np.abs(program.advance(40).points[0, :, 1])
    assert bool(heights[-1] < heights[0]) is shrinks
    np.testing.assert_allclose(heights[1:] / heights[:-1], abs(1.0 - rate * 10.0), rtol=1e-4)


def test_a_place_where_nothing_is_finite_has_no_curvature() -> None:
    with np.errstate(all="raise"):
        found = stability(surfaces.surface("beale"), (1e200, 1e200), 0.01)
    assert np.isnan(found.eigenvalues).all() and np.isnan(found.ratio)


def test_what_is_found_cannot_be_changed() -> None:
    found = stability(surfaces.surface("himmelblau"), (1.0, 0.0), 0.01)
    with pytest.raises(ValueError, match="read-only"):
        found.hessian[0, 0] = 0.0


def test_a_curve_has_a_slope_and_a_curvature_too() -> None:
    gradient, hessian = derivatives(lambda points: np.sin(points[:, 0]), np.array([0.7]))
    assert gradient[0] == pytest.approx(np.cos(0.7), rel=1e-15)
    assert hessian[0, 0] == pytest.approx(-np.sin(0.7), rel=1e-8)


@pytest.mark.parametrize(
    ("name", "point", "kind"),
    [
        ("himmelblau", (3.01, 1.99), "minimum"),
        ("himmelblau", (-0.27, -0.92), "maximum"),
        ("himmelblau", (0.09, 2.88), "saddle"),
        ("rastrigin", (0.99, -1.98), "minimum"),
        ("ackley", (1.97, -1.97), "minimum"),
        ("saddle", (0.001, 0.0), "saddle"),
        ("beale", (0.01, 1.01), "saddle"),
        ("himmelblau", (1.0, 0.0), None),
        ("rosenbrock", (0.3, 0.1), None),
        ("beale", (1e200, 1e200), None),
    ],
)
def test_a_place_without_slope_is_known_by_its_curvature(
    name: str, point: tuple[float, float], kind: str | None
) -> None:
    assert resting_place(plain_surface(surfaces.surface(name)), point, 0.05) == kind


@pytest.mark.parametrize(
    ("text", "point", "kind"),
    [
        ("(x + y - 1)^2", (0.35, 0.65), "floor"), ("(x y)^2", (0.0, 2.0), "floor"),
        ("(y - x^2)^2", (1.0, 1.0), "floor"),
        ("(y - x^2)^2 + x^4/100", (0.5, 0.25), None), ("x^4 + y^2", (0.1, 0.0), None), ("y^2 - x^4", (0.5, 0.0), None),
    ],
)  # fmt: skip
def test_a_level_floor_is_known_from_a_valley_that_falls(
    text: str, point: tuple[float, float], kind: str | None
) -> None:
    expression = parse(text, ("x", "y"))
    assert resting_place(lambda points: expression(points[:, 0], points[:, 1], np), point, 0.05) == kind


@pytest.mark.parametrize("x", [5.0, 25.0, 60.0])
def test_the_far_plateau_is_no_resting_place_however_flat(x: float) -> None:
    assert resting_place(lambda points: 1.0 - np.exp(-0.5 * points[:, 0] ** 2), (x,), 0.05) is None
