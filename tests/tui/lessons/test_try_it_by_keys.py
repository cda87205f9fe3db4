"""The "Try it" of lesson 2, played in the app at 80x24 with the keys that its text names, in the order of its steps."""

from __future__ import annotations

from typing import Any

import pytest

from engine.events import Table
from tests.tui.app_driver import Driven, driven
from tui.model.try_it import parts_of, steps_of
from tui.widgets.curve.curve_plot import CurvePlot
from tui.widgets.learn.code_view import Listing

LESSON = "autograd"


def tables(app: Driven) -> dict[str, dict[Any, tuple[Any, ...]]]:
    """The tables of the run by key, with their rows by the first cell."""
    page = app.lesson_state.state.page
    return {each.key: {row[0]: row[1:] for row in each.rows} for each in page if isinstance(each, Table)}


def listing(app: Driven) -> str:
    """The code in the Code pane."""
    return "\n".join(each.render().plain for each in app.screen.query(Listing))


async def tried(app: Driven) -> dict[str, dict[Any, tuple[Any, ...]]]:
    """Apply the next part of the list by its key, and run the lesson; returns the run's tables."""
    await app.press("I")
    await app.run_to_end()
    return tables(app)


@pytest.mark.slow
async def test_every_part_of_try_it_finds_what_it_says_when_it_is_played_by_keys() -> None:
    assert [len(parts_of(step)) for step in steps_of(LESSON)] == [1, 1, 1, 2, 1]
    async with driven(LESSON, size=(80, 24)) as app:
        await app.press("I")
        assert "Try it, step 1 of 5: Press space and read the four tables" in " ".join(app.text("NewsLines").split())
        await app.run_to_end()
        assert len(tables(app)) == 4
        found = await tried(app)
        assert (found["linear"]["dy/dw"][0], found["linear"]["y"][0]) == (-4, -6)
        found = await tried(app)
        assert found["tape"]["L"][0] == 0
        assert all(row[-1] == 0 for name, row in found["tape"].items() if name != "L")
        await tried(app)
        assert [curve.key for curve in app.lesson_state.state.curves] == ["sine", "sine-slope"]
        await app.press("v")
        plot = app.screen.query_one(CurvePlot)
        await app.until(lambda: plot.has_focus, "the curves")
        first = app.text("CurvePlot")
        await app.press("n")
        await app.until(lambda: app.text("CurvePlot") != first, "the other curve")
        read = app.text("CurvePlot")
        await app.press("right")
        await app.until(lambda: app.text("CurvePlot") != read, "the cursor")
        await tried(app)
        assert [curve.key for curve in app.lesson_state.state.curves] == ["exponential", "exponential-slope"]
        await app.press("I")
        for _ in range(8):
            if "code" in app.shown():
                break
            await app.press("tab")
        await app.until(lambda: "linear_gradients" in listing(app), "the functions of the lesson")


async def test_the_first_step_begins_with_the_settings_of_the_lesson() -> None:
    async with driven(
        "gradients", {"function": "double-well", "start": "2.5;-3", "learning_rate": "2", "seed": "7"}
    ) as app:
        await app.press("I")
        assert "Try it, step 1 of" in app.text("NewsLines")
        assert app.lesson_state.given == {"seed": "7"}
        assert app.lesson_state.texts["function"] == "parabola"
