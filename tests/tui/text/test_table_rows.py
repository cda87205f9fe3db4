"""Tables and sentences as rows, character by character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Learned, Remark, Table
from tui.text.fit import cut, pad, wrap
from tui.text.glyphs import ASCII
from tui.text.page import page_rows
from tui.text.table_rows import Row, table_rows

SLOPES = Table(
    "derivative",
    "The slope of f(x) = x², three ways",
    ("x", "tape f′(x)", "closed form", "tape − closed"),
    ((-1.5, -3.0, -3.0, 1.965e-11), (0.0, 0.0, 0.0, 0.0), (0.75, 1.5, 1.5, -6.8e-12)),
)
REFUSED = Table(
    "tapes",
    "Asked twice",
    ("tape", "first answer, dy/dw", "second answer"),
    (("persistent", 3.0, 1.0), ("once only", 3.0, "A non-persistent tape can only be used once")),
)


def texts(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def test_a_table_of_three_ways_side_by_side() -> None:
    assert texts(table_rows(SLOPES, 80)) == [
        "The slope of f(x) = x², three ways",
        "    x   tape f′(x)   closed form   tape − closed",
        "────────────────────────────────────────────────",
        "-1.50         -3.0          -3.0       1.965e-11",
        " 0             0             0         0",
        " 0.75          1.5           1.5      -6.800e-12",
        "greatest |tape − closed|: 2.0e-11",
    ]


def test_less_room_wraps_the_headings_then_narrows_gaps_then_drops_digits() -> None:
    assert texts(table_rows(SLOPES, 34)) == [
        "The slope of f(x) = x², three ways",
        "        tape  closed      tape −",
        "    x  f′(x)    form      closed",
        "────────────────────────────────",
        "-1.50   -3.0    -3.0   1.965e-11",
        " 0       0       0     0",
        " 0.75    1.5     1.5  -6.800e-12",
        "greatest |tape − closed|: 2.0e-11",
    ]
    assert "-6.8e-12" in "".join(texts(table_rows(SLOPES, 30)))


def test_the_greatest_difference_stands_out_and_no_other() -> None:
    worst = [text for row in table_rows(SLOPES, 80) for text, role in row if role == "worst"]
    assert [text.strip() for text in worst] == ["1.965e-11"]


def test_long_words_wrap_within_their_column() -> None:
    assert texts(table_rows(REFUSED, 52)) == [
        "Asked twice",
        "             first answer,",
        "tape                 dy/dw   second answer",
        "────────────────────────────────────────────────────",
        "persistent               3   1",
        "once only                3   A non-persistent tape",
        "                             can only be used once",
    ]


def test_a_word_among_numbers_stands_where_they_stand() -> None:
    table = Table("t", "y", ("quantity", "tape"), (("y", 5.0), ("dy/dw", 3.0), ("d²y/dw²", "None")))
    assert [line[-4:] for line in texts(table_rows(table, 40))[3:]] == ["   5", "   3", "None"]


def test_ascii_only_writes_nothing_else() -> None:
    rows = texts(page_rows(SLOPES, 80, ASCII))
    assert all(row.isascii() for row in rows)
    assert rows[0] == "The slope of f(x) = x^2, three ways"


@given(st.integers(44, 200))
def test_what_can_be_narrowed_never_goes_beyond_its_room(width: int) -> None:
    for table in (SLOPES, REFUSED):
        assert all(len(line) <= width for line in texts(table_rows(table, width)))


def test_a_table_without_rows_is_its_heading() -> None:
    assert texts(table_rows(Table("t", "empty", ("a", "b"), ()), 40))[:2] == ["empty", "a   b"]


def test_what_was_learned_has_a_bar_and_a_remark_has_none() -> None:
    assert texts(page_rows(Learned("It is so."), 40)) == ["▌ Learned", "▌ It is so.", ""]
    assert texts(page_rows(Learned("It is so."), 40, ASCII)) == ["| Learned", "| It is so.", ""]
    assert texts(page_rows(Remark("Look."), 40)) == ["Look.", ""]


def test_nothing_that_a_terminal_acts_on_gets_on_the_page() -> None:
    bad = "a\x1b[31mb\u202ec"
    table = Table("t", bad, (bad, "n"), ((bad, 1.0),))
    for item in (Remark(bad), Learned(bad), table):
        said = "".join(texts(page_rows(item, 60)))
        assert "\x1b" not in said and "\u202e" not in said


def test_lines_break_at_spaces_and_in_a_word_only_where_it_must_be() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefgh i", 4) == ["abcd", "efgh", "i"]
    assert wrap("", 4) == [""]


@pytest.mark.parametrize(("width", "expected"), [(9, "gradients"), (6, "gradi…"), (1, "…")])
def test_a_text_that_is_cut_says_so(width: int, expected: str) -> None:
    assert cut("gradients", width) == expected


def test_wide_characters_count_double() -> None:
    assert pad("漢", 4) == "漢  "
    assert pad("漢", 4, right=True) == "  漢"
    assert wrap("漢字 漢字", 5) == ["漢字", "漢字"]


@pytest.mark.parametrize(("text", "width", "shown"), [
    ("-2.5,0;2,0.25", 11, "-2.5,0;…"), ("0.4,0.3;2.3,-0.4", 13, "0.4,0.3;…"), ("a tree, which", 8, "a tree,…"),
    ("from (5.9, 5.9)", 13, "from (…"),
    ("f 1,234,567 at", 8, "f…"), ("rate 1.2e-05, then", 9, "rate…"),
    ("12345", 4, "…"), ("at 0.5 and", 8, "at…"), ("82.50% of them", 5, "…"),
    ("fashion-mnist/20261124-211754", 20, "fashion-mnist/20261…"), ("layer12weights", 8, "layer12…"),
])  # fmt: skip
def test_a_number_is_kept_or_left_out_but_never_cut(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
