"""The curve plot: the effects of its keys and the values at its cursor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from textual.widget import Widget

from tests.tui.curves import descent, parabola, sigmoid, tanh
from tests.tui.stage import Stage, changed_cells, picture
from tui.views.curve_picture import CurvePicture
from tui.widgets.curve.curve_plot import CurvePlot


def rows(widget: Widget) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


ONE = CurvePicture(curves=(parabola(),))
TWO = CurvePicture(curves=(sigmoid(), tanh()))


async def test_the_cursor_reads_the_curve_s_own_numbers() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("left", "shift+right", "right")
        reading = plot.reading
        assert reading is not None
        at = int(np.flatnonzero(parabola().x == reading.x)[0])
        assert (reading.value, reading.slope) == (parabola().y[at], parabola().gradient[at])
        assert f"x {reading.x:.6g} · f(x) {reading.value:.6g} · f′(x) {reading.slope:.6g}" in rows(plot)[0]


async def test_the_first_move_puts_the_cursor_in_the_middle() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("left")
        assert plot.reading is not None and plot.reading.x == pytest.approx(0.0, abs=1e-9)


async def test_home_and_end_reach_the_ends_and_stop_there() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("home", "left")
        assert plot.reading is not None and plot.reading.x == -3
        await pilot.press("end", "right")
        assert plot.reading is not None and plot.reading.x == 3


async def test_a_move_goes_one_point_at_least_however_few_there_are() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(200, 20)) as pilot:
        plot.show(CurvePicture(curves=(parabola(11),)))
        plot.focus()
        await pilot.press("home", "right", "right")
        assert plot.reading is not None and plot.reading.x == pytest.approx(-3 + 2 * 0.6)


async def test_the_cursor_goes_to_the_end_and_is_put_away() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        readings = []
        for key in ("end", "escape"):
            await pilot.press(key)
            readings.append(plot.reading)
        assert [None if reading is None else reading.x for reading in readings] == [3.0, None]


async def test_zoom_halves_around_the_cursor_and_0_shows_the_whole() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("end", "plus")
        assert plot.window == (0.0, 3.0)
        await pilot.press("minus")
        assert plot.window is None
        assert not plot.check_action("reset_view", ())
        await pilot.press("plus", "plus")
        assert plot.check_action("reset_view", ())
        await pilot.press("0")
        assert plot.window is None


async def test_zooming_stops_while_there_are_points_to_show() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press(*["plus"] * 20)
        assert plot.window is not None
        low, high = plot.window
        assert ((parabola().x >= low) & (parabola().x <= high)).sum() >= 8


async def test_panning_and_the_window_follows_the_cursor_out_of_it() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("end", "plus", "less_than_sign")
        assert plot.window == (-0.75, 2.25)
        await pilot.press("home")
        assert plot.window is not None and plot.window[0] == -3
        await pilot.press("greater_than_sign")
        assert plot.window == (-2.25, 0.75)


async def test_zoomed_in_the_values_have_the_height_to_themselves() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("d", "left", "plus", "plus")
        await pilot.pause()
        labels = [float(row.split("┤")[0]) for row in rows(plot) if "┤" in row]
        assert 0.5 <= max(labels) < 0.7, "x reaches 0.75 now, and x² 0.5625"


async def test_d_shows_both_then_the_function_then_the_gradient() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        seen = [plot.shown]
        for _ in range(3):
            await pilot.press("d")
            seen.append(plot.shown)
        assert seen == ["both", "function", "slope", "both"]


async def test_m_draws_all_curves_at_once_and_d_then_their_gradients() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(TWO)
        plot.focus()
        await pilot.press("m")
        await pilot.pause()
        assert "all 2 curves" in rows(plot)[0]
        assert "━━ sigmoid" in rows(plot)[-1] and "╍╍ tanh" in rows(plot)[-1]
        await pilot.press("d")
        assert plot.shown == "slope"
        await pilot.press("d", "m")
        assert plot.shown == "function" and not plot.overlay


async def test_one_curve_alone_offers_no_overlay() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(TWO)
        plot.focus()
        await pilot.press("m")
        plot.show(ONE)
        assert not plot.overlay
        await pilot.press("m")
        assert not plot.overlay


async def test_a_click_puts_the_cursor_there_and_one_on_a_name_chooses_its_curve() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(TWO)
        await pilot.pause()
        await pilot.click(plot, offset=(rows(plot)[-1].index("tanh") + 1, 19))
        assert plot.chosen == 1
        await pilot.click(plot, offset=(79, 8))
        assert plot.reading is not None and plot.reading.label == "tanh" and plot.reading.x == 10


async def test_choosing_another_curve_reads_it_at_the_same_x() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(TWO)
        plot.focus()
        await pilot.press("end")
        plot.chosen = 1
        assert plot.reading is not None
        assert (plot.reading.label, plot.reading.value) == ("tanh", pytest.approx(np.tanh(10)))


async def test_the_same_moment_again_paints_nothing() -> None:
    plot, picture = CurvePlot(), descent()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(picture)
        await pilot.pause()
        painted = count_refreshes(plot)
        plot.show(replace(picture, points=picture.points.copy()))
        await pilot.pause()
        assert painted == []


async def test_a_step_more_paints_the_few_cells_that_it_moved() -> None:
    plot, whole = CurvePlot(), descent(10)
    shorter = replace(whole, points=whole.points[:, :4], values=whole.values[:, :4], gradients=whole.gradients[:, :4])
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(shorter)
        await pilot.pause()
        before = picture(plot)
        painted = count_refreshes(plot)
        plot.show(
            replace(whole, points=whole.points[:, :5], values=whole.values[:, :5], gradients=whole.gradients[:, :5])
        )
        await pilot.pause()
        assert len(painted) == 1 and painted[0], "once, and only regions"
        after = picture(plot)
        assert [region.y for region in painted[0]] == [y for y, row in enumerate(before) if row != after[y]]  # type: ignore[attr-defined]
        assert 0 < changed_cells(before, after) < 80 * 20 / 4


def count_refreshes(widget: Widget) -> list[tuple[object, ...]]:
    """Record the regions of every refresh from now on."""
    seen: list[tuple[object, ...]] = []
    original = widget.refresh

    def refresh(*regions: object, **options: bool) -> Widget:
        seen.append(regions)
        return original(*regions, **options)  # type: ignore[arg-type]

    widget.refresh = refresh  # type: ignore[method-assign,assignment]
    return seen


async def test_another_function_starts_with_its_whole_range_and_no_cursor() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(ONE)
        plot.focus()
        await pilot.press("end", "plus")
        plot.show(CurvePicture(curves=(sigmoid(),)))
        assert plot.window is None and plot.reading is None


async def test_colours_differ_and_so_do_line_styles() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show(TWO)
        await pilot.pause()
        samples = [s for s in plot.render_line(0) if s.text in ("━━", "╍╍")]
        assert len(samples) == 2
        colours = {s.style.color for s in samples if s.style is not None}
        assert len(colours) == 2


async def test_ascii_draws_nothing_else() -> None:
    plot = CurvePlot()
    async with Stage(plot, ascii_only=True).run_test(size=(80, 20)) as pilot:
        for picture in (TWO, descent(starts=(2.5, -2.0))):
            plot.show(picture)
            plot.focus()
            await pilot.press("end", "m", "plus", "d")
            await pilot.pause()
            assert all(row.isascii() for row in rows(plot))


async def test_nothing_yet_is_reported_in_words_and_keys_do_no_harm() -> None:
    plot = CurvePlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.focus()
        await pilot.press("left", "end", "plus", "minus", "0", "d", "m", "escape", "greater_than_sign")
        await pilot.pause()
        assert any("no curve yet" in row for row in rows(plot))
        assert plot.reading is None
