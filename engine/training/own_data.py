"""The data of a learner's own model, from the result of its file's `data()`: NumPy arrays or `tf.data.Dataset`s.

What is too large for memory is read from memory maps: the learner's own, or those that a Dataset is written to.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.lazy import keras, tf
from engine.training import datasets, large_arrays
from engine.training.dataset import test_count
from engine.training.large_arrays import ArrayWriter
from engine.training.network import scaled
from engine.training.packed_inputs import Packing, named, packing

Array = npt.NDArray[Any]
Refuse = Callable[[str], InputError]

EXPECTED = "expected (x, y), (x, y), (x_test, y_test) or a tf.data.Dataset of pairs"

# A Dataset of single examples is read in batches of this many, or fewer if they are large.
_BATCH = 1024

# How many numbers are checked at once.
_CHECKED = 2**22

# Without data() a model trains on Fashion-MNIST, in one of these shapes.
OF_IMAGES = ((784,), (28, 28), (28, 28, 1))


@dataclass(frozen=True)
class Examples:
    """Inputs [n, …] and labels [n, …] for training, for tests, and for validation, which may be empty. `prepare`
    converts a batch of inputs, on the device, to the model's input. `class_names` belong to the data, if there are
    any. `packing` is there if the model takes several inputs."""

    inputs: Array
    labels: Array
    test_inputs: Array
    test_labels: Array
    kept_inputs: Array
    kept_labels: Array
    prepare: Callable[[Any], Any] = lambda inputs: inputs
    class_names: tuple[str, ...] = ()
    packing: Packing | None = None

    @property
    def form(self) -> str:
        """The inputs of an example in words: a shape, or several."""
        return str(self.packing or list(self.inputs.shape[1:]))

    def checksum(self) -> int:
        """The CRC-32 of the arrays."""
        found = 0
        for part in fields(self):
            array = getattr(self, part.name)
            if isinstance(array, np.ndarray):
                found = zlib.crc32(np.ascontiguousarray(array).data.cast("B"), found) if array.size else found
        return found

    @property
    def mapped_bytes(self) -> int:
        """How many bytes lie in memory maps."""
        arrays = (getattr(self, part.name) for part in fields(self))
        return sum(each.nbytes for each in arrays if isinstance(each, np.ndarray) and large_arrays.is_mapped(each))


@dataclass(frozen=True)
class Takes:
    """What is known of the inputs that a model takes, before it is called: the `rank` of the first, [n, …], and whether
    there are several; None: not known."""

    rank: int | None = None
    several: bool | None = None


def fashion_mnist(shape: tuple[int | None, ...] | None, validation: int, refuse: Refuse) -> Examples:
    """Fashion-MNIST for a model with inputs [n, *shape], as bytes that are scaled on the device. Raises InputError."""
    if shape not in OF_IMAGES:
        raise refuse(f"without data() a model trains on Fashion-MNIST and takes {_shapes(OF_IMAGES)}, not {shape}")
    found = datasets.load("fashion-mnist").kept_apart(validation)

    def images(array: Array) -> Array:
        return array.reshape(-1, *shape)

    def labels(array: Array) -> Array:
        return array.astype(np.int32)

    return Examples(
        images(found.train_images), labels(found.train_labels),
        images(found.test_images), labels(found.test_labels),
        images(found.validation_images), labels(found.validation_labels),
        prepare=scaled, class_names=found.class_names,
    )  # fmt: skip


def examples(found: Any, takes: Takes, seed: int, validation: int, refuse: Refuse) -> Examples:
    """Convert the result of `data()` to examples for a model that `takes` such inputs. If there is no test set, a fifth
    of the examples, drawn from `seed`, is used for tests.

    Raises:
        InputError: it cannot be trained on; made by `refuse` from one line. NoRoom if it does not fit on the disk.
    """
    train, test = _halves(found, refuse)
    inputs, labels, packed = _pair(train, takes, refuse)
    if test is not None:
        test_inputs, test_labels, test_packed = _pair(test, takes, refuse)
        if packed != test_packed:
            raise refuse(
                f"data(): inputs to test on are {test_packed or 'an array'}; those to train on {packed or 'an array'}"
            )
    else:
        order = np.random.default_rng(seed).permutation(len(inputs))
        tested = test_count(len(inputs))
        test_inputs, test_labels = (large_arrays.taken(each, order[:tested]) for each in (inputs, labels))
        inputs, labels = (large_arrays.taken(each, order[tested:]) for each in (inputs, labels))
    left = len(inputs) - validation
    if left < 1 or not len(test_inputs):
        raise refuse(
            f"data(): too few examples: {len(inputs)} to train on, of which {validation} are kept apart for "
            f"validation, and {len(test_inputs)} to test on; expected at least one of each"
        )
    if inputs.shape[1:] != test_inputs.shape[1:] or labels.shape[1:] != test_labels.shape[1:]:
        raise refuse(
            f"data(): examples to test on are {_shape(test_inputs)} with labels {_shape(test_labels)}, those to train "
            f"on {_shape(inputs)} with {_shape(labels)}"
        )
    test_inputs = _of_type("inputs", test_inputs, inputs.dtype, refuse)
    test_labels = _of_type("labels", test_labels, labels.dtype, refuse)
    parts = inputs[:left], labels[:left], test_inputs, test_labels, inputs[left:], labels[left:]
    return Examples(*parts) if packed is None else Examples(*parts, prepare=packed.unpack, packing=packed)


def with_labels(data: Examples, change: Callable[[Array], Array]) -> Examples:
    """The examples with their labels changed, each array separately."""
    parts = (data.labels, data.test_labels, data.kept_labels)
    labels, test_labels, kept_labels = (large_arrays.changed(each, change) for each in parts)
    return replace(data, labels=labels, test_labels=test_labels, kept_labels=kept_labels)


def _halves(found: Any, refuse: Refuse) -> tuple[Any, Any]:
    """Split the result into training and test data, None for data that are not given."""
    if isinstance(found, tf.data.Dataset):
        return found, None
    if not isinstance(found, tuple | list) or len(found) not in (2, 4):
        raise refuse(f"data() returned a {type(found).__name__}; {EXPECTED}")
    if len(found) == 4:
        return tuple(found[:2]), tuple(found[2:])
    first, second = found
    return (first, second) if _is_half(first) and _is_half(second) else ((first, second), None)


def _is_half(given: Any) -> bool:
    """Whether this is a pair of inputs and labels."""
    return isinstance(given, tf.data.Dataset) or (isinstance(given, tuple) and len(given) == 2)


def _pair(given: Any, takes: Takes, refuse: Refuse) -> tuple[Array, Array, Packing | None]:
    """Convert inputs and labels to arrays that can be trained on; with the packing of several inputs."""
    x, y = _read(given, takes.rank, refuse) if isinstance(given, tf.data.Dataset) else given
    labels = _array("labels", y, refuse)
    if not _are_several(x, len(labels), takes):
        inputs = _array("inputs", x, refuse)
        _check_count("inputs", inputs, labels, refuse)
        return inputs, labels, None
    arrays = [_array(f"inputs {name}", each, refuse) for name, each in named(x).items()]
    for name, each in zip(named(x), arrays, strict=True):
        _check_count(f"inputs {name}", each, labels, refuse)
    found = packing(x, arrays)
    return found.pack(arrays), labels, found


def _are_several(x: Any, count: int, takes: Takes) -> bool:
    """Whether `x` holds several inputs of each of the `count` examples, and is not one array of inputs."""
    if isinstance(x, dict) or not isinstance(x, tuple | list) or takes.several is not None:
        return isinstance(x, dict) or (isinstance(x, tuple | list) and bool(takes.several))
    return len(x) != count and all(np.ndim(each) and len(each) == count for each in x)


def _check_count(what: str, inputs: Array, labels: Array, refuse: Refuse) -> None:
    if len(inputs) != len(labels):
        raise refuse(f"data(): {len(inputs)} {what} and {len(labels)} labels; expected as many of each")


def _array(what: str, given: Any, refuse: Refuse) -> Array:
    array = np.asarray(given)
    if array.ndim == 0 or 0 in array.shape[1:] or array.dtype.kind not in "iufb":
        found = f"{array.dtype} {list(array.shape)}" if array.ndim else f"a {type(given).__name__}"
        raise refuse(f"data(): {what} are {found}; expected an array of numbers [n, …]")
    array = large_arrays.changed(array, _narrowed)
    bad = _not_finite(array) if array.dtype.kind == "f" else None
    if bad is not None:
        raise refuse(f"data(): {what} of example {bad} hold a number that is not finite")
    return array


def _of_type(what: str, array: Array, dtype: np.dtype[Any], refuse: Refuse) -> Array:
    """Convert numbers to test on to the type of those to train on, if that changes none of them."""

    def change(rows: Array) -> Array:
        made = rows.astype(dtype)
        if not np.array_equal(made, rows):
            raise refuse(f"data(): {what} to test on are {array.dtype}, those to train on {dtype}; expected one type")
        return made

    return array if array.dtype == dtype else large_arrays.changed(array, change)


def _narrowed(array: Array) -> Array:
    """Convert other floats to float32, and truth values to bytes."""
    if array.dtype.kind == "f":
        return array.astype(np.float32, copy=False)
    return array.astype(np.uint8) if array.dtype.kind == "b" else array


def _not_finite(array: Array) -> int | None:
    """The index of the first example with a number that is not finite. A memory map is read in parts."""
    rows = max(_CHECKED * len(array) // max(array.size, 1), 1)
    for first in range(0, len(array), rows):
        part = array[first : first + rows]
        bad = np.flatnonzero(~np.isfinite(part.reshape(len(part), -1)).all(axis=1))
        if len(bad):
            return first + int(bad[0])
    return None


def _read(dataset: Any, rank: int | None, refuse: Refuse) -> tuple[Any, Array]:
    """Read all examples of a Dataset of pairs, batched or not; inputs in the structure of the Dataset."""
    spec = dataset.element_spec
    parts = keras.tree.flatten(spec)
    if not isinstance(spec, tuple) or len(spec) != 2 or not all(isinstance(each, tf.TensorSpec) for each in parts):
        raise refuse("data(): the Dataset holds no pairs of tensors (inputs, labels)")
    if int(dataset.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise refuse("data(): the Dataset never ends; take(n) ends it")
    if rank is not None and parts[0].shape.rank is not None and parts[0].shape.rank < rank:
        size = sum((each.shape.num_elements() or 1) * each.dtype.size for each in parts[:-1])
        dataset = dataset.batch(max(min(_BATCH, large_arrays.BLOCK_BYTES // size), 1))
    batches = max(int(dataset.cardinality()), 0)  # 0: not known
    writers: list[ArrayWriter] = []
    for pair in dataset.as_numpy_iterator():
        blocks = keras.tree.flatten(pair)
        writers = writers or [ArrayWriter(batches * len(blocks[0])) for _ in blocks]
        for writer, block in zip(writers, blocks, strict=True):
            writer.add(_narrowed(block))
    if not writers:
        raise refuse("data(): the Dataset is empty")
    inputs, labels = keras.tree.pack_sequence_as(spec, [writer.array() for writer in writers])
    return inputs, labels


def _shape(array: Array) -> str:
    return str(list(array.shape[1:]))


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " or ".join(str(list(shape)) for shape in shapes)
