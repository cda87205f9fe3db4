"""The drawn map: shades, contours, characters instead of colours, and basins."""

from __future__ import annotations

import numpy as np
import pytest
from rich.color import Color, ColorSystem

from engine.descent.basins import DIVERGED, NOWHERE
from engine.descent.surfaces import surface
from engine.events import SurfaceDrawn
from tests.tui.descents import basins_of
from tui.plot.basin_picture import basin_at, basin_chars, basin_colours, basin_pixels, basin_pixels_at
from tui.plot.map_window import MapWindow, fitted
from tui.plot.palettes import luminance, ramp
from tui.plot.surface_picture import MapLook, contour_count, finer, ground, half_blocks
from tui.text import glyphs

ROUND = surface("bowl", 1.0).drawn()
WINDOW = fitted((-6.0, 6.0), (-6.0, 6.0), 24, 12)


def test_two_pixels_share_a_cell_the_upper_in_front() -> None:
    cells = half_blocks(np.array([[1, 5], [2, 5]], np.int32))
    assert cells.chars.tolist() == [["▀", " "]]
    assert cells.front[0, 0] == 1
    assert cells.back.tolist() == [[2, 5]]


@pytest.mark.parametrize("look", [MapLook(), MapLook(dark=False), MapLook(glyphs=glyphs.ASCII), MapLook(plain=True)])
def test_a_round_bowl_mirrors_left_and_right(look: MapLook) -> None:
    cells = ground(ROUND, WINDOW, look).cells
    mean = ground(ROUND, WINDOW, look).mean
    assert (mean == mean[:, ::-1]).all()
    if look.glyphs.ascii or look.plain:
        assert (cells.chars == cells.chars[:, ::-1]).all()
        assert (cells.chars == cells.chars[::-1]).all()


