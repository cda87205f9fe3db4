"""A model's outputs for all inputs to test on, with the places that count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from engine.lazy import tf
from engine.training.batches import tensor

# Test examples per call of the model: all 10,000 images at once would take 50 MB more and be no faster.
PREDICTED = 2_000

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Predicted:
    """Outputs [n, …], and where they count: `mask` bool [n, …] over their first dimensions, None if all do."""

    outputs: FloatArray
    mask: Array | None = None

    def part(self, rows: slice) -> Predicted:
        """Those of some examples."""
        return Predicted(self.outputs[rows], None if self.mask is None else self.mask[rows])

    def tensor(self) -> Any:
        """The outputs as Keras's losses and metrics take them: they read the mask from the tensor."""
        outputs = tf.constant(self.outputs)
        if self.mask is not None:
            outputs._keras_mask = tf.constant(self.mask)
        return outputs


class Predictor:
    """Computes the outputs of `model` for inputs like `inputs`, a `tf.TensorSpec` [n, …], which `prepare` converts."""

    def __init__(self, model: Any, prepare: Callable[[Any], Any], inputs: Any) -> None:
        def outputs_and_mask(given: Any) -> tuple[Any, ...]:
            outputs = model(prepare(given), training=False)
            mask = getattr(outputs, "_keras_mask", None)
            return (outputs,) if mask is None else (outputs, mask)

        signature = [tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype)]
        self._call = tf.function(outputs_and_mask, input_signature=signature, autograph=False)

    def masks(self) -> bool:
        """Whether the model says which places of its outputs count."""
        return len(self._call.get_concrete_function().structured_outputs) > 1

    def predict(self, tests: Sequence[Array]) -> Predicted:
        """Compute the outputs for all inputs [n, …], in parts: tests may be too large for the device."""
        parts = [each[i : i + PREDICTED] for each in tests for i in range(0, len(each), PREDICTED)]
        found = [[each.numpy() for each in self._call(tensor(part))] for part in parts]
        return Predicted(*(np.concatenate(each) for each in zip(*found, strict=True)))
