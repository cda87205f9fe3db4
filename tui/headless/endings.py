"""How a run ended, in words and as an exit code: what to try next, what is kept of it and what is lost."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import SettingError
from engine.events import Diverged, Outcome, RunEnded
from engine.lesson import Lesson
from engine.resuming import to_be_given_again
from engine.settings import Settings, command_line
from tui.exit_codes import Exit
from tui.headless_jobs import Job
from tui.options import DEFAULT_LOGDIR, HeadlessOptions
from tui.words import duration


@dataclass(frozen=True)
class Result:
    """How one run ended. `settings` are those at its end, `kept_step` is the step of its last checkpoint, if any."""

    job: Job
    settings: Settings
    ended: RunEnded
    elapsed_s: float
    learned: str = ""
    kept_step: int | None = None
    diverged: Diverged | None = None

    @property
    def lesson(self) -> Lesson[Any]:
        """What was run."""
        return self.job.lesson

    @property
    def has_log(self) -> bool:
        """Whether it has left a log that is worth looking at."""
        return self.job.path is not None and (self.ended.outcome is not Outcome.FAILED or self.ended.step > 0)

    @property
    def code(self) -> Exit:
        """The exit code for it alone."""
        match self.ended.outcome:
            case Outcome.DIVERGED:
                return Exit.DIVERGED
            case Outcome.FAILED if self.ended.bad_input:
                return Exit.NO_CHECKPOINT if self.does_not_fit else Exit.USAGE
            case Outcome.FAILED:
                return Exit.FAILED
            case _:
                return Exit.DONE

    @property
    def does_not_fit(self) -> bool:
        """Whether it could not be taken up from its checkpoint, and never can be."""
        from engine.checkpoints import DOES_NOT_FIT

        return self.job.snapshot is not None and self.ended.message.startswith(DOES_NOT_FIT)


def sentences(result: Result, options: HeadlessOptions, log_file: Path | None) -> Iterator[str]:
    """What is said of a run's end on the messages' stream, a line each."""
    ended, name = result.ended, result.lesson.id
    hint = f"; {ended.hint}" if ended.hint else ""
    match ended.outcome:
        case Outcome.FAILED if ended.traceback:
            where = f"; more is in {log_file}" if log_file is not None else ""
            yield f"{name} failed: {ended.message}{hint}{where}"
        case Outcome.FAILED:
            yield f"{name}: {ended.message}{hint}"
        case Outcome.DIVERGED:
            another = _another_rate(result, options)
            yield f"{name} diverged: {ended.message}{f'; try: {another}' if another else hint}"
        case Outcome.STOPPED:
            yield f"{name}: {ended.message}"
        case _ if not options.quiet:
            yield f"{name} finished in {duration(result.elapsed_s)}"
        case _:
            pass
    yield from _kept(result, options)


def _kept(result: Result, options: HeadlessOptions) -> Iterator[str]:
    """What of a run is kept that ended early, or whose end could not be kept, and how to go on with it."""
    last, kept = result.ended.step, result.kept_step
    whole = result.ended.outcome is Outcome.DONE and kept == last
    if whole or result.does_not_fit or not result.job.leaves_checkpoints:
        return
    if kept is None:
        if last and result.ended.outcome is not Outcome.DONE:
            yield f"no checkpoint of it could be saved: its {last} steps are lost"
        return
    lost = f", {_steps(kept + 1, last)} lost" if last > kept else ""
    changes = {}
    if result.diverged is not None and result.diverged.suggested_learning_rate is not None:
        changes = {"learning_rate": rate_text(result.diverged.suggested_learning_rate)}
        lost = ""  # nobody wants those steps
    yield how_to_go_on(result.job, kept, options, changes, lost)


def how_to_go_on(
    job: Job, step: int, options: HeadlessOptions, changes: Mapping[str, str] | None = None, lost: str = ""
) -> str:
    """What is kept of a run and the command to go on with it."""
    command = resume_command(job.name, job.settings, options, changes or {})
    return f"its checkpoint of step {step} is kept{lost}; go on with: {command}"


def _steps(first: int, last: int) -> str:
    return f"step {first} is" if first == last else f"steps {first} to {last} are"


def _another_rate(result: Result, options: HeadlessOptions) -> str:
    """The command that repeats a run with the learning rate that is suggested, where its lesson has one to set."""
    rate = result.diverged.suggested_learning_rate if result.diverged is not None else None
    if rate is None:
        return ""
    try:
        settings = result.settings.changed("learning_rate", rate_text(rate))
    except SettingError:
        return ""
    return f"{command_line(result.lesson.id, settings)} --no-ui{_logdir(options)}{'' if options.log else ' --no-log'}"


def rate_text(rate: float) -> str:
    """A learning rate to try, in two digits."""
    return f"{float(f'{rate:.2g}'):g}"


def resume_command(run: str, settings: Settings, options: HeadlessOptions, changes: Mapping[str, str]) -> str:
    """The command that goes on with a run that had `settings`, with `changes` given anew."""
    texts = {**to_be_given_again(settings), **changes}
    given = "".join(f" --{name.replace('_', '-')} {shlex.quote(text)}" for name, text in texts.items())
    return f"gdtui --resume {shlex.quote(run)}{given}{_logdir(options)}"


def _logdir(options: HeadlessOptions) -> str:
    return "" if options.logdir == Path(DEFAULT_LOGDIR) else f" --logdir {shlex.quote(str(options.logdir))}"
