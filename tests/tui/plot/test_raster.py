"""Rasters: cells to strips, and rows that did not change."""

from __future__ import annotations

import numpy as np
from rich.color import Color
from textual.strip import Strip

from tui.plot.raster import BOLD, NONE, REVERSE, Raster
from tui.plot.raster_strips import RowCache


def runs(strip: Strip) -> list[tuple[str, str | None, str | None]]:
    """Texts with the names of their colours."""

    def name(colour: Color | None) -> str | None:
        return None if colour is None else colour.name

    return [(s.text, name(s.style.color), name(s.style.bgcolor)) for s in strip if s.style is not None]


def test_neighbours_of_one_look_are_one_run() -> None:
    cells = Raster(4, 1)
    cells.back[0] = [0x000001, 0x000001, 0x000002, 0x000002]
    cells.put(0, 0, "ab", 0xFF0000)
    assert runs(RowCache().strips(cells)[0]) == [("ab", "#ff0000", "#000001"), ("  ", None, "#000002")]


def test_the_colour_of_a_blank_makes_no_run_of_its_own() -> None:
    cells = Raster(2, 1)
    cells.front[0] = [0x111111, 0x222222]
    assert runs(RowCache().strips(cells)[0]) == [("  ", None, None)]


def test_attributes_are_kept_and_a_reversed_blank_keeps_its_colour() -> None:
    cells = Raster(2, 1)
    cells.put(0, 0, "x", NONE, BOLD)
    cells.put(1, 0, " ", 0x00FF00, REVERSE)
    first, second = (segment.style for segment in RowCache().strips(cells)[0])
    assert first is not None and first.bold and first.color is None
    assert second is not None and second.reverse and second.color == Color.from_rgb(0, 255, 0)


def test_what_is_put_outside_is_left_out() -> None:
    cells = Raster(3, 1)
    cells.put(-1, 0, "abc", NONE)
    cells.put(2, 0, "xyz", NONE)
    cells.put(0, 1, "no", NONE)
    assert cells.chars.tolist() == [["b", "c", "x"]]


def test_a_row_that_did_not_change_is_the_same_strip_again() -> None:
    rows = RowCache()
    cells = Raster(3, 2)
    before = rows.strips(cells)
    changed = cells.copy()
    changed.put(1, 1, "x", 0x00FF00)
    after = rows.strips(changed)
    assert after[0] is before[0]
    assert after[1] is not before[1]
    assert (cells.chars == " ").all()


def test_another_size_starts_again() -> None:
    rows = RowCache()
    rows.strips(Raster(3, 2))
    assert [strip.cell_length for strip in rows.strips(Raster(5, 1))] == [5]


def test_every_colour_comes_back_as_it_was_put() -> None:
    colours = np.array([[0x000000, 0xFFFFFF, 0x0000FF, 0xFF0000, 0x010203]], np.int32)
    cells = Raster(5, 1)
    cells.chars[:], cells.front[:], cells.back[:] = "x", colours, colours[:, ::-1]
    back = [
        tuple(part.get_truecolor() for part in (segment.style.color, segment.style.bgcolor) if part is not None)
        for segment in RowCache().strips(cells)[0]
        if segment.style is not None
    ]
    expected = [
        tuple((n >> 16, n >> 8 & 255, n & 255) for n in pair) for pair in zip(colours[0], colours[0, ::-1], strict=True)
    ]
    assert [tuple(tuple(colour) for colour in pair) for pair in back] == expected
