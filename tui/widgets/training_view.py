"""The live pane of a classifier lesson: progress, loss, accuracy, gradient norm, images, confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.widget import Widget

from engine.events import Evaluated, Images, Metrics
from tui.series import Series
from tui.widgets.accuracy_plot import AccuracyPlot
from tui.widgets.confusion_matrix import ConfusionMatrix
from tui.widgets.image_grid import ImageGrid
from tui.widgets.loss_plot import LossPlot
from tui.widgets.loss_sparkline import LossSparkline
from tui.widgets.run_progress import RunProgress


@dataclass(frozen=True, slots=True)
class TrainingPicture:
    """All that the live pane shows at one moment. `overlays` are other runs' losses, ghosts among them.

    `gradient_norm` has one value an event of Metrics. `phase` is the engine's, `elapsed_s` the run's own time.
    """

    loss: Series | None = None
    overlays: tuple[Series, ...] = ()
    gradient_norm: Series | None = None
    evaluations: tuple[Evaluated, ...] = ()
    metrics: Metrics | None = None
    images: tuple[Images, ...] = ()
    phase: str = ""
    elapsed_s: float = 0.0


class TrainingView(Widget):
    """Everything a classifier run shows, laid out for the room there is: tabs, two columns, or all at once."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        yield RunProgress(ascii_only=self._ascii_only)
        yield LossSparkline(ascii_only=self._ascii_only)
        yield LossPlot(ascii_only=self._ascii_only, id="loss")
        yield AccuracyPlot(ascii_only=self._ascii_only, id="accuracy")
        yield ImageGrid(ascii_only=self._ascii_only, id="images")
        yield ConfusionMatrix(ascii_only=self._ascii_only, id="confusion")

    def show(self, picture: TrainingPicture) -> None:
        """Show this moment of the run. What did not change since the last call is not drawn again."""
