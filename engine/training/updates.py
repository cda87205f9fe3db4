"""Optimizer wrappers: they take a Keras optimizer's place in a training step and change when its update is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.lazy import is_of_keras, tf

# Calling a compiled function takes longer than the update of a smaller variable.
SMALLEST_COMPILED = 2**14

# Each compiled update takes 0.13 s to compile.
MOST_COMPILED = 8


class UpdateInPlace:
    """An optimizer whose updates XLA makes without copying a variable.

    XLA copies a variable that is written while it may still be read, as a kernel is until the gradient of its layer's
    input is known. So the learning rate is made to wait for the first bias's gradient, by adding 0 times that gradient,
    which is cheap, and which backpropagation computes last. Without the copies a step of the course's network takes
    0.97 of the time on 2 cores. The copies in Lion, and those for skipping a step in float16, remain.
    """

    def __init__(self, optimizer: Any, variables: Sequence[Any]) -> None:
        self._optimizer = optimizer
        self._awaited = next(place for place, variable in enumerate(variables) if len(variable.shape) == 1)

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Update the variables, once the gradients are known."""
        rate = self._optimizer.learning_rate
        given = tf.identity(rate)
        rate.assign(given + 0.0 * gradients[self._awaited][0])
        self._optimizer.apply(gradients, variables)
        rate.assign(given)


class CompiledUpdate:
    """A Keras optimizer in a plain graph whose updates of the largest variables are compiled by XLA, each on its own.

    As a graph, Adam makes about ten passes over a variable and its slots; compiled, it makes one. On 2 cores Adam's
    update of two layers of 256 and 128 units takes half of the time, and SGD's with momentum 0.7. Compiled as one
    function together with the small variables it would take longer, because a call costs time for each variable. Sparse
    gradients, and the update of a learner's own optimizer, which XLA may not be able to compile, stay in the graph.
    """

    def __init__(self, optimizer: Any, variables: Sequence[Any]) -> None:
        self._optimizer = optimizer
        self._plain: Callable[..., Any] = optimizer.update_step
        by_size = sorted(variables, key=lambda each: math.prod(each.shape), reverse=True)
        large = [each for each in by_size[:MOST_COMPILED] if math.prod(each.shape) >= SMALLEST_COMPILED]
        of_keras = is_of_keras(type(optimizer).update_step)
        self._compiled = {id(each.value): self._of(each.value) for each in large} if of_keras else {}

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Update the variables."""
        self._optimizer.update_step = self._update
        try:
            self._optimizer.apply(gradients, variables)
        finally:
            del self._optimizer.update_step

    def _update(self, gradient: Any, variable: Any, rate: Any) -> None:
        compiled = self._compiled.get(id(variable))
        if compiled is None or not isinstance(gradient, tf.Tensor):
            self._plain(gradient, variable, rate)
        else:
            compiled(gradient, tf.convert_to_tensor(rate))

    def _of(self, variable: Any) -> Callable[..., Any]:
        """The compiled update of `variable`, of its gradient and the learning rate."""

        def update(gradient: Any, rate: Any) -> None:
            self._plain(gradient, variable, rate)

        function: Callable[..., Any] = tf.function(update, autograph=False, jit_compile=True)
        return function


class NoUpdate:
    """An optimizer that changes nothing, for when only the gradients are needed."""

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Leave the variables unchanged."""
