"""The app on a real terminal: it never breaks it and never loses it.

    guard()                     early, before heavy imports: a parent process stays behind that knows how the terminal
                                was, passes signals and the exit code through, and puts the terminal right when the app
                                is killed. Returns in the child, where the app goes on. Costs about a millisecond.
    keep_log(path)              the file whose end that parent prints where the app was killed or crashed
    run(make_app, stop, busy)   runs the app with the driver and the signal handlers of this package; the exit code
    repaint(app)                draws all of the screen anew, for ctrl+l
    link(app)                   what is known of the line to the terminal, so that a slow one can be told of

In the app's `run_app`:

    return terminal.run(
        lambda driver: GdtuiApp(..., driver_class=driver),
        stop=lambda app: app.session.close(1.5),   # called in a thread of its own when a signal comes
        busy=lambda app: app.session.alive,        # nohup, and the terminal has gone: the run is let go on to its end
    )

SIGINT, SIGTERM, SIGHUP and SIGQUIT end the app within two seconds with 128 + n; a second one at once. SIGTSTP and
SIGCONT, ctrl+z and fg work. The loop of the app never waits for the terminal: on a slow line frames are put off and
come as one, on a stalled one nothing is drawn until it drains. Of a frame only what the terminal does not show yet is
written.
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
    """Leave a guardian behind and go on in its child. Does nothing where there is one, or no terminal."""
    global _guard
    terminal = _open()
    if terminal is not None and _guard is None:
        _guard = fork_guarded(terminal)


def keep_log(path: Path | None) -> None:
    """Name the log whose end is printed when the app is killed or crashes."""
    terminal = _open()
    if terminal is not None:
        terminal.shared.log = path


def run(
    make_app: Callable[[type[Driver]], AnyApp],
    stop: Callable[[AnyApp], None],
    busy: Callable[[AnyApp], bool] = lambda app: False,
) -> int:
    """Run the app until it ends, and return the exit code. In the main thread. Where signal n has ended it, the process
    ends here, with 128 + n.

    `make_app` is given the driver class. `stop` is called in another thread when a signal comes, and has 1.5 s to end
    what the app does and to save it. `busy` is asked in another thread where the terminal has gone and SIGHUP is
    ignored: as long as it is true the app goes on, without a screen.

    Raises:
        OSError: there is no terminal.
    """
    from tui.terminal.running import Running

    terminal = _open()
    if terminal is None:
        raise OSError("no terminal")
    return Running(terminal, _guard, stop, busy).run(make_app)


def repaint(app: App[Any]) -> None:
    """Draw all of the screen anew, as ctrl+l does in other programs: something else has written on it."""
    from tui.terminal.driver import repaint

    repaint(app)


def link(app: App[Any]) -> Link:
    """What is known of the line to the terminal that the app draws on."""
    from tui.terminal.driver import link_of

    return link_of(app)


def _open() -> Terminal | None:
    """The terminal as it was when it was first asked for."""
    global _terminal
    if _terminal is None:
        _terminal = Terminal.open()
    return _terminal
