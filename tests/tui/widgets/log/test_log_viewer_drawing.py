"""Drawings of logged values: exact cells of pictures, histograms and rows; which of many plots fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from engine.log.event_values import LoggedHistogram
from tui.model.hparams import HparamsColumn, HparamsRow, ordered, sheet
from tui.model.log_state import Remarks
from tui.model.series import Series
from tui.plot import heat_strip
from tui.plot.line_plot import Look
from tui.plot.pictures import MOST_SIDE, bounded, fitted, picture, tiled
from tui.plot.scale import Scale
from tui.plot.series_picture import Ink
from tui.plot.small_plots import laid_out, small_plot
from tui.plot.smoothed_series import SmoothedSeries
from tui.text.glyphs import ASCII
from tui.text.words import age, size
from tui.views.log_views import LogMoment, status_row
from tui.widgets.log.histogram_plot import histogram_words
from tui.widgets.log.hparams_table import header_words
from tui.widgets.log.run_list import middle_cut

# --- histograms -------------------------------------------------------------------------------------------------------


def test_a_histogram_whose_range_is_not_finite_is_reported_by_its_count() -> None:
    nan = float("nan")
    histogram = LoggedHistogram("h", 0, 0.0, np.array([[nan, nan, 4.0], [nan, nan, 6.0]]))
    assert histogram_words(histogram) == ["10 values", "range not finite"]
    assert histogram_words(LoggedHistogram("h", 0, 0.0, np.zeros((2, 3)))) == ["empty"]


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_cell_shows_two_pixels_in_their_colours() -> None:
    image = np.array([[[255, 0, 0]], [[0, 0, 255]]], np.uint8)
    (segment,) = picture(image, 1, 1).strips()[0]
    assert segment.text == "▀"
    assert segment.style is not None
    assert (segment.style.color.name, segment.style.bgcolor.name) == ("#f80000", "#0000f8")  # type: ignore[union-attr]


def test_without_colour_a_picture_is_its_brightness_in_ink() -> None:
    image = np.array([[[0, 0, 0], [255, 255, 255]]] * 2, np.uint8)
    assert picture(image, 2, 1, plain=True).text() == [" █"]
    assert picture(image, 2, 1, glyphs=ASCII).text() == [" @"]


@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(1, 100), st.integers(1, 60))
def test_a_picture_never_leaves_its_room_and_keeps_its_proportions(w: int, h: int, width: int, height: int) -> None:
    columns, rows = fitted(w, h, width, height)
    assert 1 <= columns <= width
    assert 1 <= rows <= height
    if columns > 8 and rows > 8:
        assert columns / (2 * rows) == pytest.approx(w / h, rel=0.25)


@pytest.mark.parametrize(
    ("count", "size", "room", "across", "down"),
    [(1, 28, (53, 20), 1, 1), (25, 28, (150, 75), 5, 5), (2, 28, (80, 20), 2, 1), (2, 28, (30, 40), 1, 2)],
)
def test_images_are_laid_out_as_large_as_they_fit(
    count: int, size: int, room: tuple[int, int], across: int, down: int
) -> None:
    tiles = tiled(count, size, size, *room)
    assert (tiles.across, tiles.down, tiles.count) == (across, down, count)


def test_of_too_many_images_only_as_many_are_shown_as_can_be_distinguished() -> None:
    tiles = tiled(25, 28, 28, 53, 20)
    assert tiles.count < 25
    assert tiles.columns >= 12
    x, y = tiles.place(tiles.count - 1)
    assert x + tiles.columns <= 53
    assert y + tiles.rows <= 20


def test_a_large_image_is_averaged_before_it_is_kept() -> None:
    image = np.tile(np.array([[0, 100], [100, 200]], np.uint8), (MOST_SIDE, MOST_SIDE))
    small = bounded(image)
    assert small.shape == (MOST_SIDE, MOST_SIDE)
    assert (small == 100).all()
    assert bounded(image[:10, :10]).shape == (10, 10)
    assert max(bounded(np.zeros((1, 5000), np.uint8)).shape) <= MOST_SIDE + 120


# --- histograms -------------------------------------------------------------------------------------------------------


def test_a_histogram_is_spread_evenly_over_its_bins_from_the_top() -> None:
    bins = np.array([[0.0, 1.0, 4.0], [1.0, 3.0, 4.0]])
    assert heat_strip.density(bins, Scale(0.0, 4.0), 4).tolist() == [0.0, 0.5, 0.5, 1.0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0, 20), st.integers(0, 1000)), min_size=1, max_size=20),
    st.integers(1, 40),
)
def test_no_mass_within_the_axis_is_lost(bins: list[tuple[float, float, int]], rows: int) -> None:
    array = np.array([[left, left + wide, count] for left, wide, count in bins], np.float64)
    scale = heat_strip.value_scale([array])
    drawn = heat_strip.density(array, scale, rows)
    total = array[:, 2].sum()
    if total:
        # The fullest part is 1, so the other parts are relative to it.
        assert drawn.max() == pytest.approx(1.0)
        assert drawn.sum() >= 1.0 - 1e-9
    else:
        assert not drawn.any()


def test_a_tensor_that_is_constant_is_one_line() -> None:
    drawn = heat_strip.density(np.array([[2.0, 2.0, 9.0]]), Scale(0.0, 4.0), 8)
    assert drawn.sum() == 1.0
    top = heat_strip.density(np.array([[4.0, 4.0, 9.0]]), Scale(0.0, 4.0), 8)
    assert top.tolist() == [1.0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("bins", [[[0, 1, 0]], [[np.nan, 1, 5]], [[-1e308, 1e308, 5]], [[0, np.inf, 5]], []])
def test_bins_that_are_none_are_left_out(bins: list[list[float]]) -> None:
    array = np.array(bins, np.float64).reshape(-1, 3)
    assert heat_strip.summary(array) is None
    assert not heat_strip.density(array, Scale(0.0, 1.0), 4).any()


def test_quartiles_of_evenly_filled_bins_are_those_of_the_even_distribution() -> None:
    edges = np.linspace(0, 8, 5)
    found = heat_strip.summary(np.stack([edges[:-1], edges[1:], np.full(4, 10.0)], axis=1))
    assert found == heat_strip.Summary(40.0, 0.0, 2.0, 4.0, 6.0, 8.0)


def test_each_column_shows_the_nearest_histogram_within_reach() -> None:
    assert heat_strip.columns_of([10, 20], Scale(0.0, 30.0), 7).tolist() == [-1, 0, 0, 1, 1, 1, -1]
    assert heat_strip.columns_of([4], Scale(0.0, 8.0), 5).tolist() == [-1, -1, 0, -1, -1]


# --- small plots ------------------------------------------------------------------------------------------------------


@given(st.integers(20, 250), st.integers(6, 80), st.integers(1, 60))
def test_small_plots_fit_and_as_many_as_can_be_read_are_shown(width: int, height: int, count: int) -> None:
    layout = laid_out(width, height, count)
    x, y = layout.place(layout.count - 1)
    assert x + layout.width <= width
    assert y + layout.height <= height
    assert layout.count >= count or layout.height < 16


def test_a_small_plot_has_its_name_and_newest_value_above() -> None:
    curve = SmoothedSeries(Series("run", np.array([0, 5, 10]), np.array([5.0, 4.0, 1.5])), 0.0)
    rows = small_plot(30, 8, "train-loss", [curve], [Ink(Style.null(), None, 0)], Style.null(), Look()).text()
    assert rows[0] == " train-loss                1.5"
    assert rows[-1].split() == ["0", "10"]


# --- tables and words -------------------------------------------------------------------------------------------------


def row(run: str, rate: float | str | None, **metrics: float) -> HparamsRow:
    return HparamsRow(run, run, None, {} if rate is None else {"rate": rate}, metrics)


def test_rows_are_ordered_by_a_column_numbers_first_and_the_unknown_last() -> None:
    rows = [row("a", 2.0), row("b", "auto"), row("c", None), row("d", 10.0), row("e", float("nan"))]
    names = [each.run for each in ordered(rows, HparamsColumn("rate"), descending=False)]
    assert names == ["a", "d", "b", "c", "e"]
    assert [each.run for each in ordered(rows, HparamsColumn("rate"), descending=True)] == ["b", "d", "a", "c", "e"]
    assert ordered(rows, None, descending=True) == rows


def test_the_metrics_that_most_runs_have_come_first() -> None:
    made = sheet([row("a", 1.0, loss=1.0, acc=0.5), row("b", 2.0, loss=2.0)])
    assert [column.name for column in made.columns] == ["loss", "acc", "rate"]


def test_of_a_long_name_the_end_stays_and_some_of_the_beginning() -> None:
    assert middle_cut("fashion-mnist/20261124-221323", 20) == "fashion…61124-221323"
    assert middle_cut("short", 20) == "short"
    assert middle_cut("宽字符标签宽字符", 9) == "宽字…字符"
    assert middle_cut("abcdef", 1) == "…"


def test_times_and_sizes_are_reported_in_their_largest_unit() -> None:
    assert [age(s) for s in (-1.0, 3.4, 61.0, 7300.0, 200_000.0)] == ["0 s", "3 s", "1 min", "2 h", "2 d"]
    assert [size(n) for n in (12, 2_500, 3_000_000, 2_000_000_000)] == ["12 B", "2.5 kB", "3 MB", "2 GB"]


def test_while_a_log_is_read_what_is_left_is_reported_and_not_its_age() -> None:
    reading = LogMoment(run="a", step=3, age_s=2.0, behind=5_000_000)
    assert [part.text for part in status_row(reading).parts] == ["a", "step 3", "reading, 5 MB to go"]
    done = LogMoment(run="a", others=2, age_s=2.0, skipped=1)
    said = [(part.text, part.bad) for part in status_row(done).parts]
    assert said == [("a +2", False), ("written 2 s ago", False), ("1 skipped: see About", True)]


def test_the_age_of_a_log_alone_makes_no_other_status() -> None:
    now, later, further = (LogMoment(run="a", step=step, age_s=s) for step, s in ((1, 2.0), (1, 9.0), (2, 2.0)))
    assert status_row(now) == status_row(later) != status_row(further)


def test_superseded_points_and_missing_steps_are_reported_beside_the_run() -> None:
    told = LogMoment(run="a", step=19, remarks=Remarks(superseded=1000, by_order=True))
    assert [part.text for part in status_row(told).parts][2:] == [
        "no steps logged: drawn in order",
        "1,000 earlier points superseded",
    ]


def test_the_table_of_hyperparameters_says_how_many_runs_are_read() -> None:
    rows = [HparamsRow("a", "a", None, {"lr": 0.1}, {})]
    assert "1 of 400 read" in header_words(sheet(rows, 1, 400))
    assert "read" not in header_words(sheet(rows, 1, 1))
