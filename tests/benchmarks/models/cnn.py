"""A small convolutional network: two convolutions with pooling."""

from __future__ import annotations

from typing import Any

import keras

from tests.benchmarks.fashion import pictures

loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def model() -> Any:
    """Convolutions of 8 and 16 filters, logits at the end."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def data() -> Any:
    """A sixth of Fashion-MNIST."""
    found = pictures()
    x, y = found.train_x[:10_000].reshape(-1, 28, 28, 1), found.train_y[:10_000]
    return (x, y), (found.test_x[:1000].reshape(-1, 28, 28, 1), found.test_y[:1000])
