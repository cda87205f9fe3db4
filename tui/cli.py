"""The entry point: arguments, exit codes; chooses the app or the headless run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui import console
from tui.exit_codes import Exit

if TYPE_CHECKING:
    from tui.cli_parser import Request


def main(argv: Sequence[str] | None = None) -> int:
    """Run gdtui with `argv` (by default the process's own arguments) and return its exit code."""
    try:
        return _main(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # before a run or the app has its own way of ending
        return 128 + signal.SIGINT


def _main(argv: Sequence[str]) -> int:
    console.mend_standard_streams()
    from tui.cli_parser import Request, UsageError, parse

    try:
        asked = parse(argv)
    except UsageError as error:
        return _complain(str(error))
    if isinstance(asked, Request):
        return _headless(asked) if asked.headless else _app(asked)
    return _print(asked)


def _headless(asked: Request) -> int:
    from tui.headless import run

    return run(asked.lessons, asked.settings, asked.options, whole_course=asked.lesson is None)


def _app(asked: Request) -> int:
    if not console.can_draw():
        return _complain("the app needs a terminal: over ssh use ssh -t, or run without it, with --no-ui")
    from tui import terminal

    terminal.guard()  # before anything large is imported: what is left behind is small
    from tui.app import run_app

    return run_app(asked.lesson, dict(asked.texts), asked.options)


def _print(text: str) -> int:
    """Print what was asked for. A reader that has gone, as `head` does, is no failure."""
    from tui.plain import plain

    try:
        print(text if console.speaks_unicode(sys.stdout) else plain(text), flush=True)  # noqa: T201
    except BrokenPipeError:
        console.give_up_output()
    except OSError as error:
        console.give_up_output()
        _complain(f"cannot write: {os.strerror(error.errno or 0)}")
        return Exit.FAILED
    return Exit.DONE


def _complain(line: str) -> int:
    """One line on stderr for a command line that cannot be followed."""
    from tui.plain import plain

    with contextlib.suppress(OSError):
        print(f"gdtui: {line if console.speaks_unicode(sys.stderr) else plain(line)}", file=sys.stderr)  # noqa: T201
    return Exit.USAGE


if __name__ == "__main__":
    sys.exit(main())
