"""The live pane of a classifier lesson: progress, loss, accuracy, gradient norm, images, confusion matrix."""

from __future__ import annotations

import math
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Static

from tui.text.words import number
from tui.views.training_picture import TrainingPicture
from tui.widgets.ascii import DrawsAscii
from tui.widgets.background import Background, Box
from tui.widgets.loss_plot import LossPlot
from tui.widgets.pane_tabs import PaneTabs, TabbedView
from tui.widgets.run_sparkline import RunSparkline
from tui.widgets.training.accuracy_plot import AccuracyPlot
from tui.widgets.training.confusion_matrix import ConfusionMatrix
from tui.widgets.training.image_grid import ImageGrid
from tui.widgets.training.run_progress import Progress, RunProgress

BESIDE_PAUSE_S = 1.0
"""The pause of the plots beside the loss: if each were drawn for all news, it would take as much of a core as the
loss."""

PANELS = ("loss", "accuracy", "gradient", "images", "confusion")
"""The panels, by the ids of their widgets: shown together if there is room, else one per tab."""


_BESIDE = Size(29, 5)
"""The columns and rows of the screen that other panes and the lines at its edges take."""


class Waiting(Static, can_focus=True):
    """The line that describes what the run is doing while there is nothing to draw."""


class Run(Box):
    """What the run shows. While it is covered by the waiting line, nothing in it takes the focus."""

    covered = False

    def allow_focus_children(self) -> bool:
        return not self.covered


