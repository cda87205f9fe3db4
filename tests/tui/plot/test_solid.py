"""A surface in three dimensions on a terminal: exact characters, paths that the surface hides, marks, labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.descent import surfaces
from engine.descent.view3d import Camera
from engine.events import SurfaceDrawn
from tests.tui.descents import BOWL, HIMMELBLAU, basins_of, bowl_descent, until
from tui.plot.map_marks import faint, path_colours
from tui.plot.map_scene import MapScene, Moment, hidden_colour
from tui.plot.palettes import luminance
from tui.plot.raster import NONE, Raster
from tui.plot.solid import Solid, SolidWindow
from tui.plot.surface_picture import MapLook
from tui.text import glyphs
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Ghost

LOOK, PLAIN, ASCII = MapLook(), MapLook(plain=True), MapLook(glyphs=glyphs.ASCII, plain=True)


def window(
    surface: SurfaceDrawn = HIMMELBLAU, columns: int = 44, rows: int = 18, camera: Camera | None = None
) -> SolidWindow:
    ranges = [(float(axis[0]), float(axis[-1])) for axis in (surface.x, surface.y)]
    return SolidWindow(ranges[0], ranges[1], camera or Camera(), columns, rows)


def drawn(moment: Moment, look: MapLook = LOOK, camera: Camera | None = None) -> Raster:
    assert moment.picture.surface is not None
    return MapScene().draw(moment, window(moment.picture.surface, camera=camera), look)


def rows(cells: Raster) -> list[str]:
    return ["".join(row).replace("\u2800", " ").rstrip() for row in cells.chars]


def test_himmelblau_without_colour_is_its_grid_with_hidden_lines_left_out() -> None:
    assert rows(drawn(Moment(DescentPicture(surface=HIMMELBLAU)), PLAIN)) == PLAIN_ROWS


def test_himmelblau_in_ascii_is_shaded_by_the_light() -> None:
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU)), ASCII)
    assert rows(cells) == ASCII_ROWS


@pytest.mark.parametrize("look", [PLAIN, ASCII])
def test_without_colour_nothing_has_a_colour(look: MapLook) -> None:
    ghosts = (Ghost("g", np.array([[1.0, 5.0], [5.0, 5.0]]), np.zeros(2)),)
    cells = drawn(Moment(bowl_descent(20, ghosts=ghosts), 10, 1, cursor=(2.0, -3.0)), look)
    assert (cells.front == NONE).all()
    assert (cells.back == NONE).all()


def test_in_colour_low_places_are_darker_than_high_ones() -> None:
    cells, solid = drawn(Moment(DescentPicture(surface=BOWL))), Solid(BOWL, window(BOWL))
    light = []
    for point in ((0.6, 0.6), (-4.0, 4.0), (-5.4, 5.4)):
        column, row = solid.cell(*point) or (-1, -1)
        light.append(float(luminance(cells.back[row, column])))
    assert light == sorted(light)
    assert light[-1] > 2 * light[0]


@pytest.mark.parametrize("name", surfaces.NAMES)
@pytest.mark.parametrize(
    "look", [LOOK, MapLook(dark=False), MapLook(system="256"), MapLook(system="standard"), PLAIN, ASCII]
)
def test_every_surface_is_drawn_in_every_look(name: str, look: MapLook) -> None:
    surface = surfaces.surface(name).drawn()
    cells = drawn(Moment(replace(bowl_descent(20), surface=surface), 10, 0, cursor=(0.5, 0.5)), look)
    assert sum(len(row.replace(" ", "")) for row in rows(cells)) > 100
    assert not look.glyphs.ascii or all(row.isascii() for row in rows(cells))


# --- paths and marks ------------------------------------------------------------------------------------------------


def hill() -> SurfaceDrawn:
    """A steep ridge along y at x = 0, unknown to the engine, so its grid is drawn."""
    axis = np.linspace(-4.0, 4.0, 161)
    z = np.exp(-8 * axis**2)[None, :] * np.ones((161, 1))
    return SurfaceDrawn("ridge", "ridge", "a ridge", axis, axis, z, ())


def behind_the_hill(y: float = 0.0) -> DescentPicture:
    """A path along y behind the ridge, seen from positive x."""
    picture = bowl_descent(20, starts=((4.2, 0.3),))
    points = np.stack([np.full(21, -0.4), np.linspace(y - 2, y + 2, 21)], axis=1).astype(np.float32)[None]
    return replace(picture, surface=hill(), points=points, gradients=np.zeros_like(points))


def test_a_path_behind_a_ridge_is_hidden_and_visible_from_the_other_side() -> None:
    colour = path_colours(1, LOOK)[0]
    hidden = drawn(Moment(behind_the_hill(), 20), camera=Camera(0, 20))
    assert not (hidden.front == colour).any()
    seen = drawn(Moment(behind_the_hill(), 20), camera=Camera(180, 20))
    assert (seen.front == colour).sum() > 5


def test_a_hidden_head_is_faint_and_a_hidden_start_is_not_there() -> None:
    cells = drawn(Moment(behind_the_hill(), 20), camera=Camera(0, 20))
    colour = int(path_colours(1, LOOK)[0])
    place = np.argwhere(cells.chars == "●")
    assert len(place) == 1
    assert cells.front[tuple(place[0])] == hidden_colour(colour, LOOK) != colour
    assert not (cells.chars == "○").any()


def test_a_path_lies_on_the_surface_where_its_points_are_projected() -> None:
    picture = bowl_descent(20, starts=((4.2, 2.3),))
    assert picture.surface is not None
    solid = Solid(picture.surface, window(BOWL))
    for step in (0, 5, 20):
        cells = drawn(Moment(picture, step))
        x, y = picture.points[0, step].astype(float).tolist()
        column, row = solid.cell(x, y) or (-1, -1)
        assert cells.chars[row, column] == "●"
        z = float(solid.height(np.array(x), np.array(y)))
        expected = window(BOWL).view.pixels(np.array([x, y, z])) / (2, 4)
        assert (column, row) == tuple(np.floor(expected).astype(int).tolist())


def test_steps_still_to_come_are_faint() -> None:
    picture = bowl_descent(20, starts=((4.2, 2.3),))
    colours = path_colours(1, LOOK)
    cells = drawn(Moment(picture, 2))
    assert (cells.front == faint(colours, LOOK)[0]).any()
    assert not (drawn(Moment(until(picture, 2), 2)).front == faint(colours, LOOK)[0]).any()


def test_growing_and_turning_draws_what_drawing_at_once_does() -> None:
    whole, scene = bowl_descent(20), MapScene()
    for step in range(21):
        scene.draw(Moment(until(whole, step), step), window(BOWL, camera=Camera(step * 10, 40)), LOOK)
    grown = scene.draw(Moment(until(whole, 20), 20), window(BOWL), LOOK)
    at_once = drawn(Moment(until(whole, 20), 20))
    assert (grown.chars == at_once.chars).all()
    assert (grown.front == at_once.front).all()


def test_a_path_that_left_the_part_shown_waits_at_its_edge() -> None:
    picture = bowl_descent(3, starts=((4.2, 2.3),))
    points = picture.points.copy()
    points[:, 3:] = (40.0, 0.3)
    solid = Solid(BOWL, window(BOWL))
    column, row = solid.cell(6.0, points[0, 3, 1].item()) or (-1, -1)
    assert drawn(Moment(replace(picture, points=points), 3)).chars[row, column] == "●"


def test_minima_have_their_marks_and_with_basins_their_numbers() -> None:
    solid = Solid(HIMMELBLAU, window(camera=Camera(-30, 85)))
    basins = basins_of([[2, 3], [1, 0]], (-6.0, 6.0), (-6.0, 6.0))
    for found, signs in ((None, "××××"), (basins, "1234")):
        cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU), basins=found), camera=Camera(-30, 85))
        places = [solid.cell(*minimum.point[:2]) for minimum in HIMMELBLAU.minima]
        assert [str(cells.chars[place[1], place[0]]) for place in places if place] == list(signs)


def test_basins_colour_the_surface() -> None:
    basins = basins_of([[2, 3], [1, 0]], (-6.0, 6.0), (-6.0, 6.0))
    plain, coloured = (drawn(Moment(DescentPicture(surface=HIMMELBLAU), basins=each)) for each in (None, basins))
    assert (plain.back != coloured.back).mean() > 0.2


def test_the_place_that_a_cell_shows_lies_in_that_cell() -> None:
    solid = Solid(HIMMELBLAU, window())
    found = 0
    for column in range(0, 44, 3):
        for row in range(0, 18, 2):
            point = solid.place_at(column, row)
            if point is not None:
                found += 1
                x, y = solid.cell(*point) or (-9, -9)
                assert abs(x - column) <= 1
                assert abs(y - row) <= 1
    assert found > 30
    assert solid.place_at(0, 0) is None
    assert solid.place_at(-1, 400) is None


def test_both_axes_are_named_with_their_ends() -> None:
    text = rows(drawn(Moment(DescentPicture(surface=HIMMELBLAU)), ASCII))
    assert any(" x" in row for row in text)
    assert any("-6" in row for row in text)
    assert any(row.endswith("6") for row in text)


# A blank cell of braille is as wide as a space and written as one here.
PLAIN_ROWS = [
    "                         ⢀⢤",
    "                      ⢀⡠⠒⡅⢈⢧",
    "                  ⢀⣠⠔⢪⠁⢣⣀⠵⡁⢈⢷⡀",
    "               ⡠⡔⠚⡅⠈⣆⡨⡖⠊⡆ ⡵⡁⡠⠳⡄",
    "           ⢀⣠⠒⢹ ⢱⡠⠺⡊⠹⡀⢸ ⡸⡊ ⡵⣁⠔⠙⣦",
    "        ⣀⡤⠒⡅⠈⣆⠤⢏⠁⢣⢀⣣⠤⢳⠒⢏ ⢱⠎⢠⠊⣢⠊⡨⠳⡄",
    "     ⢸⣏⠹⡀⢱ ⣱⠔⠹⡀⢈⡖⠊⢇⣀⣣⠬⢆⣸⣀⠎⡱⢅⠔⢁⠕⡅⡔⠙⣆",
    "     ⢸⠘⢯⣹⡊⡏ ⡇⢀⢷⠁⣘⢔⢉⡣⡤⠓⢞⣒×⡺⢔⠁⡱⢇⡠⠊⢦⠊⢈⢧⡀",
    "     ⢸⡀ ⠳⣿⠘ ⠸⣊⠠⢛⣤⡒⣑⢤⠚⢏⣉⣢⠬⢶⠒⢫⢀⠜⢢⡔⠁⡵⡁⡔⠙⣆",
    "   -6 ⠳⡄ ⠘⢯⡵×⠦⡭⠧⡒⠙⣄⠬⢲⠉⢣⣀⢧⠤⢳⠊⢱⢠⠊⢱⣊⡠⢊⠶⡊⡨⢳",
    "       ⠙⣆  ⠳⣞⢲⠚⢖⠊⢏⣈⣦⠔⢫⠁⢣⣀⣣⠤⢧⠔⠣⡰⡡⢊⠕⣣⠔⠉ ⢸",
    "        ⠈⢧⡀ ⠘⢯⣹⣉⣫⠉⢆⢈⣆⠤⢗⠉⢇ ⢇⠘⡄⠜⠬⡫⠝⠊    ⢸",
    "          ⠳⡄ ⠈⢧⡼⣌⣫⡉⢇⠘⡄⢘⡤⠜⠎⠙⢁×⠒⠉      ⣀⠜ 6",
    "         x ⠙⣆  ⠳⣞⢦⠽⡙⡖⠳⠁⢑⡠⠔⠊⠁     ⣀⠤⠒⠉",
    "            ⠈⢧⡀ ⠘⢯⡹⠭⠵⠒×⠁     ⣀⠤⠒⠉",
    "              ⠳⡄         ⣀⠤⠒⠉ y",
    "               ⠙⣆    ⣀⠤⠒⠉",
    "              6 ⠈⢧⠤⠒⠉",
]
ASCII_ROWS = [
    "",
    "                        ,,:",
    "                    ....,,::;",
    "                .........,::;;",
    "             ............,:;;;;",
    "         ................,:;;;;;;",
    "      ,........,,::::,...:;;;;;;;;",
    "     '',......,:======;;X====;;;;;;",
    "      ''',,..,;=======;;;;;=;;;;;;===",
    "   -6  '''::X;======;;;::,,,::;;;=====",
    "        ''''::::;;;;:::,,...,:;====''''",
    "         '''':::,,,,,,......,;=='''''''",
    "           ''':,,,.......:;;X''''''''' 6",
    "         x  ''''::,....:=''''''''''",
    "             '''';;;='X''''''''",
    "               ''''''''''''   y",
    "                '''''''",
    "              6  ''",
]
