"""The driver: Textual's own for Unix, but it never waits for the terminal, outlives it, and gives it back as it was.

Frames are not dropped: while the line is busy, Textual is kept from painting (`App.batch_update`), so that what has
changed meanwhile comes as one frame when there is room.

It relies on these names of Textual 8.2 that are not public: LinuxDriver's `_key_thread`, `_writer_thread`,
`_auto_restart`, `_must_signal_resume`, `_get_terminal_size`, `_sigtstp_application`, `_sigcont_application`, `_loop`,
`_app`, `_size`, `_debug`; App's `_driver`; and XTermParser. A test notices when one changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App, ScreenStackError
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.meter import ANSWER, QUESTION, STALLED_S, Link, Meter
from tui.terminal.outlet import Outlet
from tui.terminal.restore import PATIENCE_S, Terminal, in_foreground

MOST_BACKLOG_BYTES = 1 << 20
"""More than this never waits: what bypasses the painting (the bell, the clipboard) is then dropped."""

SELECT_S = 0.1

# What Textual leaves on: it asks for mouse positions in pixels, and for the shape of the pointer.
LEFT_ON = "\x1b[?1002l\x1b[?1016l\x1b[0m"


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
        self.terminal = self.surroundings.terminal
        # Textual would look at COLUMNS and LINES, and at streams that may have been redirected.
        self._size = size or self._get_terminal_size()
        self._own_thread = threading.get_ident()
        self._outlet = Outlet(self.terminal, self._loop, self._on_drained)
        self._meter = Meter()
        self._asked = 0
        self._heard = 0
        self._heard_one = threading.Event()
        self._drawing = False
        self._ending = False
        self._suspended = False
        self._started_at = 0.0
        self._held: contextlib.ExitStack | None = None
        self._held_since = 0.0
        self._missed = False
        self._next_look: asyncio.TimerHandle | None = None
        self._after_display = app.post_display_hook
        app.post_display_hook = self._on_displayed  # type: ignore[method-assign]

    # --- what a status line shows ---------------------------------------------------------------------------------

    @property
    def link(self) -> Link:
        """The line to the terminal, now."""
        return self._meter.link(self._outlet.backlog_bytes)

    @property
    def written_bytes(self) -> int:
        """What the terminal has taken so far."""
        return self._outlet.written_bytes

    @property
    def can_suspend(self) -> bool:
        """Whether someone could bring the app back: not where it is what the terminal was opened for."""
        return os.getsid(0) != os.getpgrp()

    # --- drawing --------------------------------------------------------------------------------------------------

    def write(self, data: str) -> None:
        """Draw, without waiting."""
        if threading.get_ident() != self._own_thread:  # the input thread turns modes on that the terminal has offered
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.write, data)
        elif self._drawing:
            is_mode = len(data) <= 16 and data.startswith("\x1b[?")
            if is_mode or self._outlet.backlog_bytes < MOST_BACKLOG_BYTES:
                drawn = data.encode(errors="replace")
                self._meter.drew(len(drawn))
                self._outlet.write(drawn)

    def flush(self) -> None:
        """A frame is complete: write what the terminal takes, and ask for a sign of life."""
        if threading.get_ident() != self._own_thread or not self._drawing:
            return
        if not self._ending and self._meter.asks():
            self._asked += 1
            self._outlet.write(QUESTION.encode())
        self._outlet.drain()

    def _on_displayed(self) -> None:
        """Textual has painted. Where the line is still busy with it, the next frame is put off."""
        if self._held is not None:  # a new layout is painted whatever the batch, and went nowhere
            self._missed = True
        elif self._outlet.gone or self._meter.holds(self._outlet.backlog_bytes):
            self._hold()
        self._after_display()

    def _hold(self) -> None:
        """Keep Textual from painting."""
        self._held = contextlib.ExitStack()
        self._held.enter_context(self._app.batch_update())
        self._held_since = time.monotonic()
        self._missed = False
        self._look_later()

    def _look_later(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        self._next_look = self._loop.call_later(self._meter.look_again_s(), self._look)

    def _look(self) -> None:
        """Paint again, if the line is free."""
        if self._held is None or self._outlet.gone:
            return
        if self._meter.holds(self._outlet.backlog_bytes):
            self._look_later()
            return
        self._held.close()
        self._held = None
        self._forget_lost_answers()
        if not self._drawing:
            return
        with contextlib.suppress(ScreenStackError):
            screen = self._app.screen
            if self._missed or time.monotonic() - self._held_since > STALLED_S:
                screen.refresh()
            screen.check_idle()

    def _on_drained(self, size: int, busy_s: float) -> None:
        self._meter.carried(size, busy_s)
        self._look()

    # --- modes ----------------------------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal over, once it is ours to take."""
        while not in_foreground(self.terminal.keyboard):
            os.kill(os.getpid(), signal.SIGSTOP)
        self.terminal.shared.modes_on = True
        self._drawing, self._ending = True, False
        self._started_at = time.monotonic()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is None:  # the terminal would not be set
            self._lose()
            return
        self._writer_thread.stop()
        self._writer_thread = None
        self.attrs_before = self.terminal.before

    def stop_application_mode(self) -> None:
        """Give the terminal back, whether it takes what is written or not."""
        if not self._drawing:
            return
        self._ending = True
        self._await_answers()
        self._outlet.cut()
        super().stop_application_mode()
        self.write(LEFT_ON)
        self._drawing = False
        if self._outlet.flush(PATIENCE_S):
            self.terminal.shared.modes_on = False
        else:
            self.terminal.restore()
        self.terminal.restore_settings()

    def close(self) -> None:
        """Nothing is drawn any more."""
        super().close()
        self._outlet.close()

    def _await_answers(self) -> None:
        """Wait for answers under way: they would be typed into whatever reads from the terminal next."""
        until = time.monotonic() + PATIENCE_S
        delay_s = self._meter.link(0).delay_s
        while delay_s is not None and self._heard < self._asked and not self._outlet.gone:
            self._heard_one.clear()
            if not self._heard_one.wait(max(until - time.monotonic(), 0.0)):
                break

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            width, height = os.get_terminal_size(self.terminal.screen)
        except OSError:
            width = height = 0
        return width or 80, height or 24

    # --- stopping and going on ------------------------------------------------------------------------------------

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._resume)

    def _suspend(self) -> None:
        """Give the terminal back and stop, until told to go on."""
        if self._drawing and self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = self._suspended = True
        os.kill(os.getpid(), signal.SIGSTOP)
        self._resume()

    def _resume(self) -> None:
        """Go on where the app was stopped: by SIGTSTP, or by SIGSTOP, of which nothing was known before."""
        modes_on = self.terminal.shared.modes_on
        lately = time.monotonic() - self._started_at < STALLED_S
        if self._drawing and not self._outlet.gone and not (modes_on and lately):
            if modes_on:
                self.suspend_application_mode()
            else:  # the guardian has given the terminal back
                self.disable_input()
                self._drawing = False
            self._suspended = True
        if self._suspended:
            self._suspended = False
            self.resume_application_mode()
            with contextlib.suppress(ScreenStackError):
                self._app.screen.refresh(layout=True)

    # --- input ----------------------------------------------------------------------------------------------------

    def run_input_thread(self) -> None:
        """Read keys until told to end or the terminal has gone. Bytes that are no UTF-8 are no reason to fail."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        guardian_end = self.surroundings.guardian_end
        sources = [self.fileno, *([] if guardian_end is None else [guardian_end])]
        kept = ""
        try:
            while not self.exit_event.is_set():
                ready = select.select(sources, [], [], SELECT_S)[0]
                if guardian_end in ready:
                    sources.remove(guardian_end)
                    self.surroundings.on_guardian_gone()
                text = ""
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        self._lose()
                        return
                    text = decode(data)
                text, kept = self._take_answers(kept + text, final=not ready)
                if text:
                    for message in parser.feed(text):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        finally:
            with contextlib.suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:  # EIO: the terminal has gone
            return b""

    def _take_answers(self, text: str, *, final: bool) -> tuple[str, str]:
        """Take the terminal's answers out of what was read; returns the rest, and what may be the start of another."""
        answers = text.count(ANSWER)
        if answers:
            self._heard += answers
            self._heard_one.set()
            text = text.replace(ANSWER, "")
            self._soon(self._on_answers, answers, time.monotonic())
        elif text:
            self._soon(self._on_input)
        if not final and self._heard < self._asked:
            for length in range(len(ANSWER) - 1, 1, -1):
                if text.endswith(ANSWER[:length]):
                    return text[:-length], text[-length:]
        return text, ""

    def _soon(self, action: Callable[..., object], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(action, *args)

    def _on_answers(self, answers: int, at: float) -> None:
        for _ in range(answers):
            self._meter.answered(at)
        self._look()

    def _on_input(self) -> None:
        self._meter.alive()
        self._forget_lost_answers()
        self._look()

    def _forget_lost_answers(self) -> None:
        if not self._meter.waits:
            self._asked = self._heard

    def _lose(self) -> None:
        """The terminal has gone: nothing more is drawn."""
        self._outlet.gone = True
        self.surroundings.on_gone()
