"""The network as a person writes it in Keras."""

from __future__ import annotations

from typing import Any

import keras

from tests.benchmarks.fashion import WIDTHS


def network() -> Any:
    """784-256-128-64-32-10, ReLU between, logits at the end."""
    hidden = [keras.layers.Dense(width, activation="relu") for width in WIDTHS[1:-1]]
    return keras.Sequential([keras.Input((WIDTHS[0],)), *hidden, keras.layers.Dense(WIDTHS[-1])])
