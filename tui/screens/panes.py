"""The panes on the main screen: where they lie, which are in sight, and what a frame shows."""

from __future__ import annotations

import os
from functools import partial
from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from tui import bulletin
from tui.layout import LEAST, TITLES, Place, Room, place_of, places, room_for
from tui.layout import Pane as PaneName
from tui.screens import contents
from tui.series import Series
from tui.widgets.ground import Box, Ground
from tui.widgets.key_bar import KeyBar
from tui.widgets.news import NewsLines
from tui.widgets.pane import Pane
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.status_line import StatusLine
from tui.workbench import Workbench

FRAMES_PER_S = 20.0
FRAMES_PER_S_SSH = 15.0
FRAMES_PER_S_LOW = 4.0
TRAINING_FRAMES = 4
"""Every fourth frame of a classifier's run is drawn: five plots change at each, and what drawing takes of a core the
training lacks, whose threads wait for each other. What a key asks for is drawn at once."""


class PaneScreen(Ground, Screen[None]):
    """Every pane of the app, laid out for the room there is; MainScreen adds what the other keys do."""

    AUTO_FOCUS = None

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self.room: Room = "narrow"
        self.zoomed: PaneName | None = None
        self._shown: dict[tuple[Room, Place], PaneName] = {}
        self._ticking: Timer | None = None
        self._painted = False
        self._frames = 0
        self._wanted: PaneName | None = None
        self._looked_at: PaneName | None = None
        self._all_panes: tuple[Pane, ...] = ()
        self._engine: tuple[object, ...] = ()
        self._prepared: set[str] = set()

    def compose(self) -> ComposeResult:
        plain = self.bench.options.ascii_only
        with Box(id="body"):
            yield PaneTabs(ascii_only=plain, classes="place-tabs", id="tabs-all")
            with Box(id="left-column"):
                yield PaneTabs(ascii_only=plain, classes="place-tabs", id="tabs-lessons")
                yield self._pane("lessons")
                yield PaneTabs(ascii_only=plain, classes="place-tabs", id="tabs-settings")
                yield self._pane("settings")
            with Box(id="main-column"):
                yield PaneTabs(ascii_only=plain, classes="place-tabs", id="tabs-main")
                with Box(id="reading-column"):
                    yield PaneTabs(ascii_only=plain, classes="place-tabs", id="tabs-reading")
                    yield self._pane("text")
                    yield self._pane("code")
                    yield self._pane("notes")
                with Box(id="stage-column"):
                    yield PaneTabs(ascii_only=plain, classes="place-tabs", id="tabs-live")
                    yield self._pane("live")
                    yield self._pane("history")
        yield Static("", markup=False, id="too-small")
        yield NewsLines(ascii_only=plain)
        yield StatusLine(ascii_only=plain)
        yield KeyBar(ascii_only=plain)

    def _pane(self, name: PaneName) -> Pane:
        return Pane(partial(contents.MAKERS[name], self.bench), name)

    async def on_mount(self) -> None:
        self._ticking = self.set_interval(1 / frames_per_s(self.bench.options.low_bandwidth), self._tick, pause=True)
        self._shown[("narrow", "all")] = self._shown[("medium", "main")] = "text"
        self._fit(self.size.width, self.size.height)
        await self._fill()
        self._painted = True
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first paint: import TensorFlow while the learner reads."""
        self.bench.session.begin()
        self.focus_pane("lessons" if self.room != "narrow" else "text")
        self.wake()

    # --- frames ---------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Something was done: show it, and go on taking what the engine says for as long as it may say something."""
        self.bench.warm()
        self.show_now()
        self._prepare()
        if self._ticking is not None and self.bench.session.busy:
            self._ticking.resume()

    def _tick(self) -> None:
        session = self.bench.session
        changed = self.bench.tick()
        engine = (session.engine, session.alive, session.closing, session.waiting)
        if changed or engine != self._engine:
            if any(was and not still for was, still in zip(self._engine[1:3], engine[1:3], strict=False)):
                self.run_ended()
            self._engine = engine
            self.bench.warm()
            self._frames += 1
            if self._frames % TRAINING_FRAMES == 0 or not self.bench.training:
                self.show_now()
            self._prepare()
        if not self.bench.expects and self._ticking is not None:
            self._ticking.pause()

    def _prepare(self) -> None:
        """Once TensorFlow is there, make what a run of the open lesson will be shown on while its text is read: made at
        the start, it held the first frames up by 0.15 s."""
        lesson, session = self.bench.opened, self.bench.session
        if session.engine in ("compiling", "ready") and not session.alive and lesson not in self._prepared:
            self._prepared.add(lesson)
            self.call_after_refresh(self._make_live)

    async def _make_live(self) -> None:
        live = self.query_one("#pane-live", Pane)
        await live.fill()
        if live.content is not None:
            contents.show(live.content, self.bench, self.overlays)

    @property
    def overlays(self) -> tuple[Series, ...]:
        """Losses of past runs to draw over the plot."""
        return ()

    def run_ended(self) -> None:
        """A run has said its last, or its log is whole."""

    def show_now(self) -> None:
        """Show the moment: each part draws itself again only where it changed."""
        self.query_one(StatusLine).show(bulletin.status(self.bench))
        self.query_one(NewsLines).show(bulletin.news(self.bench))
        for pane in self._panes_in_sight():
            if pane.content is not None:
                contents.show(pane.content, self.bench, self.overlays)
        if self._wanted is not None:
            self.call_after_refresh(self._focus_inside, self._wanted)

    # --- layout ---------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size.width, event.size.height)

    def _fit(self, width: int, height: int) -> None:
        before, self.room = self.room, room_for(width, height)
        here = self._looked_at
        place = place_of(self.room, here) if here is not None else None
        if here is not None and place is not None and self.room != before:
            self._shown[(self.room, place)] = here  # what was looked at stays in sight
            self.focus_pane(here)
        for room in ("tiny", "narrow", "medium", "wide"):
            self.set_class(room == self.room, f"-{room}", update=False)
        if self.room == "tiny":
            words = f"gdtui needs {LEAST[0]} by {LEAST[1]} characters;\nhere are {width} by {height}."
            self.query_one("#too-small", Static).update(words)
        self.lay_out(anew=self.room != before or not self._painted)

    def shown_in(self, place: Place) -> PaneName:
        """The pane in sight at a place."""
        panes = places(self.room)[place]
        shown = self._shown.get((self.room, place), panes[0])
        return shown if shown in panes else panes[0]

    def in_sight(self) -> set[PaneName]:
        """The panes in sight."""
        if self.zoomed is not None:
            return {self.zoomed}
        return {self.shown_in(place) for place in places(self.room)}

    def lay_out(self, *, anew: bool = False) -> None:
        """Put in sight what is to be, and tell the tabs; `anew` where other rules of the style sheet hold.

        What is in sight is no matter of classes: each change of one styles all that is below anew, which is then drawn
        anew too, where a widget that was hidden still has its picture.
        """
        in_sight = self.in_sight()
        for pane in self._each_pane():
            pane.display = pane.name in in_sight
        restyled: list[DOMNode] = []
        for container in ("left", "main", "reading", "stage"):
            column = self.query_one(f"#{container}-column")
            column.display = any(pane.display for pane in column.query(Pane).results(Pane))
            alone = self.zoomed is not None and column.display and container in ("left", "reading")
            if column.has_class("-alone") != alone:
                column.set_class(alone, "-alone", update=False)
                restyled += [column, *column.walk_children()]
        there = places(self.room) if self.zoomed is None else {}
        for tabs in self.query(".place-tabs").results(PaneTabs):
            place = cast("Place", (tabs.id or "").removeprefix("tabs-"))
            tabs.display = place in there
            if place in there:
                tabs.show([(pane, TITLES[pane]) for pane in there[place]], self.shown_in(place))
        if anew:
            self.update_node_styles(animate=False)
        elif restyled:
            self.app.stylesheet.update_nodes(restyled)
        self._mark_focus()
        if self._painted:
            self.run_worker(self._fill(), group="fill")
        self.show_now()

    def _each_pane(self) -> tuple[Pane, ...]:
        if not self._all_panes:  # asked for each frame, and a query goes through the whole screen
            self._all_panes = tuple(self.query(Pane))
        return self._all_panes

    def _panes_in_sight(self) -> list[Pane]:
        in_sight = self.in_sight()
        return [pane for pane in self._each_pane() if pane.name in in_sight]

    async def _fill(self) -> bool:
        """Make the contents of the panes that are in sight; whether there was any to make."""
        # At once, so that a slow line carries one picture and not one a pane.
        with self.app.batch_update():
            filled = [await pane.fill() for pane in self._panes_in_sight()]
            if any(filled):
                self.show_now()
        return any(filled)

    def show_pane(self, pane: PaneName) -> None:
        """Bring a pane in sight."""
        place = place_of(self.room, pane)
        if place is not None:
            self._shown[(self.room, place)] = pane
        if self.zoomed is not None:
            self.zoomed = pane
        self.lay_out()

    def focus_pane(self, pane: PaneName) -> None:
        """Bring a pane in sight and put the focus into it."""
        if pane not in self.in_sight():
            self.show_pane(pane)
        self.call_after_refresh(self._focus_inside, pane)

    async def _focus_inside(self, pane: PaneName) -> None:
        if await self._fill():
            self.call_after_refresh(self._focus_inside, pane)
            return
        # What a pane shows may still be on its way; then the focus follows with the next frame.
        self._wanted = None if self.query_one(f"#pane-{pane}", Pane).focus_inside() else pane
        self._mark_focus()

    def action_next_pane(self) -> None:
        self._to_pane(1)

    def action_previous_pane(self) -> None:
        self._to_pane(-1)

    def _to_pane(self, by: int) -> None:
        order = [pane for panes in places(self.room).values() for pane in panes]
        if not order:
            return
        here = self.focused_pane or self.zoomed
        place = order.index(here) + by if here in order else 0
        self.focus_pane(order[place % len(order)])

    def action_zoom(self) -> None:
        self.zoomed = None if self.zoomed is not None else (self.focused_pane or "live")
        self.lay_out()

    @property
    def focused_pane(self) -> PaneName | None:
        """The pane that has the focus."""
        pane = next((each for each in self.focused.ancestors if isinstance(each, Pane)), None) if self.focused else None
        return cast("PaneName", pane.name) if pane is not None else None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._wanted = None
        pane = next((each for each in event.widget.ancestors if isinstance(each, Pane)), None)
        if pane is not None:
            pane.remember(event.widget)
            self._looked_at = cast("PaneName", pane.name)
        self._mark_focus()

    def _mark_focus(self) -> None:
        """The tabs of the place that has the focus stand out."""
        here = self.focused_pane
        place = place_of(self.room, here) if here is not None else None
        for tabs in self.query(".place-tabs").results(PaneTabs):
            tabs.mark(focused=place is not None and tabs.id == f"tabs-{place}")

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        event.stop()
        self.focus_pane(cast("PaneName", event.name))


def frames_per_s(low_bandwidth: bool) -> float:
    """Frames a second at the most: fewer over ssh, fewest on a slow line."""
    if low_bandwidth:
        return FRAMES_PER_S_LOW
    return FRAMES_PER_S_SSH if os.environ.get("SSH_CONNECTION") else FRAMES_PER_S
