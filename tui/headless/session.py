"""Runs without the app: one after another, what they say printed, and the exit code that says how they ended."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.checkpoints import NoCheckpoint
from engine.errors import InputError
from engine.events import CheckpointSaved, Delivery, Diverged, Event, Learned, LogFailed, Outcome, Phase, RunEnded
from engine.resuming import WouldDiverge
from engine.runner import Runner
from engine.sinks import Mailbox
from tui import console
from tui.exit_codes import Exit
from tui.headless_endings import Result, how_to_go_on, rate_text, resume_command, sentences
from tui.headless_jobs import Job, NewRun, OldRun, begin, code_of, go_on
from tui.headless_signals import GRACE_S, Stopper
from tui.headless_voice import Voice
from tui.last_words import LastWords
from tui.options import HeadlessOptions

if TYPE_CHECKING:
    from tui.detach import Departure

# How long to wait for events at most, where a line is to be kept up to date and where there is none.
_TICK_S = 0.1
_IDLE_S = 1.0

# The worst first: what a whole course ends with.
_WORST = (Exit.FAILED, Exit.IN_USE, Exit.NO_CHECKPOINT, Exit.USAGE, Exit.DIVERGED, Exit.DONE)


def run(
    runs: Sequence[NewRun | OldRun],
    options: HeadlessOptions,
    *,
    whole_course: bool = False,
    departure: Departure | None = None,
) -> int:
    """Do the runs and return the exit code. Takes over the process's output and its signals.

    With a `departure` the terminal is left behind as soon as the first run has really begun.
    """
    streams = console.claim(verbose=options.verbose)
    last_words = LastWords(streams.err)

    try:
        with Stopper() as stopper:
            session = Session(streams, options, stopper, last_words=last_words, departure=departure)
            stopper.leave_by(session.leave)
            return session.run(runs, whole_course=whole_course)
    finally:
        last_words.are_not_needed()


class Session:
    """The runs of one command."""

    def __init__(
        self,
        streams: console.Streams,
        options: HeadlessOptions,
        stopper: Stopper,
        *,
        now: Callable[[], datetime] = datetime.now,
        last_words: LastWords | None = None,
        departure: Departure | None = None,
    ) -> None:
        self._options = options
        self._stopper = stopper
        self._now = now
        self._last_words = last_words
        self._departure = departure
        self._voice = Voice(streams, options)
        self._under_way: tuple[Job, _Heard] | None = None

    def run(self, runs: Sequence[NewRun | OldRun], *, whole_course: bool = False) -> int:
        """Do the runs in order; one that fails does not keep the next from running."""
        results: list[Result] = []
        for each in runs:
            try:
                job = self._open(each, first=not results)
            except (InputError, NoCheckpoint) as error:
                self._refuse(error)
                return code_of(error)
            with closing(job):
                results.append(self._run_one(job))
            if self._stopper.received is not None or self._voice.out.gone:
                break
        if whole_course and len(results) > 1:
            self._summarise(results)
        self._point_at_the_log(results)
        return self._exit_code(results)

    def leave(self, code: int) -> None:
        """End the process as it is: what a signal asks for a second time, or where the first took too long."""
        self._prepare_last_words("was ended before it could end in order")
        os._exit(code)

    def _exit_code(self, results: Sequence[Result]) -> int:
        failure = self._voice.out.failure
        if self._stopper.code is not None:
            return self._stopper.code
        if self._voice.out.gone:
            return Exit.PIPE_CLOSED
        if failure is not None:
            self._voice.say(f"what was found could not be written: {failure.strerror or failure}")
            return Exit.FAILED
        codes = {result.code for result in results}
        return next(code for code in _WORST if code in codes)

    def _open(self, asked: NewRun | OldRun, *, first: bool) -> Job:
        """What is asked for, with its folder. Where there can be none the first does not begin; a later one goes
        unlogged."""
        if isinstance(asked, OldRun):
            job = go_on(asked, self._options)
        else:
            try:
                job = begin(asked, self._options, self._now())
            except InputError as error:
                if first:
                    raise
                self._voice.say(f"{asked.lesson.id} is not logged: {error}")
                job = Job(asked.lesson, asked.settings)
        if self._departure is not None:
            try:
                self._voice.results_go_to(self._departure.open_output(job))
            except InputError:
                job.close()
                raise
        if job.silent:
            self._options = replace(self._options, quiet=True)
            self._voice.hush()
        return job

    def _refuse(self, error: Exception) -> None:
        again = ""
        if isinstance(error, WouldDiverge):
            again = resume_command(
                error.run, error.settings, self._options, {"learning_rate": rate_text(error.learning_rate)}
            )
        self._voice.say(f"{error}; try: {again}" if again else str(error))

    # --- one run ----------------------------------------------------------------------------------------------

    def _run_one(self, job: Job) -> Result:
        mailbox = Mailbox()
        began = time.monotonic()
        for note in job.notes:
            self._voice.say(note)

        def report(text: str) -> None:
            mailbox.write(Delivery(job.name, time.monotonic() - began, LogFailed(text)))

        runner = Runner(
            job.lesson,
            job.settings,
            [mailbox, *job.sinks(report)],  # first, so that it hears of a log that fails when it is closed
            run=job.name,
            logdir=str(job.path) if job.path is not None else None,
            store=job.store(),
            store_every_s=self._options.checkpoint_every_s,
            snapshot=job.snapshot,
        )
        for name, text in job.changes.items():
            runner.set(name, text)
        heard = _Heard(kept_step=job.snapshot.step if job.snapshot is not None else None)
        self._under_way = job, heard
        self._prepare_last_words()
        self._stopper.on_signal(runner.stop)
        runner.start()
        try:
            ended = self._follow(job, runner, mailbox, heard)
        except BaseException:  # what the run says cannot be told; its checkpoint and its log are worth having
            runner.stop()
            runner.join(GRACE_S)
            raise
        runner.join()
        for delivery in mailbox.take():  # a sink may fail when it is closed, behind the last event
            if isinstance(delivery.event, LogFailed):
                self._voice.say(delivery.event.message)
        elapsed_s = time.monotonic() - began
        result = Result(job, runner.settings, ended, elapsed_s, heard.learned, heard.kept_step, heard.diverged)
        self._say_how_it_ended(result)
        return result

    def _follow(self, job: Job, runner: Runner, mailbox: Mailbox, heard: _Heard) -> RunEnded:
        """Print what comes until the run has ended; returns its end."""
        while heard.ended is None:
            alive = runner.alive
            mailbox.wait(_TICK_S if self._voice.has_progress else _IDLE_S)
            for delivery in mailbox.take():
                heard.take(delivery.event)
                if isinstance(delivery.event, CheckpointSaved | Phase):
                    self._prepare_last_words()
                if self._departure is not None and self._departure.is_due(delivery.event):
                    self._leave(self._departure, job)
                self._voice.show(delivery)
            if heard.ended is None:
                self._voice.draw_progress()
            if self._voice.out.gone:
                runner.stop()
            if not alive and heard.ended is None:
                return RunEnded(Outcome.FAILED, runner.step_number, "the engine ended without a word", "", "-")
        return heard.ended

    def _prepare_last_words(self, how: str = "") -> None:
        """Have it said where to look and how to go on if this process is gone all at once."""
        if self._last_words is None or self._under_way is None:
            return
        job, heard = self._under_way
        if not how and heard.awaits:
            how = f"was ended while it waited for {heard.awaits}"
        how = how or "was killed or crashed, perhaps for want of memory"
        more = f"; more may be in {self._voice.log}" if self._voice.log is not None else ""
        kept = ""
        if job.folder is not None and heard.kept_step is not None:
            kept = f"; {how_to_go_on(job, heard.kept_step, self._options)}"
        words = self._voice.last_words
        meanwhile = words(f"{job.name} waits for {heard.awaits}") if heard.awaits else ""
        self._last_words.are(words(f"{job.name} {how}{more}{kept}"), meanwhile)

    def _say_how_it_ended(self, result: Result) -> None:
        if result.ended.traceback:
            print(result.ended.traceback, file=sys.stderr, flush=True)  # noqa: T201 - the log, or stderr with --verbose
        if result.ended.outcome is Outcome.STOPPED and self._voice.out.gone:
            return
        for sentence in sentences(result, self._options, self._voice.log):
            self._voice.say(sentence)

    def _leave(self, departure: Departure, job: Job) -> None:
        """Leave the terminal: what is said from now on goes into the run's folder."""
        if self._last_words is not None:
            self._last_words.go_to(departure.messages(job))
        self._voice.messages_go_to(departure.leave(job))

    # --- at the end -------------------------------------------------------------------------------------------

    def _summarise(self, results: Sequence[Result]) -> None:
        """One row a lesson, at the end of a course."""
        if self._options.json or self._options.quiet:
            return
        from tui.headless_summary import summary

        self._voice.out.write(summary(results, self._voice.report, ascii_only=self._voice.ascii_only))

    def _point_at_the_log(self, results: Sequence[Result]) -> None:
        folders = [result.job.path for result in results if result.job.path is not None and result.has_log]
        if self._options.quiet or self._voice.out.gone or not folders:
            return
        where = folders[0] if len(folders) == 1 else self._options.logdir
        logdir = shlex.quote(str(self._options.logdir))
        self._voice.say(f"the log is in {where}; look at it with: tensorboard --logdir {logdir}")


@dataclass
class _Heard:
    """What is to be remembered of a run's events."""

    learned: str = ""
    ended: RunEnded | None = None
    kept_step: int | None = None
    diverged: Diverged | None = None
    awaits: str = ""

    def take(self, event: Event) -> None:
        match event:
            case Learned(text=text):
                self.learned = text
            case RunEnded():
                self.ended = event
            case CheckpointSaved(step=step):
                self.kept_step = step
            case Phase():
                self.awaits = event.detail
            case Diverged() if self.diverged is None:
                self.diverged = event
            case _:
                pass
