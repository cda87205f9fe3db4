"""A classifier's run from its first step to its last: what the lessons that train a network have in common."""

from __future__ import annotations

import zlib
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine import datasets, devices, scores, training, workers
from engine.cadence import STEPS_A_CALL, Cadence
from engine.checkpoints import DOES_NOT_FIT
from engine.classifier_settings import ClassifierSettings
from engine.datasets import Dataset
from engine.distributed import WorkerStopped
from engine.errors import InputError
from engine.events import Diverged, Evaluated, Event, FloatArray, Histograms, Images, IntArray, Metrics, Phase, Snapshot
from engine.lesson import Turn
from engine.training import Trainer

# The course logs its first 25 test images, as a 5 by 5 grid.
SHOWN = 25

# What each worker may be told differently; of the rate, the chief's goes for all.
OF_A_WORKER = ("data_dir", "device", "learning_rate", "log_every", "speed", "test_every", "threads")

Running = Generator[Event, "Turn[ClassifierSettings] | None", "Trained"]


@dataclass(frozen=True)
class Trained:
    """What came of a run: the class names, every test at an epoch's end, and the last test's logits [n, 10].

    `evaluations` are empty where the run diverged in its first epoch; then `logits` is None. `last_rate` is the
    learning rate at the end: it can be changed while a run goes on.
    """

    class_names: tuple[str, ...]
    evaluations: tuple[Evaluated, ...]
    logits: FloatArray | None
    mse: float
    diverged: bool
    last_rate: float | None = None


def train(name: str, settings: ClassifierSettings, snapshot: Snapshot | None = None) -> Running:
    """Train on the dataset `name` and test as the settings say, from the start or from `snapshot` on.

    Yields Phase, Images, Metrics, Evaluated, Histograms, Snapshot where one is asked for and, where the loss or a
    weight stopped being finite, Diverged.

    Raises:
        DatasetError: the data cannot be read.
        InputError: the snapshot does not fit the settings, or what they ask for is not on this machine.
        WorkerLost: another worker has ended.
    """
    dataset = datasets.load(name, settings.data_dir)
    with ExitStack() as until_connected:
        if settings.strategy == "multi-worker":
            for awaited in workers.still_to_come(until_connected):
                yield Phase("waiting", awaited)
        place = devices.place(settings)
    yield Phase("compiling")
    trainer = training.trainer(settings, dataset, place)
    with trainer.lock:
        try:
            run = _Run(trainer, dataset, settings)
            run.begin(snapshot)
            run.heard((yield Phase("running")))
            if snapshot is None:
                run.heard((yield run.sample()))
            return (yield from run.epochs())
        finally:
            trainer.end()


