"""The Textual app: it puts the parts together, owns theme and commands, and little else.

Nothing here imports NumPy or a lesson before the first screen is painted.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.command import Provider, SearchIcon
from textual.driver import Driver
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Input

from tui import environment, state_file, terminal
from tui.options import AppOptions
from tui.plain import plain
from tui.screens.first import FirstScreen
from tui.steady_app import SteadyApp

if TYPE_CHECKING:
    from tui.session import Session
    from tui.workbench import Workbench


KEY_NAMES = {"⏎": "enter", "⌫": "backspace"}
ARROW_NAMES = {"←": "left", "→": "right", "↑": "up", "↓": "down"}

FRAMES_TO_FOCUS = 10
"""So many refreshes after its first at the most the main screen has its focus; a screen too small never has one."""


SWITCH_S = 0.0005
"""How long a thread that wants the interpreter waits for another to let go of it. The engine's needs it a dozen times
between two calls of the compiled loop: with Python's own 5 ms, steps/s under the app were 3 to 8 % fewer."""

COLLECTED = (700, 10, 300)
"""How seldom garbage is looked for, by generation: all of it about every minute and a half of training. With Python's
own thresholds it was every three seconds, for 20 to 60 ms in which no key is answered."""


class PlainBars(ScrollBarRender):
    """Scroll bars whose ends are whole cells: their other shapes are no ASCII."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette is first opened."""
    from tui.commands import Commands

    return Commands


class GdtuiApp(SteadyApp):
    """gdtui on a terminal. `texts` are settings of `lesson` that were given; None leaves it as it was remembered."""

    TITLE = "gdtui"
    # These belong to the app, so that they are parsed once and before their screens are there: one more later styles
    # everything anew, which took 50 ms of the first dialog.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/main.tcss", "styles/dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = []
    COMMANDS: ClassVar[set[Callable[[], type[Provider]]]] = {_commands}  # type: ignore[assignment]

    bench: Workbench
    """Set behind the first paint."""

    def __init__(
        self,
        options: AppOptions | None = None,
        lesson: str | None = None,
        texts: dict[str, str] | None = None,
        *,
        state_path: Path | None = None,
        log_path: Path | None = None,
        make_session: Callable[[AppOptions], Session] | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.options = options or AppOptions()
        self.log_path = log_path
        self._opening = (lesson, texts)
        self._state_path = state_path
        self._make_session = make_session
        self._remembered, self._problem = state_file.Remembered(), ""
        if state_path is not None:
            self._remembered, self._problem = state_file.load(state_path)
        if self._remembered.theme in self.available_themes:
            self.theme = self._remembered.theme
        if self.options.ascii_only:
            self.add_class("-ascii")
            ScrollBar.renderer = PlainBars
        if environment.slow_line(os.environ, self.options):
            self.animation_level = "none"

    def get_default_screen(self) -> FirstScreen:
        return FirstScreen()

    def on_mount(self) -> None:
        self.call_after_refresh(self._open)

    async def _open(self) -> None:
        """After the first paint: everything else."""
        from engine.lessons import course
        from tui.screens.main import MainScreen
        from tui.session import Session
        from tui.workbench import Opening, Workbench

        session = (self._make_session or Session)(self.options)
        self.bench = Workbench(course(), session, self.options, self._remembered, Opening(*self._opening))
        # Painted once, when it is complete.
        with self.batch_update():
            await self.push_screen(MainScreen(self.bench))
        self.call_after_refresh(self._hand_on_keys)
        if self._problem:
            self.notify(self._problem, severity="warning", markup=False, timeout=10)

    def _hand_on_keys(self, patience: int = FRAMES_TO_FOCUS) -> None:
        """Press what was pressed before the main screen was there, when it has its focus."""
        first = self.screen_stack[0]
        if self.focused is None and patience:
            self.call_after_refresh(self._hand_on_keys, patience - 1)
        elif isinstance(first, FirstScreen):
            first.hand_on()

    def get_key_display(self, binding: Binding) -> str:
        shown = super().get_key_display(binding)
        names = KEY_NAMES | (ARROW_NAMES if self.options.ascii_only else {})
        for sign, name in names.items():
            shown = shown.replace(sign, name)
        return shown

    @property
    def session(self) -> Session:
        """The engine as the app drives it."""
        return self.bench.session

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # A caret that blinks writes to the terminal for ever; nothing is to be sent while nothing happens.
        entry = event.widget
        if not isinstance(entry, Input):
            return
        entry.cursor_blink = False
        if self.options.ascii_only:
            entry.placeholder = plain(str(entry.placeholder))
            for icon in entry.screen.query(SearchIcon):
                icon.icon = ">"

    def on_main_screen_run_finished(self) -> None:
        self.run_worker(asyncio.to_thread(self.save_state), group="state")

    def save_state(self) -> None:
        """Remember where the learner is. A folder that cannot be written is no reason to fail."""
        if self._state_path is not None and hasattr(self, "bench"):
            try:
                state_file.save(self._state_path, self.bench.remembered(self.theme))
            except OSError as error:
                self.log.error(f"state not saved: {error}")

    def end_run(self) -> None:
        """Stop the run and wait until its log and its checkpoint are whole; a second and a half at most. For signals,
        from any thread."""
        if hasattr(self, "bench"):
            self.session.close(1.5)

    def has_run(self) -> bool:
        """Whether a run goes on or its log is being closed; from any thread."""
        return hasattr(self, "bench") and self.session.unfinished

    def on_unmount(self) -> None:
        self.save_state()
        if hasattr(self, "bench"):
            if self.bench.server is not None:
                self.bench.server.stop()
            self.session.close()


def run_app(
    lesson_id: str | None, texts: dict[str, str], options: AppOptions, *, driver_class: type[Driver] | None = None
) -> int:
    """Show the app until the learner leaves; returns the exit code."""
    options = replace(options, ascii_only=environment.wants_ascii(os.environ, options))
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
            state_path=state_file.default_path(),
            log_path=log,
            driver_class=driver_class or steady_driver,
        )

    return terminal.run(make_app, stop=GdtuiApp.end_run, busy=GdtuiApp.has_run)
