"""Lessons without the app: runs them one after another, prints what they say, and ends with the code that says how."""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.events import Delivery, Event, Learned, LogFailed, Outcome, RunEnded
from engine.lesson import InputError, Lesson, Settings
from engine.runner import Mailbox, Runner, Sink
from tui import console
from tui.exit_codes import Exit
from tui.headless_output import Output, is_at_rest, is_terminal
from tui.headless_plain import PlainReport
from tui.headless_progress import ProgressLine
from tui.headless_signals import Stopper
from tui.options import HeadlessOptions
from tui.plain import plain
from tui.text import clean
from tui.words import duration

if TYPE_CHECKING:
    from engine.runs import RunFolder

# How long to wait for events at most, where a line is to be kept up to date and where there is none.
_TICK_S = 0.1
_IDLE_S = 1.0

# The worst first: what a whole course ends with.
_WORST = (Exit.FAILED, Exit.IN_USE, Exit.NO_CHECKPOINT, Exit.USAGE, Exit.DIVERGED, Exit.DONE)


class Report(Protocol):
    """What turns events into text."""

    def text(self, delivery: Delivery) -> str:
        """What is printed for an event."""


@dataclass(frozen=True)
class Result:
    """How one lesson ended."""

    lesson: Lesson[Any]
    ended: RunEnded
    elapsed_s: float
    learned: str
    folder: Path | None

    @property
    def code(self) -> Exit:
        """The exit code for it alone."""
        match self.ended.outcome:
            case Outcome.DIVERGED:
                return Exit.DIVERGED
            case Outcome.FAILED:
                return Exit.FAILED if self.ended.traceback else Exit.USAGE
            case _:
                return Exit.DONE


def run(
    lessons: Sequence[Lesson[Any]], settings: Sequence[Settings], options: HeadlessOptions, *, whole_course: bool
) -> int:
    """Run the lessons and return the exit code. Takes over the process's output and its signals."""
    streams = console.claim(verbose=options.verbose)
    with Stopper() as stopper:
        session = Session(streams, options, stopper)
        return session.run(list(zip(lessons, settings, strict=True)), whole_course=whole_course)


