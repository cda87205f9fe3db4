"""A Keras layer that Keras does not have. To import this imports Keras."""

from __future__ import annotations

from typing import Any

from engine.lazy import keras


class Bias(keras.layers.Layer):  # type: ignore[misc]
    """Adds to x [b, n] one weight for each of the n columns, zero at first."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        return keras.ops.add(inputs, self.bias)
