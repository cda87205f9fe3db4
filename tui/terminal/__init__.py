"""The app on a real terminal: keeps the terminal usable, and the app running, in every case.

    guard()                     early, before heavy imports: forks; the parent process keeps the terminal's settings,
                                passes signals and the exit code through, and restores the terminal when the app
                                is killed. Returns in the child, where the app goes on. Takes about a millisecond.
    keep_log(path)              the file whose end that parent prints if the app was killed or crashed
    run(make_app, stop, busy)   runs the app with the driver and the signal handlers of this package; the exit code
    repaint(app)                redraws the whole screen, for ctrl+l
    notify(app, title, words)   the terminal's bell and its desktop's notification, for one who looks elsewhere
    link(app)                   the measured line to the terminal: a slow one is reported

In the app's `run_app`:

    return terminal.run(
        lambda driver: GdtuiApp(..., driver_class=driver),
        stop=lambda app: app.session.end(1.3),     # called in a thread of its own when a signal comes
        busy=lambda app: app.session.alive,        # nohup, and the terminal has gone: the run goes on to its end
    )

SIGINT, SIGTERM, SIGHUP and SIGQUIT end the app within two seconds with 128 + n; a second one at once. SIGTSTP and
SIGCONT, ctrl+z and fg work. The loop of the app never waits for the terminal: on a slow line frames are delayed and
merged into one, on a stalled one nothing is drawn until it drains. Of a frame only the cells that differ from the
terminal's are written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tui.terminal.guardian import Guard, fork_guarded
from tui.terminal.restore import Terminal

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

    from tui.terminal.meter import Link

AnyApp = TypeVar("AnyApp", bound="App[Any]")

_terminal: Terminal | None = None
_guard: Guard | None = None


def guard() -> None:
    """Fork: the parent stays as the guardian, and the child goes on. Does nothing if there is a guardian, or no
    terminal."""
    global _guard
    terminal = _open()
    if terminal is not None and _guard is None:
        _guard = fork_guarded(terminal)


def keep_log(path: Path | None) -> None:
    """Name the log whose end is printed if the app is killed or crashes."""
    terminal = _open()
    if terminal is not None:
        terminal.shared.log = path


def run(
    make_app: Callable[[type[Driver]], AnyApp],
    stop: Callable[[AnyApp], None],
    busy: Callable[[AnyApp], bool] = lambda app: False,
) -> int:
    """Run the app until it ends, and return the exit code. In the main thread. If signal n has ended it, the process
    ends here, with 128 + n.

    `make_app` gets the driver class. `stop` is called in another thread when a signal comes, and has 1.3 s to end and
    save the app's work. `busy` is called in another thread if the terminal has gone and SIGHUP is ignored: while it is
    true the app goes on, without a screen.

    Raises:
        OSError: there is no terminal.
    """
    from tui.terminal.running import Running

    terminal = _open()
    if terminal is None:
        raise OSError("no terminal")
    return Running(terminal, _guard, stop, busy).run(make_app)


def repaint(app: App[Any]) -> None:
    """Redraw the whole screen, as ctrl+l does in other programs, because another program has written on it."""
    from tui.terminal.driver import repaint

    repaint(app)


def notify(app: App[Any], title: str, words: str) -> None:
    """Ring the terminal's bell and show a notification on its desktop; does nothing if the app draws on none."""
    from tui.terminal.driver import notify

    notify(app, title, words)


def link(app: App[Any]) -> Link:
    """The state of the line to the terminal that the app draws on."""
    from tui.terminal.driver import link_of

    return link_of(app)


def _open() -> Terminal | None:
    """The terminal, with its settings when it was first opened."""
    global _terminal
    if _terminal is None:
        _terminal = Terminal.open()
    return _terminal
