"""View data of the live pane of a classifier's training."""

from __future__ import annotations

from dataclasses import dataclass

from engine.events import Evaluated, Images, Metrics
from tui.model.series import Series


@dataclass(frozen=True, slots=True)
class TrainingPicture:
    """The content of the live pane. `overlays` are other runs' losses, ghosts among them.

    `gradient_norm` has one value per Metrics event; `rate` is the learning rate of every step, None if it is constant.
    `phase` is the engine's, `elapsed_s` the run's own time, and `steps_per_s` its rate. `waiting` describes what the
    run is doing while there is nothing to draw.
    """

    loss: Series | None = None
    overlays: tuple[Series, ...] = ()
    gradient_norm: Series | None = None
    rate: Series | None = None
    evaluations: tuple[Evaluated, ...] = ()
    metrics: Metrics | None = None
    images: tuple[Images, ...] = ()
    phase: str = ""
    elapsed_s: float = 0.0
    steps_per_s: float = 0.0
    waiting: str = ""
