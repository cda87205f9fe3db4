"""The log viewer, which shows runs from their logs: its keys, and the loop that follows growing logs."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.widgets import Input

from tui.model import log_alerts, log_state
from tui.model.export import DataForm, Sheet, as_csv, tag_as_json
from tui.model.log_names import ItemKind, TagItem
from tui.model.log_source import LogSource
from tui.model.log_state import MOST_MARKED, LogState
from tui.process.options import AppOptions
from tui.screens.base import bindings_of
from tui.screens.log_viewer.panes import PLACES, TITLES, LogViewerPanes
from tui.text.clean import clean
from tui.views import log_views
from tui.widgets.log.run_list import RunList
from tui.widgets.log.tag_list import TagList
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.steady import contained

if TYPE_CHECKING:
    from tui.screens.commands import Command
    from tui.screens.dialogs.export import Exportable
    from tui.widgets.log.hparams_table import HparamsTable
    from tui.widgets.log.plot_grid import PlotGrid

POLL_S = 0.5
POLL_S_LOW = 2.0
"""The interval at which the files are read."""
AGE_S = 5.0
"""The interval at which the time since the last write is updated, if nothing else changes."""
SHOWN_EVERY_S = 0.2
SHOWN_EVERY_S_LOW = 1.0
"""While a long log is read, pictures are at least this far apart."""
_BACKGROUND_EVERY = 10
_ABOUT_EVERY = 4


class LogViewer(LogViewerPanes):
    """The runs of a log folder. They are read in a thread, a few hundredths of a second at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("log")]

    def __init__(
        self,
        state: LogState,
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
        self._has_begun = False
        self._went: dict[str, str] = {}

    def on_mount(self) -> None:
        self.show_now()
        self.set_interval(AGE_S, self._tell_age)
        self.run_worker(self._follow(), group="follow")
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        await self.fill()
        self.focus_place("tags")
        self._has_begun = True
        self.release_keys()

    @property
    def takes_keys(self) -> bool:
        return self._has_begun and super().takes_keys

    # --- following ----------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Read on, show what is new, and wait, during the screen's lifetime."""
        polls = 0
        behind = True
        try:
            while self.has_parts:  # the loop is ended only after they are gone
                was_behind, behind = behind, False
                with contained(self):
                    behind = await self._read_on(polls, was_behind)
                if not behind:
                    polls += 1
                    await self._wait()
        finally:
            self._source.close()

    async def _read_on(self, polls: int, was_behind: bool) -> bool:
        """Read a little, and show it; returns whether there is more to read now."""
        state = self.state
        every = was_behind or polls % _BACKGROUND_EVERY == 0
        names = dict.fromkeys((*log_state.wanted(state), *(log_state.background(state) if every else ())))
        ask = self._to_look_at(again=polls % _ABOUT_EVERY == 0)
        news, about = await asyncio.to_thread(self._source.look, tuple(names), ask)
        if not self.has_parts:
            return False
        held = self.state
        self.state = log_state.learn(log_state.take(held, news), about)
        surplus = log_state.surplus(self.state)
        if surplus:
            self._source.forget(surplus)
            self.state = log_state.forget(self.state, surplus)
        self._tell_of_ends()
        behind = not news.at_end or news.searching or bool(self._to_look_at(again=False))
        if self.state != held and (not behind or self.clock() - self._shown_at >= self._shown_every_s):
            self._shown_at = self.clock()
            self.show_now()
            await self.fill()
        return behind

    async def _wait(self) -> None:
        """Wait until it is time to read again, or a key requests something that has not been read."""
        try:
            await asyncio.wait_for(self._asked.wait(), self._poll_s)
        except TimeoutError:
            return
        self._asked.clear()

    def _to_look_at(self, *, again: bool) -> tuple[str, ...]:
        """The runs whose folders have to be read: the newest that have not been read; the visible ones `again` too."""
        state = self.state
        visible = [run for run in (*state.shown, *self.query_one(RunList).visible_runs) if run in state.runs]
        new = [run for run in (*visible, *log_state.newest(state)) if run not in state.about]
        return tuple(dict.fromkeys((*(visible if again else ()), *new[:20])))

    def _tell_age(self) -> None:
        self.show_now(age=True)
        self._tell_of_ends()

    def _tell_of_ends(self) -> None:
        """Report which of the shown runs have ended, diverged or stalled since the last call."""
        if not self.options.notify:
            return
        now = self.clock()
        goes = log_alerts.words_of_runs(self.state, lambda run: log_views.run_state(self.state, run, now), now)
        for line in log_alerts.alerts(self.state, self._went, goes):
            self.alert(line)
        self._went |= goes

    def change(self, state: LogState) -> None:
        """Apply the choice of a key, show it, and read what it needs."""
        if state is self.state:
            return
        kind = self.state.item.kind
        self.state = state
        self.show_now()
        if kind != state.item.kind:
            self.run_worker(self.fill(), group="fill")
        self.look_now()

    def look_now(self) -> None:
        """Read the files without waiting for the next poll."""
        self._asked.set()

    # --- lists --------------------------------------------------------------------------------------------------------

    def on_row_list_highlighted(self, event: RunList.Highlighted) -> None:
        event.stop()
        if isinstance(event.rows, RunList):
            self.change(log_state.look_at(self.state, event.rows.highlighted))
        elif isinstance(event.rows, TagList) and event.rows.highlighted is not None:
            self.change(log_state.show_item(self.state, event.rows.highlighted))

    def on_run_list_marked(self, event: RunList.Marked) -> None:
        event.stop()
        run = event.rows.highlighted
        if event.how == "all":
            self.change(log_state.mark_filtered(self.state))
            if len(self.state.order) > MOST_MARKED:
                self.say(f"the first {MOST_MARKED} are drawn: more could not be distinguished")
        elif event.how == "only":
            self.change(log_state.mark_only(self.state, run))
        else:
            self._mark(run)

    def on_hparams_table_marked(self, event: HparamsTable.Marked) -> None:
        event.stop()
        self._mark(event.run)

    def _mark(self, run: str) -> None:
        before = self.state
        self.change(log_state.mark(before, run))
        if self.state is before and run:
            self.say(f"{MOST_MARKED} runs are drawn: more could not be distinguished")

    def on_run_list_reordered(self, event: RunList.Reordered) -> None:
        event.stop()
        self.change(log_state.turn_order(self.state) if event.turned else log_state.next_order(self.state))
        by = {"newest": "the newest runs first", "name": "runs by name"}.get(
            self.state.order_by, f"runs by the last {self.state.order_tag}, the best first"
        )
        self.say(f"reversed: {by}" if self.state.upside_down else by)

    def on_tag_list_pinned(self, event: TagList.Pinned) -> None:
        event.stop()
        self._pin(event.item)

    def on_plot_grid_pinned(self, event: PlotGrid.Pinned) -> None:
        event.stop()
        self._pin(TagItem("scalars", event.tag))

    def _pin(self, item: TagItem) -> None:
        self.change(log_state.pin(self.state, item))
        self.say("pinned: it is listed first" if item in self.state.pinned else "no longer pinned")

    def on_tag_list_opened(self) -> None:
        self.focus_place("stage")

    def on_plot_grid_opened(self, event: PlotGrid.Opened) -> None:
        event.stop()
        self.change(log_state.show_item(self.state, TagItem("scalars", event.tag)))
        self.focus_place("stage")

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        event.stop()
        if event.name in ("runs", "tags"):
            self.focus_place(event.name)
        else:
            self._show_kind(cast("ItemKind", event.name))

    # --- keys ---------------------------------------------------------------------------------------------------------

    def action_next_view(self) -> None:
        self.change(log_state.next_kind(self.state, 1))
        self._stay_on_stage()

    def action_previous_view(self) -> None:
        self.change(log_state.next_kind(self.state, -1))
        self._stay_on_stage()

    def _stay_on_stage(self) -> None:
        """Move the focus to the new view if it was on the old one."""
        if self.focused_place in ("stage", ""):
            self.focus_place("stage")

    def action_next_pane(self) -> None:
        self._to_place(1)

    def action_previous_pane(self) -> None:
        self._to_place(-1)

    def _to_place(self, by: int) -> None:
        here = self.focused_place
        places = tuple(PLACES)
        place = places.index(here) if here in places else 0
        self.focus_place(places[(place + by) % len(places)])

    def action_zoom(self) -> None:
        self.zoom("" if self.zoomed else self.focused_place or "stage")

    def action_filter(self) -> None:
        self._filtering = "runs" if self.focused_place == "runs" else "tags"
        if self.zoomed:
            self.zoom("")
        self.add_class("-filtering")
        entry = self.query_one("#filter", Input)
        entry.placeholder = "words, /regex/, OR, NOT" + (", lr<0.01" if self._filtering == "runs" else "")
        entry.value = self.state.run_filter if self._filtering == "runs" else self.state.tag_filter
        entry.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-filtering"):
            self._filter(event.value)

    def _filter(self, text: str) -> None:
        change = log_state.filter_runs if self._filtering == "runs" else log_state.filter_tags
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

    def action_copy_command(self) -> None:
        about = self.state.about.get(self.state.cursor)
        command = about.record.command if about is not None and about.record is not None else ""
        if command:
            self.share(clean(command))
        else:
            self.say("no command line is known for this run")

    def exports(self) -> Sequence[Exportable]:
        from tui.screens.dialogs.export import Exportable

        sheet = log_views.plot_sheet(self.state)
        if sheet is None:
            return ()
        stem = re.sub(r"[^A-Za-z0-9.-]+", "-", sheet.name)[:64].strip("-.") or "tag"
        return (Exportable(f"{clean(sheet.name)} of every run shown", stem, partial(_text, sheet)),)

    def picture_names(self) -> tuple[str, str]:
        return "gdtui attach", "attach-screen"

    def action_quit(self) -> None:
        self.app.exit(0)

    # --- commands -----------------------------------------------------------------------------------------------------

    def own_commands(self) -> Iterator[Command]:
        for place in ("runs", "tags"):
            yield f"{place.capitalize()} pane", "go to it", partial(self.focus_place, place)
        for kind, title in TITLES.items():
            if kind in self.kinds:
                yield f"{title} view", "go to it", partial(self._show_kind, kind)

    def _show_kind(self, kind: ItemKind) -> None:
        self.change(log_state.show_kind(self.state, kind))
        self.focus_place("stage")


def _text(sheet: Sheet, form: DataForm) -> str:
    return as_csv(sheet) if form == "csv" else tag_as_json(sheet)
