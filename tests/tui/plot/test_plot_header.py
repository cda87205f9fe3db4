"""The row above a plot, where there is little room."""

from __future__ import annotations

import pytest
from rich.style import Style

from tui.plot.plot_header import Header, reading_forms
from tui.plot.smoothed_series import SeriesReading
from tui.text.glyphs import glyphs_of


def reading() -> SeriesReading:
    """A step read from one of several curves."""
    return SeriesReading(step=1800, value=0.0123456, smoothed=0.25, time_s=99.0, label="run-1")


@pytest.mark.parametrize(("width", "row"), [
    (80, " loss  step 1,800 · loss 0.01235 · smoothed 0.25 · 1:39 · run-1"),
    (60, " loss  step 1,800 · loss 0.01235 · smoothed 0.25 · run-1"),
    (50, " loss  step 1,800 · loss 0.01235 · run-1"),
    (36, " loss  step 1,800 · loss 0.01235"),
    (30, " loss  step 1,800"),
])  # fmt: skip
def test_a_reading_leaves_out_what_does_not_fit_and_cuts_no_number(width: int, row: str) -> None:
    header = Header(width, "loss", Style.null(), glyphs_of(ascii_only=False))
    header.say(header.fullest(reading_forms(reading(), "step", "loss", smoothed=True, named=True)), Style.null())
    assert header.cells.text()[0].rstrip() == row
