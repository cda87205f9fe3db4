"""Panes as they are laid out: what they hold is styled anew only where it must be."""

from __future__ import annotations

import pytest

from tests.tui.app_driver import Driven, driven
from tui.widgets.stage import Stage


def picture(app: Driven) -> list[list[tuple[str, str]]]:
    """Every row of the screen, as texts and their styles."""
    rows = app.screen._compositor.render_strips()
    return [[(segment.text, str(segment.style)) for segment in row] for row in rows]


@pytest.mark.parametrize("pane", ["text", "lessons", "settings", "live"])
async def test_a_pane_zoomed_and_back_looks_as_if_all_had_been_styled_anew(pane: str) -> None:
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


async def test_zooming_the_live_pane_does_not_style_anew_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven("gradients", size=(120, 36)) as app:
        await app.engine_ready()
        app.screen.show_pane("live")
        await app.until(lambda: app.screen.query(Stage), "the live pane")
        app.screen.set_focus(None)
        stage = app.screen.query_one(Stage)
        styled: list[Stage] = []
        monkeypatch.setattr(stage, "notify_style_update", lambda: styled.append(stage))
        await app.press("z")
        await app.pilot.pause()
        assert app.shown() == {"live"}
        assert styled == []
