"""A regression of one variable: two layers of 32."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

loss = keras.losses.MeanSquaredError()


def model() -> Any:
    """1-32-32-1."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((1,)), *[layers.Dense(32, activation="tanh") for _ in range(2)], layers.Dense(1)]
    )


def data() -> Any:
    """A sine, at 60,000 points."""
    x = np.random.default_rng(0).uniform(-1, 1, (61_000, 1)).astype(np.float32)
    y = np.sin(5 * x)
    return (x[1000:], y[1000:]), (x[:1000], y[:1000])
