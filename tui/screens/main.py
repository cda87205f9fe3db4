"""What the main screen's keys do: each an action of the table, handed to the workbench and shown at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.message import Message

from engine.errors import InputError
from tui import terminal
from tui.actions import BINDINGS
from tui.screens import allowed, ask
from tui.screens.archive import Archive
from tui.screens.basins import BasinKeeper
from tui.screens.panes import PaneScreen
from tui.series import Series
from tui.text import clean
from tui.widgets.key_bar import KeyBar
from tui.workbench import Workbench

if TYPE_CHECKING:
    from tui.widgets.descent_view import DescentView
    from tui.widgets.history_table import HistoryTable
    from tui.widgets.lesson_list import LessonList
    from tui.widgets.path_view import PathView
    from tui.widgets.settings_form import SettingsForm

SLOW_BYTES_PER_S = 30_000
"""A line that carries less takes longer over a frame of a training run than until the next."""


class MainScreen(PaneScreen):
    """The app's screen. What a key means is in Workbench; here it is asked for and shown."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    class RunFinished(Message):
        """A run has come to its end."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._enabled: tuple[str, ...] = ()
        self._told_slow = False
        self.archive = Archive(self)
        self.basins = BasinKeeper(self)

    def show_now(self) -> None:
        """Show the moment, and which keys mean something in it."""
        super().show_now()
        if "history" in self.in_sight():
            self.archive.look()
        self.basins.look()
        self.query_one(KeyBar).relabel(allowed.labels(self.bench))
        self.refresh_actions()
        self._tell_of_a_slow_line()

    def _tell_of_a_slow_line(self) -> None:
        """Say once that what is seen comes late, and what helps."""
        rate = terminal.link(self.app).bytes_per_s
        if rate is not None and rate <= SLOW_BYTES_PER_S and not (self._told_slow or self.bench.options.low_bandwidth):
            self._told_slow = True
            self.say("a slow line: what is drawn comes late; gdtui --low-bandwidth sends less")

    # --- the run --------------------------------------------------------------------------------------------------

    def action_start_or_pause(self) -> None:
        fresh = not self.bench.session.alive
        self.say(self.bench.start_or_pause())
        if fresh and self.bench.session.alive:
            self.show_pane("live")
            if self.focused_pane != "settings" or self.room == "narrow":
                self.focus_pane("live")
        self.wake()

    def action_step(self) -> None:
        view = self.paths
        if view is not None and view.scrubbed is not None:
            view.scrub(1)
        else:
            self.say(self.bench.step())
        self.show_pane("live")
        self.wake()

    def action_step_back(self) -> None:
        self.bench.hold()
        self.show_pane("live")
        view = self.paths
        if view is not None:
            view.scrub(-1)
        self.wake()

    def action_reset(self) -> None:
        self.bench.reset()
        self.wake()

    def action_stop(self) -> None:
        self.bench.stop()
        self.wake()

    def action_recover(self) -> None:
        self.say(self.bench.recover())
        self.wake()

    def action_resume(self) -> None:
        path = allowed.resumable(self)
        if path is not None:
            self.say(self.bench.resume(path))
            self.focus_pane("live")
            self.wake()

    def action_clear(self) -> None:
        self.bench.clear()
        self.archive.clear()
        self.wake()

    # --- settings -------------------------------------------------------------------------------------------------

    def action_rate_down(self) -> None:
        self.say(self.bench.step_rate(-1))
        self.wake()

    def action_rate_up(self) -> None:
        self.say(self.bench.step_rate(1))
        self.wake()

    def action_next_optimizer(self) -> None:
        self.say(self.bench.next_optimizer())
        self.wake()

    def action_add_start(self) -> None:
        self.focus_pane("live")
        view = self.paths
        if view is not None and view.size:  # one that was never in sight has no cursor yet
            view.add_start()

    def give(self, name: str, text: str) -> None:
        """Take a setting from wherever it was given."""
        try:
            self.bench.give(name, text)
        except ValueError as refused:
            self.say(str(refused))
        self.wake()

    def on_settings_form_given(self, event: SettingsForm.Given) -> None:
        event.stop()
        if event.text is None:
            self.bench.forget(event.name)
            self.wake()
        else:
            self.give(event.name, event.text)

    def on_path_view_starts_changed(self, event: PathView.StartsChanged) -> None:
        """New starts are those of the next run; none at all means the lesson's own."""
        event.stop()
        if event.starts:
            self.give("start", ";".join(",".join(f"{part:.9g}" for part in point) for point in event.starts))
        else:
            self.bench.forget("start")
            self.wake()

    def on_path_view_branch_requested(self, event: PathView.BranchRequested) -> None:
        """Ask with what to go on; the run waits meanwhile."""
        event.stop()
        self.bench.hold()
        ask.branch(self, event.path, event.step)

    def branch(self, path: int, step: int, changes: dict[str, str]) -> None:
        """Go on from a step with these settings."""
        try:
            self.say(self.bench.branch(path, step, changes))
        except InputError as refused:
            self.say(str(refused))
        self.wake()

    # --- looking --------------------------------------------------------------------------------------------------

    def action_open_lesson(self, number: int) -> None:
        if lesson := self.bench.numbered(number):
            self.open_lesson(lesson)

    def on_lesson_list_opened(self, event: LessonList.Opened) -> None:
        event.stop()
        self.open_lesson(event.lesson)

    def open_lesson(self, lesson: str) -> None:
        """Open a lesson at its text, or at its run where it has one."""
        self.bench.open(lesson)
        if "live" not in self.in_sight() or "text" not in self.in_sight():
            self.focus_pane("text" if self.bench.desk.state is None else "live")
        self.wake()

    def action_focus_lessons(self) -> None:
        self.show_pane("lessons")
        self.call_after_refresh(self._filter_lessons)

    def _filter_lessons(self) -> None:
        from tui.widgets.lesson_list import LessonList

        self.query_one(LessonList).filter()

    @property
    def paths(self) -> PathView[Any] | None:
        """The view of the open lesson's paths, if it has some."""
        from tui.widgets.stage import Stage

        stage = next(iter(self.query(Stage)), None)
        return stage.paths if stage is not None else None

    def run_ended(self) -> None:
        self.archive.forget()
        ask.nothing_to_lose(self)
        self.post_message(self.RunFinished())

    @property
    def overlays(self) -> tuple[Series, ...]:
        return self.archive.overlays

    def on_descent_view_basins_requested(self, event: DescentView.BasinsRequested) -> None:
        event.stop()
        self.basins.ask(event)

    def on_history_table_overlay_toggled(self, event: HistoryTable.OverlayToggled) -> None:
        event.stop()
        self.archive.toggle(event.run, event.shown)

    def on_history_table_run_highlighted(self, event: HistoryTable.RunHighlighted) -> None:
        event.stop()
        self.refresh_actions()

    def on_history_table_command_copied(self, event: HistoryTable.CommandCopied) -> None:
        event.stop()
        ask.share(self, clean(event.command))

    # --- dialogs --------------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        ask.help_(self)

    def action_copy_command(self) -> None:
        ask.share(self)

    def action_export(self) -> None:
        ask.export(self)

    def action_show_log(self) -> None:
        ask.log(self)

    def action_redraw(self) -> None:
        terminal.repaint(self.app)

    def action_quit(self) -> None:
        ask.quit_(self)

    def action_tensorboard(self) -> None:
        ask.tensorboard(self)

    def look_at_setting(self, name: str) -> None:
        """Put the focus on a setting."""
        self.show_pane("settings")
        self.call_after_refresh(self._look_at_setting, name)

    async def _look_at_setting(self, name: str) -> None:
        from tui.widgets.settings_pane import SettingsPane

        await self._fill()
        form = self.query_one(SettingsPane).form
        form.focus()
        form.look_at(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return allowed.allowed(self, action)

    def refresh_actions(self) -> None:
        """Where other actions mean something now than before, tell the key bar."""
        enabled = tuple(name for name in allowed.CHANGING if allowed.allowed(self, name))
        if enabled != self._enabled:
            self._enabled = enabled
            self.refresh_bindings()

    def say(self, words: str) -> None:
        """Tell the learner something that passes."""
        if words:
            self.app.notify(words, markup=False, timeout=4)
