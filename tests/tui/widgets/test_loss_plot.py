"""The loss plot: the effects of its keys and the values at its cursor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from textual.widget import Widget

from tests.tui.stage import Stage
from tui.model.series import Series
from tui.plot.smoothed_series import SeriesReading
from tui.widgets.loss_plot import LossPlot


def run(n: int = 1000, label: str = "this run", ghost: bool = False) -> Series:
    steps = np.arange(1, n + 1)
    values = (2.0 * np.exp(-steps / 200) + 0.3 + 0.1 * np.sin(steps)).astype(np.float32)
    return Series(label, steps, values, steps / 100.0, ghost)


def debiased(values: np.ndarray, weight: float) -> float:
    """The newest smoothed value in closed form: a mean whose weights fall by `weight` with each step of age."""
    weights = weight ** np.arange(len(values))[::-1].astype(np.float64)
    return float((weights * values).sum() / weights.sum())


def rows(widget: Widget) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


async def test_the_cursor_reads_step_value_smoothed_and_time() -> None:
    plot, series = LossPlot(smoothing=0.9), run()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([series])
        plot.focus()
        await pilot.press("end", "shift+left", "left")
        reading = plot.reading
        assert reading is not None
        at = int(reading.step) - 1
        assert 0 < at < 999
        assert reading.value == float(series.values[at])
        expected = debiased(series.values[: at + 1], 0.9)
        assert reading.smoothed == pytest.approx(expected, abs=1e-6)
        assert reading.time_s == pytest.approx(reading.step / 100)
        assert f"step {at + 1:,}" in rows(plot)[0]


async def test_home_and_end_reach_the_first_and_last_step_and_stop_there() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("home", "left")
        assert plot.reading is not None and plot.reading.step == 1
        await pilot.press("end", "right")
        assert plot.reading is not None and plot.reading.step == 1000


async def test_shift_moves_ten_times_as_far() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("home", *["right"] * 10)
        ten = plot.reading
        await pilot.press("home", "shift+right")
        once = plot.reading
        assert ten is not None and once is not None
        assert once.step == pytest.approx(ten.step, abs=10)


async def test_zoomed_in_the_cursor_moves_by_single_steps() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("end", *["plus"] * 5)
        assert plot.window is not None
        await pilot.press("left")
        assert plot.reading is not None and plot.reading.step == 999


async def test_zoom_out_and_reset_lead_back_to_the_whole_run() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("plus")
        assert plot.window == (500, 1000)
        await pilot.press("minus")
        assert plot.window is None
        await pilot.press("plus", "plus", "0")
        assert plot.window is None


async def test_zooming_stops_before_nothing_is_left() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press(*["plus"] * 40)
        assert plot.window is not None
        assert plot.window[1] - plot.window[0] >= 2


async def test_the_window_follows_the_cursor_out_of_it() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("end", "plus", "plus", "home")
        assert plot.window is not None
        assert plot.window[0] <= 1 <= plot.window[1]


async def test_smoothing_goes_up_and_down_between_its_ends() -> None:
    plot = LossPlot(smoothing=0.6)
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("greater_than_sign")
        assert plot.smoothing == 0.8
        await pilot.press(*["less_than_sign"] * 20)
        assert plot.smoothing == 0.0
        await pilot.press(*["greater_than_sign"] * 20)
        assert plot.smoothing == 0.99


async def test_the_log_key_switches_to_a_true_log_axis() -> None:
    plot, steps = LossPlot(smoothing=0), np.arange(1, 101)
    async with Stage(plot).run_test(size=(60, 20)) as pilot:
        plot.show([Series("decades", steps, 10.0 ** (-steps / 25))])
        plot.focus()
        await pilot.press("l")
        labels = [row.split("┤")[0].strip() for row in rows(plot) if "┤" in row]
        places = [y for y, row in enumerate(rows(plot)) if "┤" in row]
        assert [float(label) for label in labels] == [1, 0.1, 0.01, 0.001, 0.0001]
        assert max(np.diff(places)) - min(np.diff(places)) <= 1


async def test_the_cursor_says_where_it_went_and_that_it_left() -> None:
    heard: list[SeriesReading | None] = []

    class Listening(Stage):
        def on_loss_plot_cursor_moved(self, message: LossPlot.CursorMoved) -> None:
            heard.append(message.reading)

    plot = LossPlot()
    async with Listening(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run()])
        plot.focus()
        await pilot.press("end", "escape")
        assert [None if reading is None else reading.step for reading in heard] == [1000, None]
        assert plot.reading is None


async def test_n_reads_the_next_curve() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run(), run(500, "other")])
        plot.focus()
        await pilot.press("end", "n")
        assert plot.reading is not None
        assert (plot.reading.label, plot.reading.step) == ("other", 500)


async def test_nan_is_marked_on_the_axis_and_named_by_the_cursor() -> None:
    series = run(100)
    values = series.values.copy()
    values[50] = math.nan
    plot = LossPlot()
    async with Stage(plot).run_test(size=(120, 20)) as pilot:
        plot.show([Series("this run", series.steps, values)])
        plot.focus()
        await pilot.pause()
        assert sum(row.count("×") for row in rows(plot)) == 1
        await pilot.press("end", *["plus"] * 1)
        for _ in range(200):
            if plot.reading is None or plot.reading.step <= 51:
                break
            await pilot.press("left")
        assert plot.reading is not None and plot.reading.step == 51
        assert "loss NaN" in rows(plot)[0]


async def test_a_run_keeps_its_colour_when_another_goes() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(100, 20)) as pilot:
        plot.show([run(), run(900, "a"), run(800, "b")])
        await pilot.pause()
        before = legend_colour(plot, "b")
        plot.show([run(), run(800, "b")])
        await pilot.pause()
        assert legend_colour(plot, "b") == before
        assert legend_colour(plot, "this run") != before


def legend_colour(plot: LossPlot, label: str) -> str:
    segments = list(plot.render_line(0))
    place = next(i for i, segment in enumerate(segments) if segment.text.strip() == label)
    style = next(s.style for s in reversed(segments[:place]) if s.text.strip())
    assert style is not None and style.color is not None
    return style.color.name


async def test_the_same_data_again_paints_nothing() -> None:
    plot, series = LossPlot(), run()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([series])
        await pilot.pause()
        painted = count_refreshes(plot)
        plot.show([Series("this run", series.steps, series.values, series.times_s)])
        await pilot.pause()
        assert painted == []


async def test_growing_repaints_only_what_grew() -> None:
    whole = run(960)
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([Series("r", whole.steps[:900], whole.values[:900])])
        await pilot.pause()
        before = [plot.render_line(y) for y in range(plot.size.height)]
        painted = count_refreshes(plot)
        plot.show([Series("r", whole.steps[:950], whole.values[:950])])
        plot.show([Series("r", whole.steps, whole.values)])
        await pilot.pause()
        assert len(painted) == 1, "several calls before a frame draw once"
        assert painted[0], "only regions, not the whole widget"
        after = [plot.render_line(y) for y in range(plot.size.height)]
        rows = {region.y for region in painted[0]}
        assert rows == {y for y, row in enumerate(before) if row != after[y]} and len(rows) < plot.size.height
        assert all(before[y].crop(0, 60) == after[y].crop(0, 60) for y in rows if y > 0)


def count_refreshes(widget: Widget) -> list[tuple[object, ...]]:
    """Record the regions of every refresh from now on."""
    seen: list[tuple[object, ...]] = []
    original = widget.refresh

    def refresh(*regions: object, **options: bool) -> Widget:
        seen.append(regions)
        return original(*regions, **options)  # type: ignore[arg-type]

    widget.refresh = refresh  # type: ignore[method-assign,assignment]
    return seen


async def test_a_growing_curve_is_smoothed_as_the_whole_is() -> None:
    whole = run(700)
    plot = LossPlot(smoothing=0.95)
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        for n in (1, 64, 65, 300, 700):
            plot.show([Series("r", whole.steps[:n].copy(), whole.values[:n].copy())])
        plot.focus()
        await pilot.press("end")
        assert plot.reading is not None
        expected = debiased(whole.values, 0.95)
        assert plot.reading.smoothed == pytest.approx(expected, abs=1e-6)


async def test_a_new_run_of_the_same_name_starts_afresh() -> None:
    plot = LossPlot(smoothing=0.9)
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run(300)])
        plot.show([Series("this run", np.arange(1, 501), np.full(500, 7.0))])
        plot.focus()
        await pilot.press("end")
        assert plot.reading is not None
        assert plot.reading.smoothed == pytest.approx(7.0)


async def test_ascii_draws_nothing_else() -> None:
    plot = LossPlot()
    async with Stage(plot, ascii_only=True).run_test(size=(80, 20)) as pilot:
        plot.show([run(), run(500, "a label that is far too long to be shown whole"), run(400, "last", ghost=True)])
        plot.focus()
        await pilot.pause()
        assert all(row.isascii() for row in rows(plot))
        await pilot.press("end", "l")
        assert all(row.isascii() for row in rows(plot))


async def test_nothing_yet_is_reported_in_words() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        assert any("no loss yet" in row for row in rows(plot))
        plot.focus()
        await pilot.press("left", "end", "plus", "n", "l", "greater_than_sign", "escape")
        assert plot.reading is None


async def test_markup_in_a_label_is_text() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(100, 20)) as pilot:
        plot.show([run(), run(300, "loss[/foo]")])
        await pilot.pause()
        assert "loss[/foo]" in rows(plot)[0]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (12, 4), (20, 5), (250, 80)])
async def test_any_size_is_filled_exactly(size: tuple[int, int]) -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=size) as pilot:
        plot.show([run()])
        await pilot.pause()
        assert [plot.render_line(y).cell_length for y in range(plot.size.height)] == [
            plot.size.width
        ] * plot.size.height


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Series("r", np.arange(3), np.zeros(4))


async def test_zoomed_into_the_newest_steps_the_window_follows_a_run_that_goes_on_unless_the_cursor_is_out() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run(1000)])
        plot.focus()
        await pilot.press("plus", "plus")
        assert plot.window == (750, 1000)
        plot.show([run(1100)])
        assert plot.window == (1100 - 187.5, 1100 + 62.5)
        plot.show([run(1150)])
        assert plot.window == (1100 - 187.5, 1100 + 62.5)  # it moves when the newest step leaves it
        await pilot.press("end")
        plot.show([run(2000)])
        assert plot.window == (1100 - 187.5, 1100 + 62.5)


async def test_a_window_stays_where_it_is_while_there_are_no_points() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run(1000)])
        plot.focus()
        await pilot.press("plus", "plus")
        for series in ([run(0)], [], [run(0)]):
            plot.show(series)
            await pilot.press("minus", "plus")
            assert plot.window == (750, 1000)
        plot.show([run(1000)])
        await pilot.press("plus")
        assert plot.window == (875, 1000)


async def test_a_window_on_older_steps_stays_where_it_is() -> None:
    plot = LossPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.show([run(1000)])
        plot.focus()
        await pilot.press("home", "plus", "plus", "escape")
        window = plot.window
        assert window is not None and window[1] < 1000
        plot.show([run(1100)])
        assert plot.window == window
