"""The entry point: arguments, exit codes; chooses the app or the headless run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from tui import colour, console
from tui.exit_codes import Exit
from tui.leaving import leave
from tui.options import DEFAULT_LOGDIR, LOGDIR_VARIABLE, AppOptions

if TYPE_CHECKING:
    from tui.cli_parser import Attach, Request


_NEEDS_TERMINAL = "the app needs a terminal: over ssh use ssh -t"


def entry() -> NoReturn:
    """The command gdtui: `main`, and the end of the process."""
    leave(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run gdtui with `argv` (by default the process's own arguments) and return its exit code."""
    try:
        return _main(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # before a run or the app has its own way of ending
        return 128 + signal.SIGINT
    except Exception as error:  # a bug, and never a silent one: by now stderr may be a log
        return _confess(error)


def _main(argv: Sequence[str]) -> int:
    console.mend_standard_streams()
    if not argv and LOGDIR_VARIABLE not in os.environ and not Path(DEFAULT_LOGDIR).is_file() and console.can_draw():
        return _open_app(None, {}, AppOptions(no_color=colour.refused()))
    from tui.cli_parser import Attach, Request, UsageError, parse

    try:
        asked = parse(argv)
    except UsageError as error:
        return _complain(str(error))
    if isinstance(asked, Request):
        return _headless(asked) if asked.headless else _app(asked)
    if isinstance(asked, Attach):
        return _attach(asked)
    return _print(asked)


def _headless(asked: Request) -> int:
    from tui.headless import run
    from tui.headless_jobs import NewRun, OldRun

    runs: list[NewRun | OldRun] = [NewRun(*each) for each in zip(asked.lessons, asked.settings, strict=True)]
    if asked.resume is not None:
        runs = [OldRun(asked.resume.run, asked.lesson, asked.texts)]
    if asked.options.detach:
        from tui.detach import detach

        return detach(lambda departure: run(runs, asked.options, departure=departure), asked.options)
    return run(runs, asked.options, whole_course=asked.lesson is None)


def _app(asked: Request) -> int:
    if not console.can_draw():
        return _complain(f"{_NEEDS_TERMINAL}, or run without it, with --no-ui")
    return _open_app(asked.lesson, dict(asked.texts), asked.options)


def _open_app(lesson: str | None, texts: dict[str, str], options: AppOptions) -> int:
    """Open the app. With nothing asked it comes here without NumPy, the lessons or a parser: 0.15 s sooner."""
    from tui import terminal

    terminal.guard()  # before anything large is imported: what is left behind is small
    from tui.app import run_app

    return run_app(lesson, texts, options)


def _attach(asked: Attach) -> int:
    if not console.can_draw():
        return _complain(f"{_NEEDS_TERMINAL}; gdtui runs lists what there is to see")
    from tui import terminal

    terminal.guard()
    from tui.attach_app import run_attach

    return run_attach(asked.target, asked.options)


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
    _say(line, sys.stderr)
    return Exit.USAGE


def _confess(error: Exception) -> int:
    """One line for a bug, on the messages' stream whatever stderr has become; its traceback goes into the log."""
    from tui.text import clean

    streams = console.claimed() or console.claim(verbose=False)
    with contextlib.suppress(OSError, ValueError):
        traceback.print_exception(error, file=sys.stderr)
        sys.stderr.flush()
    where = f"; more is in {streams.log}" if streams.log is not None else ""
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    _say(clean(f"something went wrong: {what}{where}"), streams.err)
    return Exit.FAILED


def _say(line: str, stream: TextIO) -> None:
    from tui.plain import plain

    with contextlib.suppress(OSError, ValueError):
        print(f"gdtui: {line if console.speaks_unicode(stream) else plain(line)}", file=stream, flush=True)


if __name__ == "__main__":
    entry()
