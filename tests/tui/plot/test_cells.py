"""Cells: the differences between two pictures, which are painted again."""

from __future__ import annotations

from rich.style import Style

from tui.plot.cells import Cells

BOLD = Style(bold=True)


def row(text: str, style: Style | None = None, width: int = 0) -> Cells:
    cells = Cells(width or len(text), 1)
    cells.put(0, 0, text, style or Style.null())
    return cells


def test_only_rows_that_differ_are_named() -> None:
    before, after = Cells(9, 3), Cells(9, 3)
    for cells, loss in ((before, "loss 0.31"), (after, "loss 0.29")):
        cells.put(0, 0, "same")
        cells.put(0, 1, loss)
    assert after.changed_rows(before) == [1]


def test_a_change_of_style_alone_is_a_change() -> None:
    assert row("ab", BOLD).changed_rows(row("ab")) == [0]


def test_styles_are_distinguished_by_what_they_are_and_not_by_when_they_were_used() -> None:
    before, after = Cells(2, 1), Cells(2, 1)
    for cells, order in ((before, (0, 1)), (after, (1, 0))):
        for x in order:
            cells.put(x, 0, "a", (BOLD, Style(italic=True))[x])
    assert after.changed_rows(before) == []


def test_a_row_with_a_wide_character_is_compared_too() -> None:
    assert row("漢x", width=6).changed_rows(row("漢y", width=6)) == [0]
    assert row("漢x", width=6).changed_rows(row("漢x", width=6)) == []


def test_a_row_lies_over_the_style_below_it() -> None:
    assert [segment.style for segment in row("a", BOLD).strip(0, Style(italic=True))] == [Style(bold=True, italic=True)]
