"""Lesson 6: a multilayer perceptron on Fashion-MNIST, with Adam."""

from __future__ import annotations

from dataclasses import dataclass

from engine import classifier, classifier_words
from engine.classifier_settings import ClassifierSettings
from engine.events import Learned, Remark, Snapshot
from engine.lesson import Lesson, Run


@dataclass(frozen=True, kw_only=True)
class FashionMnistSettings(ClassifierSettings):
    """What lesson 6 can be told: the defaults are the course's."""


def run(settings: FashionMnistSettings) -> Run[FashionMnistSettings]:
    """Train on the whole of Fashion-MNIST, tested after every epoch."""
    yield Remark(
        "60,000 grey pictures of clothes in ten classes. A network 784-256-128-64-32-10 learns to tell them apart: "
        "each step goes downhill on the mean cross-entropy of a batch."
    )
    yield from _train(settings, None)


def resume(settings: FashionMnistSettings, snapshot: Snapshot) -> Run[FashionMnistSettings]:
    """Go on from a snapshot."""
    yield from _train(settings, snapshot)


def _train(settings: FashionMnistSettings, snapshot: Snapshot | None) -> Run[FashionMnistSettings]:
    trained = yield from classifier.train("fashion-mnist", settings, snapshot)
    text = classifier_words.in_words(trained, settings)
    yield Learned(
        f"{text} The last batch's mean squared error is {trained.mse:.4f}; cross-entropy is what was minimised."
    )


LESSON = Lesson(
    number=6,
    id="fashion-mnist",
    title="Fashion-MNIST",
    summary="a network of five layers learns clothes, with Adam",
    settings=FashionMnistSettings,
    run=run,
    resume=resume,
    code=(
        "engine.training:network",
        "engine.training:logits_of",
        "engine.training:mean_losses",
        "engine.training:gradients_of",
        "engine.training:train_step",
        "engine.training:update",
        "engine.training:epoch_order",
        "engine.training:Trainer",
        "engine.classifier:train",
    ),
    classifier=True,
)
