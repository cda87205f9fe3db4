"""Only the matrix products of a training step, run by XLA in one compiled loop: a bound for any training.

A step multiplies 14 times: once forward for each of five layers, once for each layer's weights, and once for the inputs
of every layer but the first. One number of the batch changes from step to step, so no product can be moved out of the
loop, and all products of the last step are returned, so none can be left out.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from tests.benchmarks.fashion import BATCH, WIDTHS
from tests.benchmarks.serve import Round, serve


def prepare() -> Round:
    """The compiled loop, warm."""
    random = np.random.default_rng(0)
    batch = tf.constant(random.random((BATCH, WIDTHS[0]), np.float32))
    weights = [
        tf.constant(random.standard_normal(shape, np.float32) / np.float32(shape[0] ** 0.5))
        for shape in pairwise(WIDTHS)
    ]

    @tf.function(jit_compile=True, autograph=False)
    def loop(steps: Any) -> Any:
        def body(i: Any, x: Any, *_: Any) -> Any:
            x = tf.tensor_scatter_nd_update(x, [[i % BATCH, i % WIDTHS[0]]], [tf.cos(tf.cast(i, tf.float32))])
            return i + 1, x, *_products(x, weights)

        empty = [tf.zeros_like(each) for each in weights]
        return tf.while_loop(lambda i, *_: i < steps, body, (tf.constant(0), batch, *empty))

    def one_round(steps: int) -> dict[str, Any]:
        """The products of `steps` steps."""
        began = time.perf_counter()
        answer = loop(tf.constant(steps))
        last = float(answer[-1].numpy()[0, 0])
        seconds = time.perf_counter() - began
        return {"steps": steps, "seconds": seconds, "steps_per_s": steps / seconds, "last": last}

    one_round(50)
    return one_round


def _products(x: Any, weights: list[Any]) -> list[Any]:
    """The products that would give the gradients of the weights without activations."""
    inputs = [x]
    for each in weights:
        inputs.append(tf.matmul(inputs[-1], each))
    upstream = inputs.pop()
    gradients = []
    for place in reversed(range(len(weights))):
        gradients.append(tf.matmul(inputs[place], upstream, transpose_a=True))
        if place:
            upstream = tf.matmul(upstream, weights[place], transpose_b=True)
    return gradients[::-1]


if __name__ == "__main__":
    serve(prepare)
