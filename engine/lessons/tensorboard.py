"""Lesson 7: the same network on MNIST, logged for TensorBoard: scalars, one image, a batch of images, an image grid.

The training modules are imported when a run begins: the list of lessons, for which the app waits, needs none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.contents import heading
from engine.events import Learned, Remark, Snapshot
from engine.lesson import Lesson, Run
from engine.settings import integer, number
from engine.training.classifier_settings import ClassifierSettings


@dataclass(frozen=True, kw_only=True)
class TensorBoardSettings(ClassifierSettings):
    """Settings of lesson 7: ten epochs at ten times lesson 6's rate, as in the course."""

    epochs: int = integer(10, low=1, high=10_000, unit="epochs", help="passes over the training set")
    learning_rate: float = number(0.01, low=0.0, high=1e3, live=True, help="η: a step is η times the slope")


def run(settings: TensorBoardSettings) -> Run[TensorBoardSettings]:
    """Train on all of MNIST and explain the contents of the log."""
    yield Remark(
        "A run that leaves a log can be compared with others. This one feeds its summary writer train-loss, test-acc, "
        "the learning rate and the gradient norm; one training image, 25 test images, and the same 25 as one grid with "
        "the predicted classes; and histograms of weights and gradients."
    )
    yield from _train(settings, None)


def resume(settings: TensorBoardSettings, snapshot: Snapshot) -> Run[TensorBoardSettings]:
    """Continue from a snapshot."""
    yield from _train(settings, snapshot)


def _train(settings: TensorBoardSettings, snapshot: Snapshot | None) -> Run[TensorBoardSettings]:
    from engine.training import classifier, classifier_words, datasets

    dataset = datasets.load("mnist", settings.data_dir, settings.data)
    trained = yield from classifier.train(dataset, settings, snapshot)
    yield Learned(classifier_words.in_words(trained, settings))


LESSON = Lesson(
    **vars(heading("tensorboard")),
    settings=TensorBoardSettings,
    run=run,
    resume=resume,
    code=(
        "engine.run.tensorboard_server:TensorBoardServer.start",
        "engine.log.summaries:SummaryWriter",
        "engine.log.summaries:_images",
        "engine.lessons.tensorboard:run",
        "engine.training.step:train_step",
        "engine.training.classifier:train",
    ),
    classifier=True,
)
