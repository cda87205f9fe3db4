"""A classifier's run from its first step to its last. The lessons that train a network share it."""

from __future__ import annotations

import zlib
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.descent import optimizers
from engine.events import Evaluated, Event, FloatArray, Images, IntArray, Phase, Remark, Snapshot
from engine.lazy import tf
from engine.lesson import Turn
from engine.own import losses
from engine.own.paths import is_file
from engine.training import classifier_trainer, devices, network, scores, workers
from engine.training.classifier_settings import MSE, ClassifierSettings
from engine.training.dataset import Dataset
from engine.training.shown_images import SHOWN, are_images, as_pixels, of_test
from engine.training.step import mean
from engine.training.training_run import TrainingRun

# Settings that may differ between workers; the learning rate is the chief's for all.
OF_A_WORKER = ("data", "data_dir", "device", "learning_rate", "log_every", "speed", "test_every", "threads")

Running = Generator[Event, "Turn[ClassifierSettings] | None", "Trained"]


@dataclass(frozen=True)
class Trained:
    """The result of a run: the class names, every test at an epoch's end, and the last test's logits [n, classes].

    `evaluations` are empty if the run diverged in its first epoch; then `logits` is None. `last_rate` is the learning
    rate at the end, because it can be changed during a run.
    """

    class_names: tuple[str, ...]
    evaluations: tuple[Evaluated, ...]
    logits: FloatArray | None
    mse: float
    diverged: bool
    last_rate: float | None = None


def train(dataset: Dataset, settings: ClassifierSettings, snapshot: Snapshot | None = None) -> Running:
    """Train on `dataset` and test according to the settings, from the start or from `snapshot` on.

    Yields Remark, Phase, Images, Metrics, Evaluated, Histograms, a Snapshot when one is requested and, if the loss or a
    weight stopped being finite, Diverged.

    Raises:
        InputError: the snapshot does not fit the settings, or they ask for a device that this machine does not have.
        WorkerLost: another worker has ended.
    """
    dataset = dataset.kept_apart(settings.validation)
    if settings.convolution:
        network.convolved(dataset.image_shape)
    if dataset.note:
        yield Remark(dataset.note)
    if is_file(settings.loss) and losses.load(settings.loss, len(dataset.class_names)).takes_probabilities:
        yield Remark(
            f"{optimizers.label(settings.loss)} takes probabilities, as its from_logits is False, and the outputs of "
            "this network are logits: it then computes something else. Give it from_logits=True."
        )
    with ExitStack() as until_connected:
        if settings.strategy == "multi-worker":
            for awaited in workers.still_to_come(until_connected):
                yield Phase("waiting", awaited)
        place = devices.place(settings)
    yield Phase("compiling")
    trainer = classifier_trainer.trainer(settings, dataset, place)
    with trainer.lock:
        try:
            run = _Run(trainer, settings, dataset=dataset)
            run.begin(snapshot)
            run.heard((yield Phase("running")))
            if snapshot is None:
                for images in run.sample():
                    run.heard((yield images))
            return run.trained((yield from run.epochs()))
        finally:
            trainer.end()


@dataclass
class _Run(TrainingRun[ClassifierSettings]):
    """One run of the classifier lessons' network on a dataset; `outputs` are logits [n, classes]."""

    OTHER_DATA = "--data, --data-dir: the examples are not those that the run was trained and tested on so far"

    dataset: Dataset = field(kw_only=True)

    def start(self) -> None:
        classifier_trainer.begin(self.trainer, self.dataset, self.settings, self.settings.seed)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.dataset.class_names

    def evaluated(self, epoch: int | None, train_accuracy: float | None) -> Evaluated:
        self.outputs, apart = self._predict()
        labels, kept = self._test_labels, self.dataset.validation_labels.astype(np.int64)
        predictions: IntArray = self.outputs.argmax(axis=1)
        return Evaluated(
            step=self.step,
            epoch=epoch,
            loss=self._mean_loss(self.outputs, labels),
            accuracy=float(np.mean(predictions == labels)),
            confusion=scores.confusion_matrix(labels, predictions, len(self.class_names)),
            class_names=self.class_names,
            train_accuracy=train_accuracy,
            validation_loss=self._mean_loss(apart, kept) if len(kept) else None,
            validation_accuracy=float(np.mean(apart.argmax(axis=1) == kept)) if len(kept) else None,
        )

    def predict_again(self) -> None:
        self.outputs, _ = self._predict()

    def _mean_loss(self, logits: FloatArray, labels: IntArray) -> float:
        """The mean of the minimised loss, without penalties of regularizers."""
        if is_file(self.settings.loss):
            return float(mean(self.trainer.task.loss, tf.constant(labels, tf.int32), tf.constant(logits)))
        of = scores.mean_squared_error if self.settings.loss == MSE else scores.mean_cross_entropy
        return of(logits, labels)

    def _predict(self) -> tuple[FloatArray, FloatArray]:
        """Compute the logits [n, classes] of the test images, and of the validation images."""
        found, tested = self.trainer.predict().outputs, len(self._test_labels)
        return found[:tested], found[tested:]

    @property
    def _test_labels(self) -> IntArray:
        labels: IntArray = self.dataset.test_labels[: self.settings.test_examples].astype(np.int64)
        return labels

    def sample(self) -> tuple[Images, ...]:
        """The first training image, as the course logs it; none where the data are no images."""
        images, labels = self.dataset.train_images[:1], self.dataset.train_labels[:1].astype(np.int64)
        if not are_images(images):
            return ()
        return (Images("Training sample:", 0, as_pixels(images), labels, None, self.dataset.class_names),)

    def shown(self) -> tuple[Images, ...]:
        """The first test images with their predicted classes, one by one and as a grid."""
        if self.outputs is None:
            raise RuntimeError("images are shown after a test")
        return of_test(
            self.step,
            self.dataset.test_images[: self.settings.test_examples],
            self._test_labels,
            self.outputs[:SHOWN].argmax(axis=1),
            self.class_names,
        )

    def trained(self, diverged: bool) -> Trained:
        """The result of the run."""
        rate = self.settings.learning_rate
        return Trained(self.dataset.class_names, tuple(self.evaluations), self.outputs, self.mse, diverged, rate)

    def data_sum(self) -> int:
        return self._data_sum

    @cached_property
    def _data_sum(self) -> int:
        """The CRC-32 of the images and labels in use; 20 ms for all of Fashion-MNIST, once per run."""
        count, tested, found = self.trainer.count, self.settings.test_examples, 0
        for part in (
            self.dataset.train_images[:count],
            self.dataset.train_labels[:count],
            self.dataset.test_images[:tested],
            self.dataset.test_labels[:tested],
            self.dataset.validation_images,
            self.dataset.validation_labels,
        ):
            found = zlib.crc32(np.ascontiguousarray(part).data, found)
        return found

    def mark(self) -> int:
        """The CRC-32 of what must be equal on all workers: the data, and the settings that affect the numbers."""
        texts = {name: text for name, text in self.settings.texts().items() if name not in OF_A_WORKER}
        return zlib.crc32(repr(texts).encode(), self._data_sum)
