"""Lesson 7: the same network on MNIST, logged for TensorBoard: scalars, one image, a batch of images, an image grid."""

from __future__ import annotations

from dataclasses import dataclass

from engine import classifier, classifier_words
from engine.classifier_settings import ClassifierSettings
from engine.events import Learned, Remark, Snapshot
from engine.lesson import Lesson, Run
from engine.settings import integer, number


@dataclass(frozen=True, kw_only=True)
class TensorBoardSettings(ClassifierSettings):
    """What lesson 7 can be told: ten epochs at a rate ten times lesson 6's, as in the course."""

    epochs: int = integer(10, low=1, high=10_000, unit="epochs", help="passes over the training set")
    learning_rate: float = number(0.01, low=0.0, high=1e3, live=True, help="η, how far one step goes")


def run(settings: TensorBoardSettings) -> Run[TensorBoardSettings]:
    """Train on the whole of MNIST and say what goes into the log."""
    yield Remark(
        "A run that leaves numbers behind can be compared. This one logs train-loss, test-acc, the learning rate and "
        "the gradient norm; one training image, 25 test images, and the same 25 as one picture with what they were "
        "taken for; and how weights and gradients are spread."
    )
    yield from _train(settings, None)


def resume(settings: TensorBoardSettings, snapshot: Snapshot) -> Run[TensorBoardSettings]:
    """Go on from a snapshot."""
    yield from _train(settings, snapshot)


def _train(settings: TensorBoardSettings, snapshot: Snapshot | None) -> Run[TensorBoardSettings]:
    trained = yield from classifier.train("mnist", settings, snapshot)
    yield Learned(classifier_words.in_words(trained, settings))


LESSON = Lesson(
    number=7,
    id="tensorboard",
    title="TensorBoard",
    summary="the same network on MNIST, logged for TensorBoard",
    settings=TensorBoardSettings,
    run=run,
    resume=resume,
    code=(
        "engine.lessons.tensorboard:run",
        "engine.summaries:SummaryWriter",
        "engine.listener:TensorBoardServer",
        "engine.training:gradients_of",
        "engine.training:train_step",
        "engine.classifier:train",
    ),
    classifier=True,
)
