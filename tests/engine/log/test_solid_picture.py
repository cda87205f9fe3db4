"""The log's picture of a descent in three dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from engine.descent import surfaces
from engine.descent.relief import function, relief
from engine.descent.view3d import View
from engine.events import FloatArray, SurfaceDrawn
from engine.log.raster import SERIES, Pixels
from engine.log.solid_picture import solid_picture

WIDTH, HEIGHT, TOP = 480, 370, 28
HIMMELBLAU = surfaces.surface("himmelblau").drawn()


def place(surface: SurfaceDrawn, x: float, y: float) -> tuple[int, int]:
    """The row and column of a point of the surface."""
    height = relief(surface.z).height(np.array(function(surface)(np.array([x]), np.array([y]))))[0]
    view = View((surface.x[0], surface.x[-1]), (surface.y[0], surface.y[-1]), WIDTH, HEIGHT)
    column, row = np.floor(view.pixels(np.array([x, y, height]))).astype(int).tolist()
    return TOP + row, column


def shows(picture: Pixels, slot: int) -> bool:
    return bool((picture[TOP : TOP + HEIGHT] == np.array(SERIES[slot])).all(axis=-1).any())


def ridge() -> SurfaceDrawn:
    """A steep ridge between the eye and the ground beyond it, along the direction that is right for the eye."""
    axis = np.linspace(-4.0, 4.0, 161)
    towards = np.cos(np.radians(30)) * axis[None, :] - np.sin(np.radians(30)) * axis[:, None]
    return SurfaceDrawn("ridge", "ridge", "a ridge", axis, axis, 30 * np.exp(-((towards / 0.15) ** 2)), ())


def test_low_places_are_dark_and_high_ones_light() -> None:
    picture = solid_picture(HIMMELBLAU, (), ()).astype(int).sum(axis=2)
    low, middle, high = (picture[place(HIMMELBLAU, *point)] for point in ((-3.78, -3.28), (-0.3, -0.9), (-5.8, 5.8)))
    assert low < middle < high


def test_paths_lie_where_their_points_are_projected() -> None:
    path = np.array([[-1.0, -1.0], [0.0, -1.0], [0.0, 0.0]])
    picture = solid_picture(HIMMELBLAU, ["one"], [path])
    for point in ((-1.0, -1.0), (-0.5, -1.0), (0.0, 0.0)):
        row, column = place(HIMMELBLAU, *point)
        near = picture[row - 2 : row + 3, column - 2 : column + 3]
        assert (near == np.array(SERIES[0])).all(axis=-1).any()


def test_what_the_surface_hides_of_a_path_is_not_drawn() -> None:
    towards = np.array([np.cos(np.radians(30)), -np.sin(np.radians(30))])
    right = np.array([-towards[1], towards[0]])
    along = np.linspace(-1, 1, 9)[:, None] * right
    assert not shows(solid_picture(ridge(), (), [along - 0.3 * towards]), 0)
    assert shows(solid_picture(ridge(), (), [along + 0.4 * towards]), 0)


def test_a_path_of_one_step_follows_the_ground_between_its_ends() -> None:
    towards = np.array([np.cos(np.radians(30)), -np.sin(np.radians(30))])
    over = solid_picture(ridge(), (), [np.array([1.5 * towards, -1.5 * towards])])
    top = place(ridge(), 0.0, 0.0)
    near = over[top[0] - 2 : top[0] + 3, top[1] - 2 : top[1] + 3]
    assert (near == np.array(SERIES[0])).all(axis=-1).any()


@pytest.mark.parametrize(
    "z", [np.zeros((9, 9)), np.full((9, 9), np.nan), np.where(np.eye(9) > 0, np.inf, 1.0)], ids=["flat", "nan", "inf"]
)
def test_a_surface_that_is_flat_or_not_finite_is_drawn(z: FloatArray) -> None:
    axis = np.linspace(-1, 1, 9)
    lost = np.array([[0.0, 0.0], [1e30, -1e30], [np.nan, np.nan]])
    picture = solid_picture(SurfaceDrawn("s", "s", "s", axis, axis, z, ()), ["p"], [lost])
    assert picture.dtype == np.uint8


def test_each_path_has_a_line_below() -> None:
    none, two = (solid_picture(HIMMELBLAU, ["a", "b"][:count], ()) for count in (0, 2))
    assert two.shape[0] == none.shape[0] + 30
    assert (two[-30:] == np.array(SERIES[1])).all(axis=-1).any()
