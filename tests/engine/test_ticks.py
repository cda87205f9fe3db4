"""Ticks of an axis: few, round and inside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ticks import linear_ticks


@pytest.mark.parametrize("high", [5e-324, 1e-323, 1e-300])
@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_the_smallest_numbers_have_ticks_or_none(high: float, most: int) -> None:
    found = linear_ticks(0.0, high, most)
    assert len(found) <= most and all(0 <= tick <= 2 * high for tick in found)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 10))
def test_ticks_are_few_round_and_inside(low: float, length: float, most: int) -> None:
    found = linear_ticks(low, low + length, most)
    assert len(found) <= most
    slack = 1e-6 * (abs(low) + length)
    assert all(low - slack <= tick <= low + length + slack for tick in found)


@pytest.mark.parametrize("ends", [(0.0, 0.0), (1.0, 0.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_no_range_has_no_ticks(ends: tuple[float, float]) -> None:
    assert linear_ticks(*ends, 7) == ()


def test_ticks_are_multiples_of_one_two_or_five_times_a_power_of_ten() -> None:
    assert linear_ticks(-6, 6, 7) == (-6, -4, -2, 0, 2, 4, 6)
    assert linear_ticks(0, 0.9, 4) == (0, 0.5)
    assert linear_ticks(2_000, 372_000, 4) == (100_000, 200_000, 300_000)


def test_where_one_step_gives_too_many_and_the_next_one_alone_some_are_left_out() -> None:
    assert linear_ticks(0, 400_000, 2) == (0, 400_000)
    assert linear_ticks(1, 8.9, 3) == (2, 6)
    assert linear_ticks(1.1, 1.9, 2) == pytest.approx((1.2, 1.6))
