"""The end of a process, and of an app that is left while its widgets are at work."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.widgets import Static

from tui.app.base import ResilientApp


def test_a_process_ends_though_a_thread_of_it_does_not() -> None:
    """As when a thread is importing TensorFlow: the interpreter's own end would wait for it, or abort in it."""
    script = (
        "import atexit, threading; from tui.process.exiting import leave; "
        "atexit.register(print, 'what was registered'); "
        "threading.Thread(target=threading.Event().wait).start(); print('before'); leave(3)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "before\nwhat was registered\n", "")


def test_the_command_ends_the_process_with_its_exit_code() -> None:
    script = (
        "import sys, threading; threading.Thread(target=threading.Event().wait).start(); "
        "from tui.cli.main import entry; sys.argv[1:] = ['nowhere']; entry()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "nowhere" in done.stderr


class Looking(ResilientApp):
    """An app with a part that looks for another that has gone, after the app was left if `leaves`, in a worker if
    `works`."""

    def __init__(self, *, leaves: bool, works: bool = False) -> None:
        super().__init__()
        self._leaves = leaves
        self._works = works

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        if self._leaves:
            self.exit(return_code=7)
        if self._works:
            self.run_worker(self.look())
        else:
            self.query_one("#gone")

    async def look(self) -> None:
        self.query_one("#gone")


@pytest.mark.parametrize("works", [False, True])
def test_widgets_that_are_gone_are_no_failure_of_an_app_that_was_left(works: bool) -> None:
    app = Looking(leaves=True, works=works)
    asyncio.run(app.run_async(headless=True))
    assert (app.return_code, app._exception) == (7, None)


def test_a_widget_that_is_missing_fails_an_app_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    app = Looking(leaves=False)
    asyncio.run(app.run_async(headless=True))
    assert app.return_code == 1
    assert isinstance(app._exception, NoMatches)
    assert "#gone" in capsys.readouterr().err
