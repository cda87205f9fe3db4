"""Runs without the app, one after another: prints their output and returns the exit code."""

from __future__ import annotations

import os
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import InputError
from engine.events import CheckpointSaved, Delivery, Diverged, Event, Learned, LogFailed, Outcome, Phase, RunEnded
from engine.run.checkpoints import NoCheckpoint
from engine.run.resuming import WouldDiverge
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from tui.headless.crash_message import CAUSE, CrashMessage
from tui.headless.endings import Result, how_to_go_on, rate_text, resume_command, sentences
from tui.headless.reporter import Reporter
from tui.headless.signals import GRACE_S, Stopper
from tui.model.practice import Practice
from tui.process import console
from tui.process.exit_codes import Exit
from tui.process.folders import use_cache
from tui.process.jobs import Job, NewRun, OldRun, begin, code_of, go_on
from tui.process.options import HeadlessOptions
from tui.text.exercise_texts import title

if TYPE_CHECKING:
    from tui.headless.detach import Departure

# The longest wait for events, with a progress line to update and without one.
_TICK_S = 0.1
_IDLE_S = 1.0

# The exit codes by severity, worst first: a course ends with the worst.
_WORST = (Exit.FAILED, Exit.IN_USE, Exit.NO_CHECKPOINT, Exit.USAGE, Exit.DIVERGED, Exit.DONE)


def run(
    runs: Sequence[NewRun | OldRun],
    options: HeadlessOptions,
    *,
    whole_course: bool = False,
    departure: Departure | None = None,
) -> int:
    """Run everything and return the exit code. Takes over the process's output and its signals.

    With a `departure` the terminal is left as soon as the first run has begun.
    """
    streams = console.claim(verbose=options.verbose)
    use_cache(options)
    crash_message = CrashMessage(streams.err)

    try:
        with crash_message.watching_signals(), Stopper() as stopper:
            session = HeadlessSession(
                streams,
                options,
                stopper,
                crash_message=crash_message,
                departure=departure,
                practice=Practice.of_this_user(),
            )
            stopper.leave_by(session.leave)
            return session.run(runs, whole_course=whole_course)
    finally:
        crash_message.cancel()


