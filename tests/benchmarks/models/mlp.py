"""The lesson's network, written directly in Keras."""

from __future__ import annotations

from typing import Any

import keras

from tests.benchmarks.fashion import WIDTHS, pictures

loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def model() -> Any:
    """784-256-128-64-32-10, logits at the end."""
    hidden = [keras.layers.Dense(width, activation="relu") for width in WIDTHS[1:-1]]
    return keras.Sequential([keras.Input((WIDTHS[0],)), *hidden, keras.layers.Dense(WIDTHS[-1])])


def data() -> Any:
    """Fashion-MNIST."""
    found = pictures()
    return (found.train_x, found.train_y), (found.test_x, found.test_y)
