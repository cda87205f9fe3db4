"""A graph in three dimensions: the projection is a rotation, and parts behind nearer ones are hidden."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from engine.descent import surfaces
from engine.descent.relief import function, relief
from engine.descent.view3d import HIGHEST, LOWEST, TALL, Camera, Float64, Height, View, look

SQUARE = (-1.0, 1.0)


def about_x(degrees: float) -> Float64:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def about_z(degrees: float) -> Float64:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def flat(x: Float64, y: Float64) -> Float64:
    return np.where(np.isfinite(x + y), 0.0, np.nan)


def ridge(x: Float64, y: Float64) -> Float64:
    """A wall of height 1 along y from x = 0.2 to 0.4 on flat ground."""
    return np.where(np.isfinite(x + y), np.where((x > 0.2) & (x < 0.4), 1.0, 0.0), np.nan)


def himmelblau() -> tuple[View, Height]:
    surface = surfaces.surface("himmelblau").drawn()
    scale, values = relief(surface.z), function(surface)
    view = View((-6.0, 6.0), (-6.0, 6.0), 60, 44)
    return view, lambda x, y: scale.height(np.asarray(values(x, y), np.float64))


@pytest.mark.parametrize("azimuth", [-150.0, -30.0, 0.0, 45.0, 180.0])
@pytest.mark.parametrize("elevation", [10.0, 60.0, 90.0])
def test_the_projection_is_a_turn_about_z_and_then_a_tilt_about_x(azimuth: float, elevation: float) -> None:
    rotation = Camera(azimuth, elevation).rotation()
    np.testing.assert_allclose(rotation, about_x(elevation - 90) @ about_z(-azimuth - 90), atol=1e-12)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_points_lie_where_the_rotation_matrix_puts_them() -> None:
    view = View((-6.0, 6.0), (0.0, 4.0), 80, 60, Camera(-30, 60))
    points = np.random.default_rng(0).uniform((-6, 0, 0), (6, 4, 1), (50, 3))
    box = np.stack([points[:, 0] / 6, points[:, 1] / 2 - 1, (points[:, 2] - 0.5) * TALL], axis=1)
    turned = (about_x(60 - 90) @ about_z(30 - 90) @ box.T).T
    expected = np.stack([40 + view.scale * turned[:, 0], 30 - view.scale * turned[:, 1]], axis=1)
    np.testing.assert_allclose(view.pixels(points), expected, atol=1e-9)


@pytest.mark.parametrize("azimuth", range(-180, 180, 15))
@pytest.mark.parametrize("elevation", [10.0, 35.0, 60.0, 90.0])
@pytest.mark.parametrize("size", [(80, 60), (200, 20), (10, 90)])
def test_the_whole_box_is_in_the_picture_from_everywhere(
    azimuth: float, elevation: float, size: tuple[int, int]
) -> None:
    view = View(SQUARE, SQUARE, *size, Camera(azimuth, elevation))
    corners = np.array([(x, y, z) for x in SQUARE for y in SQUARE for z in (0.0, 1.0)])
    places = view.pixels(corners)
    assert (places >= -1e-9).all()
    assert (places <= np.array(size) + 1e-9).all()


def test_turning_goes_round_and_tilting_ends_straight_above_and_near_the_ground() -> None:
    assert Camera(175, 60).turned(10, 0).azimuth == pytest.approx(-175)
    assert Camera().turned(0, 1000).elevation == HIGHEST
    assert Camera().turned(0, -1000).elevation == LOWEST


# --- what is hidden -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elevation", "x", "seen"),
    [(20.0, 0.1, False), (20.0, -0.9, False), (20.0, 0.9, True), (80.0, 0.9, True), (80.0, -0.5, True)],
)
def test_a_ridge_hides_what_lies_behind_it(elevation: float, x: float, seen: bool) -> None:
    sight = look(View(SQUARE, SQUARE, 60, 60, Camera(0, elevation)), ridge)
    points = np.array([[x, y, 0.0] for y in (-0.6, 0.0, 0.6)])
    assert sight.visible(points).tolist() == [seen] * 3
    assert sight.visible(np.array([[0.3, 0.0, 1.0]])).all()


def test_no_pixel_shows_ground_that_the_ridge_hides() -> None:
    sight = look(View(SQUARE, SQUARE, 60, 60, Camera(0, 20)), ridge)
    shown = sight.x[np.isfinite(sight.height)]
    reach = 0.3 - TALL / math.tan(math.radians(20))  # where the line of sight over the ridge meets the ground
    assert reach < -1
    assert not ((shown > -0.98) & (shown < 0.18)).any()


def test_every_pixel_shows_what_a_z_buffer_of_many_points_does() -> None:
    view, height = himmelblau()
    view = View(view.x_range, view.y_range, 240, 176, Camera(-30, 30))
    axis = np.linspace(-6, 6, 1500)
    x, y = (part.ravel() for part in np.meshgrid(axis, axis))
    points = np.stack([x, y, height(x, y)], axis=1)
    nearness = view.boxed(points) @ view.camera.rotation()[2]
    column, row = np.floor(view.pixels(points)).astype(int).T
    order = np.argsort(nearness)
    buffer = np.full((176, 240), np.nan)
    buffer[row[order], column[order]] = points[order, 2]
    sight = look(view, height)
    open_to_view = np.isfinite(buffer) & ~sight.wall  # the points of the buffer have no wall before them
    both = open_to_view & np.isfinite(sight.height)
    assert both.sum() > 0.95 * open_to_view.sum()
    assert np.quantile(np.abs(buffer - sight.height)[both], 0.95) < 0.05


def test_points_of_the_surface_are_visible_where_a_pixel_shows_them() -> None:
    view, height = himmelblau()
    for camera in (Camera(), Camera(50, 25), Camera(-30, 90)):
        sight = look(View(view.x_range, view.y_range, 60, 44, camera), height)
        shown = np.isfinite(sight.height)
        points = np.stack([part[shown] for part in (sight.x, sight.y, sight.height)], axis=1)
        assert sight.visible(points).mean() > 0.99


def test_from_straight_above_it_is_the_map() -> None:
    sight = look(View(SQUARE, SQUARE, 40, 40, Camera(-90, 90)), flat)
    row = sight.x[20][np.isfinite(sight.x[20])]
    column = sight.y[:, 20][np.isfinite(sight.y[:, 20])]
    assert (np.diff(row) > 0).all()
    assert (np.diff(column) < 0).all()
    assert not sight.wall.any()


# --- walls, light, gaps ---------------------------------------------------------------------------------------------


def test_below_the_near_edge_stands_a_wall_down_to_the_floor() -> None:
    view = View(SQUARE, SQUARE, 60, 60, Camera(0, 30))
    sight = look(view, lambda x, y: np.where(np.isfinite(x + y), 0.5, np.nan))
    rows = np.flatnonzero(sight.wall[:, 30])
    top, bottom = (view.pixels(np.array([1.0, 0.0, height]))[1] for height in (0.5, 0.0))
    assert abs(rows[0] - top) <= 1
    assert abs(rows[-1] + 1 - bottom) <= 1
    assert not np.isfinite(sight.height[sight.wall]).any()


def test_flat_ground_is_lit_evenly_and_a_slope_to_the_light_more_than_one_away_from_it() -> None:
    def roof(x: Float64, y: Float64) -> Float64:
        return 1 - np.abs(y) / 2

    even = look(View(SQUARE, SQUARE, 40, 40), flat).light
    assert np.nanstd(even) == pytest.approx(0.0, abs=1e-9)
    sight = look(View(SQUARE, SQUARE, 40, 40, Camera(0, 60)), roof)
    left, right = (sight.light[np.isfinite(sight.light) & side] for side in (sight.y < -0.05, sight.y > 0.05))
    assert left.min() > right.max()
    assert ((sight.light >= 0) & (sight.light <= 1))[np.isfinite(sight.light)].all()


def test_where_there_is_no_surface_nothing_is_seen() -> None:
    def half(x: Float64, y: Float64) -> Float64:
        return np.where(y < 0, 0.3, np.nan)

    sight = look(View(SQUARE, SQUARE, 40, 40, Camera(0, 60)), half)
    assert (sight.y[np.isfinite(sight.height)] < 0.05).all()
    nothing = look(View(SQUARE, SQUARE, 40, 40), lambda x, y: np.full(x.shape, np.nan))
    assert not np.isfinite(nothing.height).any()
    assert not nothing.wall.any()


@pytest.mark.parametrize("size", [(1, 1), (2, 4), (1, 60), (300, 1)])
def test_no_size_is_too_small(size: tuple[int, int]) -> None:
    sight = look(View(SQUARE, SQUARE, *size), flat)
    seen: npt.NDArray[np.float64] = sight.height
    assert seen.shape == (size[1], size[0])