class HeadlessSession:
    """The runs of one command."""

    def __init__(
        self,
        streams: console.Streams,
        options: HeadlessOptions,
        stopper: Stopper,
        *,
        now: Callable[[], datetime] = datetime.now,
        crash_message: CrashMessage | None = None,
        departure: Departure | None = None,
        practice: Practice | None = None,
    ) -> None:
        self._options = options
        self._stopper = stopper
        self._now = now
        self._crash_message = crash_message
        self._departure = departure
        self._practice = practice
        self._reporter = Reporter(streams, options)
        self._under_way: tuple[Job, _Heard] | None = None

    def run(self, runs: Sequence[NewRun | OldRun], *, whole_course: bool = False) -> int:
        """Run everything in order; a failure does not prevent the next run."""
        results: list[Result] = []
        for each in runs:
            try:
                job = self._open(each, first=not results)
            except (InputError, NoCheckpoint) as error:
                self._refuse(error)
                return code_of(error)
            with closing(job):
                results.append(self._run_one(job))
            if self._stopper.received is not None or self._reporter.out.gone:
                break
        if whole_course and len(results) > 1:
            self._summarise(results)
        self._point_at_the_log(results)
        return self._exit_code(results)

    def leave(self, code: int) -> None:
        """End the process at once: on a second signal, or when the first took too long."""
        self._prepare_crash_message(out_of_time=True)
        os._exit(code)

    def _exit_code(self, results: Sequence[Result]) -> int:
        failure = self._reporter.out.failure
        if self._stopper.code is not None:
            return self._stopper.code
        if self._reporter.out.gone:
            return Exit.PIPE_CLOSED
        if failure is not None:
            self._reporter.say(f"what was found could not be written: {failure.strerror or failure}")
            return Exit.FAILED
        codes = {result.code for result in results}
        return next(code for code in _WORST if code in codes)

    def _open(self, asked: NewRun | OldRun, *, first: bool) -> Job:
        """Open the requested run with its folder. If there can be none, the first run does not begin; a later one is
        not logged."""
        if isinstance(asked, OldRun):
            job = go_on(asked, self._options)
        else:
            try:
                job = begin(asked, self._options, self._now())
            except InputError as error:
                if first:
                    raise
                self._reporter.say(f"{asked.lesson.id} is not logged: {error}")
                job = Job(asked.lesson, asked.settings)
        if self._departure is not None:
            try:
                self._reporter.print_results_to(self._departure.open_output(job))
            except InputError:
                job.close()
                raise
        if job.silent:
            self._options = replace(self._options, quiet=True)
            self._reporter.hush()
        return job

    def _refuse(self, error: Exception) -> None:
        again = ""
        if isinstance(error, WouldDiverge):
            again = resume_command(
                error.run, error.settings, self._options, {"learning_rate": rate_text(error.learning_rate)}
            )
        self._reporter.say(f"{error}; try: {again}" if again else str(error))

    # --- one run ----------------------------------------------------------------------------------------------

    def _run_one(self, job: Job) -> Result:
        mailbox = Mailbox()
        began = time.monotonic()
        for note in job.notes:
            self._reporter.say(note)

        def report(text: str) -> None:
            mailbox.write(Delivery(job.name, time.monotonic() - began, LogFailed(text)))

        runner = Runner(
            job.lesson,
            job.settings,
            [mailbox, *job.sinks(report)],  # first, to get the event about a log that fails when it is closed
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
        self._prepare_crash_message()
        self._stopper.on_signal(runner.interrupt)
        runner.start()
        try:
            ended = self._follow(job, runner, mailbox, heard)
        except BaseException:  # the events can no longer be printed, but the checkpoint and the log are worth keeping
            runner.stop()
            runner.join(GRACE_S)
            raise
        runner.join()
        for delivery in mailbox.take():  # a sink may fail when it is closed, after the last event
            if isinstance(delivery.event, LogFailed):
                self._reporter.say(delivery.event.message)
        elapsed_s = time.monotonic() - began
        result = Result(job, runner.settings, ended, elapsed_s, heard.learned, heard.kept_step, heard.diverged)
        self._say_how_it_ended(result)
        return result

    def _follow(self, job: Job, runner: Runner, mailbox: Mailbox, heard: _Heard) -> RunEnded:
        """Print events until the run has ended; returns its end."""
        while heard.ended is None:
            alive = runner.alive
            mailbox.wait(_TICK_S if self._reporter.has_progress else _IDLE_S)
            for delivery in mailbox.take():
                heard.take(delivery.event)
                self._practise(delivery.event)
                if isinstance(delivery.event, CheckpointSaved | Phase):
                    self._prepare_crash_message()
                if self._departure is not None and self._departure.is_due(delivery.event):
                    self._leave(self._departure, job)
                self._reporter.show(delivery)
            if heard.ended is None:
                self._reporter.draw_progress()
            if self._reporter.out.gone:
                runner.stop()
            if not alive and heard.ended is None:
                return RunEnded(
                    Outcome.FAILED, runner.step_number, "the engine ended without reporting an end", "", "-"
                )
        return heard.ended

    def _practise(self, event: Event) -> None:
        """Judge the lesson's tasks by the run's events. A failure here must not fail the run."""
        if self._practice is None:
            return
        try:
            for task in self._practice.hear(event):
                if not self._options.quiet:
                    self._reporter.say(f"exercise solved: {title(task, self._options.language)}")
            while self._practice.problems:
                self._reporter.say(self._practice.problems.popitem()[1])
            if self._practice.unsaved:
                self._practice.save()
        except Exception:  # the progress file cannot be written, or a bug
            self._practice = None
            traceback.print_exc()

    def _prepare_crash_message(self, *, out_of_time: bool = False) -> None:
        """Set the message to be printed if this process disappears: where to look and how to resume. With `out_of_time`
        the process is about to be killed."""
        if self._crash_message is None or self._under_way is None:
            return
        job, heard = self._under_way
        log = self._reporter.log
        more = f"; more may be in {log}" if log is not None else ""
        kept = ""
        if job.folder is not None and heard.kept_step is not None:
            kept = f"; {how_to_go_on(job, heard.kept_step, self._options)}"

        def words(how: str) -> str:
            return self._reporter.crash_text(f"{job.name} {how}{more}{kept}")

        late = words("was ended before it could end in order")
        if out_of_time:
            self._crash_message.set(late)
            return
        # Without a log, the last message of native code is above this line.
        killed = "was killed or crashed" + (", perhaps for want of memory" if log is not None else "")
        meanwhile = ""
        if heard.awaits:
            killed = f"was ended while it waited for {heard.awaits}"
            meanwhile = self._reporter.crash_text(f"{job.name} waits for {heard.awaits}")
        crashed = words(f"crashed: {CAUSE}")
        self._crash_message.set(words(killed), meanwhile=meanwhile, crashed=crashed, late=late, log=log)

    def _say_how_it_ended(self, result: Result) -> None:
        if result.ended.traceback:
            print(result.ended.traceback, file=sys.stderr, flush=True)  # noqa: T201 - the log, or stderr with --verbose
        if result.ended.outcome is Outcome.STOPPED and self._reporter.out.gone:
            return
        for sentence in sentences(result, self._options, self._reporter.log):
            self._reporter.say(sentence)

    def _leave(self, departure: Departure, job: Job) -> None:
        """Leave the terminal: messages go into the run's folder from now on."""
        if self._crash_message is not None:
            self._crash_message.append_to(departure.messages(job))
        self._reporter.write_messages_to(departure.leave(job))

    # --- at the end -------------------------------------------------------------------------------------------

    def _summarise(self, results: Sequence[Result]) -> None:
        """One row per lesson, at the end of a course."""
        if self._options.json or self._options.quiet:
            return
        from tui.headless.summary import summary

        self._reporter.out.write(summary(results, self._reporter.report, self._reporter.glyphs))

    def _point_at_the_log(self, results: Sequence[Result]) -> None:
        folders = [result.job.path for result in results if result.job.path is not None and result.has_log]
        if self._options.quiet or self._reporter.out.gone or not folders:
            return
        where = folders[0] if len(folders) == 1 else self._options.logdir
        logdir = shlex.quote(str(self._options.logdir))
        self._reporter.say(f"the log is in {where}; look at it with: tensorboard --logdir {logdir}")


@dataclass
class _Heard:
    """The facts from a run's events that are needed later."""

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
