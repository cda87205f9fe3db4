"""The pane of lessons 1 to 4: curves with their gradients, the descent on one, and the page of tables."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import reactive

from tui.views.curve_picture import CurvePicture
from tui.views.paths_picture import Point, ghosts_alike
from tui.widgets.curve.curve_plot import CurvePlot
from tui.widgets.curve.path_list import PathList
from tui.widgets.curve.steps_plot import StepsPlot
from tui.widgets.loss_plot import LossPlot
from tui.widgets.pane_tabs import PaneTabs, TabbedView
from tui.widgets.path_view import PathView
from tui.widgets.run_sparkline import RunSparkline
from tui.widgets.tables_view import TablesView

PANELS = ("curve", "steps", "page")
TITLES = {"curve": "curve", "steps": "f over steps", "page": "tables"}
"""The panels, by the ids of their widgets: shown together if there is room, else one per tab. Only a lesson with a
descent has steps. If the tables lead, they come first."""
WIDE, VERY_WIDE, TALL, VERY_TALL = 110, 170, 26, 44
"""Sizes in cells from which the page is beside the curve, has its full width, the steps are below the curve, and the
page is below a curve that would be narrow beside it."""
_NEAR = 3
"""A start within this many columns of the cursor counts as chosen."""


class CurveView(TabbedView, PathView[CurvePicture]):
    """Everything that a lesson of curves shows, laid out for the available size: tabs, or curves beside or above the
    page.

    Without `page` the tables are shown elsewhere. The app's own keys call `add_start` and `scrub`; the other keys are
    in BINDINGS here and on the panels. Methods and messages are those of DescentView.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_line(1)", "Next curve"),
        Binding("N", "next_line(-1)", "Previous curve", show=False),
        Binding("f", "branch", "Branch"),
        Binding("delete,backspace", "remove_start", "Remove start", show=False),
        Binding("v", "next_panel(1)", "View"),
        Binding("a", "screen.add_start", "Add start"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]

    DEFAULT_CSS = """
    CurveView {
        layout: vertical;
        & > PaneTabs { display: none; }
        & > #panels { height: 1fr; }
        #left { height: 1fr; }
        #upper { height: 1fr; }
        #steps { height: 1fr; display: none; }
        #rate { display: none; height: 1; }
        &.-rate #rate { display: block; }
        &.-tabs > PaneTabs { display: block; }
        &.-narrow {
            #left, #page { display: none; }
            &.-curve #left, &.-steps #left, &.-page #page { display: block; }
        }
        &.-no-page #page { display: none; }
        &.-columns {
            & > #panels { layout: horizontal; }
            #left { width: 1fr; margin-right: 1; }
            #page { width: 58; }
        }
        &.-very-wide #page { width: 84; }
        &.-very-wide #left { width: 1fr; margin-right: 2; }
        &.-steps #upper { display: none; }
        &.-steps #steps { display: block; }
        &.-stacked {
            #upper { display: block; height: 2fr; }
            #steps { display: block; margin-top: 1; }
        }
        &.-rows {
            & > #panels { layout: vertical; }
            #left { layout: horizontal; margin-right: 0; }
            #upper { width: 2fr; height: 1fr; }
            #steps { width: 1fr; margin: 0 0 0 2; }
            #page { width: 1fr; height: 1fr; margin-top: 1; }
        }
        &.-page-first.-columns {
            #left { margin-right: 0; }
            #page { margin-right: 2; }
        }
        &.-page-first.-rows #page { margin: 0 0 1 0; }
    }
    """

    panel = reactive("")
    """The panel shown while there is room for only one; until one is chosen, it is the first."""

    def __init__(self, *, page: bool = True, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._page = page
        self._picture = CurvePicture()
        self._tables_lead = False
        self._composed = False

    def compose(self) -> ComposeResult:
        steps = StepsPlot(id="steps")
        steps.can_focus = False
        yield PaneTabs()
        with Container(id="panels"):
            with Container(id="left"):
                with Container(id="upper"):
                    yield CurvePlot(id="curve")
                    yield PathList(id="paths")
                    yield RunSparkline("rate", "η ", id="rate")
                yield steps
            if self._page:
                tables = TablesView(id="page")
                tables.can_focus = False
                yield tables

    def on_mount(self) -> None:
        self._composed = True
        picture, self._picture = (
            self._picture,
            CurvePicture(),
        )  # after its parts are composed, everything that came before counts as new
        self._arrange()
        self.show(picture)

    def show(self, picture: CurvePicture) -> None:
        """Show the present state of the run. What has not changed since the last call is not drawn again."""
        before, self._picture = self._picture, picture
        if not self._composed:
            return
        if picture.opened is not before.opened:
            self.scrubbed, self.path = None, min(self.path, max(picture.paths - 1, 0))
        self.query_one(CurvePlot).show(picture)
        for tables in self.query(TablesView):
            tables.show(picture.page)
        if _drawn(before) != _drawn(picture) or not ghosts_alike(before.ghosts, picture.ghosts):
            self.query_one(StepsPlot).show_paths(picture)
            self._show_paths()
            self.query_one(RunSparkline).show(picture.rate)
            self.set_class(picture.rate is not None, "-rate")
        if picture.tables_lead and not self._tables_lead:
            self._lead_with_tables()
        elif (before.paths > 0, len(before.curves) > 1) != (picture.paths > 0, len(picture.curves) > 1):
            self._arrange()

    def _lead_with_tables(self) -> None:
        """Put the tables before the curve, and move the focus there if the curve has it."""
        self._tables_lead = True
        for tables in self.query(TablesView):
            self.query_one("#panels").move_child(tables, before=0)
            self._arrange()
            if self.query_one(CurvePlot).has_focus and not self.panel:
                tables.focus(scroll_visible=False)

    def _show_paths(self) -> None:
        self.query_one(PathList).show(self._picture, self.path, self.step)
        self.query_one(StepsPlot).look_at(self.path, self.scrubbed)

    # --- the descent ----------------------------------------------------------------------------------------------

    def add_start(self, point: Point | None = None) -> None:
        """Add a start at `point`, by default at the cursor; posts StartsChanged."""
        if point is None:
            plot = self.query_one(CurvePlot)
            if plot.reading is None:
                plot.action_move_cursor(1)
            if plot.reading is None:
                return
            point = (plot.reading.x,)
        starts = self._picture.starts or ()
        if point not in starts:
            self.post_message(self.StartsChanged(self, (*starts, point)))

    def action_remove_start(self) -> None:
        """Remove the start nearest to the cursor, if one is near; posts StartsChanged."""
        plot, starts = self.query_one(CurvePlot), self._picture.starts or ()
        if plot.reading is None or not starts:
            return
        here = plot.reading.x
        nearest = min(starts, key=lambda start: abs(start[0] - here))
        if abs(nearest[0] - here) <= plot.cell_width * _NEAR:
            self.post_message(self.StartsChanged(self, tuple(start for start in starts if start != nearest)))

    def watch_scrubbed(self, before: int | None, now: int | None) -> None:
        if not self._composed:
            return
        self.query_one(CurvePlot).step = now
        self._show_paths()

    def watch_path(self, before: int, now: int) -> None:
        if not self._composed:
            return
        self.query_one(CurvePlot).path = now
        self._show_paths()

    def on_loss_plot_cursor_moved(self, event: LossPlot.CursorMoved) -> None:
        event.stop()
        self.scrub_to(None if event.reading is None else round(event.reading.step))

    def on_path_list_path_chosen(self, event: PathList.PathChosen) -> None:
        event.stop()
        self.path = event.path

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Do not offer keys that would do nothing."""
        if action == "next_line":
            return max(self._picture.paths, len(self._picture.curves)) > 1
        return self._picture.paths > 0 if action == "branch" else True

    def action_next_line(self, by: int) -> None:
        """Choose the next path (1) or the previous (-1) for the readout; if there is at most one path, show the next
        curve."""
        plot = self.query_one(CurvePlot)
        if self._picture.paths > 1:
            self.path = (self.path + by) % self._picture.paths
        elif self._picture.curves:
            plot.chosen = (plot.chosen + by) % len(self._picture.curves)

    # --- layout ---------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def watch_panel(self) -> None:
        self._arrange()

    @property
    def panels(self) -> list[str]:
        """The panels that have something to show, in order."""
        there = {"curve": True, "steps": self._picture.paths > 0, "page": self._page}
        panels = [panel for panel in PANELS if there[panel]]
        return sorted(panels, key=lambda panel: panel != "page") if self._tables_lead else panels

    @property
    def shown_panel(self) -> str:
        """The panel that is shown while there is room for only one."""
        return self.panel if self.panel in self.panels else self.panels[0]

    def _arrange(self) -> None:
        """Choose the layout: tabs; or the page beside the curve, or below it; or with room and a descent, also f over
        the steps."""
        if not self._composed:
            return
        width, height = self.size
        panels = self.panels
        panel = self.shown_panel
        columns = self._page and width >= WIDE
        rows = columns and width < VERY_WIDE and height >= VERY_TALL
        stacked = "steps" in panels and height >= TALL and (columns or not self._page)
        apart = len(panels) - (1 if columns else 0) - (1 if stacked else 0)
        for name, holds in (
            ("columns", columns),
            ("rows", rows),
            ("very-wide", width >= VERY_WIDE),
            ("narrow", self._page and not columns),
            ("no-page", not self._page),
            ("stacked", stacked),
            ("tabs", apart > 1),
            ("page-first", self._page and self._tables_lead),
            *((each, each == panel) for each in PANELS),
        ):
            self.set_class(holds, f"-{name}")
        # A hidden panel must not take the focus, not even at first, while the rest is still being composed.
        self.query_one("#steps").can_focus = stacked or panel == "steps"
        for tables in self.query(TablesView):
            tables.can_focus = columns or panel == "page"
        self.query_one(PaneTabs).show([(name, TITLES[name]) for name in panels], panel)
        self.refresh_bindings()


def _drawn(picture: CurvePicture) -> tuple[object, ...]:
    """The parts of the descent that are shown in words and over the steps."""
    return id(picture.opened), picture.values.shape, len(picture.ended), picture.note, picture.total_steps
