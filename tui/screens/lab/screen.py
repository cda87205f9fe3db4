"""The lab: its keys, each an action of the table that is executed on the app's state and shown at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.message import Message

from engine.errors import InputError
from tui import terminal
from tui.process.options import AppOptions
from tui.screens.base import bindings_of
from tui.screens.lab import action_state, dialogs
from tui.screens.lab.basins import BasinRequests
from tui.screens.lab.exercises import ExerciseRequests
from tui.screens.lab.panes import LabPanes
from tui.screens.lab.past_runs import PastRuns
from tui.screens.lab.reloading import Reloader
from tui.screens.lab.run_alerts import RunAlerts
from tui.screens.layout import TITLES
from tui.text.clean import clean
from tui.views.small_panes import LessonChoice
from tui.widgets.key_bar import KeyBar
from tui.widgets.steady import contained

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.model.app_state import AppState
    from tui.model.lesson_state import Change, LessonState
    from tui.model.series import Series
    from tui.screens.commands import Command
    from tui.screens.dialogs.export import Exportable
    from tui.widgets.descent.descent_view import DescentView
    from tui.widgets.learn.exercise_pane import ExercisePane
    from tui.widgets.learn.lesson_list import LessonList
    from tui.widgets.learn.settings_form import SettingsForm
    from tui.widgets.log.history_table import HistoryTable
    from tui.widgets.path_view import PathView

TRY_IT_S = 20.0
"""How long a step of "Try it" is shown in the news."""
SETTINGS_S = 2.0
"""How long a changed setting is shown in the news."""
SLOW_BYTES_PER_S = 30_000
"""A line with a lower rate needs longer for a frame of a training run than the time until the next."""


class LabScreen(LabPanes):
    """The lab's screen. AppState implements the actions; here they are called and their effects shown."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("lab")]

    class RunFinished(Message):
        """A run has ended."""

    class Loaded(Message):
        """The state has been made and shown."""

    def __init__(self, options: AppOptions, choice: LessonChoice, make_state: Callable[[], AppState]) -> None:
        super().__init__(options, choice, make_state)
        self._enabled: tuple[str, ...] = ()
        self._told_slow = False
        self.past_runs = PastRuns(self)
        self.basins = BasinRequests(self)
        self.exercises = ExerciseRequests(self)
        self.alerts = RunAlerts(self)
        self.reloader = Reloader(self)

    def show_now(self) -> None:
        """Show the present state, and the actions that are possible now."""
        super().show_now()
        if not (self.has_parts and self.loaded):
            return
        if "history" in self.panes.visible():
            self.past_runs.look()
        self.basins.look()
        keys = self.query_one(KeyBar)
        with contained(keys):
            keys.relabel(action_state.labels(self.app_state))
        self.refresh_actions()
        self._tell_of_a_slow_line()

    def _tell_of_a_slow_line(self) -> None:
        """Report once that the line is slow, and the remedy."""
        rate = terminal.link(self.app).bytes_per_s
        if rate is not None and rate <= SLOW_BYTES_PER_S and not (self._told_slow or self.options.low_bandwidth):
            self._told_slow = True
            self.say("a slow line: what is drawn comes late; gdtui --low-bandwidth sends less")

    # --- the run --------------------------------------------------------------------------------------------------

    def action_start_or_pause(self) -> None:
        fresh = not self.app_state.session.alive
        self.say(self.app_state.start_or_pause())
        if fresh and self.app_state.session.alive:
            self.show_pane("live")
            if self.focused_pane != "settings" or self.panes.room == "narrow":
                self.focus_pane("live")
        self.wake()

    def action_step(self) -> None:
        view = self.paths
        if view is not None and view.scrubbed is not None:
            view.scrub(1)
        else:
            self.say(self.app_state.step())
        self.show_pane("live")
        self.wake()

    def action_step_back(self) -> None:
        self.app_state.hold()
        self.show_pane("live")
        view = self.paths
        if view is not None:
            view.scrub(-1)
        self.wake()

    def action_reset(self) -> None:
        self.app_state.reset()
        self.wake()

    def action_stop(self) -> None:
        self.app_state.stop()
        self.wake()

    def action_recover(self) -> None:
        self.say(self.app_state.recover())
        self.wake()

    def action_resume(self) -> None:
        path = self._resumes
        if path is not None:
            self.say(self.app_state.resume(path))
            self.focus_pane("live")
            self.wake()

    @property
    def _resumes(self) -> Path | None:
        """The folder of the run that `resume` resumes: the one under the cursor in the history, else the one that
        AppState offers."""
        if self.app_state.session.unfinished:
            return None
        if self.focused_pane == "history":
            return self.past_runs.resumable
        offered = self.app_state.offered
        return offered.path if offered is not None else None

    def key_upper_r(self) -> None:
        """Report why `R` does nothing, if it does nothing."""
        if not self.check_action("resume", ()):
            self.say("a run goes on" if self.app_state.session.unfinished else "there is no unfinished run to resume")

    def action_clear(self) -> None:
        self.app_state.clear()
        self.past_runs.clear()
        self.wake()

    # --- settings -------------------------------------------------------------------------------------------------

    def action_rate_down(self) -> None:
        self._say_of_settings(self.app_state.step_rate(-1))

    def action_rate_up(self) -> None:
        self._say_of_settings(self.app_state.step_rate(1))

    def action_next_optimizer(self) -> None:
        self._say_of_settings(self.app_state.next_optimizer())

    def _say_of_settings(self, words: str) -> None:
        """Show what a key made of the settings, where they are hidden."""
        if "settings" not in self.panes.visible():
            self.say(words, SETTINGS_S)
        self.wake()

    def action_add_start(self) -> None:
        self.focus_pane("live")
        view = self.paths
        if view is not None and view.size:  # one that was never visible has no cursor yet
            view.add_start()

    def give(self, name: str, text: str) -> None:
        """Apply a setting given in any way."""
        self._change((name, text))

    def _change(self, change: Change) -> None:
        """Change a setting of the open lesson when that takes no time any more."""
        self.preparer.when_prepared(partial(self._give, self.app_state.lesson_state, change), change)

    def _give(self, lesson_state: LessonState, change: Change) -> None:
        try:
            self.app_state.give(change, lesson_state)
        except ValueError as refused:
            self.say(str(refused))
        self.wake()

    def on_settings_form_given(self, event: SettingsForm.Given) -> None:
        event.stop()
        self._change((event.name, event.text))

    def on_settings_form_refused(self, event: SettingsForm.Refused) -> None:
        event.stop()
        self.say("the text typed into the settings is not accepted and not used; it stays there to be corrected", 8.0)

    def on_path_view_starts_changed(self, event: PathView.StartsChanged) -> None:
        """Apply new starts to the next run; no starts stand for the lesson's own."""
        event.stop()
        self.preparer.when_prepared(partial(self._give_starts, event.starts))

    def _give_starts(self, starts: tuple[tuple[float, ...], ...]) -> None:
        lesson_state = self.app_state.lesson_state
        if lesson_state.ground != lesson_state.next_ground:
            self.say(f"{lesson_state.ground_note}, whose starts can be picked then")
        else:
            text = ";".join(",".join(f"{part:.9g}" for part in point) for point in starts)
            self._give(lesson_state, ("start", text or None))

    def on_path_view_branch_requested(self, event: PathView.BranchRequested) -> None:
        """Ask for the settings of a branch; the run pauses meanwhile."""
        event.stop()
        self.app_state.hold()
        dialogs.branch(self, event.path, event.step, partial(self.branch, event.path, event.step))

    def branch(self, path: int, step: int, changes: dict[str, str]) -> None:
        """Branch from a step with these settings."""
        self.preparer.when_prepared(partial(self._branch, path, step, changes))

    def _branch(self, path: int, step: int, changes: dict[str, str]) -> None:
        try:
            self.say(self.app_state.branch(path, step, changes))
        except InputError as refused:
            self.say(str(refused))
        self.wake()

    # --- looking --------------------------------------------------------------------------------------------------

    def action_open_lesson(self, number: int) -> None:
        lesson = next((row.id for row in self.choice.rows if row.number == number), None)
        if lesson is not None:
            self.open_lesson(lesson)

    def on_lesson_list_opened(self, event: LessonList.Opened) -> None:
        event.stop()
        self.open_lesson(event.lesson)

    def open_lesson(self, lesson: str) -> None:
        """Open a lesson at its text, or at its run if it has one."""
        self.choose(lesson)
        if not {"live", "text"} <= self.panes.visible():
            self.focus_pane("text" if not self.loaded or self.app_state.lesson_state.state is None else "live")
        self.wake()

    def action_focus_lessons(self) -> None:
        self.show_pane("lessons")
        self.call_after_refresh(self._filter_lessons)

    def _filter_lessons(self) -> None:
        from tui.widgets.learn.lesson_list import LessonList

        lessons = self.query_one_optional(LessonList)
        if lessons is not None:  # a screen that is too small shows no pane
            lessons.filter()

    @property
    def paths(self) -> PathView[Any] | None:
        """The view of the open lesson's paths, if it has some."""
        from tui.widgets.stage import Stage

        stage = next(iter(self.query(Stage)), None)
        return stage.paths if stage is not None else None

    def first_look(self) -> None:
        self.post_message(self.Loaded())
        self.alerts.begin()
        self.reloader.begin()
        self.past_runs.find_unfinished()

    def run_ended(self) -> None:
        if not self.app_state.session.unfinished:
            self.app_state.update_offer()
        self.alerts.ended()
        self.exercises.tell_of_tasks()
        self.past_runs.forget()
        dialogs.nothing_to_lose(self)
        self.post_message(self.RunFinished())

    @property
    def overlays(self) -> tuple[Series, ...]:
        return self.past_runs.overlays

    def on_descent_view_basins_requested(self, event: DescentView.BasinsRequested) -> None:
        event.stop()
        self.basins.ask(event)

    def on_history_table_overlay_toggled(self, event: HistoryTable.OverlayToggled) -> None:
        event.stop()
        self.past_runs.toggle(event.run, event.shown)

    def on_history_table_run_highlighted(self, event: HistoryTable.RunHighlighted) -> None:
        event.stop()
        self.refresh_actions()

    def on_history_table_command_copied(self, event: HistoryTable.CommandCopied) -> None:
        event.stop()
        self.share(clean(event.command))

    # --- dialogs --------------------------------------------------------------------------------------------------

    def action_walk(self) -> None:
        self.exercises.walk()

    def action_try_it(self) -> None:
        self.say(self.app_state.try_it(), TRY_IT_S)
        self.wake()

    def action_exercises(self) -> None:
        self.exercises.toggle()

    def on_exercise_pane_asked(self, event: ExercisePane.Asked) -> None:
        event.stop()
        self.exercises.asked(event)

    def first_exercises(self) -> None:
        self.exercises.load()

    def action_glossary(self) -> None:
        dialogs.glossary(self)

    def action_copy_command(self) -> None:
        state = self.app_state.lesson_state.on_show
        self.share(self.app_state.command, changed=state is not None and bool(state.changes))

    def exports(self) -> Sequence[Exportable]:
        return dialogs.exports(self)

    def picture_names(self) -> tuple[str, str]:
        return f"gdtui · {self.app_state.lesson_state.lesson.title}", f"{self.app_state.opened}-screen"

    def own_messages(self) -> str:
        state = self.app_state.lesson_state.state
        ended = state.ended.traceback if state is not None and state.ended is not None else ""
        return "\n".join(filter(None, (self.app_state.session.failure, ended)))

    def action_quit(self) -> None:
        dialogs.quit_(self)

    def action_tensorboard(self) -> None:
        dialogs.tensorboard(self)

    def look_at_setting(self, name: str) -> None:
        """Put the focus on a setting."""
        self.show_pane("settings")
        self.call_after_refresh(self._look_at_setting, name)

    async def _look_at_setting(self, name: str) -> None:
        from tui.widgets.learn.settings_pane import SettingsPane

        await self._fill()
        settings = self.query_one_optional(SettingsPane)
        if settings is not None:
            settings.form.focus()
            settings.form.look_at(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.loaded:
            return action not in action_state.CHANGING or action in action_state.AT_FIRST
        return self._resumes is not None if action == "resume" else action_state.is_possible(self.app_state, action)

    def refresh_actions(self) -> None:
        """Update the key bar if other actions are possible than before."""
        enabled = tuple(name for name in action_state.CHANGING if self.check_action(name, ()))
        if enabled != self._enabled:
            self._enabled = enabled
            self.refresh_bindings()

    # --- commands -------------------------------------------------------------------------------------------------

    def place_name(self, widget: Widget) -> str:
        pane = next((TITLES[name] for each in widget.ancestors if (name := each.name) in TITLES), "")
        return f"the {pane} pane" if pane else ""

    def own_commands(self) -> Iterator[Command]:
        from tui.screens.lab import commands

        for pane, title in TITLES.items():
            yield f"{title} pane", "go to it", partial(self.focus_pane, pane)
        yield from commands.lessons(self)
        yield from commands.settings(self)

    def commands_given(self, query: str) -> Sequence[Command]:
        from tui.screens.lab import commands

        return commands.assignments(self, query)
