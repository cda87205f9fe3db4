"""The code pane: no line of a function is cut, at any width."""

from __future__ import annotations

import pytest
from textual.content import Content

from engine.lessons import course
from tests.tui.stage import Stage
from tui.text.source import source_of
from tui.widgets.learn.code_view import CodeView, Listing, wrapped

PLACES = tuple(dict.fromkeys(place for lesson in course() for place in lesson.code))


@pytest.mark.parametrize("width", [20, 40, 58, 76, 116])
def test_every_word_of_the_code_is_shown_in_lines_that_fit(width: int) -> None:
    for place in PLACES:
        text, _ = source_of(place)
        lines = wrapped(Content(text), width)
        assert max(line.cell_length for line in lines) <= width
        assert "".join("".join(line.plain for line in lines).split()) == "".join(text.split())


def test_a_line_that_fits_is_left_as_it_is() -> None:
    text, _ = source_of(PLACES[0])
    assert [line.plain for line in wrapped(Content(text), 200)] == [line.rstrip() for line in text.split("\n")]


def test_what_is_wrapped_of_code_a_comment_and_a_docstring_is_indented_as_each_is_read() -> None:
    code = '''def f(x):
    """One two three four five
    six seven eight nine ten."""
    # one two three four five
    return one(two, three, four)'''
    assert [line.plain for line in wrapped(Content(code), 22)] == [
        "def f(x):",
        '    """One two three',
        "    four five",
        "    six seven eight",
        '    nine ten."""',
        "    # one two three",
        "      four five",
        "    return one(two,",
        "        three, four)",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_nothing_is_left_to_be_scrolled_sideways(width: int) -> None:
    async with Stage(CodeView()).run_test(size=(width, 20)) as pilot:
        view = pilot.app.query_one(CodeView)
        view.show(PLACES)
        while len(view.query(Listing)) < len(PLACES):
            await pilot.pause()
        await pilot.pause()
        assert view.max_scroll_x == 0
        assert view.max_scroll_y > 0
