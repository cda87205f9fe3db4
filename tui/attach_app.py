"""The app that shows runs from their event files: live while they are written and afterwards, of any program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.command import Provider
from textual.driver import Driver
from textual.widgets import Input

from tui import console, environment, state_file, terminal
from tui.exit_codes import Exit
from tui.options import AppOptions
from tui.plain import plain
from tui.screens.first import FirstScreen
from tui.steady_app import SteadyApp

if TYPE_CHECKING:
    from tui.attach_target import Target


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette is first opened."""
    from tui.attach_commands import AttachCommands

    return AttachCommands


class AttachApp(SteadyApp):
    """Shows the runs of a log folder. The theme is that of the app."""

    TITLE = "gdtui attach"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/attach.tcss", "styles/dialog.tcss"]
    COMMANDS: ClassVar[set[Callable[[], type[Provider]]]] = {_commands}  # type: ignore[assignment]

    def __init__(
        self,
        target: Target,
        options: AppOptions | None = None,
        *,
        state_path: Path | None = None,
        log_path: Path | None = None,
        poll_s: float | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.target = target
        self.options = options or AppOptions()
        self.log_path = log_path
        self._poll_s = poll_s
        self._state_path = state_path
        if state_path is not None:
            theme = state_file.load(state_path)[0].theme
            if theme in self.available_themes:
                self.theme = theme
        self._theme_before = self.theme
        if environment.slow_line(os.environ, self.options):
            self.animation_level = "none"

    def get_default_screen(self) -> FirstScreen:
        return FirstScreen()

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    async def _open(self) -> None:
        """After the first paint: everything else."""
        from tui.attach import AttachState
        from tui.log_source import LogSource
        from tui.screens.attach import AttachScreen

        state = AttachState(self.target.logdir, self.target.run)
        screen = AttachScreen(state, LogSource(self.target.logdir), self.options, poll_s=self._poll_s)
        with self.batch_update():
            await self.push_screen(screen)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # A caret that blinks writes to the terminal for ever; nothing is to be sent while nothing happens.
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def on_unmount(self) -> None:
        """Remember the theme for the app and for the next time."""
        if self._state_path is None or self.theme == self._theme_before:
            return
        remembered, _ = state_file.load(self._state_path)
        try:
            state_file.save(self._state_path, replace(remembered, theme=self.theme))
        except OSError as error:
            self.log.error(f"state not saved: {error}")


def run_attach(target: str | None, options: AppOptions) -> int:
    """Show the run or log folder that `target` names (None: the newest run of the logdir); returns the exit code."""
    from engine.run_folder import RunError
    from tui.attach_target import find_target

    try:
        found = find_target(target, options.logdir)
    except RunError as error:
        line = str(error) if console.speaks_unicode(sys.stderr) else plain(str(error))
        print(f"gdtui: {line}", file=sys.stderr)  # noqa: T201
        return Exit.USAGE
    options = replace(options, ascii_only=environment.wants_ascii(os.environ, options))
    environment.prepare(os.environ, options)
    log = environment.claim_screen()
    terminal.keep_log(log)
    return terminal.run(
        lambda driver: AttachApp(
            found, options, state_path=state_file.default_path(), log_path=log, driver_class=driver
        ),
        stop=lambda app: None,
    )
