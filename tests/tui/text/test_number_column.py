"""Aligned columns of numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Cell
from tui.text.number_column import aligned, is_numeric


def test_points_stand_under_each_other_and_common_zeros_go() -> None:
    assert aligned([-2.25, 0.75, 3.0, 10.5]) == ["-2.25", " 0.75", " 3.00", "10.50"]


def test_an_exact_zero_is_distinguished_from_a_small_number() -> None:
    texts = aligned([0.0, 1e-17, 5.0625, 2.25, 1.0])
    assert texts == ["0      ", "1.0e-17", "5.0625 ", "2.2500 ", "1.0000 "]
    assert aligned([-0.0, 0.0]) == ["0", "0"]


def test_small_numbers_are_written_with_exponents_aligned() -> None:
    assert aligned([1.31e-10, -2.0e-12, 0.0]) == [" 1.31e-10", "-2.00e-12", " 0       "]


def test_a_column_over_many_orders_is_written_with_exponents() -> None:
    assert aligned([0.1, 0.001, 1e-5, 1e-7]) == ["1e-01", "1e-03", "1e-05", "1e-07"]


def test_fewer_digits_make_a_column_narrower() -> None:
    assert aligned([3.14159265, 2.71828183], 6) == ["3.14159", "2.71828"]
    assert aligned([3.14159265, 2.71828183], 3) == ["3.14", "2.72"]


def test_whole_numbers_have_no_point_and_none_is_a_dash() -> None:
    assert aligned([1, 200, None]) == ["  1", "200", "  -"]
    assert aligned([1.5, None, 2.0]) == ["1.5", "  -", "2.0"]


def test_what_is_not_finite_is_named() -> None:
    assert aligned([1.5, math.nan, math.inf, -math.inf]) == [" 1.5", " NaN", " inf", "-inf"]


def test_a_column_with_a_word_in_it_is_no_column_of_numbers() -> None:
    assert is_numeric([1.0, None, 2])
    assert not is_numeric([1.0, "None"])
    assert not is_numeric([None, None])


@given(st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9), st.floats()), min_size=1), st.integers(3, 6))
def test_every_column_has_one_width(cells: list[Cell], digits: int) -> None:
    texts = aligned(cells, digits)
    assert len({len(text) for text in texts}) == 1
    assert len(texts) == len(cells)


@given(st.lists(st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-9), min_size=1, max_size=8))
def test_what_is_written_is_the_number_to_its_digits(cells: list[float]) -> None:
    largest = max(abs(cell) for cell in cells)
    for cell, text in zip(cells, aligned(cells, 6), strict=True):
        assert float(text) == pytest.approx(cell, rel=0.06, abs=largest * 1e-5)


@pytest.mark.parametrize("cells", [[], [None], [0.0], [1e300, -1e-300], [5e-324]])
def test_odd_columns_do_not_fail(cells: list[Cell]) -> None:
    assert len(aligned(cells)) == len(cells)
