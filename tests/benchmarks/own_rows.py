"""Steps per second of a learner's own models compared with Keras: the measurements of workers."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.contest import Contestant
from tests.benchmarks.rows import Row, Target, ratio
from tests.benchmarks.workers import Asked, Worker


@dataclass(frozen=True)
class OwnModel:
    """A model of tests/benchmarks/models, and the size of a round: steps of ours, epochs of Keras's."""

    file: str
    what: str
    target: float
    steps: int
    epochs: int

    @property
    def ours(self) -> str:
        """The contestant of gdtui."""
        return f"gdtui train {self.file}.py"

    @property
    def fit(self) -> str:
        """The contestant of Keras."""
        return f"Keras fit, {self.file}"


MODELS = (
    OwnModel("mlp", "the lesson's MLP", 4, 2000, 1),
    OwnModel("cnn", "a small CNN, two convolutions with pooling", 1.7, 200, 1),
    OwnModel("normalised", "Dense with BatchNormalization and Dropout", 1.9, 800, 1),
    OwnModel("regression", "a 1-D regression, two layers of 32", 20, 8000, 1),
    OwnModel("lstm", "LSTM(32)", 3, 250, 1),
)

ROWS = tuple(
    Row(
        f"own-{model.file}",
        f"steps/s of a learner's own model against Keras fit with defaults: {model.what}",
        Target(">=", model.target),
        (model.ours, model.fit),
        ratio(model.ours, model.fit, "steps_per_s"),
    )
    for model in MODELS
)


def trainers() -> list[Contestant]:
    """The contestants: all models of one side in one process."""
    ours, fit = Worker("ours.own_models"), Worker("peers.keras_own")
    found: list[Contestant] = []
    for model in MODELS:
        found.append(Asked(model.ours, ours, {"model": model.file, "steps": model.steps}))
        found.append(Asked(model.fit, fit, {"model": model.file, "epochs": model.epochs}))
    return found
