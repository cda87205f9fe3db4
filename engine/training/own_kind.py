"""The kind of a learner's own model: classes, two classes, or numbers. It follows from the labels, the model's outputs
and the loss, and determines the default loss and the results of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.events import FloatArray, IntArray
from engine.lazy import is_of_keras, keras, tf
from engine.training.own_data import Examples
from engine.training.step import regression, softmax, weighted_mean

Array = npt.NDArray[Any]
Answer = Literal["class", "one-hot", "binary", "numbers"]

# Parts of the names of losses that measure a distance between numbers.
_DISTANCES = ("error", "mse", "mae", "mape", "msle", "huber", "logcosh", "log_cosh", "cosine")

# The labels that Keras's losses take, and the loss for the others.
_LABELS_TAKEN: dict[str, tuple[Answer, str]] = {
    "categorical_crossentropy": ("one-hot", "sparse_categorical_crossentropy"),
    "categorical_focal_crossentropy": ("one-hot", "sparse_categorical_crossentropy"),
    "sparse_categorical_crossentropy": ("class", "categorical_crossentropy"),
}

# Activations after which outputs are probabilities.
_ENDS = ("softmax", "sigmoid")


@dataclass(frozen=True)
class Kind:
    """The kind of a model. `class`: labels int [n], outputs [n, c]; `one-hot`: labels [n, c]; `binary`: labels and
    outputs [n, 1], the outputs for class 1; `numbers`: anything else, a regression. With `logits`, softmax or sigmoid
    converts the outputs to probabilities; otherwise they are probabilities."""

    answer: Answer
    logits: bool
    classes: int = 0

    @property
    def classifies(self) -> bool:
        """Whether the outputs stand for classes."""
        return self.answer != "numbers"

    def loss(self) -> Any:
        """The default loss if the file names none."""
        match self.answer:
            case "class":
                return keras.losses.SparseCategoricalCrossentropy(from_logits=self.logits)
            case "one-hot":
                return keras.losses.CategoricalCrossentropy(from_logits=self.logits)
            case "binary":
                return keras.losses.BinaryCrossentropy(from_logits=self.logits)
        return keras.losses.MeanSquaredError()

    def labels(self, labels: Array, outputs: tuple[int, ...]) -> Array:
        """Convert labels for the loss, for outputs of this shape each: classes to int32 [n]; others to float32, shaped
        as the outputs if they have as many elements, so no loss broadcasts them."""
        if self.answer == "class":
            return labels.reshape(-1).astype(np.int32)
        alike = _alike(labels.shape[1:], outputs)
        return labels.reshape(-1, *outputs).astype(np.float32, copy=False) if alike else labels

    def true(self, labels: Array) -> IntArray:
        """The class int64 [n] of each label."""
        if self.answer == "one-hot":
            one: IntArray = labels.reshape(len(labels), -1).argmax(axis=1)
            return one
        return labels.reshape(-1).astype(np.int64)

    def predicted(self, outputs: FloatArray) -> IntArray:
        """The class int64 [n] of each output."""
        if self.answer == "binary":
            return (outputs.reshape(-1) > (0.0 if self.logits else 0.5)).astype(np.int64)
        found: IntArray = outputs.argmax(axis=1)
        return found

    def measure(self, labels: Any, outputs: Any, weights: Any) -> tuple[Any, Any]:
        """Measure a batch; see `step.classification` and `step.regression`."""
        if not self.classifies:
            return (
                regression(labels, outputs, weights)
                if _alike(labels.shape[1:], outputs.shape[1:])
                else (tf.constant(np.nan), tf.constant(0))
            )
        outputs = tf.cast(outputs, tf.float32)
        if self.answer == "binary":
            one = tf.sigmoid(outputs) if self.logits else outputs
            shares, true = tf.concat([1.0 - one, one], axis=1), tf.cast(tf.reshape(labels, [-1]), tf.int32)
        else:
            shares = softmax(outputs) if self.logits else outputs
            one_hot = self.answer == "one-hot"
            true = tf.argmax(labels, axis=1, output_type=tf.int32) if one_hot else tf.cast(labels, tf.int32)
        error = tf.reduce_mean(tf.square(shares - tf.one_hot(true, self.classes)), axis=1)
        right = (tf.argmax(shares, axis=1, output_type=tf.int32) == true) & (weights > 0.0)
        return weighted_mean(lambda *_: error, labels, outputs, weights), tf.reduce_sum(tf.cast(right, tf.int32))


def _alike(label: Any, output: Any) -> bool:
    """Whether a label and an output of these shapes have the same number of elements."""
    return bool(tf.TensorShape(label).num_elements() == tf.TensorShape(output).num_elements())


def kind_of(labels: Array, outputs: FloatArray, loss: Any, model: Any, refuse: Callable[[str], InputError]) -> Kind:
    """Determine the kind of a model from its `outputs` for the first inputs, whose labels are the first of `labels`.

    Raises:
        InputError: a label is not a class of the model.
    """
    flat = labels.reshape(len(labels), -1)
    whole, width = labels.dtype.kind in "iu", flat.shape[1]
    if _name(loss) == "sparse_categorical_crossentropy":  # its labels are class numbers of any type
        whole = whole or bool((flat % 1 == 0).all())
    if outputs.ndim != 2 or _is_distance(loss):
        return Kind("numbers", False)
    count = outputs.shape[1]
    logits = _are_logits(outputs, loss, model)
    if count > 1 and width == 1 and whole and not (is_own(loss) and flat.max() >= count):  # as quantiles of a count
        _check_classes("labels", flat, count, refuse)
        return Kind("class", logits, count)
    if count > 1 and width == count and _one_hot(flat[:1]) and _one_hot(flat):  # the first alone decides most cases
        return Kind("one-hot", logits, count)
    if count == 1 and width == 1 and bool(np.isin(flat, (0, 1)).all()) and (whole or loss is not None or not logits):
        return Kind("binary", logits, 2)
    return Kind("numbers", False)


def accuracies(loss: Any, label: tuple[int, ...], output: tuple[int, ...]) -> tuple[Any, ...]:
    """The metric that Keras chooses as the accuracy of labels and outputs of these shapes each; none beside a loss that
    measures a distance, where it means nothing."""
    if _is_distance(loss) or not output:
        return ()
    sparse = len(label) < len(output) or label[-1] == 1
    kind = "Binary" if output[-1] == 1 else "SparseCategorical" if sparse else "Categorical"
    return (getattr(keras.metrics, f"{kind}Accuracy")(name="accuracy"),)


def check(kind: Kind, data: Examples, outputs: tuple[int, ...], loss: Any, refuse: Callable[[str], InputError]) -> None:
    """Check the labels before a long training: those to test on, which `kind_of` has not seen, whether the loss takes
    labels of their form, and whether a loss that compares numbers can compare them with outputs of this shape each;
    `loss` is None for the default one.

    Raises:
        InputError: a label to test on is no class of the model, or labels do not fit the loss or the outputs.
    """
    if kind.answer == "class":
        for labels in filter(len, (data.test_labels, data.kept_labels)):
            _check_classes("labels to test on", labels, kind.classes, refuse)
    takes, instead = _LABELS_TAKEN.get(_name(loss), (kind.answer, ""))
    if takes != kind.answer and kind.answer in ("class", "one-hot"):
        given = "class numbers" if kind.answer == "class" else "one-hot"
        raise refuse(f"data(): labels are {given}, and the loss is {_name(loss)}; expected {instead} for them")
    compares = loss is None or (_is_distance(loss) and is_of_keras(loss))
    if kind.answer == "numbers" and compares and not _alike(data.labels.shape[1:], outputs):
        raise refuse(
            f"data(): labels are {list(data.labels.shape[1:])} each, and the model returns {list(outputs)}; expected "
            f"labels of that shape, or class numbers of a whole type with a loss for classes"
        )


def _check_classes(what: str, labels: Array, count: int, refuse: Callable[[str], InputError]) -> None:
    """Check that labels, called `what`, are classes of a model of `count` outputs. Raises InputError."""
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= count:
        raise refuse(
            f"data(): {what} go from {low} to {high}, and the model has {count} outputs; expected 0 to {count - 1}"
        )


def _is_distance(loss: Any) -> bool:
    """Whether a loss, by its name, measures a distance between numbers."""
    return any(part in _name(loss) for part in _DISTANCES)


def is_own(loss: Any) -> bool:
    """Whether a loss is a learner's own."""
    return loss is not None and not is_of_keras(type(loss) if isinstance(loss, keras.losses.Loss) else loss)


