"""A training step in which XLA computes the gradients of each half of a batch; a plain graph adds them up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import cause
from engine.lazy import keras, tf
from engine.training import variables
from engine.training.task import TrainingTask

COUNT = 2

Array = npt.NDArray[Any]
State: TypeAlias = Mapping[str, Array]
Batch: TypeAlias = Any  # inputs, labels, weights
Found: TypeAlias = tuple[Any, Any, Any, Sequence[Any]]  # loss, what is reported of the batch, gradients


def why_not(task: TrainingTask, batch_size: int, *, changed: bool, masks: bool) -> str:
    """Why a batch cannot be computed in halves, as far as that is known without a step; empty if it may be. `changed`
    says whether a step changes the state of the model, `masks` whether the model says which places count."""
    if changed:
        return "a step changes the state of the model, as in BatchNormalization or Dropout"
    if batch_size % COUNT:
        return f"a batch of {batch_size} examples has no halves"
    if any(str(layer.compute_dtype).endswith("float16") for layer in task.model.layers):
        return "rounding to 16 bits hides whether the halves of a batch add up to the whole"
    if masks or getattr(task.loss, "ignore_class", None) is not None:
        return "the loss is a mean over those places of a batch that are not masked"
    return ""


def difference(numbers: Callable[[Literal["graph", "halves"], State], Array], start: State) -> str:
    """Why the halves of a batch do not give what the whole gives; empty if they do. `numbers(loop, state)` returns the
    losses of steps from a state and the gradient's norm: they are compared from `start`, and from a state near it in
    which no weight is zero."""
    try:
        for state in (start, variables.disturbed(start)):
            whole, halves = numbers("graph", state), numbers("halves", state)
            if state is start and not np.isfinite(whole).all():
                return ""  # the run diverges at its first step, in any loop
            if not np.allclose(whole, halves, rtol=1e-5, atol=1e-7):
                return "the halves of a batch do not add up to the whole"
    except tf.errors.OpError:
        return "XLA cannot compile this model"
    except Exception as error:  # the learner's code computes half of a batch here: anything can be wrong
        return f"half of a batch cannot be computed: {cause(error)}"
    return ""


class ReadOnce:
    """A Keras model whose variables are read once in each call, before any layer computes.

    Of a variable that a layer reads in a loop, as a recurrent layer does at each step in time, XLA keeps a copy per
    round for the gradients. Without these copies a step of LSTM(32) takes 0.95 of the time. A call must change no state
    of the model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._scope = keras.StatelessScope()
        self.trainable_variables = model.trainable_variables

    def __call__(self, inputs: Any, training: bool) -> Any:
        read = [(variable, tf.convert_to_tensor(variable.value)) for variable in self.trainable_variables]
        self._scope = keras.StatelessScope(read, collect_losses=True)
        with self._scope:
            return self._model(inputs, training=training)

    @property
    def losses(self) -> Sequence[Any]:
        """What the layers added to the loss in the last call, and regularizers."""
        with self._scope:
            return self._model.losses  # type: ignore[no-any-return]


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
