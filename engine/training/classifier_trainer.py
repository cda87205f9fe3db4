"""The trainer of the lessons that train a classifier: the course's network on a dataset, according to the settings."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.descent import optimizers
from engine.last_used import LastUsed
from engine.lazy import keras
from engine.own import losses
from engine.own.paths import is_file
from engine.training import step
from engine.training.batches import spec
from engine.training.classifier_settings import MSE, NETWORK, ClassifierSettings
from engine.training.dataset import Dataset, flat
from engine.training.devices import Place
from engine.training.loop import Trainer
from engine.training.loop_choice import Loop
from engine.training.network import initial_weights, network, scaled
from engine.training.task import TrainingTask
from engine.training.updates import UpdateInPlace
from engine.training.variables import seeds

# Each holds its compiled loop and its variables, about 30 MB for the course's network.
_trainers: LastUsed[Trainer] = LastUsed(4)


def trainer(settings: ClassifierSettings, dataset: Dataset, place: Place | None = None) -> Trainer:
    """Return the trainer for the settings, the data's size and the place, compiled at its first call and kept."""
    place = place or Place()
    count = min(settings.train_examples, len(dataset.train_labels))
    named = (*optimizers.rule(settings.optimizer).reads, *NETWORK, "optimizer", "loss", "batch_size")
    versions = optimizers.version(settings.optimizer), losses.version(settings.loss)
    images, labels = map(spec, _examples(dataset, count))
    data = (images, dataset.image_shape, len(dataset.class_names))
    key = (*(getattr(settings, name) for name in named), versions, data, place)

    def make() -> Trainer:
        loop = _loop(settings, place)
        return Trainer(_task(settings, dataset, place), images, labels, settings.batch_size, place, loop)

    return _trainers.get(key, make)


def begin(trainer: Trainer, dataset: Dataset, settings: ClassifierSettings, seed: int) -> None:
    """Start from the beginning, on the first examples of `dataset`, with weights from the seed and the optimizer
    reset."""
    tests = [dataset.test_images[: settings.test_examples], dataset.validation_images]
    tests = [flat(each) for each in tests if len(each)]
    weights = initial_weights(trainer.model, seed, settings.initializer)
    trainer.begin(*_examples(dataset, trainer.count), tests, weights)
    for place, state in enumerate(seeds(trainer.model)):
        state.assign([(seed * 1000 + place) % 2**32, 0])


def _examples(dataset: Dataset, count: int) -> tuple[np.ndarray, np.ndarray]:
    return flat(dataset.train_images[:count]), dataset.train_labels[:count].astype(np.int32)


def _loop(settings: ClassifierSettings, place: Place) -> Loop:
    """How the loop is compiled. The choice is fixed for a network, so a seed always gives the same numbers.

    On a CPU XLA makes the course's network 1.7 times as fast as a plain graph, and convolutions and random numbers
    several times as slow.
    """
    return "graph" if place.kind == "CPU" and (settings.convolution or settings.dropout) else "xla"


def _task(settings: ClassifierSettings, dataset: Dataset, place: Place) -> TrainingTask:
    with place.making():
        model = network(settings, place.policy, dataset.image_shape, len(dataset.class_names))
        optimizer = optimizers.build(settings.optimizer, settings)
        if place.policy == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return TrainingTask(
        model,
        optimizer,
        loss_of(settings, len(dataset.class_names)),
        step.classification,
        prepare=scaled,
        updater=None if is_file(settings.optimizer) else UpdateInPlace(optimizer, model.trainable_variables),
        # A loss of a file may compare the examples of a batch, which padding would change.
        pads=not settings.batch_norm and not is_file(settings.loss),
    )


def loss_of(settings: ClassifierSettings, classes: int) -> Any:
    """The minimised loss, as `step.mean` takes it, and one of the course's as `step.weighted_mean` takes it too. Raises
    InputError if its file cannot be used."""
    if is_file(settings.loss):
        return losses.load(settings.loss, classes).loss
    return step.squared_error if settings.loss == MSE else step.cross_entropy
