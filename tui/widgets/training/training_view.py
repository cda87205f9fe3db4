"""The live pane of a classifier lesson: progress, loss, accuracy, gradient norm, images, confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.events import Evaluated, Images, Metrics
from tui.series import Series
from tui.widgets.accuracy_plot import AccuracyPlot
from tui.widgets.confusion_matrix import ConfusionMatrix
from tui.widgets.ground import Box, Ground
from tui.widgets.image_grid import ImageGrid
from tui.widgets.loss_plot import LossPlot
from tui.widgets.loss_sparkline import LossSparkline
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.run_progress import Progress, RunProgress

BESIDE_PAUSE_S = 1.0
"""For the plots beside the loss: drawn with all that is new, each took as much of a core as that one."""

PANELS = ("loss", "accuracy", "gradient", "images", "confusion")
"""What is shown side by side where there is room, else one a tab; the ids of the widgets."""


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


class TrainingView(Ground):
    """Everything a classifier run shows, laid out for the room there is: tabs, two columns, or all at full size."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_panel(1)", "Next view"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]
    DEFAULT_CSS = """
    TrainingView {
        layout: vertical;
        & > #panels { height: 1fr; layout: vertical; }
        & > PaneTabs { display: none; }
        #curves, #pictures, #small { layout: vertical; height: 1fr; }
        &.-tabs {
            & > PaneTabs { display: block; }
            #panels, #curves, #pictures, #small { layout: vertical; height: auto; }
            #panels { height: 1fr; }
            .panel { display: none; height: 100%; }
            .panel.-shown { display: block; }
            #curves, #pictures, #small { display: none; height: 1fr; }
            #curves.-shown, #pictures.-shown, #small.-shown { display: block; }
        }
        &.-columns {
            & > LossSparkline { height: 1; }
            #panels { layout: horizontal; }
            #curves { width: 1fr; margin-right: 2; }
            #pictures { width: 1fr; }
            #loss { height: 5fr; }
            #small { height: 7fr; }
            #images { height: 1fr; }
            #confusion { height: 12; }
        }
        &.-grid {
            & > LossSparkline { height: 1; }
            #panels { layout: horizontal; }
            #curves { width: 1fr; margin-right: 2; }
            #pictures { width: 75; }
            #loss { height: 4fr; }
            #small { height: 5fr; }
            #images { height: 41; }
            #confusion { height: 1fr; }
        }
        &.-all {
            #panels { layout: horizontal; }
            #curves { width: 1fr; margin-right: 3; }
            #pictures { width: 84; }
            #loss { height: 3fr; }
            #small { height: 2fr; layout: horizontal; margin-top: 1; }
            #accuracy { width: 1fr; margin-right: 3; }
            #gradient { width: 1fr; }
            #images { height: 1fr; }
            #confusion { height: 13; margin-top: 1; }
        }
    }
    """

    panel = reactive("loss")
    """The panel shown while there is room for one only."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._picture = TrainingPicture()
        self._composed = False
        plain = ascii_only
        self._progress, self._sparkline = RunProgress(ascii_only=plain), LossSparkline(ascii_only=plain)
        self._tabs = PaneTabs(ascii_only=plain)
        self._loss = LossPlot(ascii_only=plain, id="loss", classes="panel")
        self._accuracy = AccuracyPlot(pause_s=BESIDE_PAUSE_S, ascii_only=plain, id="accuracy", classes="panel")
        self._gradient = LossPlot(
            value_name="gradient norm", pause_s=BESIDE_PAUSE_S, ascii_only=plain, id="gradient", classes="panel"
        )
        self._images = ImageGrid(ascii_only=plain, id="images", classes="panel")
        self._confusion = ConfusionMatrix(ascii_only=plain, id="confusion", classes="panel")

    def compose(self) -> ComposeResult:
        yield self._progress
        yield self._sparkline
        yield self._tabs
        with Box(id="panels"):
            with Box(id="curves"):
                yield self._loss
                with Box(id="small"):
                    yield self._accuracy
                    yield self._gradient
            with Box(id="pictures"):
                yield self._images
                yield self._confusion

    def show(self, picture: TrainingPicture) -> None:
        """Show this moment of the run. What did not change since the last call is not drawn again."""
        self._picture = picture
        if not self._composed:
            return
        losses = ((picture.loss,) if picture.loss is not None else ()) + picture.overlays
        self._progress.show(_progress(picture))
        self._sparkline.show(picture.loss)
        self._loss.show(losses)
        self._accuracy.show_evaluations(picture.evaluations)
        self._gradient.show(() if picture.gradient_norm is None else (picture.gradient_norm,))
        self._images.show(picture.images)
        self._confusion.show(picture.evaluations[-1] if picture.evaluations else None)

    def on_mount(self) -> None:
        self._composed = True
        self.watch_panel()
        self.show(self._picture)

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        everything = width >= 160 and height >= 45
        grid = not everything and width >= 120 and height >= 55  # the 25 images at half their size, and the matrix
        columns = not (everything or grid) and width >= 90 and height >= 30
        kind = "-all" if everything else "-grid" if grid else "-columns" if columns else "-tabs"
        if not self.has_class(kind):
            # All at once: each change of a class styles anew all that is inside.
            self.remove_class("-all", "-grid", "-columns", "-tabs", update=False)
            self.add_class(kind)

    def action_next_panel(self, by: int) -> None:
        """Show the next panel (1) or the one before (-1) and put the focus there."""
        focused = self.screen.focused
        here = focused.id if focused is not None and focused.id in PANELS else self.panel
        self.panel = PANELS[(PANELS.index(here) + by) % len(PANELS)]
        self.query_one(f"#{self.panel}").focus()

    def watch_panel(self) -> None:
        if not self._composed:
            return
        for panel in self.query(".panel"):
            panel.set_class(panel.id == self.panel, "-shown")
        for name, inside in (
            ("curves", ("loss", "accuracy", "gradient")),
            ("small", ("accuracy", "gradient")),
            ("pictures", ("images", "confusion")),
        ):
            self.query_one(f"#{name}").set_class(self.panel in inside, "-shown")
        self._tabs.show([(name, name) for name in PANELS], self.panel)

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        event.stop()
        self.panel = event.name


def _progress(picture: TrainingPicture) -> Progress:
    metrics = picture.metrics
    if metrics is None:
        return Progress(phase=picture.phase, elapsed_s=picture.elapsed_s)
    return Progress(
        metrics.last_step,
        metrics.total_steps,
        metrics.epoch,
        metrics.total_epochs,
        metrics.steps_per_s,
        picture.elapsed_s,
        picture.phase,
    )
