"""The descent pane: the surface as a map with the paths on it, the race, and f along the paths."""

from __future__ import annotations

import math
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive

from engine.descent.basins import Basins
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Point
from tui.widgets.descent.descent_layout import (
    ARRANGEMENTS,
    METER_HEIGHT,
    arrangement,
    below_height,
    map_width,
    race_height,
)
from tui.widgets.descent.descent_readout import DescentReadout
from tui.widgets.descent.race_table import RaceTable
from tui.widgets.descent.side_view import SideView
from tui.widgets.descent.surface_map import SurfaceMap
from tui.widgets.pane_tabs import PaneTabs, TabbedView
from tui.widgets.path_view import PathView
from tui.widgets.run_sparkline import RunSparkline

BASIN_GRID = 128
"""Starts per axis for which basins are computed, at every size of the map: another number would need a new
compilation."""
PANELS = ("map", "race", "side")
"""The panels, by the ids of their widgets: shown together if there is room, else one per tab."""


class DescentView(TabbedView, PathView[DescentPicture]):
    """Everything that a descent shows. Its map has a cursor that picks starts; every panel shows the same step.

    The app's own keys call `add_start` and `scrub`; the other keys are in BINDINGS here and on the panels.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_path(1)", "Next path"),
        Binding("N", "next_path(-1)", "Previous path", show=False),
        Binding("home", "scrub_to(0)", "First step", show=False),
        Binding("end", "follow", "Newest step", show=False),
        Binding("b", "toggle_basins", "Basins"),
        Binding("m", "toggle_solid", "3D"),
        Binding("i", "toggle_arrows", "Momentum, step arrows", show=False),
        Binding("f", "branch", "Branch"),
        Binding("v", "next_panel(1)", "View"),
        Binding("a", "screen.add_start", "Add start"),
        Binding("V", "next_panel(-1)", "Previous view", show=False),
    ]

    DEFAULT_CSS = """
    DescentView {
        layout: vertical;
        & > #panels { height: 1fr; layout: horizontal; }
        & > PaneTabs { display: none; }
        #beside { width: 1fr; layout: vertical; }
        #rate { display: none; height: 1; }
        &.-rate #rate { display: block; }
        &.-rate.-below #rate { width: 20; margin-left: 2; }
        &.-beside #map { margin-right: 2; }
        &.-below {
            & > #panels { layout: vertical; }
            #map { width: 1fr; height: 1fr; }
            #beside { width: 1fr; layout: horizontal; margin-top: 1; }
            #race { width: 31; margin-right: 2; }
            #side { width: 1fr; }
        }
        &.-tabs {
            & > PaneTabs { display: block; }
            .panel { display: none; width: 1fr; height: 1fr; }
            .panel.-shown { display: block; }
            #beside { display: none; }
            #beside.-shown { display: block; }
        }
    }
    """

    panels = PANELS
    panel = reactive("map", init=False)
    """The panel shown while there is room for only one."""
    basins_shown = reactive(False, init=False)

    class BasinsRequested(Message):
        """A request for the basins of this window, on a grid of `width` by `height`; answer with `show_basins`."""

        def __init__(
            self,
            view: DescentView,
            x_range: tuple[float, float],
            y_range: tuple[float, float],
            width: int,
            height: int,
        ) -> None:
            super().__init__()
            self.view = view
            self.x_range = x_range
            self.y_range = y_range
            self.width = width
            self.height = height

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture = DescentPicture()
        self._basins: Basins | None = None
        self._composed = False

    def compose(self) -> ComposeResult:
        yield DescentReadout()
        yield PaneTabs()
        with Container(id="panels"):
            yield SurfaceMap(id="map", classes="panel")
            with Container(id="beside"):
                yield RaceTable(id="race", classes="panel")
                yield SideView(id="side", classes="panel")
                yield RunSparkline("rate", "η ", id="rate")

    def show(self, picture: DescentPicture) -> None:
        """Show the present state of the run. What has not changed since the last call is not drawn again."""
        before, self._picture = self._picture, picture
        if picture.surface is not before.surface:
            self._basins = None
        another = picture.opened is not before.opened
        if another:
            self.set_reactive(DescentView.path, min(self.path, max(picture.paths - 1, 0)))
            self.set_reactive(DescentView.scrubbed, None)
            if self._composed:
                self._fit_race()
        self._update(now=another)
        if before.paths != picture.paths:
            self.refresh_bindings()
        if picture.surface is not before.surface:
            self._want_basins()

    def show_basins(self, basins: Basins | None) -> None:
        """Show these basins while they are switched on."""
        self._basins = basins
        self._update()

    def _update(self, *, now: bool = False) -> None:
        if not self._composed:
            return
        picture, step, path, scrubbed = self._picture, self.step, self.path, self.scrubbed is not None
        basins = self._basins if self.basins_shown else None
        self.query_one(DescentReadout).show(picture, step, path, scrubbed=scrubbed, now=now)
        awaiting = self.basins_shown and basins is None and picture.surface is not None
        self.query_one(SurfaceMap).show(picture, step, path, basins, awaiting_basins=awaiting)
        self.query_one(RaceTable).show(picture, step, path, now=now)
        self.query_one(SideView).show(picture, step, path, scrubbed=scrubbed, now=now)
        self.query_one(RunSparkline).show(picture.rate)
        self.set_class(picture.rate is not None, "-rate")

    # --- what the app and the keys ask for ------------------------------------------------------------------------

    def add_start(self, point: Point | None = None) -> None:
        """Add a start at `point`, by default at the cursor, or show the cursor; posts StartsChanged."""
        if point is None and self.query_one(SurfaceMap).cursor is None:
            self.query_one(SurfaceMap).action_pick()
            return
        added = point or self.query_one(SurfaceMap).cursor
        if added is not None and added not in self._picture.starts:
            self.post_message(self.StartsChanged(self, (*self._picture.starts, added)))

    def remove_start(self) -> None:
        """Remove the start nearest to the cursor; posts StartsChanged."""
        cursor, starts = self.query_one(SurfaceMap).cursor, self._picture.starts
        if cursor is not None and starts:
            nearest = min(starts, key=lambda start: math.dist(start, cursor))
            self.post_message(self.StartsChanged(self, tuple(start for start in starts if start != nearest)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Do not offer keys that would do nothing."""
        if action in ("next_path", "branch"):
            return self._picture.paths > (1 if action == "next_path" else 0)
        return True

    def watch_scrubbed(self) -> None:
        self._update(now=True)

    def watch_path(self) -> None:
        self._update(now=True)

    def watch_basins_shown(self) -> None:
        self._update(now=True)
        self._want_basins()

    def validate_path(self, path: int) -> int:
        return min(max(path, 0), max(self._picture.paths - 1, 0))

    def action_next_path(self, by: int) -> None:
        """Choose the next path (1) or the previous (-1) for the readout."""
        if self._picture.paths:
            self.path = (self.path + by) % self._picture.paths

    def action_scrub_to(self, step: int) -> None:
        """Show a step; the start is step 0."""
        self.scrub_to(step)

    def action_follow(self) -> None:
        """Show the newest step, and follow it while the run goes on."""
        self.scrub_to(None)

    def action_toggle_basins(self) -> None:
        """Colour the map by the minimum that each point leads to, or by f again."""
        self.basins_shown = not self.basins_shown

    def action_toggle_solid(self) -> None:
        """Show the surface in three dimensions, or as a map again; if the map is hidden, show its panel."""
        self.query_one(SurfaceMap).toggle_solid()
        if self.panel != "map":
            self.panel = "map"
        self.query_one(SurfaceMap).focus()

    def action_toggle_arrows(self) -> None:
        """Show or hide the arrows of momentum and step beside the gradient's."""
        self.query_one(SurfaceMap).toggle_arrows()

    def _want_basins(self) -> None:
        """Request the basins of the window; a hidden map does so when it is shown again."""
        if self.basins_shown and self._picture.surface is not None and self._composed:
            if not self.query_one(SurfaceMap).size.area:
                return
            window = self.query_one(SurfaceMap).window
            self.post_message(self.BasinsRequested(self, window.x_range, window.y_range, BASIN_GRID, BASIN_GRID))

    # --- what the panels say --------------------------------------------------------------------------------------

    def on_surface_map_start_picked(self, event: SurfaceMap.StartPicked) -> None:
        event.stop()
        if event.remove:
            self.remove_start()
        else:
            self.add_start(event.point)

    def on_surface_map_window_moved(self, event: SurfaceMap.WindowMoved) -> None:
        event.stop()
        self._want_basins()

    def on_race_table_path_selected(self, event: RaceTable.PathSelected) -> None:
        event.stop()
        self.path = event.path

    def on_side_view_scrub_requested(self, event: SideView.ScrubRequested) -> None:
        event.stop()
        self.scrub(event.by)

    # --- layout ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._composed = True
        self.watch_panel()
        self._update()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        room = arrangement(width, height)
        for name in ARRANGEMENTS:
            self.set_class(name == room, f"-{name}")
        self.query_one(DescentReadout).show_meter(height >= METER_HEIGHT)
        self.query_one("#map").styles.width = map_width(width, height) if room == "beside" else None
        self.query_one("#beside").styles.height = below_height(height) if room == "below" else None
        self._fit_race()
        self._want_basins()

    def _fit_race(self) -> None:
        height = race_height(self._picture.paths, self.size.height) if self.has_class("-beside") else None
        styles = self.query_one("#race").styles
        if (styles.height.value if styles.height is not None else None) != height:
            styles.height = height

    def watch_panel(self) -> None:
        if not self._composed:
            return
        for panel in self.query(".panel"):
            panel.set_class(panel.id == self.panel, "-shown")
        self.query_one("#beside").set_class(self.panel != "map", "-shown")
        self.query_one(PaneTabs).show([(name, name) for name in PANELS], self.panel)
