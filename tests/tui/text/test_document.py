"""Lesson texts as rows."""

from __future__ import annotations

import pytest

from engine.lessons import course
from tui.drawing.document import document_rows
from tui.markdown import Code, Grid, Heading, Item, Paragraph, blocks, spans
from tui.widgets.lesson_text import lesson_text


def shown(text: str, width: int = 20) -> list[str]:
    return ["".join(words for words, _ in row).rstrip() for row in document_rows(blocks(text), width)]


def test_blocks_are_told_apart() -> None:
    text = "# T\n\nwords\nflow\n\n- one\n  more\n- two\n\n```sh\nx = 1\n```\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert blocks(text) == [
        Heading(1, "T"), Paragraph("words flow"), Item("-", "one more"), Item("-", "two"), Code(("x = 1",)),
        Grid((("a", "b"), ("1", "2"))),
    ]  # fmt: skip


def test_marks_become_roles() -> None:
    assert spans("a *b* **c** `d*e` 2*3*4 [f](g)") == [
        ("a ", "text"), ("b", "em"), (" ", "text"), ("c", "strong"), (" ", "text"), ("d*e", "code"),
        (" 2*3*4 ", "text"), ("f", "text"),
    ]  # fmt: skip


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
    rows = document_rows(blocks(lesson_text(lesson)), width)
    for row in rows:
        words = "".join(text for text, role in row if role not in ("code", "block"))
        assert "**" not in words
        assert "`" not in words
        if not any(role == "block" for _, role in row):
            assert len("".join(text for text, _ in row).rstrip()) <= width


def test_every_lesson_has_a_text_in_ascii_too() -> None:
    for lesson in course():
        rows = document_rows(blocks(lesson_text(lesson.id)), 62, ascii_only=True)
        assert len(rows) > 20
        assert all(text.isascii() for row in rows for text, _ in row)
