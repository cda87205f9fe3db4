"""Dense layers with BatchNormalization and Dropout."""

from __future__ import annotations

from typing import Any

import keras

from tests.benchmarks.fashion import pictures

loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def model() -> Any:
    """784-256-128-10, each hidden layer normalised and dropped from."""
    layers = keras.layers
    hidden: list[Any] = []
    for width in (256, 128):
        hidden += [layers.Dense(width), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.3)]
    return keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(10)])


def data() -> Any:
    """Fashion-MNIST."""
    found = pictures()
    return (found.train_x, found.train_y), (found.test_x, found.test_y)
