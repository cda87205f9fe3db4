"""A recurrent network, LSTM(32), that reads a picture row by row."""

from __future__ import annotations

from typing import Any

import keras

from tests.benchmarks.fashion import pictures

loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def model() -> Any:
    """28 steps of 28 pixels, logits at the end."""
    return keras.Sequential([keras.Input((28, 28)), keras.layers.LSTM(32), keras.layers.Dense(10)])


def data() -> Any:
    """A sixth of Fashion-MNIST."""
    found = pictures()
    x, y = found.train_x[:10_000].reshape(-1, 28, 28), found.train_y[:10_000]
    return (x, y), (found.test_x[:1000].reshape(-1, 28, 28), found.test_y[:1000])
