"""The dimmed screen below a dialog."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._context import visible_screen_stack
from textual.color import Color
from textual.geometry import Size
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip
from textual.widgets import Static

from tests.tui.stage import Stage
from tui.screens.dialogs.share import ShareScreen
from tui.widgets.dimmed import dimmed

VEIL = Color(10, 20, 30, 0.6)
ROW = Strip(
    [
        Segment("plain"),
        Segment("red", Style(color="#ff0000", bgcolor="#202020", bold=True)),
        Segment("to click", Style(color="#00ff00", meta={"@click": "app.quit"}, link="https://example.org")),
    ]
)


def test_rows_are_dimmed_as_by_textual() -> None:
    (row,) = dimmed([ROW], VEIL)
    expected = list(BackgroundScreen.process_segments(ROW, VEIL))
    assert [(each.text, each.style or Style()) for each in row] == [(each.text, each.style) for each in expected]
    assert row.cell_length == ROW.cell_length


async def test_what_changes_below_a_dialog_changes_behind_it() -> None:
    below = Static("before")
    app = Stage(below)
    async with app.run_test(size=(60, 30)) as pilot:
        await app.push_screen(ShareScreen("gdtui"))
        await pilot.pause()
        assert _top_row(app).startswith("before")
        below.update("after")
        await pilot.pause()
        assert _top_row(app).startswith("after")
        await pilot.resize_terminal(70, 40)
        await pilot.pause()
        assert app.screen._compositor.size == Size(70, 40)
        assert _top_row(app) == "after".ljust(70)


@pytest.mark.parametrize("size", [(60, 30), (70, 40), (50, 20), (60, 40), (70, 30)])
async def test_a_dialog_leaves_no_hole_while_the_screen_below_has_another_size(size: tuple[int, int]) -> None:
    app = Stage(Static("below"))
    async with app.run_test(size=(60, 30)) as pilot:
        await app.push_screen(ShareScreen("gdtui"))
        await pilot.pause()
        visible_screen_stack.set(app._background_screens)
        app.screen._compositor.reflow(app.screen, Size(*size))
        visible_screen_stack.set(app._background_screens)
        rows = app.screen._compositor.render_full_update().strips
        assert [sum(strip.cell_length for strip in row) for row in rows] == [size[0]] * size[1]


async def test_a_dialog_takes_the_size_of_the_terminal_and_not_that_of_an_event_that_comes_late() -> None:
    app = Stage(Static("below"))
    async with app.run_test(size=(60, 30)) as pilot:
        await app.push_screen(ShareScreen("gdtui"))
        await pilot.pause()
        app.screen.post_message(events.Resize(Size(70, 40), Size(70, 40)))
        await pilot.pause()
        assert app.screen._compositor.size == Size(60, 30)


def _top_row(app: Stage) -> str:
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()[0].text
