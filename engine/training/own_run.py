"""The state of a run that trains a learner's own model on their own data."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from engine.events import Evaluated, FloatArray, Images, IntArray
from engine.lazy import tf
from engine.own.model_files import OwnModel
from engine.training import scores
from engine.training.own_data import Examples
from engine.training.own_kind import Kind
from engine.training.own_settings import OwnSettings
from engine.training.prediction import Predicted
from engine.training.shown_images import SHOWN, of_test
from engine.training.step import mean
from engine.training.training_run import Array, TrainingRun

# Of a regression: it has no classes.
_NO_SCORES = float("nan"), np.zeros((0, 0), np.int64)


@dataclass
class OwnRun(TrainingRun[OwnSettings]):
    """One run of a learner's own model."""

    OTHER_DATA = "data() gives other examples than those that the run was trained and tested on so far"

    own: OwnModel = field(kw_only=True)
    data: Examples = field(kw_only=True)
    kind: Kind = field(kw_only=True)
    other_file: bool = False

    def start(self) -> None:
        self.trainer.begin(self.data.inputs, self.data.labels, (self.data.test_inputs, self.data.kept_inputs))

    def evaluated(self, epoch: int | None, train_accuracy: float | None) -> Evaluated:
        found, kept = self._predicted()
        labels, classifies = self.data.test_labels, self.kind.classifies
        kept_labels, any_kept = self.data.kept_labels, len(kept.outputs) > 0
        accuracy, confusion = self._scores(labels, found.outputs) if classifies else _NO_SCORES
        return Evaluated(
            step=self.step,
            epoch=epoch,
            loss=self._mean_loss(labels, found),
            accuracy=accuracy,
            confusion=confusion,
            class_names=self.class_names,
            train_accuracy=train_accuracy if classifies else None,
            validation_loss=self._mean_loss(kept_labels, kept) if any_kept else None,
            validation_accuracy=self._scores(kept_labels, kept.outputs)[0] if any_kept and classifies else None,
            metrics=self._metrics(labels, found),
        )

    def _predicted(self) -> tuple[Predicted, Predicted]:
        """The model's outputs for the test inputs, which are kept in `outputs`, and for those kept apart."""
        found, tested = self.trainer.predict(), len(self.data.test_inputs)
        parts = found.part(slice(tested)), found.part(slice(tested, None))
        self.outputs = parts[0].outputs
        return parts

    def try_test(self, outputs: FloatArray) -> None:
        """Compute what a test computes, of the model's first outputs.

        Raises:
            InputError: that fails, or the loss is not finite before any step.
        """
        labels, found = self.data.labels[: len(outputs)], Predicted(outputs)
        loss = self._mean_loss(labels, found)
        if not np.isfinite(loss):
            raise self.own.source.refuse(f"the loss is {loss:g} before the first step; expected a finite one")
        self._metrics(labels, found)
        _ = self.class_names

    def _scores(self, labels: Array, outputs: FloatArray) -> tuple[float, IntArray]:
        """The accuracy and the confusion matrix."""
        true, predicted = self.kind.true(labels), self.kind.predicted(outputs)
        return float(np.mean(true == predicted)), scores.confusion_matrix(true, predicted, len(self.class_names))

    def _mean_loss(self, labels: Array, found: Predicted) -> float:
        """The mean loss, without penalties of regularizers."""
        with self.own.source.explained():
            return float(mean(self.trainer.task.loss, tf.constant(labels), found.tensor()))

    def _metrics(self, labels: Array, predicted: Predicted) -> dict[str, float]:
        found = {}
        for metric in self.own.metrics:
            with self.own.source.explained(f"metric {metric.name}"):
                metric.reset_state()
                metric.update_state(labels, predicted.outputs if predicted.mask is None else predicted.tensor())
                result = np.asarray(metric.result())
            if result.ndim == 0:
                found[str(metric.name)] = float(result)
        return found

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes: the file's, those of the data, or numbers; empty for a regression."""
        if not self.kind.classifies:
            return ()
        given = self.own.class_names or self.data.class_names
        if given and len(given) != self.kind.classes:
            raise self.own.source.refuse(
                f"class_names holds {len(given)} names; expected {self.kind.classes}, one a class"
            )
        return given or tuple(str(number) for number in range(self.kind.classes))

    def shown(self) -> Sequence[Images]:
        if self.outputs is None or not self.kind.classifies:
            return ()
        labels, predictions = self.kind.true(self.data.test_labels[:SHOWN]), self.kind.predicted(self.outputs[:SHOWN])
        return of_test(self.step, self.data.test_inputs, labels, predictions, self.class_names)

    def predict_again(self) -> None:
        found, _ = self._predicted()
        metrics = self._metrics(self.data.test_labels, found)
        self.evaluations[-1] = replace(self.evaluations[-1], metrics=metrics)

    @cached_property
    def _data_sum(self) -> int:
        return self.data.checksum()

    def data_sum(self) -> int:
        return self._data_sum

    def mark(self) -> int:
        return zlib.crc32(repr(self.settings.texts()).encode(), self._data_sum)

    def kept_tests(self) -> dict[str, Array]:
        return {**super().kept_tests(), "run/file": np.array(self.own.checksum, np.int64)}

    def tests_again(self, arrays: Mapping[str, Array]) -> list[Evaluated]:
        self.other_file = int(arrays["run/file"]) != self.own.checksum
        return super().tests_again(arrays)
