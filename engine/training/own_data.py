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
from engine.training.packed_inputs import Packing, named, packing_of

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
    """What is known of the inputs that a model takes, before it is called: the `rank` of all together, [n, …] each, and
    whether there are several; None: not known."""

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
    first, second = _halves(found, refuse)
    train = _half(first, takes, refuse)
    inputs, labels, packing = train.packed(), train.labels, train.packing
    if second is not None:
        test = _like(_half(second, takes, refuse), train, refuse)
        test_inputs, test_labels = test.packed(), test.labels
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
    parts = inputs[:left], labels[:left], test_inputs, test_labels, inputs[left:], labels[left:]
    return Examples(*parts) if packing is None else Examples(*parts, prepare=packing.unpack, packing=packing)


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


@dataclass(frozen=True)
class _Half:
    """Examples to train on, or to test on: the inputs by name, or as one array called "", the labels, and the packing
    of several inputs."""

    inputs: dict[str, Array]
    labels: Array
    packing: Packing | None

    def packed(self) -> Array:
        """The inputs as one array. Raises NoRoom."""
        arrays = list(self.inputs.values())
        return arrays[0] if self.packing is None else self.packing.pack(arrays)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of an example's inputs by name, and of its label."""
        return {name: each.shape[1:] for name, each in {**self.inputs, "labels": self.labels}.items()}


def _half(given: Any, takes: Takes, refuse: Refuse) -> _Half:
    """Convert inputs and labels to arrays that can be trained on."""
    x, y = _read(given, takes.rank, refuse) if isinstance(given, tf.data.Dataset) else given
    labels = _array("labels", y, refuse)
    labels = labels.astype(np.uint8) if labels.dtype.kind == "b" else labels
    several = _are_several(x, len(labels), takes)
    parts = named(x) if several else {"": x}
    if not parts:
        raise refuse(f"data(): x is an empty {type(x).__name__}; expected an array, or one for each input of the model")
    inputs = {name: _array(_inputs(name), each, refuse) for name, each in parts.items()}
    for name, each in inputs.items():
        if len(each) != len(labels):
            raise refuse(f"data(): {len(each)} {_inputs(name)} and {len(labels)} labels; expected as many of each")
    return _Half(inputs, labels, packing_of(x, list(inputs.values())) if several else None)


def _inputs(name: str) -> str:
    return f"inputs {name}" if name else "inputs"


def _like(test: _Half, train: _Half, refuse: Refuse) -> _Half:
    """Convert examples to test on to the types of those to train on. Raises InputError if they have another form."""
    if test.shapes() != train.shapes():
        found, expected = (_listed(each.shapes()) for each in (test, train))
        raise refuse(f"data(): examples to test on are {found}; those to train on {expected}")
    inputs = {
        name: _of_type(_inputs(name), array, train.inputs[name].dtype, refuse) for name, array in test.inputs.items()
    }
    return _Half(inputs, _of_type("labels", test.labels, train.labels.dtype, refuse), train.packing)


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name or 'inputs'} {list(shape)}" for name, shape in shapes.items())


def _are_several(x: Any, count: int, takes: Takes) -> bool:
    """Whether `x` holds the inputs of `count` examples one by one, and is not one array of them. A list or a tuple that
    holds one array is also taken so."""
    if isinstance(x, dict) or not isinstance(x, tuple | list) or takes.several:
        return isinstance(x, dict | tuple | list)
    fits = bool(x) and len(x) != count and all(np.ndim(each) and len(each) == count for each in x)
    return fits and (takes.several is None or len(x) == 1)


def _array(what: str, given: Any, refuse: Refuse) -> Array:
    try:
        array = np.asarray(given)
    except ValueError:
        raise refuse(
            f"data(): {what} are a {type(given).__name__} of rows of different lengths; expected an array of numbers "
            f"[n, …]"
        ) from None
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
    """Convert other floats to float32."""
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array


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
    if (other := next((each.dtype for each in parts if not _is_number(each.dtype)), None)) is not None:
        raise refuse(f"data(): the Dataset holds tensors of {other.name}; expected numbers")
    if int(dataset.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise refuse("data(): the Dataset never ends; take(n) ends it")
    if _is_single(dataset, parts, rank):
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


def _is_number(dtype: Any) -> bool:
    return bool(dtype.is_floating or dtype.is_integer or dtype.is_bool)


def _is_single(dataset: Any, parts: list[Any], rank: int | None) -> bool:
    """Whether the elements of a Dataset are single examples and no batches, `parts` being their `tf.TensorSpec`: by the
    `rank` of all inputs of the model together, if it is known, else by the first numbers of the shapes, which are the
    same in a batch. Vectors of one known length are examples: a batch of single numbers is rare."""
    if any(each.shape.rank is None for each in parts):
        first = next(iter(dataset.take(1)), None)
        parts = [] if first is None else keras.tree.flatten(first)
    if rank is not None:
        return sum(len(each.shape) for each in parts[:-1]) < rank
    if not all(each.shape.rank for each in parts):
        return True
    firsts = {each.shape[0] for each in parts}
    return len(firsts) > 1 or (None not in firsts and all(each.shape.rank == 1 for each in parts))


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " or ".join(str(list(shape)) for shape in shapes)
