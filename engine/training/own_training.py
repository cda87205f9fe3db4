"""The training of a learner's own model on their own data, as `gdtui train FILE.py` does it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any, cast

import numpy as np

from engine.errors import InputError, cause
from engine.events import Event, FloatArray, Learned, Phase, Remark, Snapshot
from engine.lazy import keras, tf
from engine.lesson import Turn
from engine.own import model_files
from engine.own.model_files import OwnModel
from engine.training import devices, own_data, own_words
from engine.training.batches import spec
from engine.training.loop import Trainer
from engine.training.loop_choice import Loop
from engine.training.own_data import Examples
from engine.training.own_kind import accuracies, check, is_own, kind_of
from engine.training.own_run import OwnRun
from engine.training.own_settings import OwnSettings
from engine.training.task import TrainingTask

# The number of inputs with which a model is tried before training.
TRIED = 32

Running = Generator[Event, "Turn[OwnSettings] | None", None]


def train(settings: OwnSettings, snapshot: Snapshot | None = None) -> Running:
    """Train the model of the settings' file and test it, from the start or from `snapshot` on.

    Raises:
        InputError: the file cannot be used, reported with its line, or the snapshot is of another model.
    """
    if not settings.file:
        raise InputError("no file is named; expected gdtui train FILE.py")
    place = devices.place(settings)
    with place.making():
        run = _made(settings, place)
    yield Phase("compiling")
    try:
        yield Remark(own_words.begun(run))
        with run.own.source.told():
            run.begin(snapshot)
        yield Remark(own_words.loop(run.trainer, resumed=snapshot is not None))
        if run.other_file:
            yield Remark(f"{run.own.source.path} has changed since the run began: the numbers may differ.")
        run.heard((yield Phase("running")))
        try:
            diverged = yield from run.epochs()
        except tf.errors.OpError as error:  # as of an index beyond the table of an Embedding, or of Python code
            raise run.own.source.refuse(f"an operation of the model failed: {cause(error)}") from error
        yield Learned(own_words.learned(run, diverged))
    finally:
        run.trainer.end()


def _made(settings: OwnSettings, place: devices.Place) -> OwnRun:
    """Create the run of a file, with its model built and tried."""
    own = model_files.load(settings.file, settings.seed)
    data = _data(own, settings)
    outputs = _tried(own, data)
    kind = kind_of(data.labels, outputs, own.loss, own.model, own.source.refuse)
    check(kind, data, outputs.shape[1:], own.loss, own.source.refuse)
    data = own_data.with_labels(data, lambda labels: kind.labels(labels, outputs.shape[1:]))
    if is_own(own.loss) and data.labels.dtype.kind in "iu" and not _takes_whole_labels(own, data, outputs):
        data = own_data.with_labels(data, lambda labels: labels.astype(np.float32))
    loss = own.loss or kind.loss()
    if own.asks_accuracy and not kind.classifies:
        own = replace(own, metrics=(*own.metrics, *accuracies(loss, data.labels.shape[1:], outputs.shape[1:])))
    task = TrainingTask(own.model, _scaling(own), loss, kind.measure, prepare=data.prepare)
    with own.source.told():
        loop = None if settings.loop == "auto" else cast("Loop", settings.loop)
        trainer = Trainer(task, spec(data.inputs), spec(data.labels), settings.batch_size, place, loop)
    run = OwnRun(trainer, settings, own=own, data=data, kind=kind)
    with own.source.told():
        run.try_test(outputs)
    return run


def _takes_whole_labels(own: OwnModel, data: Examples, outputs: FloatArray) -> bool:
    """Whether the file's loss can be computed of whole labels; Keras converts all to a float type for it."""
    try:
        with own.source.told():
            own.loss(tf.constant(data.labels[: len(outputs)]), tf.constant(outputs))
    except InputError:
        return False
    return True


def _scaling(own: OwnModel) -> Any:
    """The optimizer, which scales the loss if layers compute in float16: as `compile` of Keras does it."""
    scales = isinstance(own.optimizer, keras.optimizers.LossScaleOptimizer)
    float16 = any(each.dtype_policy.name == "mixed_float16" for each in own.model._flatten_layers())
    return keras.optimizers.LossScaleOptimizer(own.optimizer) if float16 and not scales else own.optimizer


def _data(own: OwnModel, settings: OwnSettings) -> Examples:
    inputs = own.model.inputs if own.model.built and hasattr(own.model, "input_shape") else None
    ranks = None if inputs is None else tuple(len(each.shape) for each in inputs)
    if own.data is None:
        if inputs is not None and len(inputs) > 1:
            raise own.source.refuse("model() takes several inputs; expected a function data() that gives them")
        shape = None if inputs is None else tuple(inputs[0].shape[1:])
        return own_data.fashion_mnist(shape, settings.validation, own.source.refuse)
    with own.source.told():
        data = own_data.examples(own.data(), ranks, settings.seed, settings.validation, own.source.refuse)
    if inputs is None:
        return data
    if (len(data.packing.names) if data.packing else 1) != len(inputs):
        raise own.source.refuse(
            f"data(): inputs are {data.form} each, and the model takes {len(inputs)} inputs; expected a dict, a tuple "
            "or a list of as many arrays"
        )
    if not data.packing:
        wanted = tf.TensorShape(inputs[0].shape[1:])
        data = own_data.shaped(data, wanted)
        if not wanted.is_compatible_with(data.inputs.shape[1:]):
            takes = list(inputs[0].shape[1:])
            raise own.source.refuse(f"data(): inputs are {data.form} each, and the model takes {takes}")
        _check_indices(own, data)
    return data


def _check_indices(own: OwnModel, data: Examples) -> None:
    """Check that inputs which go straight into an Embedding are rows of its table: compiled by XLA, it would take its
    last row for those beyond, and say nothing. Raises InputError."""
    for layer in own.model.layers:
        sources = [each for node in layer._inbound_nodes for each in node.input_tensors]
        if not isinstance(layer, keras.layers.Embedding) or not any(each is own.model.inputs[0] for each in sources):
            continue
        for inputs in filter(len, (data.inputs, data.test_inputs, data.kept_inputs)):
            low, high = inputs.min(), inputs.max()
            if low < 0 or high >= layer.input_dim:
                raise own.source.refuse(
                    f"data(): inputs go from {low:g} to {high:g}, and the table of {layer.name} has {layer.input_dim} "
                    f"rows; expected 0 to {layer.input_dim - 1}"
                )


def _tried(own: OwnModel, data: Examples) -> FloatArray:
    """Compute the model's outputs for the first inputs."""
    with own.source.told():
        found = own.model(data.prepare(tf.constant(data.inputs[:TRIED])), training=False)
    if not tf.is_tensor(found):
        raise own.source.refuse(f"the model returns a {type(found).__name__}; expected one tensor")
    outputs: FloatArray = found.numpy()
    if len(outputs) != min(TRIED, len(data.inputs)):
        raise own.source.refuse(f"of {min(TRIED, len(data.inputs))} inputs the model makes {len(outputs)} outputs")
    if outputs.dtype == np.float64:
        raise own.source.refuse("the model computes in float64; expected float32, or a policy of 16 bits")
    if not np.isfinite(outputs).all():
        raise own.source.refuse("the model's first outputs are not finite")
    if not own.model.trainable_variables:
        raise own.source.refuse("the model has no variable to train")
    return outputs
