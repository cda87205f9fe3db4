"""The plot of a scalar tag: over the steps or the time, with or without superseded points."""

from __future__ import annotations

import numpy as np

from tests.tui.stage import Stage
from tui.model.series import Series
from tui.widgets.log.scalar_plot import ScalarPlot


def curve(label: str, count: int, *, ghost: bool = False) -> Series:
    steps = np.arange(count)
    return Series(label, steps, 1.0 / (1 + steps), steps * 2.0, ghost)


async def test_a_key_shows_the_curves_as_they_were_before_points_were_superseded() -> None:
    plot = ScalarPlot()
    async with Stage(plot).run_test(size=(80, 20)) as pilot:
        plot.focus()
        plot.show_tag("loss", (curve("a", 20), curve("a before 1", 1000, ghost=True)), {"a": 3, "a before 1": 3})
        await pilot.press("end")
        assert plot.reading is not None and plot.reading.step == 19
        await pilot.press("f", "n", "end")
        assert plot.reading is not None and (plot.reading.label, plot.reading.step) == ("a before 1", 999)
        await pilot.press("x", "end")
        assert plot.reading is not None and plot.reading.step == 1998
        await pilot.press("f")
        assert plot.reading is None or plot.reading.label == "a"
