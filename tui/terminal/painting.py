"""Frames on their way to the terminal. While the line is busy Textual is kept from painting (`App.batch_update`), so
nothing is dropped and nothing queues: all changes come as one frame when there is room."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App, ScreenStackError

from tui.terminal.frame_diff import FrameDiff
from tui.terminal.meter import QUESTION, STALLED_S, Link, LinkMeter
from tui.terminal.outlet import Outlet
from tui.terminal.restore import Terminal

MOST_BACKLOG_BYTES = 1 << 20
"""The most bytes that wait; anything more that bypasses the painting (the bell, the clipboard) is dropped."""


class Painting:
    """Writes what Textual paints, asks the terminal whether it has arrived, and decides when to paint. All in the event
    loop's thread."""

    def __init__(self, app: App[Any], terminal: Terminal, loop: asyncio.AbstractEventLoop) -> None:
        self.outlet = Outlet(terminal, loop, self._on_drained)
        self.asks = True
        """Whether the terminal is asked for answers."""
        self.questions = 0
        """The number of questions, without those whose answers are lost."""
        self.changed = True
        """Set when the terminal may show something else than was written: at the start, after a change of its size."""
        self._shared = terminal.shared
        self._diff = FrameDiff()
        self._sync = ""
        self._app = app
        self._loop = loop
        self._meter = LinkMeter()
        self._answers = 0
        self._held: contextlib.ExitStack | None = None
        self._held_since = 0.0
        self._missed = False
        self._next_look: asyncio.TimerHandle | None = None
        self._after_display = app.post_display_hook
        app.post_display_hook = self._on_displayed  # type: ignore[method-assign]

    @property
    def link(self) -> Link:
        """The present state of the line to the terminal."""
        return self._meter.link(self.outlet.backlog_bytes)

    def write(self, data: str) -> None:
        """Draw, without waiting, what the terminal does not show yet."""
        if data == SYNC_START:
            self._sync = data
            return
        if data == SYNC_END and self._sync:  # nothing has come in between
            self._sync = ""
            return
        is_mode = len(data) <= 16 and data.startswith("\x1b[?")
        if not is_mode and self.outlet.backlog_bytes > MOST_BACKLOG_BYTES:
            self.changed = True
            return
        if self.changed:
            self.changed = False
            self._diff.forget()
        if drawn := self._diff.frame(data):
            encoded = (self._sync + drawn).encode(errors="replace")
            self._sync = ""
            self._meter.drew(len(encoded))
            self.outlet.write(encoded)

    def flush(self) -> None:
        """Complete a frame: write what the terminal accepts, and ask for an answer."""
        if self.asks and self._meter.asks():
            self.questions += 1
            self._shared.owed = self.questions - self._answers
            self.outlet.write(QUESTION.encode())
        self.outlet.drain()

    def go_on(self) -> None:
        """Redraw the whole screen after a stop, in which answers of the terminal were lost."""
        self._meter.forget()
        self._look()
        self.repaint()

    def repaint(self) -> None:
        """Redraw the whole screen without comparing."""
        self.changed = True
        with contextlib.suppress(ScreenStackError):
            self._app.screen.refresh(layout=True)

    def on_answer(self, at: float) -> None:
        """Note that the terminal answered a question at the time `at`."""
        self._answers += 1
        self._meter.answered(at)
        if not self._meter.waits:
            self.questions = self._answers
        self._shared.owed = self.questions - self._answers
        self._look()

    def _on_displayed(self) -> None:
        """Delay the next frame if the line is still busy with the one that Textual has just painted."""
        if self._held is not None:  # a new layout is painted in spite of the batch, and was not written
            self._missed = True
        elif self.outlet.gone or self._meter.holds(self.outlet.backlog_bytes):
            self._held = contextlib.ExitStack()
            self._held.enter_context(self._app.batch_update())
            self._held_since = time.monotonic()
            self._missed = False
            self._look_later()
        self._after_display()

    def _on_drained(self, size: int, busy_s: float) -> None:
        self._meter.carried(size, busy_s)
        self._look()

    def _look_later(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        self._next_look = self._loop.call_later(self._meter.look_again_s(), self._look)

    def _look(self) -> None:
        """Let Textual paint again if the line is free."""
        if self._held is None or self.outlet.gone:
            return
        if self._meter.holds(self.outlet.backlog_bytes):
            self._look_later()
            return
        self._held.close()
        self._held = None
        with contextlib.suppress(ScreenStackError):
            screen = self._app.screen
            if self._missed or time.monotonic() - self._held_since > STALLED_S:
                screen.refresh()
            screen.check_idle()
