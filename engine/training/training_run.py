"""A run of a trainer from its first step to its last: steps, tests at the ends of epochs and between, snapshots.
Subclasses define the data, and the results of a test."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from engine.descent import schedules
from engine.errors import InputError
from engine.events import Diverged, Evaluated, Event, FloatArray, Histograms, Images, Metrics, Snapshot
from engine.lesson import Turn
from engine.run.checkpoints import DOES_NOT_FIT
from engine.training.call_length import STEPS_A_CALL, CallLength
from engine.training.distributed import WorkerStopped
from engine.training.loop import Trainer

Array = npt.NDArray[Any]


class RunSettings(Protocol):
    """The settings that a run of a trainer reads."""

    @property
    def seed(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def learning_rate(self) -> float | None: ...
    @property
    def log_every(self) -> int: ...
    @property
    def test_every(self) -> int: ...


S = TypeVar("S", bound=RunSettings)

Heard = Generator[Event, "Turn[Any] | None", None]


@dataclass
class TrainingRun(ABC, Generic[S]):
    """One run of a trainer. `step` steps are taken, `correct` examples of this epoch were classified correctly;
    `outputs` are the model's for the test inputs at the last test. `own_rate` is the optimizer's rate if none is
    set."""

    OTHER_DATA: ClassVar[str] = ""
    """The message about a snapshot of a run on other data."""

    trainer: Trainer
    settings: S
    step: int = 0
    correct: int = 0
    evaluations: list[Evaluated] = field(default_factory=list)
    outputs: FloatArray | None = None
    mse: float = float("nan")
    own_rate: float = float("nan")
    last_finite: float = float("nan")
    turn: Turn[Any] | None = None
    call_length: CallLength = field(default_factory=CallLength)

    @abstractmethod
    def start(self) -> None:
        """Put the trainer at the start, with its data."""

    @abstractmethod
    def evaluated(self, epoch: int | None, train_accuracy: float | None) -> Evaluated:
        """Test the model; keeps its outputs for the test inputs in `outputs`."""

    @abstractmethod
    def predict_again(self) -> None:
        """Set `outputs` after a snapshot was restored: the tests before it have been reported already."""

    @abstractmethod
    def shown(self) -> Sequence[Images]:
        """Images of the test set with the model's predictions, after a test."""

    @abstractmethod
    def data_sum(self) -> int:
        """A checksum of the data in use."""

    @abstractmethod
    def mark(self) -> int:
        """A number that must be equal on all workers."""

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes; empty for a regression."""

    def kept_tests(self) -> dict[str, Array]:
        """The tests so far as arrays of a snapshot; NaN stands for a number that a test does not have."""
        tests = self.evaluations
        classes = len(tests[0].class_names) if tests else 0
        numbers = [(each.loss, each.accuracy, each.train_accuracy) for each in tests]
        kept = [(each.validation_loss, each.validation_accuracy) for each in tests]
        return {
            "run/steps": np.array([each.step for each in tests], np.int64),
            "run/tests": np.array(numbers, np.float64).reshape(-1, 3),
            "run/validation": np.array(kept, np.float64).reshape(-1, 2),
            "run/confusions": np.array([each.confusion for each in tests], np.int64).reshape(
                len(tests), classes, classes
            ),
        }

    def tests_again(self, arrays: Mapping[str, Array]) -> list[Evaluated]:
        """Restore the tests from the arrays of `kept_tests`. Raises KeyError, ValueError or TypeError if they are
        invalid."""
        steps = arrays["run/steps"]
        kept = arrays.get("run/validation", np.full((len(steps), 2), np.nan))  # older versions left it out
        return [
            Evaluated(
                step=int(step),
                epoch=int(step) // self.trainer.steps_an_epoch,
                loss=float(loss),
                accuracy=float(accuracy),
                confusion=np.array(confusion),
                class_names=self.class_names,
                train_accuracy=_known(train_accuracy),
                validation_loss=_known(kept_loss),
                validation_accuracy=_known(kept_accuracy),
            )
            for step, (loss, accuracy, train_accuracy), (kept_loss, kept_accuracy), confusion in zip(
                steps, arrays["run/tests"], kept, arrays["run/confusions"], strict=True
            )
        ]

    def begin(self, snapshot: Snapshot | None) -> None:
        """Put the trainer at the start or where the snapshot was taken, and compile."""
        self.start()
        self.own_rate = self.trainer.learning_rate
        if snapshot is not None:
            self._restore(snapshot)
        if self.trainer.place.workers is not None:
            self.step, state = self.trainer.place.workers.meet(self.step, self.mark(), self.trainer.state())
            self.trainer.restore(state)
        self.trainer.learning_rate = self._rate
        scheduled = cast("schedules.ScheduleSettings", self.settings)
        self.trainer.schedule = schedules.schedule(scheduled, self._total_steps)
        self.trainer.shuffle(self.settings.seed, self.epoch)
        self.trainer.compile()

    @property
    def _total_steps(self) -> int:
        return self.settings.epochs * self.trainer.steps_an_epoch

    @property
    def _rate(self) -> float:
        """The learning rate of the following steps."""
        rate: float | None = self.settings.learning_rate
        return self.own_rate if rate is None else rate

    @property
    def epoch(self) -> int:
        """The epoch of the next step; the first is 1."""
        return self.step // self.trainer.steps_an_epoch + 1

    def epochs(self) -> Generator[Event, Turn[Any] | None, bool]:
        """Run the remaining epochs; returns True if a number stopped being finite."""
        while self.epoch <= self.settings.epochs:
            self.trainer.shuffle(self.settings.seed, self.epoch)
            diverged = yield from self._epoch()
            if diverged:
                return True
        return False

    def _epoch(self) -> Generator[Event, Turn[Any] | None, bool]:
        """Run the rest of an epoch, its tests and the report at its end; returns True if a number stopped being
        finite."""
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
                self.heard((yield self._test(None)))
        evaluated = self._test(epoch)
        self.evaluations.append(evaluated)
        self.correct = 0
        self.heard((yield evaluated))
        last_batch = self.trainer.steps_an_epoch - 1
        self.heard((yield Histograms(self.step, epoch, self.trainer.histograms(last_batch))))
        for images in self.shown():
            self.heard((yield images))
        yield from self._snapshot_if_asked()
        return False

    def heard(self, turn: Turn[Any] | None) -> None:
        """Take in what the runner sent; a request for a snapshot stays until it is fulfilled."""
        if turn is None:
            return
        asked = turn.snapshot or (self.turn is not None and self.turn.snapshot)
        self.turn = Turn(turn.settings, turn.steps, asked)
        self.settings = turn.settings
        if self.trainer.learning_rate != np.float32(self._rate):
            self.trainer.learning_rate = self._rate

    def _snapshot_if_asked(self) -> Heard:
        """Yield a Snapshot between two steps, after all events of the last step."""
        while self.turn is not None and self.turn.snapshot:
            self.turn = Turn(self.turn.settings, self.turn.steps)
            self.heard((yield self._snapshot()))

    def _advance(self, epoch: int, end: int) -> tuple[Metrics, bool]:
        """Take the steps of one event; returns their metrics and whether all numbers are still finite."""
        steps = self._stretch(end)
        in_epoch = self.step - (epoch - 1) * self.trainer.steps_an_epoch
        self.call_length.begin()
        stretch = self.trainer.advance(in_epoch, steps, self.step)
        steps_per_s = self.call_length.end(len(stretch.loss))
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
            learning_rate=self.trainer.learning_rate if stretch.rates is None else float(stretch.rates[-1]),
            steps_per_s=steps_per_s,
            total_steps=self._total_steps,
            total_epochs=self.settings.epochs,
            rates=stretch.rates,
        )
        return metrics, finite

    def _stretch(self, end: int) -> int:
        """Choose the number of steps of the next call: up to the next step that is logged or tested, in equal parts,
        each no longer than requested or, without a request, as near as possible to the call length.

        So the gradient norm, which is known only at the end of a call, is known at every logged step, including the
        first, at any speed.
        """
        goals = [end - self.step if self.step else 1]
        for every in (self.settings.log_every, self.settings.test_every):
            if every:
                goals.append(every - self.step % every)
        to_goal = min(goals)
        asked = self.turn.steps if self.turn else None
        wanted = 1 if asked else round(to_goal / self.call_length.steps)
        parts = max(wanted, -(-to_goal // min(asked or STEPS_A_CALL, STEPS_A_CALL)))
        return -(-to_goal // parts)

    def _diverged(self, metrics: Metrics) -> Diverged:
        """Report what stopped being finite: the loss of the last step, or a weight after it."""
        what = "the loss" if not np.isfinite(metrics.loss[-1]) else "a weight"
        rate = self.trainer.learning_rate
        return Diverged(self.step, what, rate, self.last_finite, rate / 3)

    def _test(self, epoch: int | None) -> Evaluated:
        seen = self._examples_seen()
        return self.evaluated(epoch, self.correct / seen if seen else None)

    def _examples_seen(self) -> int:
        """How many examples of this epoch the steps so far have used; at its end, all of them."""
        whole, rest = divmod(self.step, self.trainer.steps_an_epoch)
        if rest == 0 and whole:
            return self.trainer.count
        return min(rest * self.trainer.batch_size, self.trainer.count)

    def _snapshot(self) -> Snapshot:
        """Everything that the steps so far have changed: variables, the count of correct answers, the tests."""
        arrays = self.trainer.state()
        arrays["run/correct"] = np.array(self.correct, np.int64)
        arrays["run/last_finite"] = np.array(self.last_finite, np.float64)
        arrays["run/mse"] = np.array(self.mse, np.float64)
        arrays["run/data"] = np.array(self.data_sum(), np.int64)
        return Snapshot(self.step, self.epoch, arrays | self.kept_tests())

    def _restore(self, snapshot: Snapshot) -> None:
        arrays = snapshot.arrays
        try:
            same_data = int(arrays["run/data"]) == self.data_sum()
            if same_data:  # other data may have another shape
                self.trainer.restore(arrays)
            self.step, self.correct = snapshot.step, int(arrays["run/correct"])
            self.last_finite, self.mse = float(arrays["run/last_finite"]), float(arrays["run/mse"])
            self.evaluations = self.tests_again(arrays)
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(f"{DOES_NOT_FIT}: {error}") from None
        if not same_data:
            raise InputError(self.OTHER_DATA)
        if self.evaluations:
            self.predict_again()
            self.trainer.restore(arrays)  # a model may draw random numbers when it is tested


def _known(number: float) -> float | None:
    """A number of a test; None if the test had none."""
    return None if np.isnan(number) else float(number)
