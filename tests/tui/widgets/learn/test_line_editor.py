"""A line of text under a caret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.learn.line_editor import EditedLine


def typed(line: EditedLine, *keys: str) -> EditedLine:
    for key in keys:
        after = line.pressed(key, key if len(key) == 1 else None)
        assert after is not None, key
        line = after
    return line


def test_words_are_put_in_at_the_caret() -> None:
    assert typed(EditedLine.of("0.1"), "left", "0") == EditedLine("0.01", 3)


def test_the_caret_moves_and_takes_away() -> None:
    assert typed(EditedLine.of("abc"), "home", "delete", "end", "backspace") == EditedLine("b", 1)
    assert typed(EditedLine.of("abc"), "left", "ctrl+k") == EditedLine("ab", 2)
    assert typed(EditedLine.of("abc"), "left", "ctrl+u") == EditedLine("c", 0)


def test_a_key_that_is_not_the_lines_is_left_to_others() -> None:
    assert EditedLine.of("").pressed("escape", None) is None
    assert EditedLine.of("").pressed("f1", None) is None


def test_what_does_not_print_is_not_taken() -> None:
    assert EditedLine.of("").typed("a\x1b[31mb\u202ec").text == "a[31mbc"


@given(st.lists(st.sampled_from(("left", "right", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+k", "x"))))
def test_the_caret_never_leaves_the_text(keys: list[str]) -> None:
    line = typed(EditedLine.of("0.01"), *keys)
    assert 0 <= line.caret <= len(line.text)


def test_words_are_moved_over_and_taken_away() -> None:
    line = EditedLine.of("1,0;-4.5,2")
    assert typed(line, "ctrl+left", "ctrl+left").caret == 4
    assert typed(line, "home", "ctrl+right", "ctrl+right").caret == 3
    assert typed(line, "ctrl+w", "ctrl+w") == EditedLine("1,0;", 4)
