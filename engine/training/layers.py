"""Dense layers that keep two CPU cores busy, with the results of `keras.layers.Dense`. Importing this imports Keras."""

from __future__ import annotations

from typing import Any

from engine.lazy import keras, tf

# A layer that keeps its kernel in two variables names them so; engine.training.variables joins them by these names.
PARTS = ("kernel_part_0", "kernel_part_1")

# Smaller pieces of a batch cost more than they gain: see PiecewiseDense.
SMALLEST_PIECE = 16


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


class PiecewiseDense(keras.layers.Dense):  # type: ignore[misc]
    """A Dense layer that computes its batch in `pieces` equal pieces, if they are large enough.

    On a CPU, XLA runs a product of this size on one core; in two pieces a batch keeps two cores busy. With the hidden
    layers in two pieces, on 2 cores, a step of the course's network with 128 examples takes 0.91 of the time, with 64
    0.93, with 32 1.01; with 8 it would take 1.09. A kernel's gradient is then summed in another order, so the number of
    pieces must not depend on the machine's cores: a seed gives the same numbers everywhere.
    """

    def __init__(self, units: int, *, pieces: int = 1, **options: Any) -> None:
        super().__init__(units, **options)
        self.pieces = pieces

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        pieces = self.pieces_of(inputs.shape[0])
        return tf.concat([super(PiecewiseDense, self).call(piece) for piece in tf.split(inputs, pieces)], axis=0)

    def pieces_of(self, examples: int | None) -> int:
        """The number of pieces for a batch of `examples`; None if that number is unknown while tracing."""
        divides = examples is not None and examples % self.pieces == 0
        return self.pieces if divides and examples // self.pieces >= SMALLEST_PIECE else 1  # type: ignore[operator]
