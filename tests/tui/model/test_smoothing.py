"""Smoothing equals TensorBoard's, number for number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.smoothing import Smoother, smoothed


def tensorboard_loop(values: list[float], weight: float) -> list[float]:
    """TensorBoard's own loop, line by line: one value at a time, constant curves left as they are."""
    if all(value == values[0] for value in values):
        return values
    last, counted, result = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            result.append(value)
            continue
        last = last * weight + (1 - weight) * value
        counted += 1
        result.append(last / (1 - weight**counted))
    return result


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.6, 0.9, 0.99, 0.999])
def test_a_long_noisy_curve_equals_tensorboards_loop(weight: float) -> None:
    values = 2.3 * np.exp(-np.arange(20_000) / 4000) + np.random.default_rng(1).normal(0, 0.1, 20_000)
    np.testing.assert_allclose(smoothed(values, weight), tensorboard_loop(values.tolist(), weight), rtol=0, atol=1e-9)


def test_the_numbers_of_tensorboards_own_test() -> None:
    np.testing.assert_allclose(smoothed(np.array([1.0, 0.5, 0.0]), 0.6), [1, 0.6875, 0.264 / 0.784], rtol=1e-12)
    np.testing.assert_allclose(smoothed(np.array([0.0, 0.5, 1.0]), 0.6), [0, 0.3125, 0.52 / 0.784], rtol=1e-12)


def test_a_constant_curve_stays_as_it_is() -> None:
    values = np.full(500, 0.37, dtype=np.float32)
    np.testing.assert_allclose(smoothed(values, 0.9), tensorboard_loop(values.tolist(), 0.9), rtol=1e-12)


def test_values_that_are_not_finite_pass_through_and_are_not_counted() -> None:
    values = [1.0, math.nan, 3.0, math.inf, 2.0, -math.inf]
    np.testing.assert_allclose(smoothed(np.array(values), 0.6), tensorboard_loop(values, 0.6), rtol=1e-12)


def test_no_values_give_no_values() -> None:
    assert smoothed(np.array([]), 0.6).shape == (0,)


@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=300),
    cut=st.integers(0, 300),
    weight=st.floats(0.0, 0.99),
)
def test_growing_in_pieces_equals_tensorboards_loop(values: list[float], cut: int, weight: float) -> None:
    smoother = Smoother(weight)
    array = np.array(values)
    pieces = np.concatenate([smoother.extend(array[:cut]), smoother.extend(array[cut:])])
    expected = tensorboard_loop(values, weight) if values else []
    np.testing.assert_allclose(pieces, expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("weight", [-0.1, 1.0, math.nan])
def test_a_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="smoothing weight"):
        Smoother(weight)
