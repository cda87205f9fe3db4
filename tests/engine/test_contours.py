"""Contour lines: where the function has the line's value, thin, and as symmetric as the function."""

from __future__ import annotations

import numpy as np

from engine.contours import contour_pixels, log_heights, resampled


def grid(n: int = 61) -> tuple[np.ndarray, np.ndarray]:
    axis = np.linspace(-1.0, 1.0, n)
    return np.meshgrid(axis, axis)


def test_a_line_is_drawn_where_the_surface_crosses_its_height() -> None:
    ramp = np.broadcast_to(np.linspace(0.0, 1.0, 41), (3, 41))
    lines = contour_pixels(ramp, 4)
    assert lines.all(axis=0).nonzero()[0].tolist() == [10, 20, 30]
    assert lines.sum() == 9


def test_between_two_pixels_the_nearer_one_has_the_line_and_at_even_distance_both() -> None:
    assert contour_pixels(np.array([[0.40, 0.48, 0.58]]), 2).tolist() == [[False, True, False]]
    assert contour_pixels(np.array([[0.375, 0.625]]), 2).tolist() == [[True, True]]


def test_every_pixel_on_a_line_lies_within_a_pixel_of_it() -> None:
    x, y = grid()
    height = (x**2 + y**2) / 2
    lines = contour_pixels(height, 5)
    assert lines.any()
    radius = np.hypot(x, y)[lines]
    circles = np.sqrt(2 * np.arange(1, 5) / 5)
    away = np.abs(radius[:, None] - circles).min(axis=1)
    assert away.max() <= 2 / 60


def test_a_bowls_contours_mirror_in_both_axes_and_in_the_diagonal() -> None:
    x, y = grid()
    lines = contour_pixels((x**2 + y**2) / 2, 7)
    for mirrored in (lines[::-1], lines[:, ::-1], lines.T):
        assert (lines == mirrored).all()


def test_a_flat_surface_has_no_contour_and_neither_has_what_is_not_finite() -> None:
    assert not contour_pixels(np.full((5, 5), 0.5), 4).any()
    assert not contour_pixels(np.full((5, 5), np.nan), 4).any()
    half = np.array([[0.2, np.nan, 0.8]])
    assert not contour_pixels(half, 2).any()


def test_the_very_highest_pixel_is_on_no_line() -> None:
    assert not contour_pixels(np.array([[0.9, 0.95, 1.0]]), 4).any()


def test_where_lines_would_touch_none_is_drawn() -> None:
    cliff = np.array([[0.0, 0.02, 0.98, 1.0]])
    assert not contour_pixels(cliff, 8).any()


def test_a_grid_is_resampled_linearly_between_its_values() -> None:
    x, y = grid(7)
    fine_x, fine_y = grid(25)
    np.testing.assert_allclose(resampled(2 * x - 3 * y, 25, 25), 2 * fine_x - 3 * fine_y, atol=1e-12)


def test_a_value_that_is_not_finite_counts_as_the_greatest_and_stays_in_its_place() -> None:
    z = np.zeros((5, 5))
    z[0, 0], z[2, 2] = 4.0, np.nan
    fine = resampled(z, 9, 9)
    assert fine[4, 4] == 4.0
    assert fine[:, :3].max() <= 4.0
    assert not fine[6:].any()


def test_heights_are_even_in_the_logarithm_above_the_lowest() -> None:
    np.testing.assert_allclose(log_heights(np.array([[-1.0, 1.0, 7.0]])), [[0.0, np.log(3) / np.log(9), 1.0]])
    assert not log_heights(np.full((3, 3), 5.0)).any()
