"""The Textual app: opens one of its two screens, the lab or the log viewer, and remembers the theme.

Nothing here imports NumPy or a lesson before the first paint.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.command import Provider, SearchIcon
from textual.driver import Driver
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Input

from tui import terminal
from tui.app.base import ResilientApp
from tui.model import state_file
from tui.process import console, environment
from tui.process.exit_codes import Exit
from tui.process.options import AppOptions
from tui.screens.splash import Splash
from tui.text.plain import plain
from tui.widgets.ascii import ASCII_CLASS

if TYPE_CHECKING:
    from tui.app.attach_target import Target
    from tui.model.app_state import AppState
    from tui.model.log_choices import Remembering
    from tui.model.session import EngineSession
    from tui.screens.base import BaseScreen
    from tui.screens.log_viewer.screen import LogViewer


KEY_NAMES = {"⏎": "enter", "⌫": "backspace"}
ARROW_NAMES = {"←": "left", "→": "right", "↑": "up", "↓": "down"}

SWITCH_S = 0.0005
"""How long a thread that needs the interpreter waits until another must release it. The engine's needs it a dozen times
between two calls of the compiled loop: with Python's own 5 ms, steps/s under the app were 3 to 8 % lower."""

COLLECTED = (700, 10, 300)
"""The thresholds of garbage collection, by generation: a full one takes place about every minute and a half of
training. With Python's own thresholds it did every three seconds, for 20 to 60 ms in which no key is answered."""


IMPORTS = (
    "numpy",
    "engine.events",
    "engine.settings",
    "engine.descent.race",
    "engine.lessons.gradients",
    "engine.lessons.fashion_mnist",
    "tui.model.lesson_state",
    "tui.model.session",
    "tui.model.app_state",
    "tui.widgets.learn.settings_pane",
)
"""What the state of the lab needs, in parts: a key that comes between two of them acts first. The list need not be
complete."""


class PlainBars(ScrollBarRender):
    """Scroll bars whose ends are whole cells: the other shapes are not ASCII."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette is first opened."""
    from tui.app.commands import PaletteCommands

    return PaletteCommands