class TrainingView(TabbedView, DrawsAscii, Background):
    """Everything that a classifier run shows, laid out for the available size: tabs, two columns, or all at full
    size."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_panel(1)", "View"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]
    DEFAULT_CSS = """
    TrainingView {
        layers: run waiting;
        & > #run { layer: run; height: 100%; layout: vertical; visibility: hidden; }
        & > #waiting { layer: waiting; display: none; height: 100%; content-align: center middle; color: $text-quiet; }
        PaneTabs { display: none; }
        #panels { height: 1fr; layout: vertical; }
        #rate { display: none; height: 1; }
        &.-rate #rate { display: block; }
        #curves, #pictures, #small { layout: vertical; height: 1fr; }
        &.-tabs {
            PaneTabs { display: block; }
            #panels, #curves, #pictures, #small { layout: vertical; height: auto; }
            #panels { height: 1fr; }
            .panel { display: none; height: 100%; }
            .panel.-shown { display: block; }
            #curves, #pictures, #small { display: none; height: 1fr; }
            #curves.-shown, #pictures.-shown, #small.-shown { display: block; }
        }
        &.-columns {
            #sparkline { height: 1; }
            #panels { layout: horizontal; }
            #curves { width: 1fr; margin-right: 2; }
            #pictures { width: 1fr; }
            #loss { height: 5fr; }
            #small { height: 7fr; }
            #images { height: 1fr; }
            #confusion { height: 12; }
        }
        &.-grid {
            #sparkline { height: 1; }
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

    panels = PANELS
    panel = reactive("loss")
    """The panel shown while there is room for only one."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture = TrainingPicture()
        self._composed = False
        self._progress, self._sparkline = RunProgress(), RunSparkline(id="sparkline")
        self._rate = RunSparkline("rate", "η ", id="rate")
        self._tabs = PaneTabs()
        self._waiting, self._run = Waiting("", markup=False, id="waiting"), Run(id="run")
        self._loss = LossPlot(id="loss", classes="panel")
        self._accuracy = AccuracyPlot(pause_s=BESIDE_PAUSE_S, id="accuracy", classes="panel")
        self._gradient = LossPlot(value_name="gradient norm", pause_s=BESIDE_PAUSE_S, id="gradient", classes="panel")
        self._images = ImageGrid(id="images", classes="panel")
        self._confusion = ConfusionMatrix(id="confusion", classes="panel")

    def compose(self) -> ComposeResult:
        yield self._waiting
        with self._run:
            yield self._progress
            yield self._sparkline
            yield self._rate
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
        """Show the present state of the run. What has not changed since the last call is not drawn again."""
        self._picture = picture
        if not self._composed:
            return
        changed = self._show_waiting(picture.waiting)
        losses = ((picture.loss,) if picture.loss is not None else ()) + picture.overlays
        self._progress.show(_progress(picture))
        self._sparkline.show(picture.loss)
        self._rate.show(picture.rate)
        self.set_class(picture.rate is not None, "-rate")
        mse = float("nan") if picture.metrics is None else float(picture.metrics.mse[-1])
        self._loss.show(losses, beside=f"MSE {number(mse)}" if math.isfinite(mse) else "")
        if changed:  # the first frame is the largest: together with these plots, it took more than 50 ms
            self.call_after_refresh(self._show_beside)
        else:
            self._show_beside()

    def _show_beside(self) -> None:
        """Show what is beside the losses."""
        picture = self._picture
        self._accuracy.show_evaluations(picture.evaluations)
        self._gradient.show(() if picture.gradient_norm is None else (picture.gradient_norm,))
        first = next((each.step for each in picture.evaluations if each.epoch is not None), math.inf)
        trained = picture.metrics.last_step if picture.metrics is not None else 0
        # Images follow an epoch's test at once: where steps come after one without any, there are none to come.
        self._images.show(picture.images, none_to_come=trained > first)
        self._confusion.show(picture.evaluations[-1] if picture.evaluations else None)

    def _show_waiting(self, words: str) -> bool:
        """Show one line over the empty plots; the focus moves to what is on top. Returns whether that changed.

        Not by a class of the view: at the run's first step that resolved the styles of all its descendants, 60 ms. The
        plots keep their places under the line: hidden ones were laid out twice at the first step, 40 ms.
        """
        if words:
            self._waiting.update(self._glyphs.spelled(words))
        if bool(words) == self._waiting.display:
            return False
        focused = self.screen.focused
        inside = focused is not None and self in focused.ancestors
        self._waiting.display = self._run.covered = bool(words)
        if inside:
            top = self._waiting if words else self.query_one(f"#{self.panel}")
            self.screen.set_focus(top, scroll_visible=False)
        return True

    def on_mount(self) -> None:
        self._composed = True
        # What fits beside the lessons is nearly always right: at the start of a run no style changes then.
        self._arrange(self.app.size.width - _BESIDE.width, self.app.size.height - _BESIDE.height)
        self.watch_panel()
        self.show(self._picture)

    def on_resize(self, event: events.Resize) -> None:
        self._arrange(*event.size)
        if not self._run.visible:
            self.call_after_refresh(self._lay_out_run)

    def _lay_out_run(self) -> None:
        """Lay the plots out, once, in a frame of its own after that of the waiting line."""
        self._run.visible = True

    def _arrange(self, width: int, height: int) -> None:
        """Choose the layout for a size in cells."""
        everything = width >= 160 and height >= 45
        grid = not everything and width >= 120 and height >= 55  # the 25 images at half their size, and the matrix
        columns = not (everything or grid) and width >= 90 and height >= 30
        kind = "-all" if everything else "-grid" if grid else "-columns" if columns else "-tabs"
        if not self.has_class(kind):
            # All at once: each change of a class resolves the styles of all descendants again.
            self.remove_class("-all", "-grid", "-columns", "-tabs", update=False)
            self.add_class(kind)

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


def _progress(picture: TrainingPicture) -> Progress:
    metrics = picture.metrics
    if metrics is None:
        return Progress(phase=picture.phase, elapsed_s=picture.elapsed_s)
    return Progress(
        metrics.last_step,
        metrics.total_steps,
        metrics.epoch,
        metrics.total_epochs,
        picture.steps_per_s,
        picture.elapsed_s,
        picture.phase,
    )
