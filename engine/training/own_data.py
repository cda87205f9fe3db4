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

from engine.lazy import tf
from engine.training import datasets, large_arrays, own_datasets
from engine.training.dataset import test_count
from engine.training.network import scaled
from engine.training.own_datasets import Ranks, Refuse, narrowed
from engine.training.packed_inputs import Packing, named, packing_of

Array = npt.NDArray[Any]

EXPECTED = "expected (x, y), (x, y), (x_test, y_test) or a tf.data.Dataset of pairs"

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
        """The shape of an example's input; of several inputs the name, dtype and shape of each."""
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


def examples(found: Any, ranks: Ranks, seed: int, validation: int, refuse: Refuse) -> Examples:
    """Convert the result of `data()` to examples for a model with inputs of `ranks`. If there is no test set, a fifth
    of the examples, drawn from `seed`, is used for tests.

    Raises:
        InputError: it cannot be trained on; made by `refuse` from one line. NoRoom if it does not fit on the disk.
    """
    first, second = _halves(found, refuse)
    train = _half(first, ranks, refuse)
    inputs, labels, packing = train.packed(), train.labels, train.packing
    if second is not None:
        test = _like(_half(second, ranks, refuse), train, refuse)
        test_inputs = test.packed()
        labels, test_labels = _of_one_type(labels, test.labels)
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


def shaped(data: Examples, wanted: Any) -> Examples:
    """The examples with inputs of a last dimension of 1 added or removed, as Keras does it, if they then have the shape
    `wanted`, a `tf.TensorShape` of one input."""
    shape = data.inputs.shape[1:]
    for other in ((*shape, 1), shape[:-1] if shape[-1:] == (1,) else None):
        if other is not None and not wanted.is_compatible_with(shape) and wanted.is_compatible_with(other):
            parts = ("inputs", "test_inputs", "kept_inputs")
            changed = {part: getattr(data, part) for part in parts}
            return replace(data, **{part: each.reshape(len(each), *other) for part, each in changed.items()})
    return data


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
    """Whether this is a pair of inputs and labels; a list of two rows of numbers is none."""
    if isinstance(given, list):
        return len(given) == 2 and all(hasattr(each, "shape") for each in given)
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


def _half(given: Any, ranks: Ranks, refuse: Refuse) -> _Half:
    """Convert inputs and labels to arrays that can be trained on."""
    x, y = own_datasets.read(given, ranks, refuse) if isinstance(given, tf.data.Dataset) else given
    labels = _array("labels", y, refuse)
    labels = labels.astype(np.uint8) if labels.dtype.kind == "b" else labels
    several = _are_several(x, len(labels), ranks)
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
    """Convert inputs to test on to the types of those to train on. Raises InputError if they have another form."""
    if test.shapes() != train.shapes():
        found, expected = (_listed(each.shapes()) for each in (test, train))
        raise refuse(f"data(): examples to test on are {found}; those to train on {expected}")
    inputs = {
        name: _of_type(_inputs(name), array, train.inputs[name].dtype, refuse) for name, array in test.inputs.items()
    }
    return _Half(inputs, test.labels, train.packing)


def _of_one_type(labels: Array, test_labels: Array) -> tuple[Array, Array]:
    """Convert labels to a type that holds both; whole numbers of a float type to that of the others."""
    if labels.dtype.kind in "iu" and test_labels.dtype.kind == "f" and bool((test_labels % 1 == 0).all()):
        test_labels = test_labels.astype(np.int64)
    common = np.result_type(labels, test_labels)
    common = np.dtype(np.float32) if common.kind == "f" else common
    return labels.astype(common, copy=False), test_labels.astype(common, copy=False)


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name or 'inputs'} {list(shape)}" for name, shape in shapes.items())


def _are_several(x: Any, count: int, ranks: Ranks) -> bool:
    """Whether `x` holds the inputs of `count` examples one by one, and is not one array of them. A list or a tuple that
    holds one array is also taken so."""
    if isinstance(x, dict) or not isinstance(x, tuple | list):
        return isinstance(x, dict)
    if ranks is not None and len(ranks) > 1:
        return True
    fits = bool(x) and len(x) != count and all(np.ndim(each) and len(each) == count for each in x)
    return fits and (ranks is None or len(x) == 1)


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
    array = large_arrays.changed(array, narrowed)
    bad = _not_finite(array) if array.dtype.kind == "f" else None
    if bad is not None:
        raise refuse(f"data(): {what} of example {bad} hold a number that is not finite")
    return array


def _of_type(what: str, array: Array, dtype: np.dtype[Any], refuse: Refuse) -> Array:
    """Convert inputs to test on to the type of those to train on, if that changes none of them."""

    def change(rows: Array) -> Array:
        made = rows.astype(dtype)
        if not np.array_equal(made, rows):
            raise refuse(f"data(): {what} to test on are {array.dtype}, those to train on {dtype}; expected one type")
        return made

    return array if array.dtype == dtype else large_arrays.changed(array, change)


def _not_finite(array: Array) -> int | None:
    """The index of the first example with a number that is not finite. A memory map is read in parts."""
    rows = max(_CHECKED * len(array) // max(array.size, 1), 1)
    for first in range(0, len(array), rows):
        part = array[first : first + rows]
        bad = np.flatnonzero(~np.isfinite(part.reshape(len(part), -1)).all(axis=1))
        if len(bad):
            return first + int(bad[0])
    return None


def _shapes(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " or ".join(str(list(shape)) for shape in shapes)
