"""The test functions are the published ones, and their minima are minima."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from engine.descent import surfaces
from engine.events import Minimum

Array = npt.NDArray[Any]


def expanded_himmelblau(x: Array, y: Array) -> Array:
    return x**4 + y**4 + 2 * x**2 * y + 2 * x * y**2 - 21 * x**2 - 13 * y**2 - 14 * x - 22 * y + 170


def summed_rastrigin(x: Array, y: Array) -> Array:
    return 10 * 2 + sum(part**2 - 10 * np.cos(2 * np.pi * part) for part in (x, y))


def summed_beale(x: Array, y: Array) -> Array:
    return sum((c - x * (1 - y**i)) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def ackley_by_norm(x: Array, y: Array) -> Array:
    points = np.stack([x, y])
    return (
        20
        + np.e
        - 20 * np.exp(-0.2 * np.sqrt(np.mean(points**2, axis=0)))
        - np.exp(np.mean(np.cos(2 * np.pi * points), axis=0))
    )


# The formulas as their publications write them, in another form than the engine's.
PUBLISHED: dict[str, Callable[[Array, Array], Array]] = {
    "himmelblau": expanded_himmelblau,
    "rosenbrock": lambda x, y: 100 * (y - x**2) ** 2 + (1 - x) ** 2,
    "beale": summed_beale,
    "rastrigin": summed_rastrigin,
    "ackley": ackley_by_norm,
    "styblinski-tang": lambda x, y: sum(np.polyval([1, 0, -16, 5, 0], part) for part in (x, y)) / 2,
    "saddle": lambda x, y: (x + y) * (x - y),
    "bowl": lambda x, y: x**2 / 2 + 5 * y**2,
}

VALUES = [
    ("himmelblau", (0.0, 0.0), 170.0),
    ("himmelblau", (1.0, 0.0), 136.0),
    ("rosenbrock", (-1.2, 1.0), 24.2),
    ("beale", (1.0, 1.0), 14.203125),
    ("rastrigin", (0.5, 0.5), 40.5),
    ("ackley", (1.0, 0.0), 20 + np.e - 20 * np.exp(-0.2 * np.sqrt(0.5)) - np.e),
    ("styblinski-tang", (1.0, 0.0), -5.0),
    ("saddle", (2.0, 1.0), 3.0),
    ("bowl", (2.0, 1.0), 7.0),
]

each_surface = pytest.mark.parametrize("name", surfaces.NAMES)
each_minimum = pytest.mark.parametrize(
    ("name", "minimum"),
    [(name, minimum) for name in surfaces.NAMES for minimum in surfaces.surface(name).minima],
    ids=lambda part: part if isinstance(part, str) else part.label,
)


def random_points(name: str, count: int = 500) -> tuple[Array, Array]:
    surface = surfaces.surface(name)
    random = np.random.default_rng(1)
    return random.uniform(*surface.x_range, count), random.uniform(*surface.y_range, count)


def slope(name: str, x: float, y: float, h: float = 1e-6) -> Array:
    """The gradient by central differences."""
    f = surfaces.surface(name)
    at = np.array
    return at(
        [
            f(at(x + h), at(y)) - f(at(x - h), at(y)),
            f(at(x), at(y + h)) - f(at(x), at(y - h)),
        ]
    ) / (2 * h)


@each_surface
def test_a_surface_is_the_published_function(name: str) -> None:
    x, y = random_points(name)
    np.testing.assert_allclose(surfaces.surface(name)(x, y), PUBLISHED[name](x, y), rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize(("name", "point", "value"), VALUES)
def test_a_surface_has_the_value_worked_out_by_hand(name: str, point: tuple[float, float], value: float) -> None:
    found = surfaces.surface(name)(np.array(point[0]), np.array(point[1]))
    assert found == pytest.approx(value, abs=1e-9)


@each_minimum
def test_a_known_minimum_has_the_value_stated(name: str, minimum: Minimum) -> None:
    x, y = (np.array(part) for part in minimum.point)
    # The 1e-12 under Ackley's root lifts its minimum by 4e-6.
    assert surfaces.surface(name)(x, y) == pytest.approx(minimum.value, abs=5e-6 if name == "ackley" else 1e-12)


@each_minimum
def test_the_gradient_vanishes_at_a_known_minimum(name: str, minimum: Minimum) -> None:
    assert np.abs(slope(name, *minimum.point)).max() < 1e-6


@each_minimum
def test_every_way_from_a_known_minimum_goes_up(name: str, minimum: Minimum) -> None:
    surface = surfaces.surface(name)
    angles = np.linspace(0, 2 * np.pi, 360)
    for radius in (1e-3, 1e-2, 0.1):
        ring = surface(minimum.point[0] + radius * np.cos(angles), minimum.point[1] + radius * np.sin(angles))
        assert (ring > minimum.value).all()


@each_surface
def test_no_place_of_the_domain_is_lower_than_the_lowest_known_minimum(name: str) -> None:
    surface = surfaces.surface(name)
    _, _, z = surface.grid(401, 401)
    if surface.minima:
        assert z.min() >= min(minimum.value for minimum in surface.minima) - 1e-9
    else:
        assert surface.endless


def test_himmelblau_has_four_minima_at_zero() -> None:
    points = [minimum.point for minimum in surfaces.surface("himmelblau").minima]
    expected = [(3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848127)]
    np.testing.assert_allclose(points, expected, atol=5e-7)
    assert {minimum.value for minimum in surfaces.surface("himmelblau").minima} == {0.0}


@each_surface
def test_tensorflow_computes_what_numpy_does(name: str) -> None:
    x, y = random_points(name)
    surface = surfaces.surface(name)
    found = surface.f(tf.constant(x), tf.constant(y), tf.math)
    assert found.dtype == tf.float64
    np.testing.assert_allclose(found.numpy(), surface(x, y), rtol=1e-12, atol=1e-9)


@each_surface
def test_a_surface_keeps_the_precision_it_is_given(name: str) -> None:
    x, y = (part.astype(np.float32) for part in random_points(name, 3))
    assert surfaces.surface(name)(x, y).dtype == np.float32


@each_surface
def test_a_grid_has_a_row_for_each_y_and_a_column_for_each_x(name: str) -> None:
    surface = surfaces.surface(name)
    x, y, z = surface.grid(7, 5)
    assert (x.shape, y.shape, z.shape) == ((7,), (5,), (5, 7))
    assert (x[0], x[-1], y[0], y[-1]) == (*surface.x_range, *surface.y_range)
    assert z[4, 2] == surface(x[2], y[4])


def test_a_grid_can_show_a_window() -> None:
    x, y, z = surfaces.surface("saddle").grid(3, 2, x_range=(10.0, 12.0), y_range=(-1.0, 0.0))
    np.testing.assert_array_equal(x, [10, 11, 12])
    np.testing.assert_array_equal(y, [-1, 0])
    np.testing.assert_array_equal(z, [[99, 120, 143], [100, 121, 144]])


@each_surface
def test_a_surface_says_where_it_comes_from_and_starts_inside_its_domain(name: str) -> None:
    surface = surfaces.surface(name)
    assert surface.source and surface.formula.startswith("f(x, y) = ")
    assert len(surface.starts) == 3
    for x, y in surface.starts:
        assert surface.x_range[0] < x < surface.x_range[1] and surface.y_range[0] < y < surface.y_range[1]


def test_a_surface_is_drawn_with_its_minima_and_its_own_numbers() -> None:
    drawn = surfaces.bowl(25.0).drawn(9, 5)
    assert (drawn.key, drawn.parameters, drawn.z.shape) == ("bowl", {"conditioning": 25.0}, (5, 9))
    assert drawn.minima == surfaces.bowl(25.0).minima and "25·y²" in drawn.formula
    assert not drawn.z.flags.writeable


def test_two_bowls_are_distinguished_however_like_they_are() -> None:
    assert surfaces.bowl(10.0).key == surfaces.bowl(10.0).key
    assert surfaces.bowl(10.0).key != surfaces.bowl(10.000000001).key
    assert len({surfaces.surface(name).key for name in surfaces.NAMES}) == len(surfaces.NAMES) == 8


@pytest.mark.parametrize("conditioning", [1.0, 10.0, 1e4])
def test_a_bowl_is_as_ill_conditioned_as_it_is_asked_to_be(conditioning: float) -> None:
    f = surfaces.bowl(conditioning)
    assert f(np.array(2.0), np.array(0.0)) == 2.0 and f(np.array(0.0), np.array(2.0)) == 2.0 * conditioning
    assert f.learning_rate < 2.0 / conditioning


def test_a_value_too_large_for_its_numbers_is_infinite_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert surfaces.surface("beale")(np.float32([1e6]), np.float32([1e6])) == np.inf


def test_an_unknown_surface_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        surfaces.surface("himmelblue")
