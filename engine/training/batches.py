"""The batches of an epoch, gathered on the device."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.lazy import tf
from engine.training.dataset import ALIGNMENT


def epoch_order(count: int, seed: Any, epoch: Any) -> Any:
    """The pipeline's shuffling: the order of an epoch's
    examples, a permutation int32 [count], the same for the
    same seed and epoch."""
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed=tf.stack([seed, epoch]))


@dataclass(frozen=True)
class Batches:
    """The batches of `batch_size` of `count` examples. If it does not divide, the last of an epoch is shorter."""

    count: int
    batch_size: int

    @property
    def an_epoch(self) -> int:
        """The number of batches in an epoch."""
        return -(-self.count // self.batch_size)

    @property
    def whole(self) -> int:
        """The number of batches with `batch_size` examples."""
        return self.count // self.batch_size

    @property
    def last(self) -> int:
        """The number of examples in the last batch of an epoch."""
        return self.count - (self.an_epoch - 1) * self.batch_size

    def gather(
        self,
        inputs: Any,
        labels: Any,
        order: Any,
        step: Any,
        *,
        start: Any = 0,
        size: int = 0,
        share: Any = 0,
        shares: int = 1,
    ) -> tuple[Any, Any, Any]:
        """The pipeline's batching: gather one share of the batch
        of an epoch's step `step`, padded to `size` examples
        (0: as many as a full batch's share has). `order`
        begins at the place `start` of the epoch's order.

        Returns inputs, labels, and weights float32 [size], which
        are 0 for padding and add up to 1 over all shares.
        """
        size = size or -(-self.batch_size // shares)
        within = share * size + tf.range(size)
        place = step * self.batch_size + within
        chosen = tf.gather(order, tf.minimum(place, self.count - 1) - start)
        there = (within < self.batch_size) & (place < self.count)
        examples = tf.minimum(self.batch_size, self.count - step * self.batch_size)
        weights = tf.cast(there, tf.float32) / tf.cast(examples, tf.float32)
        return tf.gather(inputs, chosen), tf.gather(labels, chosen), weights


def spec(array: npt.NDArray[Any]) -> Any:
    """The `tf.TensorSpec` of `tensor(array)`."""
    return tf.TensorSpec(array.shape, np.float32 if array.dtype == np.float64 else array.dtype)


def tensor(array: npt.NDArray[Any]) -> Any:
    """Turn `array` into a tensor: on a CPU it shares the memory if that is aligned, else it is a copy; do not write to
    it. float64 becomes float32, in which Keras's layers compute."""
    if array.dtype == np.float64:
        array = array.astype(np.float32)
    if array.ctypes.data % ALIGNMENT or not array.flags.c_contiguous or array.dtype.kind not in "iufb":
        # As many tensors are created as below: TensorFlow counts them in the names of later functions, by which XLA
        # finds a program of an earlier process. Whether a small array is aligned is left to chance.
        return tf.identity(tf.constant(array))
    lent = array.view()
    try:
        lent.setflags(write=True)  # NumPy does not share read-only memory
    except ValueError:
        lent = _of_a_map(array)
    return tf.identity(tf.experimental.dlpack.from_dlpack(lent.__dlpack__()))


def _of_a_map(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """An array over the memory of a read-only memory map, which stays on the disk until it is read."""
    memory: Any = (ctypes.c_byte * array.nbytes).from_address(array.ctypes.data)
    memory.owner = array  # kept during the tensor's lifetime
    return np.frombuffer(memory, array.dtype).reshape(array.shape)
