"""The code pane: functions that are wider than it is can be read to their ends."""

from __future__ import annotations

from textual.widgets import Static

from tests.tui.stage import Stage
from tui.widgets.code_view import CodeView

PLACES = ("engine.training:network", "engine.training:update")


async def test_wide_code_is_read_sideways_and_only_then_is_the_key_offered() -> None:
    for width, offered in ((60, True), (200, False)):
        async with Stage(CodeView()).run_test(size=(width, 20)) as pilot:
            view = pilot.app.query_one(CodeView)
            view.show(PLACES)
            view.focus()
            await pilot.pause()
            await pilot.pause()
            assert len(view.query(Static)) == 2 * len(PLACES)
            assert view.check_action("sideways", (1,)) is offered
            await pilot.press("right", "right")
            assert view.scroll_offset.x == (16 if offered else 0)
            await pilot.press("left", "left", "left")
            assert view.scroll_offset.x == 0
