"""A surface as heights: the formula at any grid, and the scale that puts the median in the middle."""

from __future__ import annotations

import numpy as np
import pytest

from engine.descent.relief import relief, sample, value_at
from engine.descent.surfaces import surface
from engine.events import SurfaceDrawn


def plane(key: str = "my own") -> SurfaceDrawn:
    """z = 2x − y on a grid of whole numbers, under a name unknown to the engine."""
    x, y = np.arange(-2.0, 3.0), np.arange(-1.0, 2.0)
    return SurfaceDrawn(key, "a plane", "2x − y", x, y, 2 * x[None, :] - y[:, None], ())


def test_a_known_surface_is_sampled_by_its_formula_on_any_grid() -> None:
    x, y = np.linspace(2.9, 3.1, 6), np.linspace(2.1, 1.9, 4)
    z = sample(surface("himmelblau").drawn(), x, y)
    grid_x, grid_y = np.meshgrid(x, y)
    np.testing.assert_allclose(z, (grid_x**2 + grid_y - 11) ** 2 + (grid_x + grid_y**2 - 7) ** 2, rtol=1e-12)


def test_a_bowl_is_sampled_with_its_own_conditioning() -> None:
    assert value_at(surface("bowl", 50.0).drawn(), 0.0, 2.0) == pytest.approx(0.5 * 50 * 4)


def test_an_unknown_surface_is_interpolated_between_its_grid_points() -> None:
    assert value_at(plane(), 0.25, -0.5) == pytest.approx(2 * 0.25 + 0.5)
    assert value_at(plane(), 2.0, 1.0) == pytest.approx(3.0)


def test_beyond_the_grid_of_an_unknown_surface_there_is_nothing() -> None:
    assert np.isnan(value_at(plane(), 2.5, 0.0))
    assert np.isnan(sample(plane(), np.linspace(-4.0, 4.0, 9), np.linspace(-1.0, 1.0, 5))[:, 0]).all()


def test_the_lowest_is_at_zero_the_highest_at_one_and_the_median_in_the_middle() -> None:
    z = np.array([1.0, 2.0, 5.0, 40.0, 1001.0])
    scale = relief(z)
    np.testing.assert_allclose(scale.height(np.array([1.0, 5.0, 1001.0])), [0.0, 0.5, 1.0], atol=1e-9)


def test_between_them_heights_grow_by_the_logarithm_of_the_value() -> None:
    scale = relief(np.array([1.0, 5.0, 1001.0]))
    knee = 4.0**2 / (1000 - 8)
    assert scale.knee == pytest.approx(knee)
    assert scale.height(np.array([101.0]))[0] == pytest.approx(np.log1p(100 / knee) / np.log1p(1000 / knee))


def test_values_spread_evenly_get_a_linear_scale() -> None:
    scale = relief(np.linspace(-4.0, 4.0, 101))
    np.testing.assert_allclose(scale.height(np.array([-4.0, -2.0, 4.0])), [0.0, 0.25, 1.0])


@pytest.mark.parametrize("z", [np.array([0.0, 1.0, 1e6]), np.linspace(0, 1, 11), np.array([-80.0, -50.0, 300.0])])
def test_value_undoes_height(z: np.ndarray) -> None:
    scale = relief(z)
    for height in (0.0, 0.3, 0.5, 1.0):
        assert scale.height(np.array([scale.value(height)]))[0] == pytest.approx(height, abs=1e-9)


def test_what_is_not_finite_changes_nothing_and_has_no_height() -> None:
    z = np.array([0.0, 1.0, 2.0, np.inf, np.nan])
    scale = relief(z)
    assert (scale.low, scale.high) == (0.0, 2.0)
    height = scale.height(z)
    assert height[3] == 1.0
    assert np.isnan(height[4])


def test_a_flat_surface_and_one_of_nothing_but_nan_are_no_error() -> None:
    assert relief(np.full(9, 3.0)).height(np.array([3.0]))[0] == 0.0
    assert np.isnan(relief(np.full(9, np.nan)).height(np.full(1, np.nan))).all()
