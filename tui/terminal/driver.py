"""The driver: Textual's own for Unix, but it never waits for the terminal, survives its loss, and restores it.

It relies on these names of Textual 8.2 that are not public: LinuxDriver's `_key_thread`, `_writer_thread`,
`_auto_restart`, `_must_signal_resume`, `_get_terminal_size`, `_sigtstp_application`, `_sigcont_application`, `_loop`,
`_app`, `_size`, `_in_band_window_resize`; App's `_driver`. A test fails when one changes.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import select
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.terminal.input_parser import MOST_COLUMNS, MOST_LINES
from tui.terminal.keyboard import Keyboard
from tui.terminal.log import log_exception
from tui.terminal.meter import STALLED_S, Link
from tui.terminal.notices import notice
from tui.terminal.painting import Painting
from tui.terminal.restore import PATIENCE_S, Terminal, in_foreground

SELECT_S = 0.1

MOST_MOVES = 200
"""If this many messages wait for the app, moves of the mouse are dropped."""

# Textual switches mouse reports in pixels on, but not off; and the last frame may have been cut off.
LEFT_ON = "\x1b[?1016l\x1b[?2026l\x1b[?2048l\x1b[0m"


@dataclass(frozen=True)
class DriverSetup:
    """The environment of a driver. It calls `on_gone` when the terminal has gone, and `on_guardian_gone` when the
    guardian has, which the end of the descriptor `guardian_end` shows; both in the input thread."""

    terminal: Terminal
    on_gone: Callable[[], None]
    on_guardian_gone: Callable[[], None]
    guardian_end: int | None = None


def driver_for(driver_setup: DriverSetup) -> type[Driver]:
    """Make a driver class for Textual, which creates the driver itself without knowing the environment."""

    class BoundDriver(SteadyDriver):
        setup = driver_setup

    return BoundDriver


def repaint(app: App[Any]) -> None:
    """Redraw the whole screen, because another program has written on it."""
    driver = app._driver
    if isinstance(driver, SteadyDriver):
        driver.repaint()
    else:
        app.refresh(layout=True)


def notify(app: App[Any], title: str, words: str) -> None:
    """Ring the bell and show a desktop notification, if the app draws on a terminal."""
    driver = app._driver
    if isinstance(driver, SteadyDriver):
        driver.notify(title, words)


def link_of(app: App[Any]) -> Link:
    """The line to the terminal of an app; an idle one if the app draws on none."""
    driver = app._driver
    return driver.link if isinstance(driver, SteadyDriver) else Link()


class SteadyDriver(LinuxDriver):
    """Draws on a terminal and reads keys from it; `driver_for` makes it a class for one terminal."""

    setup: ClassVar[DriverSetup]

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._terminal = self.setup.terminal
        self._painting = Painting(app, self._terminal, self._loop)
        # Textual would use COLUMNS and LINES, and streams that may have been redirected.
        self._size = size or self._get_terminal_size()
        self._own_thread = threading.get_ident()
        self._mail: deque[Message] = deque()
        self._context = contextvars.copy_context()
        self._keyboard = Keyboard(
            self.fileno,
            on_answer=lambda at: self._soon(self._painting.on_answer, at),
            on_refused=lambda length: self._soon(self._refuse, length),
        )
        self._drawing = False
        self._suspended = False
        self._started_at = 0.0

    @property
    def link(self) -> Link:
        """The present state of the line to the terminal."""
        return self._painting.link

    @property
    def can_suspend(self) -> bool:
        """Whether someone could bring the app back: not if the terminal was opened only for it."""
        return os.getsid(0) != os.getpgrp()

    def write(self, data: str) -> None:
        """Draw without waiting."""
        if threading.get_ident() != self._own_thread:  # the input thread switches modes on that the terminal supports
            self._soon(self.write, data)
        elif self._drawing:
            self._painting.write(data)

    def flush(self) -> None:
        """Complete a frame."""
        if self._drawing and threading.get_ident() == self._own_thread:
            self._painting.flush()

    # --- modes ----------------------------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal over, once this process may use it."""
        while not in_foreground(self._terminal.keyboard):
            os.kill(os.getpid(), signal.SIGSTOP)
        self._terminal.shared.modes_on = True
        self._drawing = self._painting.asks = True
        self._started_at = time.monotonic()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is None:  # the terminal's settings could not be changed
            self._lose()
            return
        self._writer_thread.stop()
        self._writer_thread = None
        self.attrs_before = self._terminal.before

    def stop_application_mode(self) -> None:
        """Give the terminal back, even if it accepts no output."""
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
        """Stop drawing for good."""
        super().close()
        self._painting.outlet.close()

    def repaint(self) -> None:
        """Redraw the whole screen, because another program has written on it."""
        self._painting.repaint()

    def notify(self, title: str, words: str) -> None:
        """Ring the bell and show a desktop notification."""
        if self._drawing:
            self._painting.outlet.write(notice(title, words, os.environ))

    def process_message(self, message: Message) -> None:
        """Pass on a message from the terminal, and note if it changes the screen."""
        if isinstance(message, events.Resize):
            self._painting.changed = True
        super().process_message(message)

    @property
    def _in_band_window_resize(self) -> bool:
        """Whether SIGWINCH is ignored because sizes are reported: never, what looked like support may have been
        typed."""
        return False

    @_in_band_window_resize.setter
    def _in_band_window_resize(self, value: bool) -> None:
        """Leave it: Textual's thread for input sets it before it acts on it, and a change of size may come between."""

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's size. Textual calls this when it has changed, in a signal handler."""
        self._painting.changed = True
        try:
            width, height = os.get_terminal_size(self._terminal.screen)
        except OSError:
            width = height = 0
        return min(width, MOST_COLUMNS) or 80, min(height, MOST_LINES) or 24

    def _lose(self) -> None:
        """Stop drawing: the terminal has gone."""
        self._painting.outlet.gone = True
        self.setup.on_gone()

    # --- suspending and resuming ----------------------------------------------------------------------------------

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._soon(self._resume)

    def _suspend(self) -> None:
        """Give the terminal back and stop, until SIGCONT."""
        if self._drawing and self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = self._suspended = True
        os.kill(os.getpid(), signal.SIGSTOP)
        self._resume()

    def _resume(self) -> None:
        """Go on after SIGTSTP, or after SIGSTOP, which cannot be noticed before."""
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
            self._painting.go_on()

    # --- input ----------------------------------------------------------------------------------------------------

    def run_input_thread(self) -> None:
        """Read keys until the driver stops or the terminal has gone."""
        self._keyboard.restart()
        guardian_end = self.setup.guardian_end
        sources = [self._keyboard.fd, *([] if guardian_end is None else [guardian_end])]
        while not self.exit_event.is_set():
            ready = select.select(sources, [], [], SELECT_S)[0]
            if guardian_end in ready:
                sources.remove(guardian_end)
                self.setup.on_guardian_gone()
            if self._keyboard.fd in ready and not self._keyboard.read():
                self._lose()
                return
            try:
                for message in self._keyboard.messages():
                    self.process_message(message)
            except Exception:  # no input may end the thread
                log_exception()
                self._keyboard.restart()

    def send_message(self, message: Message) -> None:
        """Pass a message to the app, in the event loop's thread. Moves of the mouse beyond what it can handle are
        dropped: they would cost time and memory."""
        if isinstance(message, events.MouseMove) and len(self._mail) + self._app.message_queue_size > MOST_MOVES:
            return
        self._mail.append(message)
        self._soon(self._deliver)

    def _deliver(self) -> None:
        self._app.post_message(self._mail.popleft())

    def _refuse(self, length: int) -> None:
        """Report that a paste was too long."""
        self._app.notify(
            f"A paste of {length:,} characters is too long; it was left out.", severity="warning", markup=False
        )

    def _soon(self, action: Callable[..., object], *args: object) -> None:
        """Do something in the event loop's thread, and in the app's context: a timer that is made without one fails."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(action, *args, context=self._context.copy())
