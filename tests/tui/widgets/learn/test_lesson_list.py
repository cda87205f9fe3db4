"""The list of lessons on its own."""

from __future__ import annotations

from textual.widgets import Input, Static

from tests.tui.stage import Stage
from tui.views.small_panes import LessonRow
from tui.widgets.learn.lesson_list import LessonList

ROWS = [LessonRow("one", 1, "One", "the first"), LessonRow("two", 2, "Two", "the second")]


async def test_a_filter_that_is_asked_for_before_the_list_is_composed_opens_then() -> None:
    app = Stage(Static("nothing"))
    async with app.run_test() as pilot:
        lessons = LessonList(ROWS, "one")
        mounted = app.screen.mount(lessons)
        lessons.filter()
        await mounted
        await pilot.press("t", "w")
        assert lessons.query_one(Input).has_focus
        assert lessons.query_one(Input).value == "tw"
