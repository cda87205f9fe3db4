"""Lesson texts as rows."""

from __future__ import annotations

import pytest

from engine.lessons import course
from tui.text.course_texts import course_text
from tui.text.document import document_rows
from tui.text.glyphs import ASCII
from tui.text.markdown import Code, Grid, Heading, ListItem, Paragraph, Spans, blocks, spans


def shown(text: str, width: int = 20) -> list[str]:
    return ["".join(words for words, _ in row).rstrip() for row in document_rows(blocks(text), width)]


def words(text: str) -> Spans:
    return ((text, "text"),)


def test_kinds_of_blocks_are_distinguished() -> None:
    text = "# T\n\nwords\nflow\n\n- one\n  more\n- two\n\n```sh\nx = 1\n```\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert blocks(text) == [
        Heading(1, words("T")), Paragraph(words("words flow")), ListItem("-", words("one more")),
        ListItem("-", words("two")), Code(("x = 1",)), Grid(((words("a"), words("b")), (words("1"), words("2")))),
    ]  # fmt: skip


def test_marks_become_roles() -> None:
    assert spans("a *b* **c** `d*e` 2\\*3 * 4 [f](g) x_i ~~h~~ ![i](j)") == (
        ("a ", "text"), ("b", "em"), (" ", "text"), ("c", "strong"), (" ", "text"), ("d*e", "code"),
        (" 2*3 * 4 f x_i ", "text"), ("h", "strike"), (" i", "text"),
    )  # fmt: skip


def test_what_lies_within_lists_and_quotations_is_indented() -> None:
    text = "1. one\n\n   more\n   - two\n     three\n\n> # said\n> words\n\n***\nend  \nnew row"
    assert shown(text, 14) == [
        "1. one", "", "   more", "", "   • two three", "", "", "▎ said", "", "▎ words", "", "──────────────", "",
        "end", "new row",
    ]  # fmt: skip
    ascii_rows = document_rows(blocks("> - said\n\n---\n"), 12, ASCII)
    assert ["".join(words for words, _ in row) for row in ascii_rows] == ["| * said", "", "------------"]


def test_an_entry_that_begins_with_code_keeps_its_marker() -> None:
    assert shown("- ```\n  x\n  ```\n-\n- b", 12) == ["•", "", "", "    x", "", "", "•", "• b"]


def test_html_entities_and_addresses_stay_as_they_are_written() -> None:
    text = "<b>x</b> &#x202e; <http://b/%1b>\n\n<script>\n&amp;"
    assert "\n".join(shown(text, 60)) == "<b>x</b> &#x202e; <http://b/%1b>\n\n<script> &amp;"


def test_a_tab_never_reaches_a_row() -> None:
    assert not any("\t" in row for row in shown("\ta\tb\n\nc\td\n\n- e\tf\n\n```\n\tg\n```", 20))


def test_words_flow_and_punctuation_stays_with_its_word() -> None:
    assert shown("press **space**, then **x** to stop", 14) == ["press space,", "then x to stop"]


def test_an_entry_of_a_list_hangs_behind_its_marker() -> None:
    assert shown("1. one two three four\n2. five", 14) == ["1. one two", "   three four", "2. five"]


def test_a_word_wider_than_the_room_is_broken() -> None:
    assert shown("abcdefghijklmnop", 12) == ["abcdefghijkl", "mnop"]


def test_a_table_keeps_its_columns_and_its_cells_flow() -> None:
    assert shown("| name | f |\n|---|---|\n| sigmoid | one over two |", 18) == [
        "name     f", "──────────────────", "sigmoid  one over", "         two",
    ]  # fmt: skip


def test_code_stands_as_it_is() -> None:
    assert shown("```\na  =  1\n```", 12) == ["", "  a  =  1", ""]


def test_code_gives_up_its_indent_before_its_last_letter() -> None:
    text = "```\nf(abcdefghijk)\n```"
    assert [shown(text, width)[1] for width in (20, 15, 14)] == [
        "  f(abcdefghijk)", " f(abcdefghijk)", "f(abcdefghijk)",
    ]  # fmt: skip


@pytest.mark.parametrize("lesson", [each.id for each in course()])
@pytest.mark.parametrize("width", [30, 62, 90])
def test_every_lessons_text_fits_and_leaves_no_marks(lesson: str, width: int) -> None:
    rows = document_rows(blocks(course_text(lesson)), width)
    for row in rows:
        words = "".join(text for text, role in row if role not in ("code", "block"))
        assert "**" not in words
        assert "`" not in words
        if not any(role == "block" for _, role in row):
            assert len("".join(text for text, _ in row).rstrip()) <= width


def test_every_lesson_has_a_text_in_ascii_too() -> None:
    for lesson in course():
        rows = document_rows(blocks(course_text(lesson.id)), 62, ASCII)
        assert len(rows) > 20
        assert all(text.isascii() for row in rows for text, _ in row)
