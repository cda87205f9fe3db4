"""A learner's own model from a Python file, for `gdtui train FILE.py`: loads the definitions and checks them.

The file defines `model()`, which returns a Keras model, and may define `data()`, `loss`, `optimizer` (or `update`, a
function of one step), `metrics` and `class_names`. What it does not define is taken from the model's `compile`, if that
was called.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import isfunction
from types import ModuleType
from typing import Any

from engine.lazy import is_of_keras, keras
from engine.own import files, optimizers
from engine.own.files import Source

# Adam at its default rate, if the file names no optimizer.
DEFAULT_OPTIMIZER = "adam"

# Names of a metric that Keras chooses by the loss: the accuracy, which is measured of every classifier anyway.
_ACCURACY = ("accuracy", "acc")

# Methods of a model with which Keras computes a step.
_STEPS = ("train_step", "compute_loss")

# Names that `fit` and `compile` of Keras take, and what takes their place here.
_ELSEWHERE = {
    "class_weight": "weights belong in the loss",
    "class_weights": "weights belong in the loss",
    "sample_weight": "weights belong in the loss",
    "loss_weights": "weights belong in the loss",
    "callbacks": "they are Keras's, and no fit is called",
    "epochs": "--epochs is",
    "batch_size": "--batch-size is",
    "validation_split": "--validation is",
    "learning_rate": "the optimizer's and --learning-rate are",
}

_SETTINGS = ("loss", "metrics", *optimizers.DEFAULTS)


@dataclass(frozen=True)
class OwnModel:
    """The definitions in a file. `model` is a `keras.Model`, perhaps not built yet; `data` returns the data, None if
    the file has no `data()`; `loss` is a `keras.losses.Loss` or a function of labels and outputs, None if it has none;
    `checksum` identifies the version of the file. `metrics` leaves out the accuracy by its name; `asks_accuracy` says
    whether the file lists it."""

    source: Source
    model: Any
    data: Callable[[], Any] | None
    loss: Any
    optimizer: Any
    metrics: tuple[Any, ...]
    asks_accuracy: bool
    class_names: tuple[str, ...]
    checksum: int
    not_read: tuple[tuple[str, str], ...] = ()
    """Names in the file that are not read, each with what is."""


def load(text: str, seed: int) -> OwnModel:
    """Run the file that `text` names, and create its model. All random numbers of Keras, NumPy and Python are drawn
    from `seed`.

    Raises:
        InputError: the file cannot be read or run, or a name is missing or has a wrong value.
    """
    source = files.read("", text)
    with source.told():
        keras.utils.set_random_seed(seed)
    names = source.run()
    build = files.named(source, names, "model")
    if isinstance(build, keras.Model):
        raise source.refuse(f"model is a {type(build).__name__}; expected a function model() that returns one")
    with source.told():
        model = build()
    if not isinstance(model, keras.Model):
        what = type(model).__name__
        raise source.refuse(f"model() returned a {what}; expected a Keras model", _code(build))
    stateful = next((layer.name for layer in model._flatten_layers() if getattr(layer, "stateful", False)), None)
    if stateful is not None:
        raise source.refuse(
            f"the layer {stateful} is stateful, and batches are drawn at random; expected stateful=False"
        )
    if (step := next((name for name in _STEPS if not is_of_keras(getattr(type(model), name))), None)) is not None:
        raise source.refuse(
            f"the model has {step}() of its own, which is not called; expected its loss as loss, or by add_loss()",
            _code(getattr(type(model), step)),
        )
    if model.compiled and getattr(model._compile_loss, "_user_loss_weights", None) is not None:
        raise source.refuse("the model is compiled with loss_weights, which are not used; expected them in the loss")
    names = _with_compiled(names, model)
    metrics = names.get("metrics", ())
    metrics = list(metrics) if isinstance(metrics, list | tuple) else [metrics]
    data = names.get("data")
    if data is not None and not callable(data):
        raise source.refuse(f"data is a {type(data).__name__}; expected a function data()")
    return OwnModel(
        source,
        model,
        data,
        _loss(source, names.get("loss")),
        _optimizer(source, names),
        _metrics(source, metrics),
        any(each in _ACCURACY for each in metrics),
        _class_names(source, names.get("class_names", ())),
        zlib.crc32(source.code.encode()),
        tuple((name, near) for name in names if (near := _not_read(name, names[name]))),
    )


def _with_compiled(names: dict[str, Any], model: Any) -> dict[str, Any]:
    """The names of a file, without modules that are called as settings, such as `keras.metrics`; with what `compile` of
    the model was given for those that it lacks."""
    names = {name: value for name, value in names.items() if not (name in _SETTINGS and isinstance(value, ModuleType))}
    if not model.compiled:
        return names
    metrics = getattr(model._compile_metrics, "_user_metrics", None) or ()
    compiled = {"loss": model.loss, "metrics": metrics}
    if not any(each in names for each in optimizers.DEFAULTS):
        compiled["optimizer"] = model.optimizer
    return compiled | names


def _not_read(name: str, value: Any) -> str:
    """What is read in place of a name that is not, in words; empty for a name that is read or means nothing here."""
    known = ("model", "data", "class_names", *_SETTINGS)
    if name in known or isinstance(value, ModuleType):
        return ""
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    return next((f"{meant} is" for meant in get_close_matches(name, known, 1, 0.85)), "")


def _loss(source: Source, found: Any) -> Any:
    found = _only(found)
    if isinstance(found, type):
        with source.told():
            found = found()
    if isinstance(found, str):
        with source.told():
            found = keras.losses.get(found)
    found = _as_object(found)
    if found is not None and not callable(found):
        raise source.refuse(f"loss is a {type(found).__name__}; expected a Keras loss, its name, or a function")
    return found


def _only(loss: Any) -> Any:
    """The loss of the only output, if it is given in a list or a dictionary, as `compile` takes it."""
    if isinstance(loss, list | tuple) and len(loss) == 1:
        return loss[0]
    return next(iter(loss.values())) if isinstance(loss, dict) and len(loss) == 1 else loss


def _as_object(loss: Any) -> Any:
    """A function of Keras as the loss of its kind, which converts 16-bit outputs and reads masks; anything else as it
    is."""
    if not isfunction(loss) or not is_of_keras(loss):
        return loss
    known = {name.lower(): found for name, found in vars(keras.losses).items() if isinstance(found, type)}
    kind = known.get(loss.__name__.replace("_", ""))
    return loss if kind is None else kind()


def _optimizer(source: Source, names: dict[str, Any]) -> Any:
    name = next((each for each in optimizers.DEFAULTS if each in names), "")
    found = names.get(name, DEFAULT_OPTIMIZER)
    if isinstance(found, str):
        with source.told():
            found = keras.optimizers.get(found)
    elif callable(found) and not isinstance(found, keras.optimizers.Optimizer):
        found = optimizers.found(source, names, name).make(False)
    if not isinstance(found, keras.optimizers.Optimizer):
        raise source.refuse(f"optimizer is a {type(found).__name__}; expected a Keras optimizer or its name")
    if why := optimizers.refusal(found):
        raise source.refuse(why)
    return found


def _metrics(source: Source, found: list[Any]) -> tuple[Any, ...]:
    with source.told():
        named = (each for each in found if each not in _ACCURACY)
        metrics = [keras.metrics.get(each) if isinstance(each, str) else each for each in named]
        made = [each() if isinstance(each, type) else each for each in metrics]
        wrapped = [each if isinstance(each, keras.Metric) else _mean_of(each, n) for n, each in enumerate(made, 1)]
    return tuple(wrapped)


def _mean_of(metric: Any, number: int) -> Any:
    """Convert a metric that is a function of labels and outputs to Keras's mean of it; one without a name is named by
    its number."""
    if not callable(metric):
        raise ValueError(f"metrics holds a {type(metric).__name__}; expected Keras metrics or their names")
    name = getattr(metric, "__name__", "")
    return keras.metrics.MeanMetricWrapper(metric, name=name if name.isidentifier() else f"metric-{number}")


def _class_names(source: Source, found: Any) -> tuple[str, ...]:
    if not isinstance(found, list | tuple) or not all(isinstance(name, str) for name in found):
        raise source.refuse("class_names is no list of texts")
    if not all(name and name.isprintable() and len(name) <= 40 for name in found):
        raise source.refuse("class_names holds a name that is empty, longer than 40 characters or not printable")
    return tuple(found)


def _code(function: Any) -> Any:
    return getattr(function, "__code__", None)
