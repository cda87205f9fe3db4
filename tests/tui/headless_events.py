"""Made-up events of a run."""

from __future__ import annotations

import numpy as np

from engine.events import (
    Curve,
    Delivery,
    Evaluated,
    Event,
    Learned,
    Metrics,
    Minimum,
    Outcome,
    PathEnded,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    RunStarted,
    SurfaceDrawn,
    Table,
)
from tui.headless.reporter import Report

MINIMUM = Minimum("(3, 2)", (3.0, 2.0), 0.0)


def delivered(event: Event, elapsed_s: float = 0.0) -> Delivery:
    return Delivery("himmelblau", elapsed_s, event)


def said(report: Report, *events: Event) -> str:
    """The text that a report makes of some events."""
    return "".join(report.text(delivered(event)) for event in events)


def started(lesson: str = "himmelblau", **settings: str) -> RunStarted:
    return RunStarted(lesson, lesson.capitalize(), settings, f"gdtui {lesson}")


def opened(*labels: str, total_steps: int = 40) -> PathsOpened:
    count = len(labels)
    zeros = np.zeros((count, 2), np.float32)
    return PathsOpened(labels, ("sgd",) * count, zeros, np.full(count, 170, np.float32), zeros, total_steps)


def grew(first_step: int, steps: int, paths: int = 1) -> PathsGrew:
    """Paths on which x is (step, −step) and f is step."""
    number = np.arange(first_step, first_step + steps, dtype=np.float32)
    points = np.tile(np.stack([number, -number], axis=-1), (paths, 1, 1))
    return PathsGrew(first_step, points, np.tile(number, (paths, 1)), points, 0.01)


def metrics(epoch: int, first_step: int, steps: int, norm: float = 1.0, rate: float = 1000.0) -> Metrics:
    """Steps whose loss is 1/step."""
    loss = (1 / np.arange(first_step, first_step + steps)).astype(np.float32)
    return Metrics(epoch, first_step, loss, loss / 10, norm, 0.001, rate, 938, 2)


def evaluated(step: int, epoch: int | None, accuracy: float = 0.86) -> Evaluated:
    return Evaluated(step, epoch, 0.4, accuracy, np.array([[9, 1], [2, 8]]), ("bag", "coat"), 0.85)


def surface() -> SurfaceDrawn:
    x = np.linspace(-6.0, 6.0, 25)
    z = (x[None] ** 2 + x[:, None] - 11) ** 2 + (x[None] + x[:, None] ** 2 - 7) ** 2
    return SurfaceDrawn("himmelblau", "Himmelblau", "f(x, y) = (x² + y − 11)² + …", x, x, z, (MINIMUM,))


def curve() -> Curve:
    x = np.linspace(-3.0, 3.0, 61)
    return Curve("parabola", "parabola", "f(x) = x²", x, x * x, 2 * x)


def descent() -> list[Event]:
    """A whole descent of two paths, one of which arrives."""
    return [
        started(),
        Phase("compiling"),
        Remark("A step goes downhill by η times the gradient."),
        surface(),
        opened("from (1, 0)", "from (−4, 0)"),
        Phase("running"),
        grew(1, 40, paths=2),
        PathEnded(0, "from (1, 0)", (3.0, 2.0), 1e-12, 1e-5, MINIMUM, 21),
        PathEnded(1, "from (−4, 0)", (40.0, -40.0), 40.0, 56.0, None, None, diverged_step=41),
        Learned("The path reached the minimum (3, 2). It took 21 steps."),
        Phase("done"),
        RunEnded(Outcome.DONE, 40, "finished"),
    ]


def training() -> list[Event]:
    """A whole training of two epochs, as chunks of odd lengths."""
    return [
        started("fashion-mnist", log_every="100"),
        Phase("running"),
        *(metrics(1, first, min(67, 470 - first)) for first in range(1, 470, 67)),
        evaluated(469, 1, 0.82),
        *(metrics(2, first, min(31, 939 - first)) for first in range(470, 939, 31)),
        evaluated(938, 2, 0.86),
        Learned("After 2 epochs the network is right on 86 %."),
        RunEnded(Outcome.DONE, 938, "finished"),
    ]


TABLE = Table("linear", "y = x·w + b", ("quantity", "tape"), (("y", 5.0), ("dy/dw", 3.25), ("d²y/dw²", None)))
