"""Line plots, character by character."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.style import Style

from tui.plot.braille import DASHED, braille, touched, trace
from tui.plot.cells import Cells
from tui.plot.line_plot import Cursor, Look, PlotLine, draw, frame
from tui.plot.scale import Scale, fit, round_end, tick_labels
from tui.text.glyphs import ASCII, glyphs_of

RED, BLUE = Style(color="red"), Style(color="blue")


def rising(n: int = 11) -> PlotLine:
    return PlotLine(np.arange(float(n)), np.arange(float(n)), RED)


def test_a_diagonal_in_braille_with_its_axes() -> None:
    plot = frame(16, 7, Scale(0, 25), Scale(0, 19), x_name="t")
    assert draw(plot, [rising(20)], Look()).text() == [
        "  │        ⡠⠊   ",
        "  │      ⡠⠊     ",
        "10┤    ⡠⠊       ",
        "  │  ⡠⠊         ",
        " 0┤⡠⠊           ",
        "  └┬─────────┬──",
        " t 0        20  ",
    ]


@pytest.mark.parametrize(("ascii_only", "arrows"), [(False, "▲▼"), (True, "^v")])
def test_a_line_that_leaves_the_axis_is_marked_where_it_leaves(ascii_only: bool, arrows: str) -> None:
    plot = frame(30, 10, Scale(0, 10), Scale(0, 4), glyphs=glyphs_of(ascii_only))
    leaving = PlotLine(np.arange(11.0), np.array([1, 2, 9, 9, 9, 2, -9, -9, 1, 1, 1.0]), RED, exits=True)
    text = draw(plot, [leaving], Look(glyphs=glyphs_of(ascii_only))).text()
    assert [x for x, char in enumerate(text[0]) if char == arrows[0]] == [plot.left + plot.column(2)]
    assert [x for x, char in enumerate(text[plot.rows - 1]) if char == arrows[1]] == [plot.left + plot.column(6)]


@pytest.mark.parametrize("far", [1e3, 1e15, 1e300])
def test_a_line_that_leaves_by_far_is_drawn_to_the_edge(far: float) -> None:
    dots = trace(np.array([10.0, 10.0, 11.0]), np.array([30.0, 20.0, -far]), 40, 40)
    assert dots[:31, 10:12].any(axis=1).all()
    assert dots.sum() == dots[:31, 10:12].sum()


def test_a_line_within_the_axis_has_no_arrows() -> None:
    plot = frame(30, 10, Scale(0, 10), Scale(0, 10))
    within = PlotLine(np.arange(11.0), np.arange(11.0), RED, exits=True)
    assert not {"▲", "▼"} & set("".join(draw(plot, [within], Look()).text()))


def test_a_diagonal_in_ascii_with_cursor_and_a_broken_value() -> None:
    plot = frame(15, 7, Scale(0, 12), Scale(0, 4), x_name="t", glyphs=ASCII)
    line = PlotLine(np.arange(5.0), np.arange(5.0), RED, mark="+")
    assert draw(plot, [line], Look(glyphs=ASCII), cursor=Cursor(6, 3), bad=np.array([9.0])).text() == [
        "4+    + |      ",
        " |   +  O      ",
        "2+  +   |      ",
        " | +    |      ",
        "0++     |  x   ",
        " ++---------+--",
        "t 0        10  ",
    ]


def test_a_value_that_is_not_finite_is_a_gap() -> None:
    y = np.array([1.0, 1.0, math.nan, 1.0, 1.0])
    dots = trace(np.arange(5.0) * 2, y, 9, 3)
    assert dots[1].tolist() == [True, True, True, False, False, False, True, True, True]


def test_a_point_between_two_gaps_is_one_dot() -> None:
    dots = trace(np.arange(3.0), np.array([math.nan, 2.0, math.inf]), 3, 4)
    assert np.argwhere(dots).tolist() == [[2, 1]]


@pytest.mark.parametrize("at", [[3.0], [3.0, 3.0], [np.nan, 3.0, np.nan]])
def test_a_dashed_line_that_does_not_leave_its_point_is_one_dot(at: list[float]) -> None:
    dots = trace(np.array(at), np.zeros(len(at)), 9, 1, DASHED)
    assert np.flatnonzero(dots[0]).tolist() == [3]


def test_dashes_leave_dots_out() -> None:
    dots = trace(np.array([0.0, 26.0]), np.array([0.0, 0.0]), 27, 1, DASHED)
    assert "".join("#" if dot else "." for dot in dots[0]) == "#####....#####....#####...."


def test_braille_bits_are_those_of_unicode() -> None:
    dots = np.zeros((4, 16), dtype=bool)
    for place, (row, column) in enumerate([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]):
        dots[row, 2 * place + column] = True
    assert "".join(braille(dots)[0]) == "⠁⠂⠄⠈⠐⠠⡀⢀"
    assert touched(dots).all()


def test_the_upper_line_has_the_cell_it_shares() -> None:
    plot = frame(3, 3, Scale(0, 10), Scale(0, 10))
    cells = draw(plot, [rising(), PlotLine(np.arange(11.0), np.arange(11.0), BLUE)], Look())
    assert {segment.style for strip in cells.strips() for segment in strip if segment.text.strip()} == {BLUE}


def test_the_cursor_is_a_line_with_a_point_on_it() -> None:
    plot = frame(5, 3, Scale(0, 4), Scale(0, 2))
    assert draw(plot, [], Look(), cursor=Cursor(2, 1)).text() == ["  │  ", "  ●  ", "  │  "]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (2, 9), (9, 2), (11, 4), (300, 100)])
def test_any_size_is_drawn_whole(size: tuple[int, int]) -> None:
    strips = draw(frame(*size, Scale(0, 10), Scale(0, 10)), [rising()], Look(), cursor=Cursor(3, 3)).strips()
    assert [strip.cell_length for strip in strips] == [size[0]] * size[1]


def test_infinities_and_nan_do_not_change_the_ends_of_an_axis() -> None:
    assert fit([np.array([0.3, math.inf, 2.4, math.nan, -math.inf])]) == Scale(0.0, 2.5)
    assert fit([np.array([math.nan])]) is None


def test_a_logarithmic_axis_takes_positive_values_only() -> None:
    assert fit([np.array([0.0, -3.0, 0.21, 2.4])], log=True) == Scale(0.2, 3.0, log=True)
    assert np.isnan(Scale(0.1, 10, log=True).place(np.array([0.0, -1.0]))).all()


def test_decades_are_equally_far_apart_on_a_logarithmic_axis() -> None:
    axis = Scale(0.01, 100, log=True)
    np.testing.assert_allclose(axis.place(np.array([0.01, 0.1, 1, 10, 100])), [0, 0.25, 0.5, 0.75, 1])
    assert axis.ticks(5) == pytest.approx((0.01, 0.1, 1, 10, 100))


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.booleans())
def test_value_is_the_inverse_of_place(low: float, span: float, log: bool) -> None:
    axis = Scale(abs(low) + 1e-3, abs(low) + 1e-3 + span, log=True) if log else Scale(low, low + span)
    for place in (0.0, 0.25, 1.0):
        assert axis.place(np.array([axis.value(place)]))[0] == pytest.approx(place, abs=1e-6)


@given(st.floats(-1e6, 1e6), st.floats(1e-2, 1e6), st.integers(1, 12))
def test_ticks_are_few_ascending_and_on_the_axis(low: float, span: float, most: int) -> None:
    axis = Scale(low, low + span)
    ticks = axis.ticks(most)
    assert min(most, 2) <= len(ticks) <= most
    assert list(ticks) == sorted(set(ticks))
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in ticks)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4), st.integers(1, 12))
@example([sys.float_info.max], 1)
@example([-sys.float_info.max, sys.float_info.max], 2)
@example([5e-324, 1e-323], 3)
@example([7.045526616162089, 7.04552661616209], 5)  # a constant, and what smoothing made of it
@example([-0.3, -0.3 * (1 + 3e-13)], 5)
@pytest.mark.filterwarnings("error")
def test_whatever_floats_there_are_have_an_axis_with_all_of_them_on_it(values: list[float], most: int) -> None:
    for log in (False, True):
        numbers = np.array([abs(value) + 1e-300 for value in values] if log else values)
        axis = fit([numbers], log=log)
        assert axis is not None
        places = axis.place(numbers)
        assert ((places > -1e-6) & (places < 1 + 1e-6)).all()
        assert np.isfinite([*axis.ticks(most), *(axis.value(place) for place in places.tolist())]).all()


def test_a_curve_near_the_greatest_float_keeps_a_round_scale() -> None:
    axis = fit([np.array([-1e308, 0.0, 1e308])])
    assert axis == Scale(-1e308, 1e308)
    assert tick_labels(axis.ticks(5)) == ("-1e+308", "-5e+307", "0", "5e+307", "1e+308")


@pytest.mark.parametrize("columns", range(12, 200))
def test_an_axis_of_steps_has_two_ticks_at_least_at_every_width(columns: int) -> None:
    plot = frame(columns, 12, Scale(0.0, 400_000.0), Scale(0.0, 1.0))
    labels = draw(plot, (), Look()).text()[-1].split()
    assert len(labels) >= 2


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ((0.0, 0.5, 1.0), ("0.0", "0.5", "1.0")),
        ((0.0, 5_000.0, 15_000.0), ("0", "5k", "15k")),
        ((0.0, 1e6), ("0", "1M")),
        ((0.001, 0.01, 0.1), ("0.001", "0.010", "0.100")),
        ((1e-5, 1e-4), ("1e-05", "0.0001")),
        ((), ()),
    ],
)
def test_tick_labels_are_short(ticks: tuple[float, ...], labels: tuple[str, ...]) -> None:
    assert tick_labels(ticks) == labels


@given(st.floats(1e-3, 1e9))
def test_a_round_end_is_at_most_a_third_further(last: float) -> None:
    assert last * (1 - 1e-6) <= round_end(last) <= last * 4 / 3 * (1 + 1e-6)


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (math.nan, 1.0)])
def test_an_axis_without_extent_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="ascending ends"):
        Scale(*ends)


def test_a_wide_character_takes_two_cells() -> None:
    cells = Cells(6, 1)
    cells.put(1, 0, "損a")
    assert cells.text() == [" 損a  "]
    assert cells.strips()[0].cell_length == 6


def test_what_falls_outside_is_left_out() -> None:
    cells = Cells(3, 1)
    cells.put(-1, 0, "abcde")
    cells.put(0, 5, "below")
    assert cells.text() == ["bcd"]


def test_a_cursor_that_has_no_place_on_a_log_axis_is_not_drawn() -> None:
    plot = frame(30, 8, Scale(1.0, 10.0, log=True), Scale(0.0, 1.0))
    without = draw(plot, (), Look()).text()
    assert draw(plot, (), Look(), cursor=Cursor(0.0, 0.5)).text() == without
