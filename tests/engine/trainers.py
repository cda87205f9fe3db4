"""A trainer at the beginning of its first epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine import datasets, training
from engine.classifier_settings import ClassifierSettings
from engine.devices import Place
from engine.settings import Settings


@contextmanager
def begun(settings: Settings, seed: int = 0, place: Place | None = None) -> Iterator[training.Trainer]:
    """The trainer for `settings` on their own data, with the order of epoch 1; at the end the data are let go."""
    assert isinstance(settings, ClassifierSettings)
    dataset = datasets.load("fashion-mnist", settings.data_dir)
    trainer = training.trainer(settings, dataset, place)
    trainer.begin(dataset, settings.test_examples, seed)
    trainer.learning_rate = settings.learning_rate
    trainer.shuffle(seed, 1)
    try:
        yield trainer
    finally:
        trainer.end()
