"""Accuracy on the training examples and on the test set, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.events import Evaluated
from tui.series import Series
from tui.widgets.loss_plot import LossPlot


class AccuracyPlot(LossPlot):
    """Test and training accuracy over epochs; keys as in LossPlot."""

    def __init__(
        self, *, pause_s: float = 0.0, ascii_only: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(
            value_name="accuracy",
            step_name="epoch",
            smoothing=0.0,
            pause_s=pause_s,
            ascii_only=ascii_only,
            id=id,
            classes=classes,
        )
        self._evaluations: tuple[Evaluated, ...] = ()

    def show_evaluations(self, evaluations: Sequence[Evaluated]) -> None:
        """Show what the evaluations found, in the order of their steps. Free when there is none new."""
        news = tuple(evaluations)
        if len(news) == len(self._evaluations) and all(a is b for a, b in zip(news, self._evaluations, strict=True)):
            return
        self._evaluations = news
        self.show(accuracy_series(news))


def accuracy_series(evaluations: Sequence[Evaluated]) -> tuple[Series, ...]:
    """The series `test` and, where it is known, `train` over epochs.

    An evaluation within an epoch lies at its part of it, by the steps of the epochs that ended; before the first has
    ended its length is not known, and there is nothing to show but what came at epoch ends.
    """
    ended = [one for one in evaluations if one.epoch]
    if not ended:
        return ()
    steps_per_epoch = ended[-1].step / (ended[-1].epoch or 1)
    train = [one for one in ended if one.train_accuracy is not None]
    series = [_series("test", evaluations, [one.accuracy for one in evaluations], steps_per_epoch)]
    if train:
        series.append(_series("train", train, [one.train_accuracy or 0.0 for one in train], steps_per_epoch))
    return tuple(series)


def _series(label: str, evaluations: Sequence[Evaluated], accuracy: list[float], steps_per_epoch: float) -> Series:
    epochs = np.array([one.step / steps_per_epoch for one in evaluations])
    return Series(label, epochs, np.array(accuracy))
