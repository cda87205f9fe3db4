"""Arrays that grow at one end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.growable_array import GrowableArray


@given(st.lists(st.integers(0, 700), max_size=12))
def test_what_is_added_is_there_in_order(sizes: list[int]) -> None:
    growing, expected = GrowableArray.of((), np.int64), np.zeros(0, np.int64)
    for size in sizes:
        rows = np.arange(size) + len(expected)
        growing, expected = growing.extended(rows), np.concatenate([expected, rows])
    np.testing.assert_array_equal(growing.array, expected)


def test_an_earlier_version_stays_as_it_was() -> None:
    first = GrowableArray.of((2,), np.float32).extended(np.ones((3, 2)))
    seen = first.array.copy()
    first.extended(np.full((5, 2), 7.0))
    np.testing.assert_array_equal(first.array, seen)


def test_two_continuations_of_one_version_do_not_meet() -> None:
    root = GrowableArray.of((), np.int64).extended(np.array([1, 2]))
    left, right = root.extended(np.array([3])), root.extended(np.array([4]))
    assert left.array.tolist() == [1, 2, 3]
    assert right.array.tolist() == [1, 2, 4]


def test_memory_is_reallocated_only_as_often_as_the_length_doubles() -> None:
    growing, places = GrowableArray.of((), np.int64), set()
    for number in range(10_000):
        growing = growing.extended(np.array([number]))
        places.add(growing.array.__array_interface__["data"][0])
    assert len(places) < 10


def test_what_it_shows_cannot_be_written() -> None:
    shown = GrowableArray.of((), np.float64).extended(np.ones(4)).array
    with pytest.raises(ValueError, match="read-only"):
        shown[0] = 2.0
