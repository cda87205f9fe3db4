"""Long curves in few columns, and a curve that grows."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.model.series import Series
from tui.plot.buckets import Buckets
from tui.plot.scale import Scale, fit
from tui.plot.smoothed_series import SmoothedSeries


def test_one_spike_among_many_steps_survives() -> None:
    values = np.ones(100_000, dtype=np.float32)
    values[31_415] = 9.0
    buckets = Buckets(Scale(0, 100_000), 80)
    buckets.catch_up(np.arange(100_000), values)
    assert buckets.most.max() == 9.0
    assert (buckets.most == 9.0).sum() == 1


@given(
    st.lists(st.floats(-10, 10) | st.just(math.nan), min_size=1, max_size=60),
    st.integers(2, 30),
    st.lists(st.integers(0, 60), max_size=3),
    st.sampled_from([Scale(0, 60), Scale(5, 20), Scale(1, 60, log=True)]),
)
def test_buckets_equal_a_plain_loop_however_the_curve_grew(
    values: list[float], columns: int, lengths: list[int], scale: Scale
) -> None:
    array, steps = np.array(values), np.arange(len(values))
    buckets = Buckets(scale, columns)
    for length in [*sorted(lengths), len(values)]:
        buckets.catch_up(steps[:length], array[:length])
    borders = [scale.value((column + 0.5) / (columns - 1)) for column in range(columns - 1)]
    for column in range(columns):
        held = [
            value
            for step, value in enumerate(values)
            if scale.low <= step <= scale.high and sum(border <= step for border in borders) == column
        ]
        finite = [v for v in held if math.isfinite(v)]
        least, most = (min(finite), max(finite)) if finite else (math.nan, math.nan)
        np.testing.assert_equal(buckets.least[column], least)
        np.testing.assert_equal(buckets.most[column], most)
        expected = sum(finite) / len(finite) if finite else math.nan
        np.testing.assert_allclose(buckets.means[column], expected, atol=1e-9)
        assert buckets.broken[column] == any(not math.isfinite(v) for v in held)
        assert buckets.counts[column] + buckets.others[column] == len(held)


@given(st.lists(st.floats(-10, 10) | st.just(math.inf), max_size=30), st.integers(0, 30), st.booleans())
def test_the_ends_of_a_curve_fit_as_all_its_values_do(values: list[float], length: int, log: bool) -> None:
    array = np.array(values, dtype=np.float64)
    curve = SmoothedSeries(Series("r", np.arange(len(array[:length])), array[:length]), 0.5)
    curve.ends(smooth=False)
    curve.grow(Series("r", np.arange(len(array)), array))
    assert fit([curve.ends(smooth=False)], log=log) == fit([array], log=log)
    assert fit([curve.ends(smooth=True)], log=log) == fit([curve.smoothed], log=log)