def test_every_pixel_has_the_colour_of_its_height() -> None:
    x = np.array([0.5, 1.5, 2.5, 3.5])
    slope = SurfaceDrawn("slope", "a slope", "z = x", x, np.array([0.0, 4.0]), np.stack([x, x]), ())
    below = ground(slope, MapWindow(2.0, 2.0, 1.0, 4, 2), MapLook())
    table = ramp(True)
    assert below.mean[0].tolist() == [table[0], table[32 // 3], table[64 // 3], table[31]]


def test_a_bowl_in_ascii_is_drawn_to_the_character() -> None:
    cells = ground(ROUND, fitted((-6.0, 6.0), (-6.0, 6.0), 12, 6), MapLook(glyphs=glyphs.ASCII)).cells
    assert ["".join(row) for row in cells.chars] == [
        ";;::,,,,::;;",
        "::,......,::",
        ":,.      .,:",
        ":,.      .,:",
        "::,......,::",
        ";;::,,,,::;;",
    ]


def test_without_colour_shades_are_characters_and_carry_no_colour() -> None:
    cells = ground(ROUND, WINDOW, MapLook(plain=True)).cells
    assert set(cells.chars.ravel().tolist()) == set(" ·░▒▓")
    assert (cells.front == -1).all()
    assert (cells.back == -1).all()


def test_contours_stand_apart_on_any_size() -> None:
    assert [contour_count(rows) for rows in (6, 19, 31, 55, 200)] == [4, 6, 10, 16, 16]


def test_a_grid_made_finer_keeps_what_is_linear() -> None:
    height = np.add.outer(np.arange(4.0), 10 * np.arange(5.0))
    fine = finer(height)
    assert fine.shape == (8, 10)
    np.testing.assert_allclose(fine[1:-1, 1:-1], np.add.outer(np.arange(0.25, 3, 0.5), np.arange(2.5, 39, 5.0)))


def test_beyond_an_unknown_surface_the_map_has_the_colour_of_the_widget() -> None:
    x = np.array([-1.0, 1.0])
    small = SurfaceDrawn("small", "small", "", x, x, np.array([[0.0, 1.0], [1.0, 2.0]]), ())
    below = ground(small, MapWindow(0.0, 0.0, 0.5, 8, 4), MapLook(background=0x123456))
    assert below.mean[0, 0] == 0x123456
    assert below.mean[2, 4] != 0x123456


# --- basins ---------------------------------------------------------------------------------------------------------


def test_each_pixel_takes_the_nearest_start_and_none_beyond_the_edge() -> None:
    basins = basins_of([[0, 1], [2, DIVERGED]], (-1.0, 1.0), (-1.0, 1.0))
    pixels = basin_pixels(basins, MapWindow(0.0, 0.0, 1.0, 6, 3))
    assert pixels.reached.tolist() == [
        [NOWHERE] * 6,
        [NOWHERE, 2, 2, DIVERGED, DIVERGED, NOWHERE],
        [NOWHERE, 2, 2, DIVERGED, DIVERGED, NOWHERE],
        [NOWHERE, 0, 0, 1, 1, NOWHERE],
        [NOWHERE, 0, 0, 1, 1, NOWHERE],
        [NOWHERE] * 6,
    ]


def test_basins_differ_in_colour_and_what_reaches_nothing_has_none() -> None:
    basins = basins_of([[0, 1], [NOWHERE, DIVERGED]], (-1.0, 1.0), (-1.0, 1.0))
    colours = basin_colours(basin_pixels(basins, MapWindow(0.0, 0.0, 2.0, 2, 1)), True, 0x123456)
    assert colours[0, 0] == 0x123456
    assert len(set(colours.ravel().tolist())) == 4


def test_the_sooner_a_minimum_is_reached_the_stronger_its_colour() -> None:
    basins = basins_of([[0, 0], [0, 0]], (-1.0, 1.0), (-1.0, 1.0), steps=[[5, 200], [5, 200]])
    pixels = basin_pixels(basins, MapWindow(0.0, 0.0, 2.0, 2, 1))
    for dark in (True, False):
        soon, late = luminance(basin_colours(pixels, dark, 0x808080)[0]).tolist()
        assert soon > late if dark else soon < late


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(("system", "shown"), [("256", ColorSystem.EIGHT_BIT), ("standard", ColorSystem.STANDARD)])
def test_basins_differ_on_a_terminal_of_few_colours(system: str, shown: ColorSystem, dark: bool) -> None:
    basins = basins_of([[0, 1, 2, 3, DIVERGED]] * 2, (0.0, 4.0), (-1.0, 1.0), steps=[[5] * 5, [200] * 5])
    pixels = basin_pixels_at(basins, *np.meshgrid(np.arange(5.0), np.array([-1.0, 1.0])))
    colours = basin_colours(pixels, dark, 0x123456, system)
    seen = [Color.from_rgb(n >> 16, n >> 8 & 255, n & 255).downgrade(shown).number for n in colours[0].tolist()]
    assert len(set(seen)) == 5


def test_without_colour_a_basin_is_named_by_its_number() -> None:
    basins = basins_of([[0, 1], [NOWHERE, DIVERGED]], (-1.0, 1.0), (-1.0, 1.0))
    chars = basin_chars(basin_pixels(basins, MapWindow(0.0, 0.0, 1.0, 4, 2)))
    assert ["".join(row) for row in chars] == ["  --", "1122"]


def test_the_cursor_says_what_becomes_of_a_descent() -> None:
    basins = basins_of([[0, NOWHERE, DIVERGED]], (0.0, 2.0), (0.0, 0.0), steps=[[17, -1, 4]])
    assert basin_at(basins, 0.2, 0.0) == "reaches 1 (3, 2) at step 17"
    assert basin_at(basins, 1.0, 0.0) == "reaches no minimum"
    assert basin_at(basins, 2.0, 0.0) == "diverges at step 4"
    assert basin_at(basins, 9.0, 0.0) == ""
    assert basin_at(None, 0.0, 0.0) == ""
