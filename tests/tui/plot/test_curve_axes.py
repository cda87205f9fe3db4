"""Axes of curves: their windows, tangents, and ranges where a slope is practically zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Curve
from tests.tui.curves import parabola, sigmoid, steep, tanh
from tui.plot import curve_axes
from tui.plot.curve_lines import names
from tui.plot.line_plot import frame
from tui.plot.scale import Scale


@given(st.floats(-3, 3), st.floats(-1e3, 1e3))
def test_the_tangent_has_the_gradient_as_its_slope_and_goes_through_the_point(x: float, slope: float) -> None:
    plot = frame(80, 24, Scale(-3, 3), Scale(-5, 10))
    xs, ys = curve_axes.tangent(x, x * x, slope, plot)
    assert (ys[1] - ys[0]) / (xs[1] - xs[0]) == pytest.approx(slope, rel=1e-6, abs=1e-9)
    assert np.interp(x, xs, ys) == pytest.approx(x * x, abs=1e-9)


def test_a_tangent_is_as_long_on_the_screen_whatever_its_slope() -> None:
    plot = frame(80, 24, Scale(-3, 3), Scale(-5, 10))
    lengths = []
    for slope in (0.0, 1.0, -7.0, 300.0):
        xs, ys = curve_axes.tangent(0.0, 0.0, slope, plot)
        across = (xs[1] - xs[0]) / 6 * plot.columns
        up = (ys[1] - ys[0]) / 15 * plot.rows * 2
        lengths.append(math.hypot(across, up))
    assert lengths == pytest.approx([lengths[0]] * 4)


def test_function_and_gradient_are_both_shown_whole_where_they_are_of_a_size() -> None:
    axis = curve_axes.value_axis([parabola()], "both", Scale(-3, 3))
    assert axis.low <= -6 and axis.high >= 9
    assert not curve_axes.leaves([parabola()], Scale(-3, 3), axis)


def test_a_gradient_far_larger_than_the_function_leaves_it_half_of_the_height() -> None:
    axis = curve_axes.value_axis([steep()], "both", Scale(-1, 1))
    assert (axis.high - axis.low) == pytest.approx(2 * (steep().y.max() - steep().y.min()))
    assert axis.low < -1 and axis.high > 1
    assert curve_axes.leaves([steep()], Scale(-1, 1), axis)


def test_each_alone_has_the_axis_to_itself() -> None:
    assert curve_axes.value_axis([sigmoid()], "function", Scale(-10, 10)) == Scale(0.0, 1.0)
    assert curve_axes.value_axis([sigmoid()], "slope", Scale(-10, 10)).high == pytest.approx(0.26, abs=0.02)


def test_the_axis_of_values_follows_the_window() -> None:
    near = curve_axes.value_axis([parabola()], "function", Scale(-0.5, 0.5))
    assert near.high < 0.5


def test_a_sigmoid_is_flat_towards_both_ends_where_its_slope_is_under_a_hundredth() -> None:
    (low, a), (b, high) = curve_axes.flat_ends(sigmoid())
    assert (low, high) == (-10.0, 10.0)
    # σ(1 − σ) = 0.01/4 at x = ln(399.997...) by hand: the root of s² − s + 0.0025.
    edge = math.log((1 + math.sqrt(0.99)) / (1 - math.sqrt(0.99)))
    assert -a == pytest.approx(edge, abs=0.11) and b == pytest.approx(edge, abs=0.11)


def test_a_minimum_in_the_middle_is_not_called_flat() -> None:
    assert curve_axes.flat_ends(parabola(601)) == ()


def test_a_rectifier_is_flat_on_one_side() -> None:
    x = np.linspace(-1, 1, 101)
    relu = Curve("relu", "ReLU", "max(0, x)", x, np.maximum(x, 0), (x > 0).astype(float))
    assert curve_axes.flat_ends(relu) == ((-1.0, pytest.approx(0.0, abs=1e-9)),)


def test_a_curve_beside_a_pole_is_not_flat() -> None:
    """The slope at the left end is as large as the picture happens to reach."""
    x = np.linspace(0.01, 10, 1000)
    for y, slope in ((np.log(x), 1 / x), (1 / x, -1 / x**2), (1 / x**2, -2 / x**3)):
        assert curve_axes.flat_ends(Curve("pole", "pole", "?", x, y, slope)) == ()


def test_a_constant_is_not_flat_towards_anything() -> None:
    x = np.linspace(-1, 1, 101)
    assert curve_axes.flat_ends(Curve("c", "c", "1", x, np.ones(101), np.zeros(101))) == ()


def test_zooming_halves_and_doubles_within_the_whole() -> None:
    whole = (-3.0, 3.0)
    assert curve_axes.zoomed(whole, whole, 0.0, 1) == (-1.5, 1.5)
    assert curve_axes.zoomed(whole, whole, 3.0, 1) == (0.0, 3.0)
    assert curve_axes.zoomed((0.0, 3.0), whole, 1.0, -1) is None


def test_panning_stops_at_the_ends() -> None:
    assert curve_axes.panned((0.0, 1.0), (-3.0, 3.0), 0.25) == (0.25, 1.25)
    assert curve_axes.panned((0.0, 1.0), (-3.0, 3.0), 9.0) == (2.0, 3.0)


def test_several_curves_share_the_range_of_all() -> None:
    assert curve_axes.whole_range([parabola(), tanh()]) == (-10.0, 10.0)
    assert curve_axes.whole_range([]) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("f(x) = x²", ("f", "f′")), ("f′ of f(w) = w³", ("f′", "f″")), ("σ(x) = …", ("f", "f′"))],
)
def test_a_curve_that_is_itself_a_gradient_is_called_so(formula: str, expected: tuple[str, str]) -> None:
    x = np.linspace(0, 1, 11)
    assert names(Curve("c", "c", formula, x, x, x)) == expected
