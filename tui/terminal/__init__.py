"""The app on a real terminal: it never breaks it and never loses it.

    guard()                     early, before heavy imports: a parent process stays behind that knows how the terminal
                                was, passes signals and the exit code through, and puts the terminal right when the app
                                is killed. Returns in the child, where the app goes on. Costs about a millisecond.
    keep_log(path)              the file whose end that parent prints where the app was killed or crashed
    run(make_app, stop, busy)   runs the app with the driver and the signal handlers of this package; the exit code
    link(app)                   what is known of the line to the terminal, for a status line

In the app's `run_app`:

    return terminal.run(
        lambda driver: GdtuiApp(..., driver_class=driver),
        stop=lambda app: app.session.close(1.5),   # called in a thread of its own when a signal comes
        busy=lambda app: app.session.alive,        # nohup, and the terminal has gone: the run is let go on to its end
    )

SIGINT, SIGTERM, SIGHUP and SIGQUIT end the app within two seconds with 128 + n; a second one at once. SIGTSTP and
SIGCONT, ctrl+z and fg work. The loop of the app never waits for the terminal: on a slow line frames are put off and
come as one, on a stalled one nothing is drawn until it drains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

AnyApp = TypeVar("AnyApp", bound="App[Any]")


@dataclass(frozen=True, slots=True)
class Link:
    """The line to the terminal at one moment."""

    stalled: bool = False
    """Whether the terminal has taken nothing for a second though there was something to draw."""
    slow: bool = False
    """Whether frames are being put off because the line has not carried the last ones yet."""
    backlog_bytes: int = 0
    """What is drawn and not yet taken."""
    bytes_per_s: float | None = None
    """What the line carries, as far as that has been seen; None while it has never been the bottleneck."""
    delay_s: float | None = None
    """How long the terminal takes to answer; None where it does not."""


def guard() -> None:
    """Leave a guardian behind and go on in its child. Does nothing where there is one, or no terminal."""


def keep_log(path: Path | None) -> None:
    """Name the log whose end is printed when the app is killed or crashes."""


def run(
    make_app: Callable[[type[Driver]], AnyApp],
    stop: Callable[[AnyApp], None],
    busy: Callable[[AnyApp], bool] = lambda app: False,
) -> int:
    """Run the app until it ends, and return the exit code: 128 + n where signal n ended it."""
    from textual.drivers.linux_driver import LinuxDriver

    app = make_app(LinuxDriver)
    app.run()
    return app.return_code or 0


def link(app: App[Any]) -> Link:
    """What is known of the line to the terminal that the app draws on."""
    return Link()