def _name(loss: Any) -> str:
    return str(getattr(loss, "name", getattr(loss, "__name__", ""))).lower()


def _one_hot(labels: Array) -> bool:
    return bool(np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all())


def _are_logits(outputs: FloatArray, loss: Any, model: Any) -> bool:
    """Whether outputs [n, c] are logits: according to the loss, else to what computes the model's output and to the
    outputs themselves, which are probabilities if they add up to 1. One output of a model whose `call` is a learner's
    own is a probability if it is always in [0, 1]."""
    said = getattr(loss, "from_logits", None)
    if said is not None:
        return bool(said)
    end = _end(model)
    if end in _ENDS:
        return False
    if outputs.shape[1] == 1:
        return end is not None or not bool(((outputs >= 0.0) & (outputs <= 1.0)).all())
    return not (outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1.0, atol=1e-3))


def _end(model: Any) -> str | None:
    """The name of the activation or the operation that computes the output of a graph of Keras's layers, those of inner
    models included; None if code of a learner's own may compute it."""
    if not (is_of_keras(type(model)) and hasattr(model, "outputs")):
        return None
    operation = model.outputs[0]._keras_history.operation
    while isinstance(operation, keras.layers.Reshape | keras.layers.Flatten | keras.layers.Dropout):
        operation = operation._inbound_nodes[0].input_tensors[0]._keras_history.operation
    if isinstance(operation, keras.layers.TimeDistributed):
        operation = operation.layer
    if isinstance(operation, keras.Model):
        return _end(operation)
    if not is_of_keras(type(operation)):
        return None
    return getattr(getattr(operation, "activation", None), "__name__", type(operation).__name__.lower())
