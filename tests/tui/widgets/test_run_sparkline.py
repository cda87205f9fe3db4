"""The whole run in one or two rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.tui.stage import Stage
from tui.model.series import Series
from tui.plot.buckets import Buckets
from tui.plot.scale import Scale
from tui.plot.sparkline import sparkline
from tui.text.glyphs import glyphs_of
from tui.widgets.run_sparkline import RunSparkline


def rows(widget: RunSparkline) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


def bars(values: list[float] | np.ndarray, columns: int, height: int = 1, *, ascii_only: bool = False) -> list[str]:
    buckets = Buckets(Scale(0, len(values) - 1), columns)
    buckets.catch_up(np.arange(len(values)), np.asarray(values))
    return sparkline(buckets, height, glyphs=glyphs_of(ascii_only)).text()


def test_bars_grow_with_the_logarithm_of_a_positive_value() -> None:
    assert bars([1.0, 2.0, 4.0, 8.0, 16.0], 5) == ["▁▂▄▆█"]


def test_bars_grow_with_the_value_where_one_is_not_positive() -> None:
    assert bars([-2.0, -1.0, 0.0, 1.0, 2.0], 5) == ["▁▂▄▆█"]


def test_two_rows_have_sixteen_levels() -> None:
    assert bars([0.0, 9.0, 16.0], 3, 2) == [" ▁█", "▁██"]


def test_ascii_has_its_own_bars() -> None:
    assert bars([0.0, 1.0, 2.0], 3, ascii_only=True) == [".=#"]


def test_a_spike_of_one_step_among_fourteen_thousand_is_seen() -> None:
    values = np.full(14_000, 0.3)
    values[9_000] = 3.0
    row = bars(values, 70)[0]
    assert row.count("█") == 1
    assert row.index("█") == pytest.approx(9_000 / 14_000 * 69, abs=1)


def test_a_value_that_is_not_finite_is_marked_and_sets_no_scale() -> None:
    assert bars([1.0, math.nan, 2.0, math.inf], 4) == ["▁×█×"]


def test_a_flat_run_is_drawn_in_the_middle() -> None:
    assert bars([0.5] * 4, 4) == ["▄▄▄▄"]


async def test_it_says_the_newest_value() -> None:
    widget = RunSparkline()
    async with Stage(widget).run_test(size=(60, 5)) as pilot:
        widget.show(Series("r", np.arange(1, 101), np.linspace(2, 0.3125, 100)))
        await pilot.pause()
        assert rows(widget)[0].endswith("loss")
        assert rows(widget)[1].endswith("0.3125")


async def test_before_the_first_step_it_says_so() -> None:
    widget = RunSparkline()
    async with Stage(widget).run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        assert "no loss yet" in rows(widget)[1]
        widget.show(Series("r", np.arange(1, 4), np.ones(3)))
        widget.show(None)
        await pilot.pause()
        assert "no loss yet" in rows(widget)[1]
