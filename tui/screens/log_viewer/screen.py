"""Runs shown from their logs: the screen's keys, and the loop that follows what is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.widgets import Input

from tui import attach, terminal
from tui.attach import MOST_MARKED, AttachState
from tui.attach_actions import ACTIONS, BINDINGS
from tui.attach_names import Item, ItemKind
from tui.log_source import LogSource
from tui.options import AppOptions
from tui.screens import attach_ask
from tui.screens.attach_panes import AttachPanes
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.run_list import RunList
from tui.widgets.tag_list import TagList

if TYPE_CHECKING:
    from tui.widgets.hparams_table import HparamsTable
    from tui.widgets.plot_grid import PlotGrid

POLL_S = 0.5
POLL_S_LOW = 2.0
"""How often the files are looked at."""
AGE_S = 5.0
"""How often the time since the last write is told anew, where nothing else is new."""
SHOWN_EVERY_S = 0.2
SHOWN_EVERY_S_LOW = 1.0
"""While a long log is read, pictures are at least this far apart."""
_BACKGROUND_EVERY = 10
_ABOUT_EVERY = 4
_PLACES = ("runs", "tags", "stage")


class AttachScreen(AttachPanes):
    """The runs of a log folder. Reading is done in a thread, a few hundredths of a second at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(
        self,
        state: AttachState,
        source: LogSource,
        options: AppOptions,
        *,
        clock: Callable[[], float] = time.time,
        poll_s: float | None = None,
    ) -> None:
        super().__init__(state, options, clock)
        self._source = source
        self._poll_s = poll_s if poll_s is not None else POLL_S_LOW if options.low_bandwidth else POLL_S
        self._shown_every_s = SHOWN_EVERY_S_LOW if options.low_bandwidth else SHOWN_EVERY_S
        self._shown_at = 0.0
        self._asked = asyncio.Event()
        self._filtering = "tags"

    def on_mount(self) -> None:
        self.show_now()
        self.set_interval(AGE_S, self._tell_age)
        self.run_worker(self._follow(), group="follow")
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        await self.fill()
        self.focus_place("tags")

    # --- following ----------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Read on, show what is new, and wait; for as long as the screen is there."""
        polls = 0
        behind = True
        try:
            while self._is_there():
                state = self.state
                every = behind or polls % _BACKGROUND_EVERY == 0
                names = dict.fromkeys((*attach.wanted(state), *(attach.background(state) if every else ())))
                ask = self._to_look_at(again=polls % _ABOUT_EVERY == 0)
                news, about = await asyncio.to_thread(self._source.look, tuple(names), ask)
                if not self._is_there():
                    return
                held = self.state
                self.state = attach.learn(attach.take(held, news), about)
                surplus = attach.surplus(self.state)
                if surplus:
                    self._source.forget(surplus)
                    self.state = attach.forget(self.state, surplus)
                behind = not news.at_end or news.searching or bool(self._to_look_at(again=False))
                if self.state != held and (not behind or self.clock() - self._shown_at >= self._shown_every_s):
                    self._shown_at = self.clock()
                    self.show_now()
                    await self.fill()
                if not behind:
                    polls += 1
                    await self._wait()
        finally:
            self._source.close()

    def _is_there(self) -> bool:
        """Whether the screen still has its parts: the loop is only ended after they are gone."""
        return self.is_attached and bool(self.query(RunList))

    async def _wait(self) -> None:
        """Until it is time to look again, or a key asked for something that has not been read."""
        try:
            await asyncio.wait_for(self._asked.wait(), self._poll_s)
        except TimeoutError:
            return
        self._asked.clear()

    def _to_look_at(self, *, again: bool) -> tuple[str, ...]:
        """The runs whose folders are to be looked at: the newest that were not yet; those in sight `again` too."""
        state = self.state
        in_sight = [run for run in (*state.shown, *self.query_one(RunList).in_sight) if run in state.runs]
        new = [run for run in (*in_sight, *state.order[: attach.BACKGROUND_RUNS]) if run not in state.about]
        return tuple(dict.fromkeys((*(in_sight if again else ()), *new[:20])))

    def _tell_age(self) -> None:
        self.show_now(age=True)

    def change(self, state: AttachState) -> None:
        """Take what a key chose, show it, and read what it needs."""
        if state is self.state:
            return
        kind = self.state.item.kind
        self.state = state
        self.show_now()
        if kind != state.item.kind:
            self.run_worker(self.fill(), group="fill")
        self.look_now()

    def look_now(self) -> None:
        """Look at the files without waiting for the next poll."""
        self._asked.set()

    # --- lists --------------------------------------------------------------------------------------------------------

    def on_row_list_highlighted(self, event: RunList.Highlighted) -> None:
        event.stop()
        if isinstance(event.rows, RunList):
            self.change(attach.look_at(self.state, event.rows.highlighted))
        elif isinstance(event.rows, TagList) and event.rows.highlighted is not None:
            self.change(attach.show_item(self.state, event.rows.highlighted))

    def on_run_list_marked(self, event: RunList.Marked) -> None:
        event.stop()
        run = event.rows.highlighted
        if event.how == "all":
            self.change(attach.mark_filtered(self.state))
            if len(self.state.order) > MOST_MARKED:
                self.say(f"the first {MOST_MARKED} are drawn: more could not be told apart")
        elif event.how == "only":
            self.change(attach.mark_only(self.state, run))
        else:
            self._mark(run)

    def on_hparams_table_marked(self, event: HparamsTable.Marked) -> None:
        event.stop()
        self._mark(event.run)

    def _mark(self, run: str) -> None:
        before = self.state
        self.change(attach.mark(before, run))
        if self.state is before and run:
            self.say(f"{MOST_MARKED} runs are drawn: more could not be told apart")

    def on_run_list_reordered(self) -> None:
        self.change(attach.order_runs(self.state, by_name=not self.state.by_name))
        self.say("runs by name" if self.state.by_name else "the newest runs first")

    def on_tag_list_opened(self) -> None:
        self.focus_place("stage")

    def on_plot_grid_opened(self, event: PlotGrid.Opened) -> None:
        event.stop()
        self.change(attach.show_item(self.state, Item("scalars", event.tag)))
        self.focus_place("stage")

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        event.stop()
        if event.name in ("runs", "tags"):
            self.focus_place(event.name)
        else:
            self.change(attach.show_kind(self.state, cast("ItemKind", event.name)))
            self.focus_place("stage")

    # --- keys ---------------------------------------------------------------------------------------------------------

    def action_next_view(self) -> None:
        self.change(attach.next_kind(self.state, 1))
        self._stay_on_stage()

    def action_previous_view(self) -> None:
        self.change(attach.next_kind(self.state, -1))
        self._stay_on_stage()

    def _stay_on_stage(self) -> None:
        """Where the focus was on the view, it goes to the one that took its place."""
        if self.focused_place in ("stage", ""):
            self.focus_place("stage")

    def action_next_pane(self) -> None:
        self._to_place(1)

    def action_previous_pane(self) -> None:
        self._to_place(-1)

    def _to_place(self, by: int) -> None:
        here = self.focused_place
        place = _PLACES.index(here) if here in _PLACES else 0
        self.focus_place(_PLACES[(place + by) % len(_PLACES)])

    def action_zoom(self) -> None:
        self.zoom("" if self.zoomed else self.focused_place or "stage")

    def action_filter(self) -> None:
        self._filtering = "runs" if self.focused_place == "runs" else "tags"
        if self.zoomed:
            self.zoom("")
        self.add_class("-filtering")
        entry = self.query_one("#filter", Input)
        entry.placeholder = f"words of {self._filtering}"
        entry.value = self.state.run_filter if self._filtering == "runs" else self.state.tag_filter
        entry.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-filtering"):
            self._filter(event.value)

    def _filter(self, text: str) -> None:
        change = attach.filter_runs if self._filtering == "runs" else attach.filter_tags
        self.change(change(self.state, text))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave_filter()

    def key_escape(self) -> None:
        if self.has_class("-filtering"):
            self._filter("")
            self._leave_filter()
        elif self.zoomed:
            self.zoom("")

    def _leave_filter(self) -> None:
        self.remove_class("-filtering")
        self.focus_place(self._filtering)

    def action_help(self) -> None:
        attach_ask.help_(self)

    def action_copy_command(self) -> None:
        attach_ask.share(self)

    def action_export(self) -> None:
        attach_ask.export(self)

    def action_show_log(self) -> None:
        attach_ask.log(self)

    def action_redraw(self) -> None:
        terminal.repaint(self.app)

    def action_quit(self) -> None:
        self.app.exit(0)

    def say(self, words: str) -> None:
        """Tell something that passes."""
        self.app.notify(words, markup=False, timeout=4)

    def commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """What the palette offers: each command's name, its help, and what it does."""
        for action in ACTIONS:
            if action.id != "app.command_palette":
                yield f"{action.command} ({action.shown})", action.tooltip, partial(self.run_action, action.id)
