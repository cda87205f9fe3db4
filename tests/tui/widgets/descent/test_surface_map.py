"""The map as a widget: cursor, zoom, pan, and its messages."""

from __future__ import annotations

import numpy as np
import pytest
from textual import on
from textual.app import ComposeResult

from engine.descent.surfaces import surface
from engine.descent.view3d import Camera
from tests.tui.descents import BOWL, HIMMELBLAU, bowl_descent, until
from tests.tui.stage import changed_cells, picture
from tui.app.base import ResilientApp
from tui.views.descent_picture import DescentPicture
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.descent.surface_map import SurfaceMap


class Stage(ResilientApp):
    """An app with a map that keeps the map's messages."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.set_class(ascii_only, ASCII_CLASS)
        self.map = SurfaceMap()
        self.picked: list[tuple[tuple[float, ...], bool]] = []

    def compose(self) -> ComposeResult:
        yield self.map

    def on_mount(self) -> None:
        self.map.show(DescentPicture(surface=HIMMELBLAU), 0)
        self.map.focus()

    @on(SurfaceMap.StartPicked)
    def remember(self, event: SurfaceMap.StartPicked) -> None:
        self.picked.append((event.point, event.remove))


def rows(widget: SurfaceMap) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


async def test_the_first_key_brings_the_cursor_to_the_middle_and_the_next_move_it_by_round_numbers() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        assert app.map.cursor is None
        await pilot.press("right")
        assert app.map.cursor == (0.0, 0.0)
        await pilot.press("right", "right", "up", "left", "left", "left", "down", "down")
        assert app.map.cursor == (-0.5, -0.5)


async def test_hjkl_do_as_the_arrows() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.press("l", "l", "k", "k", "h", "j")
        assert app.map.cursor == (0.0, 0.5)


async def test_the_cursor_reads_its_place_and_f_there() -> None:
    app = Stage()
    async with app.run_test(size=(80, 27)) as pilot:
        await pilot.press(*["right"] * 7, *["up"] * 4)
        assert app.map.cursor == (3.0, 2.0)
        assert "x 3 · y 2 · f 0" in rows(app.map)[0]
        await pilot.press("escape")
        assert app.map.cursor is None
        assert "f(x, y)" in rows(app.map)[0]


async def test_enter_brings_the_cursor_and_then_picks_a_start_there() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.press("enter")
        assert app.picked == []
        await pilot.press("left", "enter", "delete")
        assert app.picked == [((-0.5, 0.0), False), ((-0.5, 0.0), True)]


async def test_a_click_puts_the_cursor_there() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        place = app.map.window.cell(3.1, -2.1)
        assert place is not None
        await pilot.click(SurfaceMap, offset=(5 + place[0], 1 + place[1]))
        assert app.map.cursor == (3.0, -2.0)


async def test_two_presses_of_plus_halve_the_window_around_the_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.press("left", *["left"] * 4, *["down"] * 2)
        before, here = app.map.window, app.map.cursor
        assert here is not None
        place = before.places(np.array(here), 1, 1)
        await pilot.press("plus", "plus")
        after = app.map.window
        assert after.unit == pytest.approx(before.unit / 2)
        assert after.places(np.array(here), 1, 1) == pytest.approx(place)
        await pilot.press("minus", "minus")
        assert app.map.window.unit == pytest.approx(before.unit)


async def test_zoomed_in_the_cursor_moves_by_finer_numbers() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.press("right", *["plus"] * 8, "right")
        assert app.map.cursor == (0.02, 0.0)


async def test_zero_shows_the_whole_surface_again() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        whole = app.map.window
        await pilot.press("plus", "L", "K", "shift+right")
        assert app.map.window != whole
        assert "zoomed" in rows(app.map)[0]
        await pilot.press("0")
        assert app.map.window == whole


async def test_the_whole_surface_is_offered_where_a_part_is_shown() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        offered = ["0" in app.screen.active_bindings]
        for key in ("plus", "0"):
            await pilot.press(key)
            offered.append("0" in app.screen.active_bindings)
        assert offered == [False, True, False]


async def test_shift_pans_by_an_eighth_of_the_window() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        before = app.map.window
        await pilot.press("shift+right", "J")
        after = app.map.window
        assert after.x - before.x == pytest.approx(before.columns // 8 * before.unit)
        assert after.y - before.y == pytest.approx(-(before.rows // 4) * before.unit)


async def test_the_window_follows_the_cursor_over_its_edge() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.press("right", *["right"] * 14)
        cursor = app.map.cursor
        assert cursor == (7.0, 0.0)
        assert app.map.window.cell(7.0, 0.0) is not None


async def test_pixels_are_square_and_the_domain_whole_at_every_size() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        for size in ((53, 27), (100, 20), (30, 40), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            window = app.map.window
            assert window.x_range[0] <= -6 and window.x_range[1] >= 6
            assert window.y_range[0] <= -6 and window.y_range[1] >= 6
            assert min(window.columns, 2 * window.rows) * window.unit == pytest.approx(12)


async def test_axes_have_ticks_where_the_numbers_are() -> None:
    app = Stage(ascii_only=True)
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.pause()
        text = rows(app.map)
        window = app.map.window
        for y in (-4, 0, 4):
            place = window.cell(0.0, float(y))
            assert place is not None
            assert text[1 + place[1]].startswith(f"{y:>4}+")
        place = window.cell(5.0, 0.0)
        assert place is not None
        assert text[-2][5 + place[0]] == "+"
        assert text[-1][5 + place[0]] == "5"
        assert all(row.isascii() for row in text)


async def test_another_surface_forgets_zoom_and_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        await pilot.press("right", "plus")
        app.map.show(DescentPicture(surface=BOWL), 0)
        await pilot.pause()
        assert app.map.cursor is None
        assert "zoomed" not in rows(app.map)[0]
        assert "quadratic bowl" in rows(app.map)[0]


async def test_without_a_surface_keys_do_nothing() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        app.map.show(DescentPicture(), 0)
        await pilot.press("left", "plus", "enter", "shift+left", "0")
        assert "none yet" in rows(app.map)[0]


async def test_a_step_repaints_the_cells_around_the_path_alone() -> None:
    app = Stage()
    async with app.run_test(size=(80, 27)) as pilot:
        whole = bowl_descent(20)
        app.map.show(until(whole, 9), 9)
        await pilot.pause()
        before = picture(app.map)
        painted: list[int] = []
        app.map.refresh = lambda *regions, **k: painted.extend(region.y for region in regions)  # type: ignore[method-assign]
        app.map.show(until(whole, 10), 10)
        await pilot.pause()
        after = picture(app.map)
        assert painted == [y for y, row in enumerate(before) if row != after[y]]
        assert 0 < changed_cells(before, after) < 80


async def test_no_color_draws_characters_and_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        app.map.show(until(bowl_descent(20), 10), 10)
        await pilot.pause()
        body = [app.map.render_line(y) for y in range(1, 25)]
        assert {"▀"}.isdisjoint("".join(strip.text for strip in body))
        colours = {segment.style.bgcolor for strip in body for segment in strip if segment.style is not None}
        assert len(colours) == 1


@pytest.mark.parametrize("dark", ["textual-dark", "textual-light"])
async def test_every_surface_of_the_engine_can_be_drawn(dark: str) -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        app.theme = dark
        for name in ("rosenbrock", "beale", "rastrigin", "ackley", "styblinski-tang", "saddle", "bowl"):
            app.map.show(DescentPicture(surface=surface(name).drawn()), 0)
            await pilot.pause()
            assert "▀" in "".join(rows(app.map))


# --- in three dimensions --------------------------------------------------------------------------------------------


async def test_in_three_dimensions_the_arrows_turn_and_tilt_what_is_seen() -> None:
    app = Stage()
    async with app.run_test(size=(80, 27)) as pilot:
        app.map.toggle_solid()
        await pilot.pause()
        assert "azimuth −30° · elevation 60°" in rows(app.map)[0]
        before = rows(app.map)
        await pilot.press("right", "down", "down")
        assert app.map.camera == Camera(-40, 50)
        assert "azimuth −40° · elevation 50°" in rows(app.map)[0]
        assert rows(app.map)[5:20] != before[5:20]
        assert app.map.cursor is None
        await pilot.press("0")
        assert app.map.camera == Camera()
        assert rows(app.map) == before
        app.map.toggle_solid()
        await pilot.press("right")
        assert app.map.cursor == (0.0, 0.0)


async def test_in_three_dimensions_plus_and_minus_show_less_and_more_of_the_plane() -> None:
    app = Stage()
    async with app.run_test(size=(80, 27)) as pilot:
        app.map.toggle_solid()
        await pilot.press("plus", "plus")
        assert any("-3" in row for row in rows(app.map)[5:])
        assert "zoomed" in rows(app.map)[0]
        await pilot.press("minus", "minus", "minus", "minus")
        assert any("-12" in row for row in rows(app.map)[5:])


async def test_in_three_dimensions_shift_and_an_arrow_look_beside_as_the_eye_sees_it() -> None:
    app = Stage()
    async with app.run_test(size=(80, 27)) as pilot:
        app.map.toggle_solid()
        await pilot.press("left", "left", "left", "up", "up", "up", "up", "up", "up")
        assert app.map.camera == Camera(0, 90)
        # The eye is at positive x: right is towards y, away from it is towards negative x.
        await pilot.press("L")
        assert (app.map.window.x, app.map.window.y) == pytest.approx((0.0, 1.5))
        await pilot.press("K")
        assert (app.map.window.x, app.map.window.y) == pytest.approx((-1.5, 1.5))


async def test_in_three_dimensions_hjkl_and_a_click_move_the_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(80, 27)) as pilot:
        app.map.toggle_solid()
        await pilot.press("l", "l", "k")
        assert app.map.cursor == (0.5, 0.5)
        await pilot.click(SurfaceMap, offset=(40, 12))
        first = app.map.cursor
        await pilot.click(SurfaceMap, offset=(46, 10))
        assert app.map.cursor is not None
        assert first is not None
        assert app.map.cursor[1] > first[1]
        await pilot.press("enter")
        assert app.picked == [(app.map.cursor, False)]
        await pilot.click(SurfaceMap, offset=(1, 26))
        assert app.map.cursor == app.picked[0][0]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (10, 3), (24, 8), (200, 60)])
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_in_three_dimensions_no_size_is_too_small(size: tuple[int, int], ascii_only: bool) -> None:
    app = Stage(ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        app.map.toggle_solid()
        app.map.show(bowl_descent(20), 20)
        await pilot.press("right", "plus", "l", "down")
        shown = rows(app.map)
        assert len(shown) == size[1]
        assert not ascii_only or all(row.isascii() for row in shown)


async def test_in_three_dimensions_without_a_surface_every_key_is_calm() -> None:
    app = Stage()
    async with app.run_test(size=(53, 27)) as pilot:
        app.map.show(DescentPicture(), 0)
        app.map.toggle_solid()
        await pilot.press("right", "plus", "l", "L", "enter", "0")
        await pilot.click(SurfaceMap, offset=(20, 12))
        assert "none yet" in rows(app.map)[0]
