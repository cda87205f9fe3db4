"""The list of lessons on its own."""

from __future__ import annotations

from textual.widgets import Input, OptionList, Static

from engine.contents import CONTENTS
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


async def test_lessons_are_found_by_words_of_their_texts_and_the_open_one_is_marked_again_afterwards() -> None:
    rows = [LessonRow(each.id, each.number, each.title, each.summary) for each in CONTENTS]
    app = Stage(LessonList(rows, "himmelblau"))
    async with app.run_test() as pilot:
        lessons = app.screen.query_one(LessonList)
        lessons.filter()
        for word, first in (("momentum", "himmelblau"), ("persistent", "autograd"), ("saddle", "himmelblau")):
            await pilot.press("ctrl+u", *word)
            await pilot.pause()
            found = [option.id for option in lessons.query_one(OptionList).options]
            assert first in found, (word, found)
        await pilot.press("ctrl+u", *"zzz")
        await pilot.pause()
        summary = lessons.query_one("#summary", Static)
        assert str(summary.render()) == "no lesson has these words; esc shows all"
        await pilot.press("escape")
        await pilot.pause()
        options = lessons.query_one(OptionList)
        assert options.highlighted == 4
        assert str(summary.render()) == rows[4].summary
