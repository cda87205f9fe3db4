"""Lesson 6: a multilayer perceptron on Fashion-MNIST, with Adam.

The training modules are imported when a run begins: the list of lessons, for which the app waits, needs none of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.contents import heading
from engine.events import Learned, Remark, Snapshot
from engine.lesson import Lesson, Run
from engine.training.classifier_settings import CROSS_ENTROPY, ClassifierSettings, loss_words

if TYPE_CHECKING:
    from engine.training.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class FashionMnistSettings(ClassifierSettings):
    """Settings of lesson 6; the defaults are the course's."""


def run(settings: FashionMnistSettings) -> Run[FashionMnistSettings]:
    """Train on all of Fashion-MNIST, or on the learner's own images, and test after every epoch."""
    dataset = _load(settings)
    yield Remark(
        f"{_pictures(dataset, settings)} in {_classes(dataset)} classes. {_network(dataset, settings)} to tell them "
        f"apart: each step goes downhill on {loss_words(settings.loss)} of a batch."
    )
    yield from _train(dataset, settings, None)


def resume(settings: FashionMnistSettings, snapshot: Snapshot) -> Run[FashionMnistSettings]:
    """Continue from a snapshot."""
    yield from _train(_load(settings), settings, snapshot)


def _load(settings: FashionMnistSettings) -> Dataset:
    from engine.training import datasets

    return datasets.load("fashion-mnist", settings.data_dir, settings.data)


def _pictures(dataset: Dataset, settings: FashionMnistSettings) -> str:
    """Say how many training images there are, and of what."""
    count = len(dataset.train_images)
    used = min(count, settings.train_examples)
    share = f"{used:,}" if used == count else f"{used:,} of {count:,}"
    if dataset.is_original:
        return f"{share} grey pictures of clothes"
    shape = dataset.image_shape
    if shape[0] == 1:
        return f"{share} rows of {shape[1]} numbers"
    sides = f" of {shape[0]}x{shape[1]}" if shape[:2] != (28, 28) else ""
    return f"{share} {'grey' if len(shape) == 2 else 'coloured'} pictures{sides}"


def _classes(dataset: Dataset) -> str:
    count = len(dataset.class_names)
    return "ten" if count == 10 else str(count)


def _network(dataset: Dataset, settings: FashionMnistSettings) -> str:
    """The beginning of a sentence about the network."""
    from engine.training.network import in_words

    words = in_words(settings, dataset.image_shape, len(dataset.class_names))
    return words[0].upper() + words[1:] + (" learn" if settings.convolution else " learns")


def _train(dataset: Dataset, settings: FashionMnistSettings, snapshot: Snapshot | None) -> Run[FashionMnistSettings]:
    from engine.training import classifier, classifier_words

    trained = yield from classifier.train(dataset, settings, snapshot)
    text = classifier_words.in_words(trained, settings)
    if math.isfinite(trained.mse) and settings.loss == CROSS_ENTROPY:
        text += f" The last batch's mean squared error is {trained.mse:.4f}; cross-entropy is what was minimised."
    yield Learned(text)


LESSON = Lesson(
    **vars(heading("fashion-mnist")),
    settings=FashionMnistSettings,
    run=run,
    resume=resume,
    code=(
        "engine.training.network:scaled",
        "engine.training.batches:epoch_order",
        "engine.training.batches:Batches.gather",
        "engine.training.network:network",
        "engine.training.network:initial_weights",
        "engine.training.step:cross_entropy",
        "engine.training.step:train_step",
        "engine.training.step:classification",
        "engine.training.step:squared_error",
        "engine.training.updates:UpdateInPlace",
        "engine.training.layers:SplitDense",
        "engine.training.faster_layers:in_pieces",
        "engine.training.loop:Trainer",
        "engine.training.classifier:train",
    ),
    classifier=True,
)
