"""The layout of panes: their content is restyled only when necessary."""

from __future__ import annotations

import pytest

from tests.tui.app_driver import Driven, driven
from tui.screens.layout import LEAST
from tui.widgets.stage import Stage


def picture(app: Driven) -> list[list[tuple[str, str]]]:
    """Every row of the screen, as texts and their styles."""
    rows = app.screen._compositor.render_strips()
    return [[(segment.text, str(segment.style)) for segment in row] for row in rows]


@pytest.mark.parametrize("pane", ["text", "lessons", "settings", "live"])
async def test_a_pane_zoomed_and_back_looks_as_if_all_had_been_restyled(pane: str) -> None:
    async with driven("gradients", size=(200, 60)) as app:
        await app.engine_ready()
        app.screen.focus_pane(pane)
        await app.until(lambda: app.screen.focused_pane == pane, pane)
        for _ in range(2):
            await app.press("z")
            await app.pilot.pause()
            partly = picture(app)
            app.screen.update_node_styles(animate=False)
            await app.pilot.pause()
            assert partly == picture(app)


async def test_zooming_the_live_pane_does_not_restyle_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven("gradients", size=(120, 36)) as app:
        await app.engine_ready()
        app.screen.focus_pane("live")
        await app.until(lambda: app.screen.focused_pane == "live", "the live pane")
        stage = app.screen.query_one(Stage)
        styled: list[Stage] = []
        monkeypatch.setattr(stage, "notify_style_update", lambda: styled.append(stage))
        await app.press("z")
        await app.pilot.pause()
        assert app.shown() == {"live"}
        assert styled == []


@pytest.mark.parametrize("no_color", [False, True])
async def test_all_tabs_can_be_read_on_the_smallest_screen(no_color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with driven("gradients", size=LEAST) as app:
        names = ["Lessons", "Text", "Exercise", "Code", "Settings", "Live", "Notes", "History"]
        for active in names:
            app.screen.focus_pane(active.lower())
            await app.until(lambda active=active: app.screen.panes.shown_in("all") == active.lower(), active)
            await app.app.workers.wait_for_complete()
            assert app.text("#tabs-all").replace("[", " ").replace("]", " ").split() == names