class Session:
    """The lessons of one command, and where what they say goes."""

    def __init__(
        self,
        streams: console.Streams,
        options: HeadlessOptions,
        stopper: Stopper,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._options = options
        self._stopper = stopper
        self._now = now
        self._log_file = streams.log
        self._out, self._err = Output(streams.out), Output(streams.err)
        self._ascii_only = options.ascii_only or not console.speaks_unicode(streams.out)
        self._report = self._choose_report()
        self._progress = self._choose_progress()

    def run(self, lessons: Sequence[tuple[Lesson[Any], Settings]], *, whole_course: bool) -> int:
        """Run the lessons in order; one that fails does not keep the next from running."""
        results: list[Result] = []
        for lesson, settings in lessons:
            try:
                folder = self._folder(lesson, first=not results)
            except InputError as error:
                self._say(str(error))
                return _code_of(error)
            with folder if folder is not None else contextlib.nullcontext():
                results.append(self._run_one(lesson, settings, folder))
            if self._stopper.received is not None or self._out.gone:
                break
        if whole_course and len(results) > 1:
            self._summarise(results)
        self._point_at_the_log(results)
        return self._exit_code(results)

    def _exit_code(self, results: Sequence[Result]) -> int:
        if self._stopper.code is not None:
            return self._stopper.code
        if self._out.gone:
            return Exit.PIPE_CLOSED
        if self._out.failure is not None:
            self._say(f"what was found could not be written: {self._out.failure.strerror or self._out.failure}")
            return Exit.FAILED
        codes = {result.code for result in results}
        return next(code for code in _WORST if code in codes)

    # --- one lesson -------------------------------------------------------------------------------------------

    def _folder(self, lesson: Lesson[Any], *, first: bool) -> RunFolder | None:
        """A new run folder. Where there can be none the first lesson does not begin; a later one goes unlogged."""
        if not self._options.log:
            return None
        from engine.runs import RunFolder

        try:
            return RunFolder.create(self._options.logdir, lesson.id, self._now())
        except InputError as error:
            if first:
                raise
            self._say(f"{lesson.id} is not logged: {error}")
            return None

    def _run_one(self, lesson: Lesson[Any], settings: Settings, folder: RunFolder | None) -> Result:
        mailbox = Mailbox()
        began = time.monotonic()
        name = folder.name if folder is not None else lesson.id

        def report(text: str) -> None:
            mailbox.write(Delivery(name, time.monotonic() - began, LogFailed(text)))

        runner = Runner(
            lesson,
            settings,
            [*_log_sinks(folder, report), mailbox],
            run=name,
            logdir=str(folder.path) if folder is not None else None,
            store=_store(folder, lesson),
        )
        self._stopper.on_signal(runner.stop)
        runner.start()
        learned, ended = self._follow(runner, mailbox)
        runner.join()
        for delivery in mailbox.take():  # a sink may fail when it is closed, behind the last event
            self._complain(delivery.event)
        result = Result(lesson, ended, time.monotonic() - began, learned, folder.path if folder is not None else None)
        self._say_how_it_ended(result)
        return result

    def _follow(self, runner: Runner, mailbox: Mailbox) -> tuple[str, RunEnded]:
        """Print what comes until the run has ended; returns what was learned, and the end."""
        learned, ended = "", None
        while ended is None:
            alive = runner.alive
            mailbox.wait(_TICK_S if self._progress else _IDLE_S)
            for delivery in mailbox.take():
                event = delivery.event
                learned = event.text if isinstance(event, Learned) else learned
                ended = event if isinstance(event, RunEnded) else ended
                self._show(delivery)
            if self._progress and ended is None:
                self._progress.draw()
            if self._out.gone:
                runner.stop()
            if not alive and ended is None:
                ended = RunEnded(Outcome.FAILED, runner.step_number, "the engine ended without a word", "", "-")
        return learned, ended

    def _show(self, delivery: Delivery) -> None:
        if self._progress:
            self._progress.take(delivery)
        text = self._report.text(delivery)
        if text and self._progress:
            self._progress.clear()
        self._out.write(text)
        self._complain(delivery.event)

    def _complain(self, event: Event) -> None:
        if isinstance(event, LogFailed):
            self._say(event.message)

    def _say_how_it_ended(self, result: Result) -> None:
        """A line on the messages' stream."""
        ended, name = result.ended, result.lesson.id
        hint = f"; {ended.hint}" if ended.hint else ""
        match ended.outcome:
            case Outcome.FAILED if ended.traceback:
                print(ended.traceback, file=sys.stderr, flush=True)  # noqa: T201 - the log, or stderr with --verbose
                where = f"; more is in {self._log_file}" if self._log_file is not None else ""
                self._say(f"{name} failed: {ended.message}{hint}{where}")
            case Outcome.FAILED:
                self._say(f"{name}: {ended.message}{hint}")
            case Outcome.DIVERGED:
                self._say(f"{name} diverged: {ended.message}{hint}")
            case Outcome.STOPPED if not self._out.gone:
                self._say(f"{name}: {ended.message}")
            case Outcome.DONE if not self._options.quiet:
                self._say(f"{name} finished in {duration(result.elapsed_s)}")
            case _:
                pass

    # --- what is written --------------------------------------------------------------------------------------

    def _choose_report(self) -> Report:
        options, out = self._options, self._out.stream
        if options.json:
            from tui.headless_json import JsonReport

            return JsonReport()
        if options.quiet or not (is_terminal(out) and console.has_terminal_type()):
            return PlainReport(ascii_only=self._ascii_only, quiet=options.quiet)
        from tui.headless_rich import RichReport

        return RichReport(console.width_of(out), no_color=options.no_color, ascii_only=self._ascii_only)

    def _choose_progress(self) -> ProgressLine | None:
        """A line for how far it is, where it spoils nothing: on a terminal, with results there too or in a file."""
        options, out, err = self._options, self._out.stream, self._err.stream
        if options.quiet or not (is_terminal(err) and console.has_terminal_type()):
            return None
        if not (is_at_rest(out) or (is_terminal(out) and not options.json)):
            return None
        return ProgressLine(
            self._err.write,
            lambda: console.width_of(err),
            colours=not options.no_color,
            ascii_only=options.ascii_only or not console.speaks_unicode(err),
        )

    def _say(self, text: str) -> None:
        """A line for a person, on the messages' stream."""
        if self._progress:
            self._progress.clear()
        line = clean(" ".join(text.split()))
        ascii_only = self._options.ascii_only or not console.speaks_unicode(self._err.stream)
        self._err.write(f"gdtui: {plain(line) if ascii_only else line}\n")

    def _summarise(self, results: Sequence[Result]) -> None:
        """One row a lesson, at the end of a course."""
        if self._options.json or self._options.quiet:
            return
        from tui.headless_summary import summary

        self._out.write(summary(results, self._report, ascii_only=self._ascii_only))

    def _point_at_the_log(self, results: Sequence[Result]) -> None:
        folders = [result.folder for result in results if result.folder is not None]
        if self._options.quiet or self._out.gone or not folders:
            return
        where = folders[0] if len(folders) == 1 else self._options.logdir
        logdir = shlex.quote(str(self._options.logdir))
        self._say(f"the log is in {where}; look at it with: tensorboard --logdir {logdir}")


def _log_sinks(folder: RunFolder | None, report: Callable[[str], None]) -> list[Sink]:
    """The sinks that keep a run; `report` is told, in the engine's thread, what of the log could not be written."""
    if folder is None:
        return []
    from engine.runs import RunRecorder
    from engine.summaries import SummaryWriter

    return [SummaryWriter(folder.path, report=report), RunRecorder(folder)]


def _store(folder: RunFolder | None, lesson: Lesson[Any]) -> Any:
    if folder is None or lesson.resume is None:
        return None
    from engine.checkpoints import Checkpoints

    return Checkpoints(folder.path, lesson.id)


def _code_of(error: InputError) -> Exit:
    from engine.runs import RunInUse

    return Exit.IN_USE if isinstance(error, RunInUse) else Exit.USAGE
