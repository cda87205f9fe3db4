"""The parts of the log viewer: their layout, their creation, and what each shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui.model import log_state
from tui.model.actions import ScreenName
from tui.model.log_filter import is_readable
from tui.model.log_names import ItemKind
from tui.model.log_state import LogState
from tui.process.options import AppOptions
from tui.screens.base import BaseScreen
from tui.text.clean import clean
from tui.views import log_views
from tui.widgets.field_input import FieldInput
from tui.widgets.key_bar import KeyBar
from tui.widgets.log.run_list import RunList
from tui.widgets.log.tag_list import TagList
from tui.widgets.pane import Pane
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.status_line import StatusLine
from tui.widgets.steady import contained

if TYPE_CHECKING:
    from tui.model.run_log import Kind

TITLES: dict[ItemKind, str] = {
    "all": "All",
    "charts": "Chart",
    "scalars": "Plot",
    "images": "Image",
    "histograms": "Hist",
    "curves": "PR",
    "audio": "Audio",
    "texts": "Text",
    "hparams": "Hparam",
    "about": "About",
}

PLACES = {"runs": "the list of runs", "tags": "the list of tags", "stage": "the view"}
"""The places on the screen, by their ids."""


class LogViewerPanes(BaseScreen):
    """Lists of runs and tags, and one view of the chosen item; LogViewer adds the effects of the keys."""

    AUTO_FOCUS = None
    SCREEN_NAME: ClassVar[ScreenName] = "log"

    def __init__(self, state: LogState, options: AppOptions, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.state = state
        self.options = options
        self.clock = clock
        self.zoomed = ""
        self._looked_at = "tags"

    def compose(self) -> ComposeResult:
        with Container(id="body"):
            with Vertical(id="lists"):
                yield PaneTabs(classes="list-title", id="runs-title")
                yield RunList(id="runs")
                yield PaneTabs(classes="list-title", id="tags-title")
                yield TagList(id="tags")
                entry = FieldInput("")
                entry.id = "filter"
                entry.placeholder = "words"
                yield entry
            with Vertical(id="stage"):
                yield PaneTabs(id="stage-tabs")
                for kind in TITLES:
                    yield Pane(partial(self._make, kind), kind)
        yield Static("", markup=False, id="too-small")
        yield StatusLine()
        yield KeyBar(self.SCREEN_NAME)

    def _make(self, kind: ItemKind) -> Widget:
        """Make a view, when it is first shown."""
        if kind == "all":
            from tui.widgets.log.plot_grid import PlotGrid

            return PlotGrid()
        if kind in ("scalars", "charts"):
            from tui.widgets.log.scalar_plot import ScalarPlot

            return ScalarPlot()
        if kind == "images":
            from tui.widgets.log.logged_pictures import LoggedPictures

            return LoggedPictures()
        if kind == "histograms":
            from tui.widgets.log.histogram_plot import HistogramPlot

            return HistogramPlot()
        if kind == "curves":
            from tui.widgets.log.precision_recall import PrecisionRecallPlot

            return PrecisionRecallPlot()
        if kind == "audio":
            from tui.widgets.log.audio_list import AudioList

            return AudioList()
        if kind == "texts":
            from tui.widgets.log.logged_texts import LoggedTexts

            return LoggedTexts()
        if kind == "hparams":
            from tui.widgets.log.hparams_table import HparamsTable

            return HparamsTable()
        from tui.widgets.log.run_about import RunAbout

        return RunAbout()

    # --- display ------------------------------------------------------------------------------------------------------

    def show_now(self, *, age: bool = False) -> None:
        """Show the present state: each part redraws only what has changed. A part that fails is closed, and the others
        are shown."""
        if not self.has_parts:
            return
        state, now = self.state, self.clock()
        runs, tags, status = self.query_one(RunList), self.query_one(TagList), self.query_one(StatusLine)
        with contained(runs):
            runs.show(state.order, lambda run: log_views.run_row(self.state, run, self.clock()), state.cursor)
        with contained(tags):
            tags.show(state.items, state.item, state.pinned)
        self._show_titles()
        with contained(status):
            status.show(log_views.status_row(log_views.moment(state, now)), aged=age)
        for pane in self.query(Pane):
            pane.display = pane.name == state.item.kind
            with contained(pane):
                if pane.display and pane.content is not None:
                    self._tell(pane.content)
        tabs = [(kind, TITLES[kind]) for kind in TITLES if kind in self.kinds]
        self.query_one("#stage-tabs", PaneTabs).show(tabs, state.item.kind)

    @property
    def kinds(self) -> set[ItemKind]:
        """The kinds of items for which there is something to show."""
        return {item.kind for item in (*self.state.items, self.state.item)}

    def _show_titles(self) -> None:
        state = self.state
        some, known = len(state.order), len(state.runs)
        count = f"{some:,}" if some == known else f"{some:,} of {known:,}"
        more = "+" if state.beyond or state.searching else ""
        self.query_one("#runs-title", PaneTabs).show(
            [("runs", f"Runs {count}{more}{_order(state)}{_filter(state.run_filter)}")], "runs"
        )
        self.query_one("#tags-title", PaneTabs).show([("tags", f"Tags{_filter(state.tag_filter)}")], "tags")

    def _tell(self, view: Widget) -> None:
        """Show the present state in a view."""
        state = self.state
        tag = state.item.tag
        match state.item.kind:
            case "all":
                from tui.widgets.log.plot_grid import PlotGrid

                if isinstance(view, PlotGrid):
                    view.show(log_views.scalar_tags(state), partial(log_state.curves, state), log_state.slots(state))
            case "scalars":
                from tui.widgets.log.scalar_plot import ScalarPlot

                if isinstance(view, ScalarPlot):
                    view.show_tag(clean(tag), log_state.curves(state, tag, earlier=True), log_state.slots(state, tag))
            case "charts":
                from tui.model.log_charts import chart_curves
                from tui.widgets.log.scalar_plot import ScalarPlot

                if isinstance(view, ScalarPlot):
                    drawn = chart_curves(state, tag)
                    left_out = f" ({drawn.left_out} curves more)" if drawn.left_out else ""
                    view.show_tag(clean(tag) + left_out, drawn.series, dict(drawn.slots))
            case "images" | "histograms" | "curves" | "audio" | "texts":
                from tui.widgets.log.step_view import StepView

                kind: Kind = state.item.kind
                if isinstance(view, StepView):
                    view.show(clean(tag), log_views.tracks(state, kind, tag))
            case "hparams":
                from tui.widgets.log.hparams_table import HparamsTable

                if isinstance(view, HparamsTable):
                    view.show(log_views.hparams_sheet(state))
            case "about":
                from tui.widgets.log.run_about import RunAbout

                if isinstance(view, RunAbout):
                    view.show(log_views.about_words(state, self.clock()))

    async def fill(self) -> None:
        """Make the chosen view, if it does not exist yet."""
        pane = self.stage_pane
        if pane is None:
            return
        with contained(pane):
            if await pane.fill():
                self.show_now()

    @property
    def stage_pane(self) -> Pane | None:
        """The pane of the chosen view, while the screen has its parts."""
        return self.query_one_optional(f"#pane-{self.state.item.kind}", Pane)

    def on_pane_emptied(self, event: Pane.Emptied) -> None:
        """Make a failed content again."""
        event.stop()
        self.focus_place("stage")

    def say(self, words: str, seconds: float = 4.0) -> None:
        """Show words for some seconds in the status row."""
        self.query_one(StatusLine).tell(clean(words), seconds)

    # --- layout -------------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self.fit_room(*event.size)

    @property
    def focused_place(self) -> str:
        """The place of the focus: runs, tags or stage."""
        return place_of(self.focused) if self.focused is not None else ""

    def place_name(self, widget: Widget) -> str:
        return PLACES.get(place_of(widget), "")

    def focus_place(self, place: str) -> None:
        """Put the focus on runs, tags or stage."""
        if self.zoomed and self.zoomed != place:
            self.zoom(place)
        if place == "stage":
            self.call_after_refresh(self._focus_stage)
        elif (there := self.query_one_optional(f"#{place}")) is not None:
            there.focus()

    def focus_again(self) -> None:
        self.focus_place(self.zoomed or self._looked_at)

    async def _focus_stage(self) -> None:
        await self.fill()
        if self.stage_pane is not None:
            self.stage_pane.focus_inside()

    def zoom(self, place: str) -> None:
        """Show only one place; "" for all."""
        self.zoomed = place
        for each in PLACES:
            self.set_class(each == place, f"-zoomed-{each}")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Highlight the titles of the place that has the focus."""
        if not self.has_parts:
            return
        here = self.focused_place
        self._looked_at = here or self._looked_at
        for place in ("runs", "tags"):
            self.query_one(f"#{place}-title", PaneTabs).mark(focused=here == place)
        self.query_one("#stage-tabs", PaneTabs).mark(focused=here == "stage")


def place_of(widget: Widget) -> str:
    """The id of the place of a widget; empty if it is in none."""
    return next((node.id for node in widget.ancestors_with_self if node.id in PLACES), "")


def _filter(text: str) -> str:
    """A filter as it is shown after a title, with a question mark while it cannot be parsed."""
    return f" /{clean(text.strip())}{'' if is_readable(text) else ' ?'}" if text.strip() else ""


def _order(state: LogState) -> str:
    """The order of the runs as it is shown after a title; empty for the default."""
    by = {"newest": "", "name": " by name", "value": f" by {clean(state.order_tag)}"}[state.order_by]
    return by + (", reversed" if state.upside_down else "")
