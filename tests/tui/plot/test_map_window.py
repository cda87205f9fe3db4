"""The window of a map: square pixels, positions of points, zoom and pan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tui.plot.map_window import MapWindow, fitted, stepped, zoom_allowed

BOX = ((-6.0, 6.0), (-6.0, 6.0))


def test_a_map_twice_as_wide_as_high_in_cells_shows_a_square_domain_exactly() -> None:
    window = fitted(*BOX, 48, 24)
    assert window.unit == 0.25
    assert window.x_range == window.y_range == (-6.0, 6.0)


def test_a_wider_map_shows_more_to_both_sides_and_stretches_nothing() -> None:
    window = fitted(*BOX, 80, 20)
    assert window.y_range == (-6.0, 6.0)
    assert window.unit == pytest.approx(12 / 40)
    assert window.x_range == pytest.approx((-12.0, 12.0))


def test_a_narrower_map_shows_more_above_and_below() -> None:
    window = fitted(*BOX, 24, 24)
    assert window.x_range == (-6.0, 6.0)
    assert window.y_range == (-12.0, 12.0)


def test_pixels_are_centred_in_their_squares_and_begin_at_the_top_left() -> None:
    x, y = MapWindow(0.0, 0.0, 1.0, 4, 1).pixels()
    assert x.tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert y.tolist() == [0.5, -0.5]


def test_a_point_lies_in_one_cell_and_outside_in_none() -> None:
    window = MapWindow(0.0, 0.0, 1.0, 4, 2)
    assert window.cell(-1.5, 1.5) == (0, 0)
    assert window.cell(1.5, -1.5) == (3, 1)
    assert window.cell(2.5, 0.0) is None
    assert window.cell(0.0, -2.5) is None
    assert window.cell(math.nan, 0.0) is None
    assert window.cell(math.inf, 0.0) is None


def test_places_count_dots_from_the_top_left_corner() -> None:
    window = MapWindow(0.0, 0.0, 1.0, 4, 2)
    corner_and_middle = np.array([[-2.0, 2.0], [0.0, 0.0], [2.0, -2.0]])
    assert window.places(corner_and_middle, 2, 4).tolist() == [[0, 0], [4, 4], [8, 8]]


def test_the_cell_of_a_point_is_the_floor_of_its_place() -> None:
    window = fitted((-2.0, 2.0), (-1.0, 3.0), 37, 11).zoomed(1.7, (0.3, 0.2))
    points = np.random.default_rng(0).uniform(-4, 4, (200, 2))
    for (x, y), place in zip(points.tolist(), window.places(points, 1, 1).tolist(), strict=True):
        column, row = math.floor(place[0]), math.floor(place[1])
        inside = 0 <= column < window.columns and 0 <= row < window.rows
        assert window.cell(x, y) == ((column, row) if inside else None)


def test_zooming_halves_the_window_and_leaves_the_point_under_the_cursor_where_it_is() -> None:
    window = fitted(*BOX, 48, 24)
    closer = window.zoomed(2.0, (3.0, 2.0))
    assert closer.unit == window.unit / 2
    here, there = (one.places(np.array([3.0, 2.0]), 1, 2) for one in (window, closer))
    assert there == pytest.approx(here)


def test_zooming_out_undoes_zooming_in() -> None:
    window = fitted(*BOX, 48, 24)
    back = window.zoomed(2.0, (3.0, 2.0)).zoomed(0.5, (3.0, 2.0))
    assert (back.x, back.y, back.unit) == pytest.approx((window.x, window.y, window.unit))


def test_panning_moves_by_an_eighth_and_by_whole_pixels() -> None:
    window = fitted(*BOX, 48, 24)
    moved = window.panned(1, -1)
    assert (moved.x, moved.y) == (6 * window.unit, -6 * window.unit)
    assert moved.panned(-1, 1) == window


def test_the_window_moves_no_further_than_it_must_to_show_a_point() -> None:
    window = fitted(*BOX, 48, 24)
    assert window.showing(3.0, 2.0) == window
    moved = window.showing(7.0, 0.0)
    assert moved.cell(7.0, 0.0) == (46, 12)
    assert moved.y == window.y


def test_zoom_has_its_limits_both_ways() -> None:
    whole = fitted(*BOX, 48, 24)
    assert zoom_allowed(whole.zoomed(4.0), whole)
    assert not zoom_allowed(whole.zoomed(1e8), whole)
    assert not zoom_allowed(whole.zoomed(1 / 64), whole)


@pytest.mark.parametrize(
    ("value", "unit", "direction", "there"),
    [
        (0.0, 0.25, 1, 0.5),
        (0.5, 0.25, -1, 0.0),
        (0.3, 0.25, 1, 0.5),
        (0.3, 0.25, -1, 0.0),
        (0.3, 0.25, 0, 0.5),
        (-0.1, 0.05, 1, -0.05),
        (-0.05, 0.05, 1, 0.0),
        (3.0, 0.013, 1, 3.02),
        (120.0, 7.0, -1, 110.0),
    ],
)
def test_a_cursor_stops_at_round_numbers(value: float, unit: float, direction: int, there: float) -> None:
    assert stepped(value, unit, direction) == there


def test_a_cursor_that_comes_to_zero_has_no_minus() -> None:
    assert math.copysign(1.0, stepped(-0.5, 0.25, 1)) == 1.0
