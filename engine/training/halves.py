"""A training step in which XLA computes the gradients of each half of a batch; a plain graph adds them up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from engine.lazy import tf

COUNT = 2

Batch: TypeAlias = Any  # inputs, labels, weights
Found: TypeAlias = tuple[Any, Any, Any, Sequence[Any]]  # loss, what is reported of the batch, gradients


def step(
    batch: Callable[..., Batch],
    shares: int,
    gradients_of: Callable[[Batch], Found],
    updater: Any,
    variables: Sequence[Any],
) -> Callable[..., Found]:
    """Build a step whose shares of a batch are computed at the same time, each on one core.

    `shares` is 2, or 1 if the size of the batch is odd. `batch(*given, share)` gathers one, and `gradients_of`
    computes its part of the batch's loss, of what is reported and of the gradients. They are added up for the update of
    the `variables`, which is made once. XLA computes a recurrent layer on one core; TensorFlow runs two compiled
    functions on two.
    """

    def part(share: Batch) -> Found:
        loss, mse, right, gradients = gradients_of(share)
        if any(isinstance(each, tf.IndexedSlices) for each in gradients):
            raise TypeError("a sparse gradient, as of an Embedding, is not added up")
        return loss, mse, right, gradients

    compiled = tf.function(part, autograph=False, jit_compile=True)

    def take(*given: Any) -> Found:
        found = [compiled(batch(*given, share)) for share in range(shares)]
        loss, mse, right = (tf.add_n(each) for each in zip(*(each[:3] for each in found), strict=True))
        pairs = zip(*(each[3] for each in found), strict=True)
        gradients = [None if each[0] is None else tf.add_n(each) for each in pairs]
        updater.apply(gradients, variables)
        return loss, mse, right, gradients

    return take
