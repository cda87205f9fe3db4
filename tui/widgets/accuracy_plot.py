"""Accuracy on the training examples and on the test set, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

from engine.events import Evaluated
from tui.widgets.loss_plot import LossPlot


class AccuracyPlot(LossPlot):
    """Train and test accuracy over epochs (over steps until the first epoch ends); keys as in LossPlot."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(
            value_name="accuracy", step_name="epoch", smoothing=0.0, ascii_only=ascii_only, id=id, classes=classes
        )
        self._evaluations: tuple[Evaluated, ...] = ()

    def show_evaluations(self, evaluations: Sequence[Evaluated]) -> None:
        """Show what the evaluations found, in the order of their steps."""
