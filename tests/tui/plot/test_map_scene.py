"""Drawings on a map: paths in the right cells, marks, the arrow, the cursor, ghosts."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.descent.optimizers import OptimizerSettings
from engine.descent.relief import Relief
from tests.tui.descents import HIMMELBLAU, basins_of, bowl_descent, until
from tui.plot import path_styles
from tui.plot.map_marks import arrow_length, arrow_way, draw_arrow, faint, ghost_colour, path_colours
from tui.plot.map_scene import MapScene, Moment
from tui.plot.map_window import MapWindow, fitted
from tui.plot.palettes import parsed
from tui.plot.raster import BOLD, NONE, REVERSE, Raster
from tui.plot.surface_picture import MapLook, SurfaceShades
from tui.text import glyphs
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Ghost
from tui.views.step_parts import OptimizerMemory

LOOK = MapLook()
ASCII = MapLook(glyphs=glyphs.ASCII)
WINDOW = fitted((-6.0, 6.0), (-6.0, 6.0), 24, 12)
"""A cell is half a unit wide and one high; the origin is the corner of cells (11, 5) and (12, 6)."""


def drawn(moment: Moment, look: MapLook = LOOK, window: MapWindow = WINDOW) -> Raster:
    return MapScene().draw(moment, window, look)


def rows(cells: Raster) -> list[str]:
    return ["".join(row) for row in cells.chars]


def cell_of(x: float, y: float) -> tuple[int, int]:
    place = WINDOW.cell(x, y)
    assert place is not None
    return place[1], place[0]


def blank() -> tuple[Raster, SurfaceShades]:
    cells = Raster(24, 12)
    return cells, SurfaceShades(cells.copy(), cells.back.copy(), Relief(0.0, 1.0, math.inf))


# --- paths ----------------------------------------------------------------------------------------------------------


def test_a_path_is_dots_in_its_colour_in_the_cells_it_runs_through() -> None:
    picture = bowl_descent(20, starts=((4.2, 0.3),))
    cells = drawn(Moment(picture, 20, 0))
    colour = parsed(path_styles.colour(0, dark=True))
    row, _ = cell_of(4.2, 0.3)
    on_path = [
        column
        for column in range(24)
        if 0x2800 < ord(cells.chars[row, column]) < 0x2900 and cells.front[row, column] == colour
    ]
    assert on_path == list(range(cell_of(4.2 * 0.9**20, 0.3)[1] + 1, cell_of(4.2, 0.3)[1]))
    assert cells.chars[cell_of(4.2, 0.3)] == "○"


def test_dots_lie_within_the_cell_where_the_point_lies() -> None:
    picture = until(bowl_descent(20, starts=((4.1, 2.9), (-5.0, -5.0))), 0)
    ghost = Ghost("last run", np.array([[4.1, 2.9], [4.1, 2.9]], np.float32), np.zeros(2, np.float32))
    cells = drawn(Moment(DescentPicture(surface=picture.surface, ghosts=(ghost,))))
    # (4.1, 2.9) is the first dot across and the first down in its cell, which spans x 4.0 to 4.5 and y 2 to 3.
    assert cells.chars[cell_of(4.1, 2.9)] == chr(0x2801)


def test_the_mark_of_the_present_moves_with_the_step() -> None:
    picture = bowl_descent(20, starts=((4.2, 2.3),))
    for step in (3, 10, 20):
        x, y = picture.points[0, step].tolist()
        cells = drawn(Moment(picture, step, 0))
        assert cells.chars[cell_of(x, y)] == "●"
        assert sum(row.count("●") for row in rows(cells)) == 1


def test_at_the_start_the_path_is_its_mark_alone() -> None:
    picture = bowl_descent(20, starts=((4.2, 2.3),))
    text = "".join(rows(drawn(Moment(until(picture, 0), 0, 0))))
    assert "●" in text
    assert "○" not in text


def test_steps_still_to_come_are_faint_while_scrubbed_back() -> None:
    picture = bowl_descent(20, starts=((4.2, 0.3),))
    cells = drawn(Moment(picture, 2, 0))
    bright = path_colours(1, LOOK)
    row, column = cell_of(2.0, 0.3)
    assert cells.front[row, column] == faint(bright, LOOK)[0]
    assert cells.front[cell_of(3.8, 0.3)] == bright[0]


def test_the_path_that_is_read_out_lies_on_top_where_two_cross() -> None:
    picture = bowl_descent(20, starts=((4.2, 0.3), (5.4, 0.3)))
    for chosen in (0, 1):
        cells = drawn(Moment(picture, 20, chosen))
        assert cells.front[cell_of(2.3, 0.3)] == path_colours(2, LOOK)[chosen]


def test_growing_step_by_step_draws_what_drawing_at_once_does() -> None:
    whole, scene = bowl_descent(20), MapScene()
    for step in range(21):
        grown = scene.draw(Moment(until(whole, step), step, 0), WINDOW, LOOK)
    at_once = drawn(Moment(until(whole, 20), 20, 0))
    assert (grown.chars == at_once.chars).all()
    assert (grown.front == at_once.front).all()


def test_another_run_forgets_the_paths_of_the_last() -> None:
    scene = MapScene()
    scene.draw(Moment(bowl_descent(20, starts=((4.2, 4.3),)), 20), WINDOW, LOOK)
    other = bowl_descent(20, starts=((-4.2, -4.3),))
    after = scene.draw(Moment(other, 20), WINDOW, LOOK)
    assert (after.chars == drawn(Moment(other, 20)).chars).all()


@pytest.mark.parametrize(("point", "arrow", "look", "corner"), [
    ((40.0, 0.3), "▶", LOOK, (5, 23)), ((-1e30, 0.3), "◀", LOOK, (5, 0)),
    ((0.3, 9.0), "▲", LOOK, (0, 12)), ((0.3, -9.0), "v", ASCII, (11, 12)),
])  # fmt: skip
def test_a_path_that_has_left_the_window_is_an_arrow_at_its_edge(
    point: tuple[float, float], arrow: str, look: MapLook, corner: tuple[int, int]
) -> None:
    picture = bowl_descent(3, starts=((4.2, 2.3),))
    points = picture.points.copy()
    points[:, 3:] = point
    assert drawn(Moment(replace(picture, points=points), 3, 0), look).chars[corner] == arrow


def test_a_diverged_path_keeps_its_start_and_has_no_present() -> None:
    picture = bowl_descent(20, starts=((4.2, 2.3),))
    points = picture.points.copy()
    points[:, 5:] = np.nan
    text = "".join(rows(drawn(Moment(replace(picture, points=points), 20, 0))))
    assert "○" in text
    assert "●" not in text


def test_in_ascii_a_path_is_a_row_of_its_mark_and_its_present_is_reversed() -> None:
    cells = drawn(Moment(bowl_descent(20, starts=((4.2, 0.3),)), 20, 0), ASCII)
    row, column = cell_of(0.5, 0.3)
    assert "".join(cells.chars[row, column : column + 8]) == "*******o"
    assert cells.attributes[row, column] == BOLD | REVERSE
    assert all(text.isascii() for text in rows(cells))


def test_without_colour_nothing_on_the_map_has_a_colour() -> None:
    picture = bowl_descent(20, ghosts=(Ghost("g", np.array([[1.0, 5.0], [5.0, 5.0]]), np.zeros(2)),))
    cells = drawn(Moment(picture, 10, 1, cursor=(2.0, -3.0)), MapLook(plain=True))
    assert (cells.front == NONE).all()
    assert (cells.back == NONE).all()


def test_the_map_below_is_drawn_once_for_many_moments() -> None:
    scene, picture = MapScene(), bowl_descent(20)
    assert picture.surface is not None
    scene.draw(Moment(picture, 3), WINDOW, LOOK)
    first = scene.ground(picture.surface, WINDOW, LOOK, None)
    scene.draw(Moment(picture, 9), WINDOW, LOOK)
    assert scene.ground(picture.surface, WINDOW, LOOK, None) is first
    assert scene.ground(picture.surface, WINDOW.zoomed(2.0), LOOK, None) is not first


# --- ghosts, minima, starts -----------------------------------------------------------------------------------------


def test_a_ghost_is_dim_dotted_and_below_the_paths() -> None:
    line = np.array([[-5.7, 3.7], [5.7, 3.7]], np.float32)
    ghost = Ghost("last run", line, np.zeros(2, np.float32))
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU, ghosts=(ghost,))))
    row = cell_of(-5.7, 3.7)[0]
    seen = [column for column in range(24) if cells.front[row, column] == ghost_colour(LOOK)]
    assert len(seen) >= 20
    assert {bin(ord(cells.chars[row, column]) - 0x2800).count("1") for column in seen} == {1}
    ascii_row = rows(drawn(Moment(DescentPicture(surface=HIMMELBLAU, ghosts=(ghost,))), ASCII))[row]
    assert "." in ascii_row


@pytest.mark.parametrize(("look", "sign"), [(LOOK, "×"), (ASCII, "X")])
def test_known_minima_are_marked_where_they_are(look: MapLook, sign: str) -> None:
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU)), look)
    for minimum in HIMMELBLAU.minima:
        assert cells.chars[cell_of(*minimum.point[:2])] == sign


def test_with_basins_each_minimum_has_its_number() -> None:
    basins = basins_of([[2, 3], [1, 0]], (-6.0, 6.0), (-6.0, 6.0))
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU), basins=basins))
    assert [cells.chars[cell_of(*minimum.point[:2])] for minimum in HIMMELBLAU.minima] == ["1", "2", "3", "4"]


def test_a_start_of_the_next_run_is_a_ring_unless_a_path_began_there() -> None:
    picture = bowl_descent(20, starts=((4.2, 2.3),))
    cells = drawn(Moment(replace(picture, starts=((4.2, 2.3), (-3.2, -4.3))), 20, 0))
    assert cells.chars[cell_of(-3.2, -4.3)] == "○"
    assert cells.front[cell_of(-3.2, -4.3)] == LOOK.ink
    assert cells.front[cell_of(4.2, 2.3)] == path_colours(1, LOOK)[0]


# --- the arrow ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", np.linspace(0, 2 * math.pi, 16, endpoint=False).tolist())
def test_the_arrow_points_along_minus_the_gradient(angle: float) -> None:
    gradient = 7.0 * np.array([math.cos(angle), math.sin(angle)], np.float32)
    way = arrow_way(gradient)
    assert way == pytest.approx((-math.cos(angle), -math.sin(angle)), abs=1e-6)


@pytest.mark.parametrize(
    ("gradient", "head"),
    [
        ((-1, 0), "→"),
        ((1, 0), "←"),
        ((0, -1), "↑"),
        ((0, 1), "↓"),
        ((-1, -1), "↗"),
        ((1, -1), "↖"),
        ((1, 1), "↙"),
        ((-1, 1), "↘"),
    ],
)
def test_its_head_lies_that_way_and_shows_it(gradient: tuple[float, float], head: str) -> None:
    cells, below = blank()
    draw_arrow(cells, below, WINDOW, (0.1, 0.1), np.array(gradient, np.float32), LOOK)
    ((row, column),) = np.argwhere(cells.chars == head).tolist()
    origin = cell_of(0.1, 0.1)
    assert np.sign(column - origin[1]) == -np.sign(gradient[0])
    assert np.sign(row - origin[0]) == np.sign(gradient[1])


def test_on_the_map_the_arrow_of_a_descent_goes_downhill() -> None:
    picture = until(bowl_descent(20, starts=((4.2, 0.0),)), 0)
    row = rows(drawn(Moment(picture, 0, 0)))[cell_of(4.2, 0.0)[0]]
    assert 0 <= row.index("←") < row.index("●")


def test_ten_times_the_gradient_is_two_columns_more_and_a_tiny_one_has_no_arrow() -> None:
    lengths = [arrow_length(10.0**power, WINDOW, 10.0) for power in (-3, -1, 0, 1)]
    assert lengths[0] == 0.0
    assert lengths[2] - lengths[1] == pytest.approx(2.0)
    assert arrow_length(1e30, WINDOW, 10.0) == arrow_length(1e20, WINDOW, 10.0)


@pytest.mark.parametrize("gradient", [(0.0, 0.0), (math.nan, 1.0), (math.inf, 0.0)])
def test_without_a_direction_there_is_no_arrow(gradient: tuple[float, float]) -> None:
    cells, below = blank()
    draw_arrow(cells, below, WINDOW, (0.0, 0.0), np.array(gradient, np.float32), LOOK)
    assert (cells.chars == " ").all()


def test_in_ascii_the_arrow_is_ascii() -> None:
    cells, below = blank()
    draw_arrow(cells, below, WINDOW, (0.1, 0.1), np.array([-1.0, 0.0]), ASCII)
    assert ">" in "".join(rows(cells))


# --- the cursor -----------------------------------------------------------------------------------------------------


def test_the_cursor_is_a_cross_around_its_cell() -> None:
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU), cursor=(0.2, -4.5)))
    row, column = cell_of(0.2, -4.5)
    assert "".join(cells.chars[row, column - 2 : column + 3]) == "──┼──"
    assert cells.chars[row - 1, column] == cells.chars[row + 1, column] == "│"


def test_a_mark_below_the_cursor_stays_readable() -> None:
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU), cursor=(3.0, 2.0)))
    assert cells.chars[cell_of(3.0, 2.0)] == "×"
    assert cells.attributes[cell_of(3.0, 2.0)] == BOLD | REVERSE


def test_a_cursor_at_the_edge_loses_only_its_arms() -> None:
    cells = drawn(Moment(DescentPicture(surface=HIMMELBLAU), cursor=(-5.9, 5.9)), ASCII)
    assert rows(cells)[0].startswith("+--")


# --- the arrows of a step -------------------------------------------------------------------------------------------


def with_momentum() -> DescentPicture:
    """Plain descent that claims to be momentum's, with a momentum that points upwards."""
    picture = bowl_descent(20, starts=((4.2, 0.3),))
    opened = picture.opened
    assert opened is not None
    momenta = np.zeros_like(picture.points)
    momenta[..., 1] = 0.4
    memory = OptimizerMemory(momenta, None, OptimizerSettings())
    return replace(picture, opened=replace(opened, optimizers=("momentum",)), memory=memory)


