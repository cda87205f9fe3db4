"""Several inputs of a model as one array: the training loop gathers each example's inputs as one row of bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.lazy import keras, tf
from engine.training import large_arrays
from engine.training.large_arrays import ArrayWriter

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Packing:
    """The inputs of an example one after the other: their `names` as in `named`, their shapes and dtypes, and the
    `structure` in which the model takes them, a dict, tuple or list that holds their places."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[np.dtype[Any], ...]
    structure: Any

    def __str__(self) -> str:
        parts = zip(self.names, self.shapes, self.dtypes, strict=True)
        return ", ".join(f"{name} {dtype} {list(shape)}" for name, shape, dtype in parts)

    def pack(self, arrays: Sequence[Array]) -> Array:
        """Join the inputs [n, …] of n examples to uint8 [n, bytes]. Raises NoRoom."""
        writer = ArrayWriter(len(arrays[0]))
        largest = max(arrays, key=lambda each: each.nbytes)
        for rows in large_arrays.blocks(largest) or [slice(0)]:
            writer.add(np.concatenate([_bytes(each[rows]) for each in arrays], axis=1))
        return writer.array()

    def unpack(self, packed: Any) -> Any:
        """Turn a tensor uint8 [b, bytes] of a batch into the model's inputs, in their structure."""
        sizes = [math.prod(shape) * dtype.itemsize for shape, dtype in zip(self.shapes, self.dtypes, strict=True)]
        inputs = []
        for part, shape, dtype in zip(tf.split(packed, sizes, axis=1), self.shapes, self.dtypes, strict=True):
            width = (dtype.itemsize,) if dtype.itemsize > 1 else ()
            numbers = tf.reshape(part, (-1, *shape, *width))
            inputs.append(tf.cast(numbers, tf.bool) if dtype.kind == "b" else tf.bitcast(numbers, dtype))
        return keras.tree.pack_sequence_as(self.structure, inputs)


def named(given: Any) -> dict[str, Any]:
    """The inputs of a structure in order, by the expressions that pick them from it, as `x['size']` or `x[0]`."""
    return {"x" + "".join(f"[{key!r}]" for key in path): each for path, each in keras.tree.flatten_with_path(given)}


def packing_of(given: Any, arrays: Sequence[Array]) -> Packing:
    """How to pack `arrays` [n, …], the inputs of the structure `given` in order."""
    places = keras.tree.pack_sequence_as(given, range(len(arrays)))
    shapes, dtypes = zip(*((each.shape[1:], each.dtype) for each in arrays), strict=True)
    return Packing(tuple(named(given)), shapes, dtypes, places)


def _bytes(array: Array) -> npt.NDArray[np.uint8]:
    """The bytes of each row of `array` [n, …]: uint8 [n, bytes]."""
    return np.ascontiguousarray(array).reshape(len(array), math.prod(array.shape[1:])).view(np.uint8)
