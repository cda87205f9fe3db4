"""The Textual app: it puts the parts together, owns theme and commands, and little else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver

from tui import state_file
from tui.options import AppOptions
from tui.screens.main import MainScreen
from tui.session import Session
from tui.workbench import Opening, Workbench


class GdtuiApp(App[int]):
    """gdtui on a terminal."""

    TITLE = "gdtui"
    # The first screen's style sheet belongs to the app: Textual reads a screen's own when it is pushed, not before.
    CSS_PATH = "styles/main.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        options: AppOptions | None = None,
        opening: Opening | None = None,
        *,
        state_path: Path | None = None,
        session: Session | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        from engine.lessons import course

        self.options = options or AppOptions()
        self._state_path = state_path
        remembered, problem = state_file.load(state_path) if state_path is not None else (state_file.Remembered(), "")
        self._problem = problem
        self.session = session or Session(self.options)
        self.bench = Workbench(course(), self.session, self.options, remembered, opening)
        if remembered.theme in self.available_themes:
            self.theme = remembered.theme
        if os.environ.get("SSH_CONNECTION") or self.options.low_bandwidth:
            self.animation_level = "none"

    def get_default_screen(self) -> MainScreen:
        return MainScreen(self.bench)

    def on_mount(self) -> None:
        if self._problem:
            self.notify(self._problem, severity="warning", markup=False, timeout=10)

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
    prepare_environment(os.environ, options)
    opening = Opening(lesson_id, texts if lesson_id is not None else None)
    app = GdtuiApp(options, opening, state_path=state_file.default_path(), driver_class=driver_class)
    app.run()
    return app.return_code or 0


def prepare_environment(environ: Any, options: AppOptions) -> None:
    """Make the environment say what it means to Textual: it takes an empty NO_COLOR for a full one, and an exported
    COLUMNS or LINES for the terminal's size, which then never changes."""
    for name in ("COLUMNS", "LINES"):
        environ.pop(name, None)
    if options.no_color:
        environ["NO_COLOR"] = "1"
    elif not environ.get("NO_COLOR"):
        environ.pop("NO_COLOR", None)
