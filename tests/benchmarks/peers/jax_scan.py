"""JAX: an epoch as one compiled `lax.scan`, Adam written out, data held on the device as bytes.

Source of Adam: D. P. Kingma, J. Ba, ICLR 2015, algorithm 1.
"""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from engine.training import datasets
from tests.benchmarks.fashion import BATCH, LEARNING_RATE, WIDTHS
from tests.benchmarks.serve import Round, serve

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def prepare() -> Round:
    """A network that has seen an epoch. The short batch at an epoch's end is left out, and not counted."""
    data = datasets.load("fashion-mnist")
    images = jnp.asarray(data.train_images.reshape(-1, 784))
    labels = jnp.asarray(data.train_labels.astype(np.int32))
    steps = len(data.train_labels) // BATCH
    weights = _initial(np.random.default_rng(0))
    first, second = (jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
    state: Any = (weights, first, second, jnp.zeros((), jnp.float32))
    key = jax.random.key(0)

    def one_round(epochs: int) -> dict[str, Any]:
        """`epochs` epochs, each in a new order."""
        nonlocal state, key
        began = time.perf_counter()
        for _ in range(epochs):
            key, own = jax.random.split(key)
            order = jax.random.permutation(own, len(labels))[: steps * BATCH].reshape(steps, BATCH)
            state, losses = _epoch(state, images, labels, order)
        losses.block_until_ready()
        seconds = time.perf_counter() - began
        return {
            "steps": epochs * steps,
            "seconds": seconds,
            "steps_per_s": epochs * steps / seconds,
            "loss": float(losses[-1]),
        }

    one_round(1)
    return one_round


def _initial(random: np.random.Generator) -> Any:
    """Glorot uniform weights and zero biases, a pair per layer."""
    layers = []
    for inputs, outputs in pairwise(WIDTHS):
        limit = (6 / (inputs + outputs)) ** 0.5
        drawn = random.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)
        layers.append((jnp.asarray(drawn), jnp.zeros(outputs)))
    return layers


def _mean_cross_entropy(weights: Any, x: Any, y: Any) -> Any:
    for w, b in weights[:-1]:
        x = jax.nn.relu(x @ w + b)
    logits = x @ weights[-1][0] + weights[-1][1]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


@partial(jax.jit, donate_argnums=0)
def _epoch(state: Any, images: Any, labels: Any, order: Any) -> Any:
    def step(state: Any, chosen: Any) -> Any:
        weights, first, second, count = state
        x, y = images[chosen].astype(jnp.float32) / 255.0, labels[chosen]
        loss, gradients = jax.value_and_grad(_mean_cross_entropy)(weights, x, y)
        count = count + 1
        first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
        rate = LEARNING_RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
        weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), weights, first, second)
        return (weights, first, second, count), loss

    return jax.lax.scan(step, state, order)


if __name__ == "__main__":
    serve(prepare)