def letters(cells: Raster) -> dict[str, tuple[int, int]]:
    return {char: (int(row), int(column)) for char in "gms" for row, column in np.argwhere(cells.chars == char)}


@pytest.mark.parametrize("look", [LOOK, ASCII, MapLook(plain=True)])
def test_gradient_momentum_and_step_each_have_an_arrow_with_its_letter(look: MapLook) -> None:
    cells = drawn(Moment(with_momentum(), 0, 0), look)
    found, (row, column) = letters(cells), cell_of(4.2, 0.3)
    assert set(found) == {"g", "m", "s"} or set(found) == {"m", "s"}  # a plain step lies on its gradient
    assert found["m"][0] < row
    assert found["s"][1] < column


def test_the_arrows_are_drawn_for_every_step_of_the_past_and_can_be_left_out() -> None:
    picture = with_momentum()
    for step in range(20):
        assert "m" in letters(drawn(Moment(picture, step, 0)))
        assert not letters(drawn(Moment(picture, step, 0, arrows=False)))
    assert "s" not in letters(drawn(Moment(picture, 20, 0)))


def test_plain_descent_has_the_gradient_s_arrow_alone() -> None:
    assert not letters(drawn(Moment(bowl_descent(20, starts=((4.2, 0.3),)), 0, 0)))
