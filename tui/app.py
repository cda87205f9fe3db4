"""The Textual app: it puts the parts together, owns theme and commands, and little else."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.widgets import Input

from tui import environment, state_file
from tui.options import AppOptions
from tui.screens.main import MainScreen
from tui.session import Session
from tui.workbench import Opening, Workbench


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette is first opened."""
    from tui.commands import Commands

    return Commands


class GdtuiApp(App[int]):
    """gdtui on a terminal."""

    TITLE = "gdtui"
    # The first screen's style sheet belongs to the app: Textual reads a screen's own when it is pushed, not before.
    CSS_PATH = "styles/main.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []
    COMMANDS: ClassVar[set[Any]] = {_commands}

    def __init__(
        self,
        options: AppOptions | None = None,
        opening: Opening | None = None,
        *,
        state_path: Path | None = None,
        log_path: Path | None = None,
        session: Session | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        from engine.lessons import course

        self.options = options or AppOptions()
        self._state_path = state_path
        self.log_path = log_path
        remembered, problem = state_file.load(state_path) if state_path is not None else (state_file.Remembered(), "")
        self._problem = problem
        self.session = session or Session(self.options)
        self.bench = Workbench(course(), self.session, self.options, remembered, opening)
        if remembered.theme in self.available_themes:
            self.theme = remembered.theme
        if environment.slow_line(os.environ, self.options):
            self.animation_level = "none"

    def get_default_screen(self) -> MainScreen:
        return MainScreen(self.bench)

    def on_mount(self) -> None:
        if self._problem:
            self.notify(self._problem, severity="warning", markup=False, timeout=10)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # A caret that blinks writes to the terminal for ever; nothing is to be sent while nothing happens.
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def on_main_screen_run_finished(self) -> None:
        self.run_worker(asyncio.to_thread(self.save_state), group="state")

    def save_state(self) -> None:
        """Remember where the learner is. A folder that cannot be written is no reason to fail."""
        if self._state_path is not None:
            try:
                state_file.save(self._state_path, self.bench.remembered(self.theme))
            except OSError as error:
                self.log.error(f"state not saved: {error}")

    def on_unmount(self) -> None:
        self.save_state()
        self.session.close()


def run_app(
    lesson_id: str | None, texts: dict[str, str], options: AppOptions, *, driver_class: type[Driver] | None = None
) -> int:
    """Show the app until the learner leaves; returns the exit code."""
    options = replace(options, ascii_only=environment.wants_ascii(os.environ, options))
    environment.prepare(os.environ, options)
    log = environment.claim_screen()
    opening = Opening(lesson_id, texts if lesson_id is not None else None)
    app = GdtuiApp(options, opening, state_path=state_file.default_path(), log_path=log, driver_class=driver_class)
    app.run()
    return app.return_code or 0
