"""Scores of a classifier besides its loss."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.scores import histogram


@pytest.mark.parametrize(
    "values", [np.float32([1e8, 1e8 + 16]), np.float32([-3e15]), np.array([1e150, 1e150]), np.float32([0.0])]
)
def test_values_too_close_together_for_several_bins_are_counted(values: np.ndarray) -> None:
    """As the weights of a run that diverges."""
    found = histogram("w", values)
    assert found.counts.sum() == len(values) and len(found.counts) == 30
    assert found.edges[0] <= values.min() and values.max() <= found.edges[-1] and np.all(np.diff(found.edges) > 0)
