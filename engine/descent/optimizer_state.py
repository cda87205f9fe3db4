"""The state of an optimizer: its slots, and the effective learning rate of each coordinate."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.descent.optimizers import OptimizerSettings
from engine.events import FloatArray

KERAS_EPSILON = 1e-7
KERAS_BETA_2 = 0.999
"""Keras 3's defaults for the optimizers whose effective rate reads these, used where a setting is unset."""

IN_STEPS = frozenset({"momentum", "nesterov"})
"""The rules whose momentum is in units of a step: -η·g plus a part of the last step. Other rules average gradients."""


def slots(optimizer: Any) -> tuple[Any | None, Any | None]:
    """Return the variables in which a built Keras optimizer keeps its momentum and its average or sum of squared
    gradients, each shaped as the optimized variable; None for one that it does not keep."""
    named = {variable.name.rpartition("_")[2]: variable for variable in optimizer.variables}
    return named.get("momentum"), named.get("velocity", named.get("accumulator"))


def effective_rate(
    rule: str, settings: OptimizerSettings, learning_rate: float, squares: FloatArray | None, step: int
) -> npt.NDArray[np.float64]:
    """Compute the factor by which each coordinate's gradient is multiplied at `step`, counted from 1, float64 [..., d].

    For Adam, AdamW and Nadam it multiplies the bias-corrected momentum. `squares` [..., d] is the second slot; rules
    that keep none have the learning rate itself.

    Source: `update_step` of the Keras 3 classes, which take the root of Adam's correction before the division.
    """
    if squares is None or rule not in ("rmsprop", "adagrad", "adam", "adamw", "nadam"):
        return np.full(() if squares is None else np.shape(squares), learning_rate, np.float64)
    squared = np.asarray(squares, np.float64)
    epsilon = KERAS_EPSILON if settings.epsilon is None else settings.epsilon
    beta_2 = KERAS_BETA_2 if settings.beta_2 is None else settings.beta_2
    seen = 1.0 - beta_2 ** max(step, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if rule in ("rmsprop", "adagrad"):
            return np.asarray(learning_rate / np.sqrt(squared + epsilon))
        if rule == "nadam":
            return np.asarray(learning_rate / (np.sqrt(squared / seen) + epsilon))
        return np.asarray(learning_rate * np.sqrt(seen) / (np.sqrt(squared) + epsilon))