class GdtuiApp(ResilientApp):
    """The app on a terminal. It opens the lab at `lesson`, or the log viewer if there is a `target`.

    `texts` are given settings of the lesson; None keeps the saved ones. `poll_s` is the interval at which the log
    viewer reads the files of its target, if it is not that of the options.
    """

    TITLE = "gdtui"
    # These style sheets belong to the app, to be parsed once and before their screens exist: each later one restyles
    # everything, which took 50 ms of the first dialog.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/lab.tcss", "styles/log_viewer.tcss", "styles/dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = []
    COMMANDS: ClassVar[set[Callable[[], type[Provider]]]] = {_commands}  # type: ignore[assignment]

    app_state: AppState
    """Set after the first paint of the lab; the log viewer has none."""

    def __init__(
        self,
        options: AppOptions | None = None,
        lesson: str | None = None,
        texts: dict[str, str] | None = None,
        *,
        target: Target | None = None,
        poll_s: float | None = None,
        state_path: Path | None = None,
        log_path: Path | None = None,
        make_session: Callable[[AppOptions], EngineSession] | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.options = options or AppOptions()
        self.log_path = log_path
        self._opening = (lesson, texts)
        self._target, self._poll_s = target, poll_s
        self._state_path, self._saving = state_path, Lock()
        self._make_session = make_session
        self._viewer: LogViewer | None = None
        self._choices: Remembering | None = None
        self._remembered, self._problem = state_file.Remembered(), ""
        if state_path is not None:
            self._remembered, self._problem = state_file.load(state_path)
        theme = self.options.theme or self._remembered.theme
        if theme in self.available_themes:
            self.theme = theme
        self.set_keymap(dict(self.options.keys))
        self._theme_before = self.theme
        if self.options.ascii_only:
            self.add_class(ASCII_CLASS)
            ScrollBar.renderer = PlainBars
        self.draws_blocks = self.options.glyphs == "blocks"
        if environment.slow_line(os.environ, self.options):
            self.animation_level = "none"

    def get_default_screen(self) -> BaseScreen | Splash:
        return self._lab() if self._target is None else Splash()

    def on_mount(self) -> None:
        if self._target is not None:
            self.call_after_refresh(self._open_log_viewer, self._target)

    async def _open_log_viewer(self, target: Target) -> None:
        """Open the log viewer, after the first paint."""
        # Painted once, when it is complete.
        with self.batch_update():
            await self.push_screen(self._log_viewer(target))
        self._opened()

    def on_lab_screen_loaded(self) -> None:
        self._opened()

    def _opened(self) -> None:
        """The base screen is complete."""
        self.begin()
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        if problems := [each for each in (self._problem, *self._lesson_problems()) if each]:
            self.notify("; ".join(problems), severity="warning", markup=False, timeout=10)

    def _lesson_problems(self) -> Sequence[str]:
        """Messages about unusable lessons that do not ship with gdtui; the log viewer shows no lessons."""
        if self._target is not None:
            return ()
        from engine.own.lessons import problems

        return problems()

    def _lab(self) -> BaseScreen:
        """Make the lab, with the lessons of the course, or with all if another is to be opened."""
        from engine.contents import CONTENTS
        from tui.screens.lab import contents
        from tui.screens.lab.screen import LabScreen
        from tui.views.small_panes import LessonChoice, lesson_row

        opened, done = self._opening[0] or self._remembered.lesson or CONTENTS[0].id, self._remembered.done
        rows = tuple(lesson_row(each, "seen" if each.id in done else "new") for each in CONTENTS)
        choice = LessonChoice(rows, opened)
        if choice.row is None:
            choice = contents.choice_of(self._lab_state())
        return LabScreen(self.options, choice, self._lab_state)

    def _lab_state(self) -> AppState:
        """Make the state of the lab when it is first needed."""
        if not hasattr(self, "app_state"):
            self.app_state = self._new_state()
        return self.app_state

    def _new_state(self) -> AppState:
        for module in IMPORTS:
            self.await_no_key()
            importlib.import_module(module)
        from engine.lessons import course, every_lesson
        from tui.model.app_state import AppState, Opening
        from tui.model.session import EngineSession

        session = (self._make_session or EngineSession)(self.options)
        progress_path = self._state_path.with_name("progress.json") if self._state_path is not None else None
        asked_for = [each for each in every_lesson() if not each.in_course and each.id == self._opening[0]]
        return AppState(
            [*course(), *asked_for], session, self.options, self._remembered, Opening(*self._opening), progress_path
        )

    def _log_viewer(self, target: Target) -> BaseScreen:
        from tui.model import log_choices
        from tui.model.log_source import LogSource
        from tui.model.log_state import LogState
        from tui.screens.log_viewer.screen import LogViewer

        state = LogState(target.logdir, target.run)
        if self._state_path is not None:
            self._choices = log_choices.Remembering(self._state_path, target.name)
            self._problem = self._problem or self._choices.problem
            state = log_choices.restored(state, self._choices.choices)
        self._viewer = LogViewer(state, LogSource(*target.roots), self.options, poll_s=self._poll_s)
        return self._viewer

    def get_key_display(self, binding: Binding) -> str:
        shown = super().get_key_display(binding)
        names = KEY_NAMES | (ARROW_NAMES if self.options.ascii_only else {})
        for sign, name in names.items():
            shown = shown.replace(sign, name)
        return shown

    @property
    def session(self) -> EngineSession:
        """The app's engine session."""
        return self.app_state.session

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # A blinking caret writes to the terminal forever; nothing is to be sent while nothing happens.
        entry = event.widget
        if not isinstance(entry, Input):
            return
        entry.cursor_blink = False
        if self.options.ascii_only and entry.is_attached:  # it may have been removed by now
            entry.placeholder = plain(str(entry.placeholder))
            for icon in entry.screen.query(SearchIcon):
                icon.icon = ">"

    def on_lab_screen_run_finished(self) -> None:
        self.run_worker(asyncio.to_thread(self.save_state), group="state")

    def save_state(self) -> None:
        """Save the theme and the learner's place. A folder that cannot be written must not end the app."""
        if self._state_path is None:
            return
        with self._saving:  # a state must not be replaced by one taken before it
            remembered = self._state_to_save(self._state_path)
            try:
                if remembered is not None:
                    state_file.save(self._state_path, remembered)
                if self._viewer is not None and self._choices is not None:
                    self._choices.save(self._viewer.state)
            except OSError as error:
                self.log.error(f"state not saved: {error}")

    def _state_to_save(self, path: Path) -> state_file.Remembered | None:
        """The state to save, if it has changed. The log viewer adds its theme to the state saved by then."""
        if hasattr(self, "app_state"):
            return self.app_state.remembered(self.theme)
        if self._target is None or self.theme == self._theme_before:
            return None
        return replace(state_file.load(path)[0], theme=self.theme)

    def end_run(self) -> None:
        """Stop the run and wait at most a second and a half until its log and its checkpoint are complete. For signals,
        from any thread."""
        if hasattr(self, "app_state"):
            self.session.end(1.3)

    def has_run(self) -> bool:
        """Whether a run is running or its log is being closed; from any thread."""
        return hasattr(self, "app_state") and self.session.unfinished

    def on_unmount(self) -> None:
        self.save_state()
        if hasattr(self, "app_state"):
            if self.app_state.server is not None:
                self.app_state.server.stop()
            self.session.close()


def run_app(
    lesson_id: str | None,
    texts: dict[str, str],
    options: AppOptions,
    *,
    target: Target | None = None,
    driver_class: type[Driver] | None = None,
) -> int:
    """Show the lab, or the log viewer if there is a `target`, until the user leaves; returns the exit code."""
    options = replace(options, glyphs=environment.glyphs(os.environ, options))
    environment.prepare(os.environ, options)
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECTED)
    log = environment.claim_screen()
    terminal.keep_log(log)

    def make_app(steady_driver: type[Driver]) -> GdtuiApp:
        return GdtuiApp(
            options,
            lesson_id,
            texts if lesson_id is not None else None,
            target=target,
            state_path=state_file.default_path(),
            log_path=log,
            driver_class=driver_class or steady_driver,
        )

    return terminal.run(make_app, stop=GdtuiApp.end_run, busy=GdtuiApp.has_run)


def run_attach(targets: Sequence[str], options: AppOptions) -> int:
    """Show the runs or log folders of these names (none: the newest run of the logdir); returns the exit code."""
    from engine.run.run_folder import RunError
    from tui.app.attach_target import find_targets

    try:
        found = find_targets(targets, options.logdir)
    except RunError as error:
        line = str(error) if console.speaks_unicode(sys.stderr) else plain(str(error))
        print(f"gdtui: {line}", file=sys.stderr)  # noqa: T201
        return Exit.USAGE
    return run_app(None, {}, options, target=found)
