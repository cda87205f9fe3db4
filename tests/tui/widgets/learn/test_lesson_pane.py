"""The pane with a lesson's text: all of it can be reached."""

from __future__ import annotations

import pytest

from engine.lessons import course
from tests.tui.stage import Stage
from tui.widgets.learn.lesson_text import LessonText


@pytest.mark.parametrize("lesson", [each.id for each in course()])
async def test_where_all_of_a_text_fits_nothing_is_to_be_scrolled_sidewards(lesson: str) -> None:
    app = Stage(LessonText(lesson))
    async with app.run_test(size=(62, 20)) as pilot:
        await pilot.pause()
        assert app.query_one(LessonText).max_scroll_x == 0


async def test_code_wider_than_the_pane_is_scrolled_to_by_its_keys() -> None:
    app = Stage(LessonText("tensorboard"))
    async with app.run_test(size=(30, 40)) as pilot:
        view = app.query_one(LessonText)
        longest = max(view.text, key=len)
        row = view.text.index(longest)
        assert len(longest) > view.size.width
        view.focus()
        view.scroll_to(y=row, animate=False)
        await pilot.press(*["right"] * len(longest))
        await pilot.wait_for_scheduled_animations()
        y = row - view.scroll_offset.y
        assert view.render_line(y).text.rstrip().endswith(longest[-5:])