@dataclass
class _Run:
    """One run of a trainer. `step` steps are done, `correct` examples of this epoch were classified rightly."""

    trainer: Trainer
    dataset: Dataset
    settings: ClassifierSettings
    step: int = 0
    correct: int = 0
    evaluations: list[Evaluated] = field(default_factory=list)
    logits: FloatArray | None = None
    mse: float = float("nan")
    last_finite: float = float("nan")
    turn: Turn[ClassifierSettings] | None = None
    cadence: Cadence = field(default_factory=Cadence)

    def begin(self, snapshot: Snapshot | None) -> None:
        """Put the trainer at the start or where the snapshot was taken, and compile."""
        self.trainer.begin(self.dataset, self.settings.test_examples, self.settings.seed)
        if snapshot is not None:
            self._restore(snapshot)
        if self.trainer.place.workers is not None:
            self.step, state = self.trainer.place.workers.meet(self.step, self._mark, self.trainer.state())
            self.trainer.restore(state)
        self.trainer.learning_rate = self.settings.learning_rate
        self.trainer.shuffle(self.settings.seed, self.epoch)
        self.trainer.compile()

    @property
    def epoch(self) -> int:
        """The epoch of the next step; the first is 1."""
        return self.step // self.trainer.steps_an_epoch + 1

    def epochs(self) -> Running:
        """Every epoch that is still to come."""
        while self.epoch <= self.settings.epochs:
            self.trainer.shuffle(self.settings.seed, self.epoch)
            diverged = yield from self._epoch()
            if diverged:
                return self._trained(diverged=True)
        return self._trained(diverged=False)

    def _epoch(self) -> Generator[Event, Turn[ClassifierSettings] | None, bool]:
        """The rest of an epoch, its tests and what is shown at its end; True where a number stopped being finite."""
        epoch, end = self.epoch, self.epoch * self.trainer.steps_an_epoch
        while self.step < end:
            yield from self._snapshot_if_asked()
            try:
                metrics, finite = self._advance(epoch, end)
            except WorkerStopped:
                yield self._snapshot()
                raise
            self.heard((yield metrics))
            if not finite:
                yield self._diverged(metrics)
                return True
            every = self.settings.test_every
            if every and self.step % every == 0 and self.step < end:
                self.heard((yield self._evaluated(None)))
        evaluated = self._evaluated(epoch)
        self.evaluations.append(evaluated)
        self.correct = 0
        self.heard((yield evaluated))
        last_batch = self.trainer.steps_an_epoch - 1
        self.heard((yield Histograms(self.step, epoch, self.trainer.histograms(last_batch))))
        for images in self._shown():
            self.heard((yield images))
        yield from self._snapshot_if_asked()
        return False

    def heard(self, turn: Turn[ClassifierSettings] | None) -> None:
        """Take what the runner sent; a snapshot once asked for stays asked for until it is taken."""
        if turn is None:
            return
        asked = turn.snapshot or (self.turn is not None and self.turn.snapshot)
        self.turn = Turn(turn.settings, turn.steps, asked)
        self.settings = turn.settings
        if self.trainer.learning_rate != np.float32(turn.settings.learning_rate):
            self.trainer.learning_rate = turn.settings.learning_rate

    def _snapshot_if_asked(self) -> Generator[Event, Turn[ClassifierSettings] | None, None]:
        """Yield a Snapshot between two steps, when all that belongs to the last one has been said."""
        while self.turn is not None and self.turn.snapshot:
            self.turn = Turn(self.turn.settings, self.turn.steps)
            self.heard((yield self._snapshot()))

    def _advance(self, epoch: int, end: int) -> tuple[Metrics, bool]:
        """The steps of one event, and whether all is still finite behind them."""
        steps = self._stretch(end)
        in_epoch = self.step - (epoch - 1) * self.trainer.steps_an_epoch
        self.cadence.begin()
        stretch = self.trainer.advance(in_epoch, steps)
        steps_per_s = self.cadence.end(len(stretch.loss))
        first = self.step + 1
        self.step += len(stretch.loss)
        self.correct += stretch.correct
        self.mse = float(stretch.mse[-1])
        finite = stretch.finite and bool(np.isfinite(stretch.loss[-1]))
        known = stretch.loss[np.isfinite(stretch.loss)]
        self.last_finite = float(known[-1]) if known.size else self.last_finite
        metrics = Metrics(
            epoch=epoch,
            first_step=first,
            loss=stretch.loss,
            mse=stretch.mse,
            gradient_norm=stretch.gradient_norm,
            learning_rate=self.trainer.learning_rate,
            steps_per_s=steps_per_s,
            total_steps=self.settings.epochs * self.trainer.steps_an_epoch,
            total_epochs=self.settings.epochs,
        )
        return metrics, finite

    def _stretch(self, end: int) -> int:
        """How many steps the next call takes: no further than the next that is logged or tested, in even parts, each no
        longer than what was asked for or, where nothing was, as near as can be to what the cadence wants.

        So the gradient norm, which is known at a call's end alone, is known at every logged step, the first among them,
        however fast it goes.
        """
        goals = [end - self.step if self.step else 1]
        for every in (self.settings.log_every, self.settings.test_every):
            if every:
                goals.append(every - self.step % every)
        to_goal = min(goals)
        asked = self.turn.steps if self.turn else None
        wanted = 1 if asked else round(to_goal / self.cadence.steps)
        parts = max(wanted, -(-to_goal // min(asked or STEPS_A_CALL, STEPS_A_CALL)))
        return -(-to_goal // parts)

    def _diverged(self, metrics: Metrics) -> Diverged:
        """What stopped being finite: the loss of the last step, or a weight behind it."""
        what = "the loss" if not np.isfinite(metrics.loss[-1]) else "a weight"
        rate = metrics.learning_rate
        return Diverged(self.step, what, rate, self.last_finite, rate / 3)

    def _evaluated(self, epoch: int | None) -> Evaluated:
        self.logits = self.trainer.predict()
        labels = self._test_labels
        predictions: IntArray = self.logits.argmax(axis=1)
        seen = self._examples_seen()
        return Evaluated(
            step=self.step,
            epoch=epoch,
            loss=scores.mean_cross_entropy(self.logits, labels),
            accuracy=float(np.mean(predictions == labels)),
            confusion=scores.confusion_matrix(labels, predictions, len(self.dataset.class_names)),
            class_names=self.dataset.class_names,
            train_accuracy=self.correct / seen if seen else None,
        )

    def _examples_seen(self) -> int:
        """How many examples of this epoch the steps so far have seen; at its end, all of them."""
        whole, rest = divmod(self.step, self.trainer.steps_an_epoch)
        if rest == 0 and whole:
            return self.trainer.count
        return min(rest * self.trainer.batch_size, self.trainer.count)

    @property
    def _test_labels(self) -> IntArray:
        labels: IntArray = self.dataset.test_labels[: self.settings.test_examples].astype(np.int64)
        return labels

    def sample(self) -> Images:
        """The first training image, as the course logs it."""
        images = self.dataset.train_images[:1]
        return Images(
            "Training sample:",
            0,
            images,
            self.dataset.train_labels[:1].astype(np.int64),
            None,
            self.dataset.class_names,
        )

    def _shown(self) -> tuple[Images, Images]:
        """The first test images with what the model takes them for, one by one and as a grid."""
        if self.logits is None:
            raise RuntimeError("images are shown behind a test")
        images, labels = self.dataset.test_images[:SHOWN], self._test_labels[:SHOWN]
        predictions: IntArray = self.logits[:SHOWN].argmax(axis=1)
        names = self.dataset.class_names
        return (
            Images("val-onebyone-images:", self.step, images, labels, predictions, names),
            Images("val-images:", self.step, images, labels, predictions, names, as_grid=True),
        )

    def _trained(self, diverged: bool) -> Trained:
        rate = self.settings.learning_rate
        return Trained(self.dataset.class_names, tuple(self.evaluations), self.logits, self.mse, diverged, rate)

    @cached_property
    def _data_sum(self) -> int:
        """CRC-32 of the images and labels in use; 20 ms for all of Fashion-MNIST, once a run."""
        count, tested, found = self.trainer.count, self.settings.test_examples, 0
        for part in (
            self.dataset.train_images[:count],
            self.dataset.train_labels[:count],
            self.dataset.test_images[:tested],
            self.dataset.test_labels[:tested],
        ):
            found = zlib.crc32(np.ascontiguousarray(part).data, found)
        return found

    @property
    def _mark(self) -> int:
        """CRC-32 of what must be the same for all workers: the data, and the settings that make the numbers."""
        texts = {name: text for name, text in self.settings.texts().items() if name not in OF_A_WORKER}
        return zlib.crc32(repr(texts).encode(), self._data_sum)

    def _snapshot(self) -> Snapshot:
        """All that the steps so far have changed: variables, the count of right answers, the tests."""
        arrays = self.trainer.state()
        arrays["run/correct"] = np.array(self.correct, np.int64)
        arrays["run/last_finite"] = np.array(self.last_finite, np.float64)
        arrays["run/mse"] = np.array(self.mse, np.float64)
        arrays["run/data"] = np.array(self._data_sum, np.int64)
        arrays["run/steps"] = np.array([each.step for each in self.evaluations], np.int64)
        arrays["run/tests"] = np.array(
            [(each.loss, each.accuracy, each.train_accuracy) for each in self.evaluations], np.float64
        ).reshape(-1, 3)
        classes = len(self.dataset.class_names)
        arrays["run/confusions"] = np.array([each.confusion for each in self.evaluations], np.int64).reshape(
            -1, classes, classes
        )
        return Snapshot(self.step, self.epoch, arrays)

    def _restore(self, snapshot: Snapshot) -> None:
        arrays = snapshot.arrays
        try:
            same_data = int(arrays["run/data"]) == self._data_sum
            self.trainer.restore(arrays)
            self.step, self.correct = snapshot.step, int(arrays["run/correct"])
            self.last_finite, self.mse = float(arrays["run/last_finite"]), float(arrays["run/mse"])
            tests = zip(arrays["run/steps"], arrays["run/tests"], arrays["run/confusions"], strict=True)
            self.evaluations = [
                Evaluated(
                    int(step), int(step) // self.trainer.steps_an_epoch, float(loss), float(accuracy),
                    np.array(confusion), self.dataset.class_names, float(train_accuracy),
                )
                for step, (loss, accuracy, train_accuracy), confusion in tests
            ]  # fmt: skip
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(f"{DOES_NOT_FIT}: {error}") from None
        if not same_data:
            raise InputError("--data-dir: the images are not those that the run was trained and tested on so far")
        if self.evaluations:
            self.logits = self.trainer.predict()
