"""The focus survives the removal of the widget that had it: without a focus, keys have no effect."""

from __future__ import annotations

import pytest

from tests.tui.app_driver import driven


@pytest.mark.parametrize("pane", ["text", "lessons", "settings"])
async def test_the_focus_stays_in_the_pane_of_a_widget_that_goes(pane: str) -> None:
    async with driven("gradients", size=(120, 36)) as app:
        app.screen.focus_pane(pane)
        await app.until(lambda: app.screen.focused_pane == pane, pane)
        gone = app.screen.focused
        gone.display = False  # the focused widget goes
        app.screen.set_focus(None)
        gone.display = True
        await app.until(lambda: app.screen.focused is not None, "the focus")
        assert app.screen.focused_pane == pane


async def test_nothing_has_the_focus_while_the_terminal_has_not() -> None:
    async with driven("gradients") as app:
        app.screen.focus_pane("text")
        await app.until(lambda: app.screen.focused_pane == "text", "the text")
        app.app.app_focus = False
        await app.pilot.pause()
        assert app.screen.focused is None
        app.app.app_focus = True
        await app.until(lambda: app.screen.focused_pane == "text", "the focus that is given back")
