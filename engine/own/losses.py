"""A learner's own loss from a Python file: a Keras loss, or a function of labels and outputs.

`FILE.py[:NAME]` names a `keras.losses.Loss`, a class or an instance, or a function

    def loss(labels, outputs):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs)

of class numbers int [n] and logits float [n, c], which returns the loss of each example, [n], or of all together, a
scalar. Keras's own losses, except the sparse ones, are given the labels as one-hot rows [n, c].
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.last_used import LastUsed
from engine.lazy import is_of_keras, keras, tf
from engine.own import files
from engine.own.files import Source
from engine.training.step import mean

OPTION = "--loss"
DEFAULT = "loss"

# A loss is tried on this many examples.
_TRIED = 8


@dataclass(frozen=True)
class OwnLoss:
    """A loss from a file. `saved` identifies the version of the file. `loss` is a `keras.losses.Loss` or a function of
    labels and outputs, as `engine.training.step.mean` takes it; an error in it is reported with its line in
    the file. `dtype` is that of the outputs for which it was tried. `takes_probabilities` is true for Keras's own whose
    `from_logits` is false."""

    text: str
    saved: int
    loss: Any
    dtype: str
    takes_probabilities: bool

    def mean(self, labels: Any, outputs: Any) -> Any:
        """Compute the mean loss, a scalar tensor, of labels int [n] and outputs [n, c]."""
        return mean(self.loss, labels, tf.cast(outputs, self.dtype))


_losses: LastUsed[OwnLoss] = LastUsed(files.KEPT)


def load(text: str, classes: int, dtypes: tuple[str, ...] = ("float32",)) -> OwnLoss:
    """Load the loss that `text` names, and try it for outputs of `classes` classes in the first of the dtypes that it
    can compute in.

    Raises:
        InputError: there is no such file or loss, or it cannot be used; the text gives the file's line.
    """
    source = files.read(OPTION, text)

    def make() -> OwnLoss:
        value = files.named(source, source.run(), DEFAULT, kind="loss", usable=_usable)
        loss = _made(source, value)
        tried = (loss.dtype,) if isinstance(loss, keras.losses.Loss) else dtypes  # Keras's computes in its own dtype
        own = OwnLoss(text, source.saved, loss, tried[0], _takes_probabilities(value, loss))
        return _tried(source, own, classes, tried, getattr(value, "__code__", None))

    return _losses.get((text, source.saved, classes, dtypes), make)


def version(text: str) -> int:
    """When the file was saved, in ns; −1 if there is none. The file is not run."""
    return files.saved(text)


def _usable(value: Any) -> bool:
    """Whether a value of a file may be a loss: classes other than Keras losses are none."""
    return callable(value) and (not isinstance(value, type) or issubclass(value, keras.losses.Loss))


def _made(source: Source, value: Any) -> Any:
    """A Keras loss, or a function, whose errors are reported."""
    if isinstance(value, type):
        with source.told():
            value = value()
    if not isinstance(value, keras.losses.Loss):
        takes_rows = is_of_keras(value) and not value.__name__.startswith("sparse_")
        return _reporting(source, _with_rows(value) if takes_rows else value)
    call = value.call
    if is_of_keras(type(value).call) and not isinstance(value, keras.losses.SparseCategoricalCrossentropy):
        call = _with_rows(call)
    object.__setattr__(value, "call", _reporting(source, call))
    return value


def _takes_probabilities(value: Any, loss: Any) -> bool:
    """Whether a loss of Keras takes probabilities, as it does unless told that it gets logits."""
    if isinstance(loss, keras.losses.Loss):
        return getattr(loss, "from_logits", True) is False
    return is_of_keras(value) and "from_logits" in inspect.signature(value).parameters


def _with_rows(call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Have a loss that compares rows [n, c] take class numbers [n]."""

    def with_rows(labels: Any, outputs: Any) -> Any:
        rows = tf.one_hot(tf.cast(tf.reshape(labels, [-1]), tf.int32), outputs.shape[-1], dtype=outputs.dtype)
        return call(rows, outputs)

    return with_rows


def _reporting(source: Source, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The function; an error in it is reported with its line in the file. It is not interrupted: a run that stops
    there would lose steps."""

    def call(labels: Any, outputs: Any) -> Any:
        with source.explained():
            return function(labels, outputs)

    return call


def _tried(source: Source, own: OwnLoss, classes: int, dtypes: tuple[str, ...], code: Any) -> OwnLoss:
    """The loss with the first dtype in which it can be used. Raises InputError."""
    for place, dtype in enumerate(dtypes):
        found = replace(own, dtype=dtype)
        try:
            with source.told():
                _try(source, found, classes, code)
        except InputError:
            if place == len(dtypes) - 1:
                raise
        else:
            break
    return found


def _try(source: Source, own: OwnLoss, classes: int, code: Any) -> None:
    labels = tf.constant(np.arange(_TRIED) % classes, tf.int32)
    outputs = tf.constant(np.random.default_rng(0).normal(size=(_TRIED, classes)), own.dtype)

    def value_and_gradient(outputs: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(outputs)
            _check(source, own, own.loss(labels, outputs), code)
            mean = own.mean(labels, outputs)
        return mean, tape.gradient(mean, outputs)

    # Compiled as the training loop is.
    compiled = tf.function(value_and_gradient, autograph=False, jit_compile=True)
    (value, gradient), (again, _) = compiled(outputs), compiled(outputs)
    if gradient is None:
        raise source.refuse("it has no gradient: all of it is to be computed by TensorFlow from the outputs", code)
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        raise source.refuse("its value or gradient is not finite for outputs near 0", code)
    if value != again:
        raise source.refuse(files.RANDOM, code)


def _check(source: Source, own: OwnLoss, found: Any, code: Any) -> None:
    """Raise InputError if `found` is not the loss of _TRIED examples."""
    if isinstance(own.loss, keras.losses.Loss):
        if found.shape.rank or own.loss.reduction == "sum":
            raise source.refuse(f"its reduction is {own.loss.reduction!r}; expected 'sum_over_batch_size'", code)
        return
    if not tf.is_tensor(found):
        raise source.refuse(f"it returned a {type(found).__name__}; expected a tensor", code)
    if found.shape not in ((), (_TRIED,)) or found.dtype != own.dtype:
        raise source.refuse(
            f"of labels int32 [{_TRIED}] and outputs {own.dtype} [{_TRIED}, c] it returned {found.dtype.name} "
            f"{found.shape.as_list()}; expected {own.dtype} [{_TRIED}], one for each example, or []",
            code,
        )
