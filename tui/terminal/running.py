"""Running the app on a real terminal, from the first signal handler to the exit code."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tui.process.exit_codes import Exit
from tui.process.exiting import leave
from tui.terminal.guardian import Guard
from tui.terminal.log import log_exception
from tui.terminal.restore import Terminal
from tui.terminal.signals import Signals
from tui.terminal.watchdog import Watchdog
from tui.text.clean import clean

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

AnyApp = TypeVar("AnyApp", bound="App[Any]")

LOOK_S = 0.2
"""How often to check whether a run that goes on without a terminal has ended."""


class Running(Generic[AnyApp]):
    """One run of one app; see the package's `run` for the meaning of its arguments."""

    def __init__(
        self, terminal: Terminal, guard: Guard | None, stop: Callable[[AnyApp], None], busy: Callable[[AnyApp], bool]
    ) -> None:
        self._terminal = terminal
        self._guard = guard
        self._stop = stop
        self._busy = busy
        self._app: AnyApp | None = None
        self._watchdog = Watchdog(terminal)
        self._signals = Signals(at_once=lambda number: self._watchdog.leave_now(128 + number))

    def run(self, make_app: Callable[[type[Driver]], AnyApp]) -> int:
        """Run the app until it ends; returns the exit code. If a signal ended it, the process ends too."""
        self._signals.listen()
        threading.Thread(target=self._end_on_signal, name="ending", daemon=True).start()
        try:
            from tui.terminal.driver import DriverSetup, driver_for

            end = self._guard.end if self._guard is not None else None
            setup = DriverSetup(self._terminal, self._on_gone, self._on_guardian_gone, end)
            self._app = make_app(driver_for(setup))
            code = self._run(self._app)
        finally:
            self._terminal.restore()
        if self._signals.received is not None:
            leave(128 + self._signals.received)
        return code

    def _run(self, app: AnyApp) -> int:
        if self._signals.received is None:
            app.run()
        error: Exception | None = getattr(app, "_exception", None)
        if self._signals.received is not None:
            return app.return_code or 0
        if error is None and app.return_code is None:
            error = RuntimeError("the app ended without a reason")
        if error is not None:
            self._tell(error)
            return Exit.FAILED
        return app.return_code or 0

    def _tell(self, error: Exception) -> None:
        """Report on the terminal what ended the app. Textual reports it on stderr, which may be the log."""
        from textual.worker import WorkerFailed

        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        path = self._terminal.shared.log
        if path is not None:
            traceback.print_exception(error, file=sys.stderr)
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            lines = (f"gdtui: {what}", f"gdtui: more is in {path}")
            self._terminal.offer("".join(f"{clean(line)}\n" for line in lines).encode(errors="replace"), 0.5)

    def _end_on_signal(self) -> None:
        """Wait for a signal; then stop the run and end the app; the watchdog ends a process that takes too long."""
        number = self._signals.wait()
        self._watchdog.set(128 + number)
        app = self._app
        if app is not None:
            try:
                self._stop(app)
            except Exception:
                log_exception()
            app.exit(return_code=128 + number)

    def _on_gone(self) -> None:
        """Handle the loss of the terminal: end as after SIGHUP. If that is ignored, a run first goes on to its end."""
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
            threading.Thread(target=self._end_when_idle, name="no terminal", daemon=True).start()
        else:
            self._signals.end(signal.SIGHUP)

    def _end_when_idle(self) -> None:
        while self._app is not None and self._busy(self._app):
            time.sleep(LOOK_S)
        self._signals.end(signal.SIGHUP)

    def _on_guardian_gone(self) -> None:
        self._signals.end(signal.SIGTERM)
