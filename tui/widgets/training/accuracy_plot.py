"""The accuracy plot: on the training examples and on the test set, by epoch; for a regression the loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.events import Evaluated
from tui.model.series import Series
from tui.widgets.loss_plot import LossPlot


class AccuracyPlot(LossPlot):
    """Test and training accuracy over epochs, or the test loss of a regression, which has no accuracy; keys as in
    LossPlot."""

    def __init__(self, *, pause_s: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(
            value_name="accuracy",
            step_name="epoch",
            smoothing=0.0,
            pause_s=pause_s,
            id=id,
            classes=classes,
        )
        self._evaluations: tuple[Evaluated, ...] = ()

    def show_evaluations(self, evaluations: Sequence[Evaluated]) -> None:
        """Show the results of the evaluations, in the order of their steps. Costs nothing if none is new."""
        news = tuple(evaluations)
        if len(news) == len(self._evaluations) and all(a is b for a, b in zip(news, self._evaluations, strict=True)):
            return
        self._evaluations = news
        self._value_name = "accuracy" if not news or news[-1].class_names else "test loss"
        self.show(accuracy_series(news))


def accuracy_series(evaluations: Sequence[Evaluated]) -> tuple[Series, ...]:
    """The series `test` and, where they are known, `train` and `validation` over epochs: accuracies, or losses where
    there are no classes.

    An evaluation within an epoch is placed at its fraction of the epoch, by the steps of the epochs that ended; before
    the first has ended its length is not known, and only evaluations at epoch ends are shown.
    """
    ended = [one for one in evaluations if one.epoch]
    if not ended:
        return ()
    steps_per_epoch = ended[-1].step / (ended[-1].epoch or 1)
    if not ended[-1].class_names:
        series = [_series("test", evaluations, [one.loss for one in evaluations], steps_per_epoch)]
        apart = [(one, one.validation_loss) for one in evaluations if one.validation_loss is not None]
        if apart:
            tests, losses = zip(*apart, strict=True)
            series.append(_series("validation", tests, list(losses), steps_per_epoch))
        return tuple(series)
    train = [one for one in ended if one.train_accuracy is not None]
    series = [_series("test", evaluations, [one.accuracy for one in evaluations], steps_per_epoch)]
    if train:
        series.append(_series("train", train, [one.train_accuracy or 0.0 for one in train], steps_per_epoch))
    kept = [one for one in evaluations if one.validation_accuracy is not None]
    if kept:
        series.append(_series("validation", kept, [one.validation_accuracy or 0.0 for one in kept], steps_per_epoch))
    return tuple(series)


def _series(label: str, evaluations: Sequence[Evaluated], accuracy: list[float], steps_per_epoch: float) -> Series:
    epochs = np.array([one.step / steps_per_epoch for one in evaluations])
    return Series(label, epochs, np.array(accuracy))
