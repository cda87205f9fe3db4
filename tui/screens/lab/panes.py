"""The panes of the lab: their layout, which are visible, and the drawing of frames."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.dom import DOMNode
from textual.geometry import Size
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tui.model.actions import ScreenName
from tui.process import environment
from tui.process.options import AppOptions
from tui.screens.lab import contents
from tui.screens.lab.state import StateScreen
from tui.screens.layout import TITLES, PaneLayout, Place, place_of
from tui.screens.layout import Pane as PaneName
from tui.text.clean import clean
from tui.views.small_panes import STARTING, LessonChoice, News, invitation
from tui.widgets.background import Background, Box
from tui.widgets.key_bar import KeyBar
from tui.widgets.news import NewsLines
from tui.widgets.pane import Pane, pane_of
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.status_line import StatusLine
from tui.widgets.steady import contained

if TYPE_CHECKING:
    from tui.model.app_state import AppState
    from tui.model.series import Series

# The most refreshes after the first until the screen has its focus.
FRAMES_TO_FOCUS = 10

# Every fourth frame of a classifier's run is drawn: five plots take time of a core from the training.
TRAINING_FRAMES = 4


class LabPanes(Background, StateScreen):
    """Every pane of the lab, laid out for the available room; LabScreen adds the effects of the other keys. The panes
    that need the state are filled when it is loaded, in one frame."""

    AUTO_FOCUS = None
    SCREEN_NAME: ClassVar[ScreenName] = "lab"
    # Background is the first of the bases, and Textual takes these only from the first.
    COMPONENT_CLASSES: ClassVar[set[str]] = StateScreen.COMPONENT_CLASSES

    def __init__(self, options: AppOptions, choice: LessonChoice, make_state: Callable[[], AppState]) -> None:
        super().__init__(options, choice, make_state)
        self.panes = PaneLayout(lambda: self.exercises_shown)
        self._ticking: Timer | None = None
        self._painted = False
        self._fitted: Size | None = None
        self._frames = 0
        self._wanted: PaneName | None = None
        self._focused_then: Widget | None = None
        self._looked_at: PaneName | None = None
        self._all_panes: tuple[Pane, ...] = ()
        self._engine: tuple[object, ...] = ()
        self._prepared: set[str] = set()
        self._has_begun = False

    @property
    def takes_keys(self) -> bool:
        return self._has_begun and super().takes_keys

    def compose(self) -> ComposeResult:
        self.panes.room = self.fit_room(*self.app.size, update=False)  # before the parts are styled
        with Box(id="body"):
            yield PaneTabs(classes="place-tabs", id="tabs-all")
            with Box(id="left-column"):
                yield PaneTabs(classes="place-tabs", id="tabs-lessons")
                yield self._pane("lessons")
                yield PaneTabs(classes="place-tabs", id="tabs-settings")
                yield self._pane("settings")
            with Box(id="main-column"):
                yield PaneTabs(classes="place-tabs", id="tabs-main")
                with Box(id="reading-column"):
                    yield PaneTabs(classes="place-tabs", id="tabs-reading")
                    yield self._pane("text")
                    yield self._pane("code")
                    yield self._pane("notes")
                with Box(id="stage-column"):
                    yield PaneTabs(classes="place-tabs", id="tabs-live")
                    yield self._pane("live")
                    yield self._pane("history")
                with Box(id="exercise-column"):
                    yield PaneTabs(classes="place-tabs", id="tabs-exercise")
                    yield self._pane("exercise")
        yield Static("", markup=False, id="too-small")
        yield Static("", markup=False, id="exercise-line")
        yield NewsLines()
        yield StatusLine()
        yield KeyBar(self.SCREEN_NAME)

    def _pane(self, name: PaneName) -> Pane:
        return Pane(lambda: contents.MAKERS[name](self.choice, self.options), name)

    async def on_mount(self) -> None:
        self._ticking = self.set_interval(environment.frame_s(os.environ, self.options), self._tick, pause=True)
        self._fit(self.app.size)
        await self._fill()
        self._painted = True
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Take the first keys, and then load the state, after the first paint."""
        self.focus_pane("lessons" if self.panes.room != "narrow" else "text")
        self.call_after_refresh(self._accept_keys)

    async def _load(self) -> None:
        """Load the state, and show it; then import TensorFlow, while the learner reads."""
        await self.load()
        await self._fill()
        self.wake()
        self.release_keys()
        self.call_after_refresh(self._begin_session)

    def _begin_session(self) -> None:
        self.app_state.session.begin()
        self.first_look()
        self.wake()
        self.call_after_refresh(self.first_exercises)

    def _accept_keys(self, patience: int = FRAMES_TO_FOCUS) -> None:
        """Accept keys as soon as a pane has the focus; on a screen that is too small none ever has."""
        if self.focused is None and patience:
            self.call_after_refresh(self._accept_keys, patience - 1)
            return
        self._has_begun = True
        self.release_keys()
        self.call_after_refresh(lambda: self.run_worker(self._load(), group="load"))

    # --- frames ---------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Show the effect of an action, and keep taking the engine's events while it may send some."""
        if not self.loaded:
            self.show_now()
            return
        self.app_state.warm()
        self.show_now()
        self._prepare()
        if self._ticking is not None and self.app_state.session.busy:
            self._ticking.resume()

    def _tick(self) -> None:
        session = self.app_state.session
        changed = self.app_state.tick()
        engine = (session.engine, session.alive, session.closing, session.waiting)
        if changed or engine != self._engine:
            if any(was and not still for was, still in zip(self._engine[1:3], engine[1:3], strict=False)):
                self.run_ended()
            self._engine = engine
            self.app_state.warm()
            self._frames += 1
            if self._frames % TRAINING_FRAMES == 0 or not self.app_state.training:
                self.show_now()
            self._prepare()
        if not self.app_state.expects and self._ticking is not None:
            self._ticking.pause()

    def _prepare(self) -> None:
        """Once TensorFlow is imported, make the view for a run of the open lesson while its text is read: making it at
        the start of the run delayed the first frames by 0.15 s."""
        lesson, session = self.app_state.opened, self.app_state.session
        if session.engine in ("compiling", "ready") and not session.alive and lesson not in self._prepared:
            self._prepared.add(lesson)
            self.call_after_refresh(self._make_live)

    async def _make_live(self) -> None:
        live = self.query_one_optional("#pane-live", Pane)
        if live is not None:
            await live.fill()
            self._show_in(live)

    def _show_in(self, pane: Pane) -> None:
        """Show the present state in a pane's content."""
        with contained(pane):
            if pane.content is not None:
                contents.show(cast("PaneName", pane.name), pane.content, self.app_state, self.overlays)

    @property
    def overlays(self) -> tuple[Series, ...]:
        """Losses of past runs to draw over the plot."""
        return ()

    def first_look(self) -> None:
        """Handle the first paint of the whole screen."""

    def first_exercises(self) -> None:
        """Load the exercises: every key is accepted now, and there is time."""

    def run_ended(self) -> None:
        """Handle the end of a run, or of its log."""

    def show_now(self) -> None:
        """Show the present state: each part redraws only what has changed. A part that fails is closed, and the others
        are shown."""
        if not self.has_parts:
            return
        if not self.loaded:
            self._show_choice()
            return
        from tui.views import status

        with contained(line := self.query_one(StatusLine)):
            line.show(status.status(self.app_state))
        with contained(news := self.query_one(NewsLines)):
            news.show(status.news(self.app_state))
        self._show_exercise_line()
        for pane in self._visible_panes():
            self._show_in(pane)
        if self._wanted is not None:
            self.call_after_refresh(self._focus_wanted)

    def _show_choice(self) -> None:
        """Show what can be shown before there is a state."""
        self.query_one(StatusLine).show(STARTING)
        if (row := self.choice.row) is not None:
            self.query_one(NewsLines).show(News(invitation(row)))
        for pane in self._visible_panes():
            if pane.content is not None:
                contents.show_choice(pane.content, self.choice)

    def say(self, words: str, seconds: float = 4.0) -> None:
        """Show words for some seconds in place of the news."""
        if words:
            self.query_one(NewsLines).tell(clean(words), seconds)

    def _show_exercise_line(self) -> None:
        """Show the open question in one line, while the exercises are open and their pane is hidden."""
        line = self.query_one("#exercise-line", Static)
        line.display = self.exercises_shown and "exercise" not in self.panes.visible() and self.panes.room != "tiny"
        if line.display:
            line.update(contents.exercise_line(self.app_state, self.size.width - 2))

    # --- layout ---------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        if event.size != self._fitted:
            self._fit(event.size)

    def _fit(self, size: Size) -> None:
        self._fitted = size
        before, room = self.panes.room, self.fit_room(*size, update=False)
        self.panes.room = room
        here = self._looked_at
        if here is not None and room != before and place_of(room, here) is not None:
            self.panes.make_visible(here)  # the pane that was in use stays visible
            self.focus_pane(here)
        self.lay_out(restyle=room != before)

    def lay_out(self, *, restyle: bool = False) -> None:
        """Show the panes that have to be visible, and update the tabs; `restyle` if other rules of the style sheet
        apply.

        Visibility is not set by classes: they would restyle and redraw all descendants, whose pictures are still there.
        """
        if not self.has_parts:
            return
        visible, zoomed = self.panes.visible(), self.panes.zoomed is not None
        for pane in self._each_pane():
            pane.display = pane.name in visible
        restyled: list[DOMNode] = []
        for container in ("left", "main", "reading", "stage", "exercise"):
            column = self.query_one(f"#{container}-column")
            column.display = any(pane.display for pane in column.query(Pane).results(Pane))
            alone = zoomed and column.display and container in ("left", "reading", "exercise")
            if column.has_class("-alone") != alone:
                column.set_class(alone, "-alone", update=False)
                restyled += [column, *column.walk_children()]
        there = {} if zoomed else self.panes.places
        for tabs in self.query(".place-tabs").results(PaneTabs):
            place = cast("Place", (tabs.id or "").removeprefix("tabs-"))
            tabs.display = place in there
            if place in there:
                tabs.show([(pane, TITLES[pane]) for pane in there[place]], self.panes.shown_in(place))
        if restyle:
            self.update_node_styles(animate=False)
        elif restyled:
            self.app.stylesheet.update_nodes(restyled)
        self._mark_focus()
        if self._painted:
            self.run_worker(self._fill(), group="fill")
        self.show_now()

    def _each_pane(self) -> tuple[Pane, ...]:
        if not self._all_panes:  # called in each frame, and a query searches the whole screen
            self._all_panes = tuple(self.query(Pane))
        return self._all_panes

    def _visible_panes(self) -> list[Pane]:
        visible = self.panes.visible()
        return [pane for pane in self._each_pane() if pane.name in visible]

    async def _fill(self) -> bool:
        """Make the contents that the visible panes can have by now; returns whether any had to be made."""
        # All at once: a slow line then carries one picture instead of one per pane.
        with self.app.batch_update():
            filled = False
            for pane in self._visible_panes():
                if self.loaded or pane.name in contents.EARLY:
                    with contained(pane):
                        filled |= await pane.fill()
            if filled:
                self.show_now()
        return filled

    def show_pane(self, pane: PaneName) -> None:
        """Make a pane visible."""
        if pane == "exercise":
            self.app_state.exercises.shown = True
        self.panes.make_visible(pane)
        if self.panes.zoomed is not None:
            self.panes.zoomed = pane
        self.lay_out()

    def focus_pane(self, pane: PaneName) -> None:
        """Make a pane visible and focus it; that of the exercises needs the state."""
        if pane not in self.panes.visible():
            self.show_pane(pane)
        self._want(pane)

    def _want(self, pane: PaneName) -> None:
        """Focus a visible pane as soon as anything in it can take the focus, unless the focus moves meanwhile."""
        self._wanted, self._focused_then = pane, self.focused
        self.call_after_refresh(self._focus_wanted)

    def focus_again(self) -> None:
        visible = self.panes.visible()
        last = self._wanted or self._looked_at
        here = last if last in visible else next(iter(sorted(visible)), None)
        if here is not None:
            self._want(here)

    async def _focus_wanted(self) -> None:
        if await self._fill():
            self.call_after_refresh(self._focus_wanted)
            return
        if self._wanted is None:
            return
        # What is in the pane may not exist yet: then this is called again when it does.
        there = self.query_one_optional(f"#pane-{self._wanted}", Pane)
        if there is not None and there.focus_inside():
            self._wanted = None
        self._mark_focus()

    def on_stage_made(self) -> None:
        self.call_after_refresh(self._focus_wanted)

    def on_pane_emptied(self, event: Pane.Emptied) -> None:
        """Make a failed content again."""
        event.stop()
        self.focus_pane(cast("PaneName", event.pane.name))

    def action_next_pane(self) -> None:
        self._to_pane(1)

    def action_previous_pane(self) -> None:
        self._to_pane(-1)

    def _to_pane(self, by: int) -> None:
        if (pane := self.panes.next_to(self.focused_pane or self.panes.zoomed, by)) is not None:
            self.focus_pane(pane)

    def action_zoom(self) -> None:
        self.panes.zoomed = None if self.panes.zoomed is not None else (self.focused_pane or "live")
        self.lay_out()

    @property
    def focused_pane(self) -> PaneName | None:
        """The pane that has the focus."""
        return cast("PaneName", pane.name) if (pane := pane_of(self.focused)) is not None else None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is not self._focused_then:  # else the event is older than the request
            self._wanted = None
        if (pane := pane_of(event.widget)) is not None:
            pane.remember(event.widget)
            self._looked_at = cast("PaneName", pane.name)
        self._mark_focus()

    def _mark_focus(self) -> None:
        """Highlight the tabs of the place that has the focus."""
        place = place_of(self.panes.room, here) if (here := self.focused_pane) is not None else None
        for tabs in self.query(".place-tabs").results(PaneTabs):
            tabs.mark(focused=place is not None and tabs.id == f"tabs-{place}")

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        event.stop()
        pane = cast("PaneName", event.name)
        self.in_turn(partial(self.focus_pane, pane), "exercises" if pane == "exercise" else None)
