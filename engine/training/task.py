"""The task of a trainer, and its report of the steps that were taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.events import FloatArray


@dataclass(frozen=True)
class TrainingTask:
    """What is trained: a built Keras model, a Keras optimizer, and a loss. `loss` is a `keras.losses.Loss`, or a
    function of labels and outputs that returns a loss for each example.

    `measure` computes what is reported of a batch: `step.classification` or `step.regression`. `prepare` converts a
    batch of inputs, on the device, to the model's input. `updater` replaces the optimizer in a step: see `updates`.
    `pads` is true if the last, short batch of an epoch may be padded with examples of weight 0, and then needs no loop
    of its own; if examples affect each other, as in BatchNormalization, padding would change the numbers.
    """

    model: Any
    optimizer: Any
    loss: Any
    measure: Callable[[Any, Any, Any], tuple[Any, Any]]
    prepare: Callable[[Any], Any] = lambda inputs: inputs
    updater: Any = None
    pads: bool = False


@dataclass(frozen=True)
class TrainingSteps:
    """k steps: `loss` and `mse` float32 [k], the gradient's global L2 norm at the last, and how many of the examples
    used were classified correctly before their step. `finite` is False if a weight is not finite after them. `rates`
    float32 [k] are the learning rates of a schedule."""

    loss: FloatArray
    mse: FloatArray
    gradient_norm: float
    correct: int
    finite: bool
    rates: FloatArray | None = None
