"""A layer that keeps two CPU cores busy, with the results of `keras.layers.Dense`. Importing this imports Keras."""

from __future__ import annotations

from typing import Any

from engine.lazy import keras, tf

# A layer that keeps its kernel in two variables names them so; engine.training.variables joins them by these names.
PARTS = ("kernel_part_0", "kernel_part_1")


class SplitDense(keras.layers.Layer):  # type: ignore[misc]
    """activation(x W + b), with W in two parts: x [b, n] with n even, result [b, units].

    XLA splits one large product among the cores, which then wait for each other. Two products, of the left half of x
    with the upper half of W and of the right half with the lower, run concurrently, one on each core: on 2 cores a step
    of the course's network with 128 examples takes 0.95 of the time. The parts are two variables, because XLA would
    copy the halves of a single one at every step.
    """

    def __init__(self, units: int, activation: Any = None, kernel_regularizer: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = ((input_shape[-1] or 0) // len(PARTS), self.units)
        penalty = self.kernel_regularizer
        self.kernel_parts = [self.add_weight(shape=shape, name=name, regularizer=penalty) for name in PARTS]
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    @property
    def kernel(self) -> Any:
        """The whole kernel [n, units]."""
        return keras.ops.concatenate(self.kernel_parts, axis=0)

    def call(self, inputs: Any) -> Any:
        halves = tf.split(inputs, len(PARTS), axis=1)
        products = [tf.matmul(half, part) for half, part in zip(halves, self.kernel_parts, strict=True)]
        # The bias is added last: beside one of the products, TensorFlow's graph optimizer fails to fuse it, and logs
        # that.
        return self.activation(tf.add_n(products) + self.bias)
