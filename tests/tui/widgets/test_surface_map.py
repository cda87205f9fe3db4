"""The map as a widget: cursor, zoom, pan, and what its keys say."""

from __future__ import annotations

import numpy as np
import pytest
from textual import on
from textual.app import App, ComposeResult

from engine.surfaces import surface
from tests.tui.descents import BOWL, HIMMELBLAU, bowl_descent, until
from tui.descent_picture import DescentPicture
from tui.widgets.surface_map import SurfaceMap


class Stage(App[None]):
    """An app with a map that remembers what the map says."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.map = SurfaceMap(ascii_only=ascii_only)
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
        painted: list[int] = []
        app.map.refresh = lambda *regions, **k: painted.extend(region.area for region in regions)  # type: ignore[method-assign]
        app.map.show(until(whole, 10), 10)
        await pilot.pause()
        assert 0 < sum(painted) < 80


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
