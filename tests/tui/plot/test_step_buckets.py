"""Values over the steps of a run of known length, put into buckets as they come."""

from __future__ import annotations

import numpy as np

from tui.plot.step_buckets import StepBuckets


def test_a_short_run_has_a_column_for_each_step_and_gaps_between() -> None:
    buckets = StepBuckets(1, 9, 4)
    buckets.extend(np.array([[5.0, 4.0, 3.0, 2.0, 1.0]]))
    step, value = buckets.line(0)
    assert step.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert value.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_a_long_run_keeps_the_least_and_the_greatest_of_each_column() -> None:
    values = np.random.default_rng(0).normal(0, 1, (2, 1001))
    buckets = StepBuckets(2, 11, 1000)
    buckets.extend(values)
    for column in range(11):
        inside = values[:, np.rint(np.arange(1001) / 100).astype(int) == column]
        np.testing.assert_array_equal(buckets.least[:, column], inside.min(axis=1))
        np.testing.assert_array_equal(buckets.most[:, column], inside.max(axis=1))


def test_grown_in_pieces_it_is_what_it_is_at_once() -> None:
    values = np.random.default_rng(1).normal(0, 1, (3, 501))
    whole, pieces = StepBuckets(3, 40, 500), StepBuckets(3, 40, 500)
    whole.extend(values)
    for first in range(0, 501, 13):
        pieces.extend(values[:, first : first + 13])
    np.testing.assert_array_equal(whole.least, pieces.least)
    np.testing.assert_array_equal(whole.most, pieces.most)


def test_what_is_not_finite_is_left_out() -> None:
    buckets = StepBuckets(1, 3, 4)
    buckets.extend(np.array([[1.0, np.nan, np.inf, 2.0, np.nan]]))
    step, value = buckets.line(0)
    assert value.tolist() == [1, 1, 2, 2]
    assert step.tolist() == [0, 0, 4, 4]


def test_steps_past_the_end_are_in_the_last_column() -> None:
    buckets = StepBuckets(1, 3, 2)
    buckets.extend(np.array([[3.0, 2.0, 1.0, 7.0]]))
    assert buckets.most[0].tolist() == [3.0, 2.0, 7.0]


def test_nothing_new_changes_nothing() -> None:
    buckets = StepBuckets(1, 3, 2)
    buckets.extend(np.zeros((1, 0)))
    assert buckets.steps == 0
    assert np.isnan(buckets.least).all()
