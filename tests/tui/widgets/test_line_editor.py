"""A line of text under a caret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.line_editor import Line


def typed(line: Line, *keys: str) -> Line:
    for key in keys:
        after = line.pressed(key, key if len(key) == 1 else None)
        assert after is not None, key
        line = after
    return line


def test_words_are_put_in_at_the_caret() -> None:
    assert typed(Line.of("0.1"), "left", "0") == Line("0.01", 3)


def test_the_caret_moves_and_takes_away() -> None:
    assert typed(Line.of("abc"), "home", "delete", "end", "backspace") == Line("b", 1)
    assert typed(Line.of("abc"), "left", "ctrl+k") == Line("ab", 2)
    assert typed(Line.of("abc"), "left", "ctrl+u") == Line("c", 0)


def test_a_key_that_is_not_the_lines_is_left_to_others() -> None:
    assert Line.of("").pressed("escape", None) is None
    assert Line.of("").pressed("f1", None) is None


def test_what_does_not_print_is_not_taken() -> None:
    assert Line.of("").typed("a\x1b[31mb\u202ec").text == "a[31mbc"


@given(st.lists(st.sampled_from(("left", "right", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+k", "x"))))
def test_the_caret_never_leaves_the_text(keys: list[str]) -> None:
    line = typed(Line.of("0.01"), *keys)
    assert 0 <= line.caret <= len(line.text)
