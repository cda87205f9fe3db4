"""A trainer at the beginning of its first epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.settings import Settings
from engine.training import classifier_trainer, datasets
from engine.training.classifier_settings import ClassifierSettings
from engine.training.devices import Place
from engine.training.loop import Trainer


@contextmanager
def begun(settings: Settings, seed: int = 0, place: Place | None = None) -> Iterator[Trainer]:
    """The trainer for `settings` on their own data, with the order of epoch 1; at the end the data are let go."""
    assert isinstance(settings, ClassifierSettings)
    dataset = datasets.load("fashion-mnist", settings.data_dir)
    trainer = classifier_trainer.trainer(settings, dataset, place)
    classifier_trainer.begin(trainer, dataset, settings, seed)
    trainer.learning_rate = settings.learning_rate
    trainer.shuffle(seed, 1)
    try:
        yield trainer
    finally:
        trainer.end()
