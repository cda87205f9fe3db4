"""A learner's `tf.data.Dataset`, read as arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.lazy import keras, tf
from engine.training import large_arrays
from engine.training.large_arrays import ArrayWriter

Array = npt.NDArray[Any]
Refuse = Callable[[str], InputError]

Ranks = tuple[int, ...] | None
"""The number of dimensions of each input of a model, [n, …]; None if the model does not tell its inputs."""

# A Dataset of single examples is read in batches of this many, or fewer if they are large.
_BATCH = 1024


def read(dataset: Any, ranks: Ranks, refuse: Refuse) -> tuple[Any, Array]:
    """Read all examples of a Dataset of pairs, batched or not, for a model with inputs of `ranks`: the inputs in the
    structure that the Dataset has, and the labels. Floats become float32.

    Raises:
        InputError: there are none, they never end, or the shapes do not show whether they are batches; made by
            `refuse`.
            NoRoom if they do not fit on the disk.
    """
    spec = dataset.element_spec
    parts = keras.tree.flatten(spec)
    pairs = isinstance(spec, tuple) and len(spec) == 2 and isinstance(spec[1], tf.TensorSpec)
    if not pairs or not all(isinstance(each, tf.TensorSpec) for each in parts):
        raise refuse("data(): the Dataset holds no pairs of tensors (inputs, labels)")
    if (other := next((each.dtype for each in parts if not _is_number(each.dtype)), None)) is not None:
        raise refuse(f"data(): the Dataset holds tensors of {other.name}; expected numbers")
    if int(dataset.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise refuse("data(): the Dataset never ends; take(n) ends it")
    if _is_single(dataset, parts, ranks, refuse):
        size = sum((each.shape.num_elements() or 1) * each.dtype.size for each in parts[:-1])
        dataset = dataset.batch(max(min(_BATCH, large_arrays.BLOCK_BYTES // size), 1))
    batches = max(int(dataset.cardinality()), 0)  # 0: not known
    writers: list[ArrayWriter] = []
    for pair in dataset.as_numpy_iterator():
        blocks = keras.tree.flatten(pair)
        writers = writers or [ArrayWriter(batches * len(blocks[0])) for _ in blocks]
        for writer, block in zip(writers, blocks, strict=True):
            writer.add(narrowed(block))
    if not writers:
        raise refuse("data(): the Dataset is empty")
    inputs, labels = keras.tree.pack_sequence_as(spec, [writer.array() for writer in writers])
    return inputs, labels


def narrowed(array: Array) -> Array:
    """Convert other floats to float32."""
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array


def _is_number(dtype: Any) -> bool:
    return bool(dtype.is_floating or dtype.is_integer or dtype.is_bool)


def _is_single(dataset: Any, parts: list[Any], ranks: Ranks, refuse: Refuse) -> bool:
    """Whether the elements of a Dataset are single examples and no batches, `parts` being their `tf.TensorSpec`: by the
    `ranks` of the model's inputs, or else by the first numbers of the shapes, which are equal in a batch and seldom
    known. Raises InputError if they leave it open."""
    known = all(each.shape.rank is not None for each in parts)
    if not known:
        parts = keras.tree.flatten(next(iter(dataset.take(1)), ()))
    found = [len(each.shape) for each in parts]
    if ranks is not None:
        inputs = found[:-1]
        return sum(inputs) < sum(ranks) if len(inputs) == len(ranks) else max(inputs, default=0) < max(ranks)
    if 0 in found:
        return True
    firsts = {each.shape[0] for each in parts}
    if known and firsts != {None} and len(firsts) == 1:
        raise refuse(
            f"data(): the Dataset may hold examples or batches of {firsts.pop()}; expected keras.Input(…) at the "
            "beginning of the model, or batch(n) without drop_remainder"
        )
    return len(firsts) > 1
