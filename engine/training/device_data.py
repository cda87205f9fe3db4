"""The training data as the loop gets them: all on the device or, if they are too large for it, the batches of a call's
steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.lazy import tf
from engine.training import workers
from engine.training.batches import Batches, tensor
from engine.training.call_length import STEPS_A_CALL
from engine.training.devices import Place

Array = npt.NDArray[Any]

# The batches of a call take up to this much, and up to a quarter of what the device may hold.
PIECE_BYTES = 64 * 2**20


class DeviceData:
    """Training inputs and labels [n, …], whose `tf.TensorSpec` are given, in the order of an epoch.

    If they are larger than `place.data_bytes`, they stay where they are, in memory or in a memory map, and a call of
    the loop gets the examples of its steps in their order, at most `most_steps` steps. `signature` is that of `at`.
    """

    def __init__(self, inputs: Any, labels: Any, batches: Batches, place: Place) -> None:
        size = sum(each.shape.num_elements() * each.dtype.size for each in (inputs, labels))
        step = -(-size // batches.count) * batches.batch_size
        piece = min(PIECE_BYTES, place.data_bytes / 4)
        self.whole = size <= place.data_bytes
        self.most_steps = STEPS_A_CALL if self.whole else int(min(max(piece // step, 1), STEPS_A_CALL))
        rows = batches.count if self.whole else self.most_steps * batches.batch_size
        self._batches, self._place = batches, place
        self._specs = [tf.TensorSpec((rows, *each.shape[1:]), each.dtype) for each in (inputs, labels)]
        self.signature = [*self._specs, tf.TensorSpec((rows,), tf.int32), tf.TensorSpec((), tf.int32)]
        self._given: tuple[Any, ...] = ()
        self._order: Any = None

    def begin(self, inputs: Array, labels: Array) -> None:
        """Set the data."""
        self._given = (inputs, labels)
        if self.whole:
            with self._place.computing():
                self._given = (tensor(inputs), tensor(labels))
            if self._place.strategy is not None:
                self._given = (workers.on_each_device(self._place.strategy, self._given[0]), self._given[1])

    def shuffle(self, order: Any) -> None:
        """Set the order of an epoch's examples, a tensor int32 [n]."""
        self._order = order if self.whole else order.numpy()

    def at(self, first: int, steps: int) -> tuple[Any, Any, Any, Any]:
        """Return what `Batches.gather` takes for `steps` steps, at most `most_steps`, from the epoch's step `first` on:
        inputs, labels, their order, and the place in the epoch's order where this order begins."""
        if self.whole:
            return *self._given, self._order, tf.constant(0)
        start = first * self._batches.batch_size
        chosen = self._order[start : start + steps * self._batches.batch_size]
        pieces = []
        for array, spec in zip(self._given, self._specs, strict=True):
            piece = np.zeros(spec.shape, spec.dtype.as_numpy_dtype)
            piece[: len(chosen)] = array[chosen]
            pieces.append(tensor(piece))
        return *pieces, tf.range(self._specs[0].shape[0]), tf.constant(start)

    def end(self) -> None:
        """Release the data."""
        self._given, self._order = (), None
