"""Histograms as ridge lines: which are drawn, their positions, and what is hidden."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.plot.line_plot import Frame
from tui.plot.ridges import chosen_places, ridges
from tui.plot.scale import Scale
from tui.text.glyphs import ASCII

LOW = np.array([[0.0, 1.0, 10.0]])
HIGH = np.array([[3.0, 4.0, 10.0]])


def plot(width: int = 20, rows: int = 9) -> Frame:
    return Frame(width, rows + 2, Scale(0.0, 4.0), Scale(0.0, 1.0), 0, width, rows, glyphs=ASCII)


@given(st.integers(1, 500), st.integers(1, 60), st.data())
def test_the_newest_and_the_chosen_histogram_are_always_drawn(count: int, rows: int, data: st.DataObject) -> None:
    marked = data.draw(st.integers(0, count - 1))
    places = chosen_places(count, rows, marked)
    assert marked in places and places == sorted(set(places))
    assert len(places) <= max((rows - 1) // 2, 1) + 1


def test_the_newest_stands_in_front_at_the_bottom_and_every_ridge_rises_where_its_values_lie() -> None:
    front, back = ridges([LOW, HIGH], [0, 1], plot())
    assert (front.place, back.place) == (1, 0)
    assert front.row == 8 and back.row < front.row
    tops = np.argmax(front.dots, axis=0)
    assert tops[:12].min() > tops[17]  # it rises at the right, where the newer one's values are
    tops = np.argmax(back.dots, axis=0)
    assert tops[2] < tops[12]


def test_a_ridge_hides_what_lies_behind_it() -> None:
    front, back = ridges([HIGH, HIGH], [0, 1], plot())
    below = np.cumsum(front.dots, axis=0) > 0
    base = np.arange(front.dots.shape[0])[:, None] <= front.row
    assert not (back.dots & below & base).any()


def test_without_room_or_values_nothing_is_drawn() -> None:
    assert ridges([LOW], [0], plot(0)) == []
    (flat,) = ridges([np.zeros((0, 3))], [0], plot())
    assert flat.dots[8].all()
