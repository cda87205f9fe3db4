"""The parts of the attach screen: where they lie, how each is made, and what each is told at a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui import attach, attach_views
from tui.attach import AttachState
from tui.attach_names import ItemKind
from tui.layout import LEAST, room_for
from tui.options import AppOptions
from tui.text import clean
from tui.widgets.field_input import FieldInput
from tui.widgets.key_bar import KeyBar
from tui.widgets.log_status import LogStatus
from tui.widgets.pane import Pane
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.run_list import RunList
from tui.widgets.tag_list import TagList

if TYPE_CHECKING:
    from tui.run_log import Kind

TITLES: dict[ItemKind, str] = {
    "all": "All",
    "scalars": "Plot",
    "images": "Image",
    "histograms": "Hist",
    "texts": "Text",
    "hparams": "Hparam",
    "about": "About",
}


class AttachPanes(Screen[None]):
    """Lists of runs and tags, and one view of what is chosen in them; AttachScreen adds what the keys do."""

    AUTO_FOCUS = None

    def __init__(self, state: AttachState, options: AppOptions, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.state = state
        self.options = options
        self.clock = clock
        self.zoomed = ""

    def compose(self) -> ComposeResult:
        plain = self.options.ascii_only
        with Container(id="body"):
            with Vertical(id="lists"):
                yield PaneTabs(ascii_only=plain, classes="list-title", id="runs-title")
                yield RunList(ascii_only=plain, id="runs")
                yield PaneTabs(ascii_only=plain, classes="list-title", id="tags-title")
                yield TagList(ascii_only=plain, id="tags")
                entry = FieldInput("")
                entry.id = "filter"
                entry.placeholder = "words"
                yield entry
            with Vertical(id="stage"):
                yield PaneTabs(ascii_only=plain, id="stage-tabs")
                for kind in TITLES:
                    yield Pane(partial(self._make, kind), kind)
        yield Static("", markup=False, id="too-small")
        yield LogStatus(ascii_only=plain)
        yield KeyBar(ascii_only=plain)

    def _make(self, kind: ItemKind) -> Widget:
        """A view, made when it is first looked at."""
        plain = self.options.ascii_only
        if kind == "all":
            from tui.widgets.plot_grid import PlotGrid

            return PlotGrid(ascii_only=plain)
        if kind == "scalars":
            from tui.widgets.scalar_plot import ScalarPlot

            return ScalarPlot(ascii_only=plain)
        if kind == "images":
            from tui.widgets.logged_pictures import LoggedPictures

            return LoggedPictures(ascii_only=plain)
        if kind == "histograms":
            from tui.widgets.histogram_plot import HistogramPlot

            return HistogramPlot(ascii_only=plain)
        if kind == "texts":
            from tui.widgets.logged_texts import LoggedTexts

            return LoggedTexts(ascii_only=plain)
        if kind == "hparams":
            from tui.widgets.hparams_table import HparamsTable

            return HparamsTable(ascii_only=plain)
        from tui.widgets.run_about import RunAbout

        return RunAbout(ascii_only=plain)

    # --- what is shown ------------------------------------------------------------------------------------------------

    def show_now(self, *, age: bool = False) -> None:
        """Show the moment: each part draws itself again only where it changed."""
        state, now = self.state, self.clock()
        runs = self.query_one(RunList)
        runs.show(state.order, lambda run: attach_views.run_row(self.state, run, self.clock()), state.cursor)
        self.query_one(TagList).show(state.items, state.item)
        self._show_titles()
        self.query_one(LogStatus).show(attach_views.moment(state, now), age=age)
        for pane in self.query(Pane):
            pane.display = pane.name == state.item.kind
            if pane.name == state.item.kind and pane.content is not None:
                self._tell(pane.content)
        kinds = dict.fromkeys(item.kind for item in (*state.items, state.item))
        tabs = [(kind, TITLES[kind]) for kind in TITLES if kind in kinds]
        self.query_one("#stage-tabs", PaneTabs).show(tabs, state.item.kind)

    def _show_titles(self) -> None:
        state = self.state
        some, known = len(state.order), len(state.runs)
        count = f"{some:,}" if some == known else f"{some:,} of {known:,}"
        more = "+" if state.beyond or state.searching else ""
        self.query_one("#runs-title", PaneTabs).show(
            [("runs", f"Runs {count}{more}{_filter(state.run_filter)}")], "runs"
        )
        self.query_one("#tags-title", PaneTabs).show([("tags", f"Tags{_filter(state.tag_filter)}")], "tags")

    def _tell(self, view: Widget) -> None:
        """Tell a view what it shows now."""
        state = self.state
        tag = state.item.tag
        match state.item.kind:
            case "all":
                from tui.widgets.plot_grid import PlotGrid

                if isinstance(view, PlotGrid):
                    view.show(attach_views.scalar_tags(state), partial(attach.curves, state), attach.slots(state))
            case "scalars":
                from tui.widgets.scalar_plot import ScalarPlot

                if isinstance(view, ScalarPlot):
                    view.show_tag(clean(tag), attach.curves(state, tag), attach.slots(state))
            case "images" | "histograms" | "texts":
                from tui.widgets.step_view import StepView

                kind: Kind = state.item.kind
                if isinstance(view, StepView):
                    view.show(clean(tag), attach_views.tracks(state, kind, tag))
            case "hparams":
                from tui.widgets.hparams_table import HparamsTable

                if isinstance(view, HparamsTable):
                    view.show(attach_views.hparams_sheet(state))
            case "about":
                from tui.widgets.run_about import RunAbout

                if isinstance(view, RunAbout):
                    view.show(attach_views.about_words(state, self.clock()))

    async def fill(self) -> None:
        """Make the view that is looked at, if it is not there yet."""
        if await self.stage_pane.fill():
            self.show_now()

    @property
    def stage_pane(self) -> Pane:
        """The place of the view that is looked at."""
        return self.query_one(f"#pane-{self.state.item.kind}", Pane)

    # --- layout -------------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        here = room_for(width, height)
        for room in ("tiny", "narrow", "medium", "wide"):
            self.set_class(room == here, f"-{room}")
        if here == "tiny":
            words = f"gdtui needs {LEAST[0]} by {LEAST[1]} characters;\nhere are {width} by {height}."
            self.query_one("#too-small", Static).update(words)

    @property
    def focused_place(self) -> str:
        """Where the focus is: runs, tags or stage."""
        for node in self.focused.ancestors_with_self if self.focused is not None else ():
            if node.id in ("runs", "tags", "stage"):
                return node.id
        return ""

    def focus_place(self, place: str) -> None:
        """Put the focus on runs, tags or stage."""
        if self.zoomed and self.zoomed != place:
            self.zoom(place)
        if place == "stage":
            self.call_after_refresh(self._focus_stage)
        else:
            self.query_one(f"#{place}").focus()

    async def _focus_stage(self) -> None:
        await self.fill()
        self.stage_pane.focus_inside()

    def zoom(self, place: str) -> None:
        """Have one place alone on the screen; "" for all."""
        self.zoomed = place
        for each in ("runs", "tags", "stage"):
            self.set_class(each == place, f"-zoomed-{each}")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The titles of the place that has the focus stand out."""
        here = self.focused_place
        for place in ("runs", "tags"):
            self.query_one(f"#{place}-title", PaneTabs).mark(focused=here == place)
        self.query_one("#stage-tabs", PaneTabs).mark(focused=here == "stage")


def _filter(text: str) -> str:
    return f" /{clean(text.strip())}" if text.strip() else ""
