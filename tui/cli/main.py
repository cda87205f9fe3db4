"""The entry point: parses arguments, starts the app or the headless run, and returns exit codes."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from tui.process import colour, console, folders
from tui.process.exit_codes import Exit
from tui.process.exiting import leave
from tui.process.options import COMPLETION_VARIABLE, DEFAULT_LOGDIR, LOGDIR_VARIABLE, AppOptions
from tui.text import course_texts

if TYPE_CHECKING:
    from tui.cli.attach_command import Attach
    from tui.cli.course_commands import Check, ShowProgress
    from tui.cli.request import Request


_NEEDS_TERMINAL = "the app needs a terminal: over ssh use ssh -t"


def entry() -> NoReturn:
    """Run the command gdtui and end the process."""
    leave(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run gdtui with `argv` (by default the process's own arguments) and return its exit code."""
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return _main(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # before a run or the app handles it
        return 128 + signal.SIGINT
    except Exception as error:  # a bug must always be reported: by now stderr may be a log
        return _confess(error)


def _main(argv: Sequence[str]) -> int:
    console.mend_standard_streams()
    variables = (LOGDIR_VARIABLE, course_texts.VARIABLE, COMPLETION_VARIABLE)
    unsaid = not argv and not any(name in os.environ for name in variables) and not folders.config_file().exists()
    if unsaid and not Path(DEFAULT_LOGDIR).is_file() and console.can_draw():
        language = course_texts.language(None, os.environ)
        return _open_app(None, {}, AppOptions(no_color=colour.refused(), language=language))
    from tui.cli.attach_command import Attach
    from tui.cli.course_commands import Check, ShowProgress
    from tui.cli.parser import UsageError, complete, parse
    from tui.cli.request import CommandResult, Request

    if COMPLETION_VARIABLE in os.environ:
        return _print(complete(os.environ[COMPLETION_VARIABLE]) or "")
    try:
        asked = parse(argv)
    except UsageError as error:
        return _complain(str(error))
    if isinstance(asked, Request):
        return _headless(asked) if asked.headless else _app(asked)
    if isinstance(asked, Attach):
        return _attach(asked)
    if isinstance(asked, Check | ShowProgress):
        return _exercises(asked)
    if isinstance(asked, CommandResult):
        return _print(asked.text) or asked.code
    return _print(asked)


def _exercises(asked: Check | ShowProgress) -> int:
    from engine.errors import InputError
    from tui.headless import course_commands

    try:
        return course_commands.run(asked)
    except InputError as error:
        streams = console.claimed()
        _say(str(error), streams.err if streams is not None else sys.stderr)
        return Exit.USAGE


def _headless(asked: Request) -> int:
    from engine.own.lessons import problems
    from tui.headless.session import run
    from tui.process.jobs import NewRun, OldRun

    runs: list[NewRun | OldRun] = [NewRun(*each) for each in zip(asked.lessons, asked.settings, strict=True)]
    if asked.resume is not None:
        runs = [OldRun(asked.resume.run, asked.lesson, asked.texts)]
    for problem in problems():
        _say(problem, sys.stderr)
    if asked.options.detach:
        from tui.headless.detach import detach

        return detach(lambda departure: run(runs, asked.options, departure=departure), asked.options)
    return run(runs, asked.options, whole_course=asked.lesson is None)


def _app(asked: Request) -> int:
    if not console.can_draw():
        return _complain(f"{_NEEDS_TERMINAL}, or run without it, with --no-ui")
    return _open_app(asked.lesson, dict(asked.texts), asked.options)


def _open_app(lesson: str | None, texts: dict[str, str], options: AppOptions) -> int:
    """Open the app. Without arguments this point is reached without NumPy, the lessons or a parser: 0.15 s sooner."""
    _prepare_app()
    from tui.app.app import run_app

    return run_app(lesson, texts, options)


def _prepare_app() -> None:
    """Prepare for the large imports: the guardian process stays small, and nothing is collected until the app's screen
    is complete, as the objects stay; searching them took 40 of 350 ms."""
    from tui import terminal

    terminal.guard()
    gc.disable()


def _attach(asked: Attach) -> int:
    if asked.wait:
        return _wait(asked)
    if asked.report is not None or not console.can_draw():
        return _report(asked)
    _prepare_app()
    from tui.app.app import run_attach

    return run_attach(asked.targets, asked.options)


def _wait(asked: Attach) -> int:
    from engine.errors import InputError
    from tui.app.attach_target import find_targets
    from tui.headless.log_wait import wait_for

    try:
        target = find_targets(asked.targets, asked.options.logdir)
        return wait_for(target.roots, target.run, sys.stdout, sys.stderr)
    except InputError as error:
        return _complain(str(error))


def _report(asked: Attach) -> int:
    from engine.run.run_folder import RunError
    from tui.app.attach_target import find_targets
    from tui.headless.log_report import write_report
    from tui.process.options import ReportOptions

    try:
        target = find_targets(asked.targets, asked.options.logdir)
        missing = next((folder for folder in target.roots if not folder.exists()), None)
        if missing is not None:
            return _complain(f"{str(missing)!r} is no run's name and no folder")
    except RunError as error:
        return _complain(str(error))
    report = asked.report or ReportOptions()
    failure = write_report(target.roots, target.run, report, sys.stdout, sys.stderr)
    if failure is None:
        return Exit.DONE
    where = f" {failure.filename}" if failure.filename else ""
    _complain(f"cannot write{where}: {os.strerror(failure.errno or 0)}")
    return Exit.FAILED


def _print(text: str) -> int:
    """Print the requested text. A reader that has gone, as `head` does, is not an error."""
    from tui.text.plain import plain

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
    """Print one line on stderr about a command line that cannot be followed; returns the exit code."""
    _say(line, sys.stderr)
    return Exit.USAGE


def _confess(error: Exception) -> int:
    """Report a bug in one line on the original stderr; the traceback goes into the log."""
    from tui.text.clean import clean

    streams = console.claimed() or console.claim(verbose=False)
    with contextlib.suppress(OSError, ValueError):
        traceback.print_exception(error, file=sys.stderr)
        sys.stderr.flush()
    where = f"; more is in {streams.log}" if streams.log is not None else ""
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    _say(clean(f"something went wrong: {what}{where}"), streams.err)
    return Exit.FAILED


def _say(line: str, stream: TextIO) -> None:
    from tui.text.plain import plain

    with contextlib.suppress(OSError, ValueError):
        print(f"gdtui: {line if console.speaks_unicode(stream) else plain(line)}", file=stream, flush=True)


if __name__ == "__main__":
    entry()
