"""Cells: where two pictures differ, which is what is painted again."""

from __future__ import annotations

from rich.style import Style

from tui.drawing.cells import Cells

BOLD = Style(bold=True)


def row(text: str, style: Style | None = None, width: int = 0) -> Cells:
    cells = Cells(width or len(text), 1)
    cells.put(0, 0, text, style or Style.null())
    return cells


def test_only_rows_that_differ_are_named_from_their_first_to_their_last_change() -> None:
    before, after = Cells(9, 3), Cells(9, 3)
    for cells, loss in ((before, "loss 0.31"), (after, "loss 0.29")):
        cells.put(0, 0, "same")
        cells.put(0, 1, loss)
    assert after.changes(before) == {1: [(7, 9)]}


def test_a_change_of_style_alone_is_a_change() -> None:
    assert row("ab", BOLD).changes(row("ab")) == {0: [(0, 2)]}


def test_styles_are_told_apart_by_what_they_are_and_not_by_when_they_were_used() -> None:
    before, after = Cells(2, 1), Cells(2, 1)
    for cells, order in ((before, (0, 1)), (after, (1, 0))):
        for x in order:
            cells.put(x, 0, "a", (BOLD, Style(italic=True))[x])
    assert after.changes(before) == {}


def test_changes_far_apart_are_painted_apart_and_near_ones_together() -> None:
    assert row("c" + " " * 80 + "d").changes(row("a" + " " * 80 + "b")) == {0: [(0, 1), (81, 82)]}
    assert row("c" + " " * 8 + "d").changes(row("a" + " " * 8 + "b")) == {0: [(0, 10)]}


def test_cells_of_many_styles_between_two_changes_are_skipped() -> None:
    def striped(ends: str) -> Cells:
        cells = row(ends[0] + " " * 8 + ends[1])
        for x in range(1, 9):
            cells.put(x, 0, "-", (BOLD, Style(italic=True))[x % 2])
        return cells

    assert striped("cd").changes(striped("ab")) == {0: [(0, 1), (9, 10)]}


def test_a_row_with_a_wide_character_is_painted_whole() -> None:
    assert row("漢x", width=6).changes(row("漢y", width=6)) == {0: [(0, 6)]}


def test_a_row_lies_over_the_style_below_it() -> None:
    assert [segment.style for segment in row("a", BOLD).strip(0, Style(italic=True))] == [Style(bold=True, italic=True)]
