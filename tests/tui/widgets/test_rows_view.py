"""A view of rows lays them out for its width, however it comes to know it."""

from __future__ import annotations

from tests.tui.app_driver import driven
from tui.widgets.rows_view import RowsView


async def test_rows_are_laid_out_when_drawn_where_no_size_was_reported() -> None:
    async with driven("gradients", size=(80, 24)) as app:
        view = app.screen.query_one("#pane-text").query(RowsView).first(RowsView)
        before = view.text
        view._width, view._rows = 0, []  # as when its Resize never came
        view.refresh()
        await app.until(lambda: view.text == before, "the rows")
        assert before
