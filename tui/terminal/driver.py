"""The driver: Textual's own for Unix, but it never waits for the terminal, outlives it, and gives it back as it was.

It relies on these names of Textual 8.2 that are not public: LinuxDriver's `_key_thread`, `_writer_thread`,
`_auto_restart`, `_must_signal_resume`, `_get_terminal_size`, `_sigtstp_application`, `_sigcont_application`, `_loop`,
`_app`, `_size`, `_debug`; App's `_driver`; and XTermParser. A test notices when one changes.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.terminal.keyboard import Keyboard
from tui.terminal.meter import STALLED_S, Link
from tui.terminal.painting import Painting
from tui.terminal.restore import PATIENCE_S, Terminal, in_foreground

SELECT_S = 0.1

# Textual turns on, and not off, that the mouse is told in pixels; and the last frame may have been cut off.
LEFT_ON = "\x1b[?1016l\x1b[?2026l\x1b[0m"


@dataclass(frozen=True)
class Surroundings:
    """What a driver works with. It calls `on_gone` when the terminal has gone, and `on_guardian_gone` when the guardian
    has, whose end the descriptor `guardian_end` tells; both in the input thread."""

    terminal: Terminal
    on_gone: Callable[[], None]
    on_guardian_gone: Callable[[], None]
    guardian_end: int | None = None


def driver_for(around: Surroundings) -> type[Driver]:
    """A driver class as Textual wants one: it makes the driver itself, and knows nothing of the surroundings."""

    class BoundDriver(SteadyDriver):
        surroundings = around

    return BoundDriver


def repaint(app: App[Any]) -> None:
    """Draw all of the screen anew: something else has written on it."""
    driver = app._driver
    if isinstance(driver, SteadyDriver):
        driver.repaint()
    else:
        app.refresh(layout=True)


def link_of(app: App[Any]) -> Link:
    """The line to the terminal of an app; one that is idle where the app draws on none."""
    driver = app._driver
    return driver.link if isinstance(driver, SteadyDriver) else Link()


class SteadyDriver(LinuxDriver):
    """Draws on a terminal and reads keys from it; `driver_for` makes it one for a terminal."""

    surroundings: ClassVar[Surroundings]

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._terminal = self.surroundings.terminal
        self._painting = Painting(app, self._terminal, self._loop)
        # Textual would look at COLUMNS and LINES, and at streams that may have been redirected.
        self._size = size or self._get_terminal_size()
        self._own_thread = threading.get_ident()
        self._keyboard = Keyboard(self.fileno, lambda *answers: self._soon(self._painting.on_answers, *answers))
        self._drawing = False
        self._suspended = False
        self._started_at = 0.0

    @property
    def link(self) -> Link:
        """The line to the terminal, now."""
        return self._painting.link

    @property
    def can_suspend(self) -> bool:
        """Whether someone could bring the app back: not where it is what the terminal was opened for."""
        return os.getsid(0) != os.getpgrp()

    def write(self, data: str) -> None:
        """Draw, without waiting."""
        if threading.get_ident() != self._own_thread:  # the input thread turns modes on that the terminal has offered
            self._soon(self.write, data)
        elif self._drawing:
            self._painting.write(data)

    def flush(self) -> None:
        """A frame is complete."""
        if self._drawing and threading.get_ident() == self._own_thread:
            self._painting.flush()

    # --- modes ----------------------------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal over, once it is ours to take."""
        while not in_foreground(self._terminal.keyboard):
            os.kill(os.getpid(), signal.SIGSTOP)
        self._terminal.shared.modes_on = True
        self._drawing = self._painting.asks = True
        self._started_at = time.monotonic()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is None:  # the terminal would not be set
            self._lose()
            return
        self._writer_thread.stop()
        self._writer_thread = None
        self.attrs_before = self._terminal.before

    def stop_application_mode(self) -> None:
        """Give the terminal back, whether it takes what is written or not."""
        if not self._drawing:
            return
        outlet = self._painting.outlet
        self._painting.asks = False
        if self.link.delay_s is not None and not outlet.gone:
            self._keyboard.await_answers(self._painting.questions, PATIENCE_S)
        outlet.cut()
        super().stop_application_mode()
        self.write(LEFT_ON)
        self._drawing = False
        if outlet.flush(PATIENCE_S):
            self._terminal.shared.modes_on = False
        else:
            self._terminal.restore()
        self._terminal.restore_settings()

    def close(self) -> None:
        """Nothing is drawn any more."""
        super().close()
        self._painting.outlet.close()

    def repaint(self) -> None:
        """Draw all of the screen anew: something else has written on it."""
        self._painting.repaint()

    def process_message(self, message: Message) -> None:
        """Pass on what came from the terminal, and note what changes the screen."""
        if isinstance(message, events.Resize):
            self._painting.changed = True
        super().process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Textual asks for this when the size has changed, in a signal handler."""
        self._painting.changed = True
        try:
            width, height = os.get_terminal_size(self._terminal.screen)
        except OSError:
            width = height = 0
        return width or 80, height or 24

    def _lose(self) -> None:
        """The terminal has gone: nothing more is drawn."""
        self._painting.outlet.gone = True
        self.surroundings.on_gone()

    # --- stopping and going on ------------------------------------------------------------------------------------

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._soon(self._resume)

    def _suspend(self) -> None:
        """Give the terminal back and stop, until told to go on."""
        if self._drawing and self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = self._suspended = True
        os.kill(os.getpid(), signal.SIGSTOP)
        self._resume()

    def _resume(self) -> None:
        """Go on where the app was stopped: by SIGTSTP, or by SIGSTOP, of which nothing was known before."""
        modes_on = self._terminal.shared.modes_on
        lately = time.monotonic() - self._started_at < STALLED_S
        if self._drawing and not self._painting.outlet.gone and not (modes_on and lately):
            if modes_on:
                self.suspend_application_mode()
            else:  # the guardian has given the terminal back
                self.disable_input()
                self._drawing = False
            self._suspended = True
        if self._suspended:
            self._suspended = False
            self.resume_application_mode()
            self._painting.repaint()

    # --- input ----------------------------------------------------------------------------------------------------

    def run_input_thread(self) -> None:
        """Read keys until told to end or the terminal has gone."""
        parser = XTermParser(self._debug)
        guardian_end = self.surroundings.guardian_end
        sources = [self.fileno, *([] if guardian_end is None else [guardian_end])]
        try:
            while not self.exit_event.is_set():
                ready = select.select(sources, [], [], SELECT_S)[0]
                if guardian_end in ready:
                    sources.remove(guardian_end)
                    self.surroundings.on_guardian_gone()
                text = self._keyboard.read() if self.fileno in ready else self._keyboard.rest()
                if text is None:
                    self._lose()
                    return
                if text:
                    for message in parser.feed(text):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        finally:
            with contextlib.suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass

    def _soon(self, action: Callable[..., object], *args: object) -> None:
        """Do something in the event loop's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(action, *args)
