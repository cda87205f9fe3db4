"""The end of a run in words and as an exit code: what to try next, what is kept and what is lost."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import SettingError
from engine.events import Diverged, Outcome, RunEnded
from engine.lesson import Lesson
from engine.own.lessons import OPTION, own_lesson
from engine.run.resuming import to_be_given_again
from engine.settings import Settings, command_line, param_of
from tui.process.exit_codes import Exit
from tui.process.jobs import Job
from tui.process.options import DEFAULT_LOGDIR, HeadlessOptions
from tui.text.words import duration

_WHEN_MENDED = "once its folder can be written to, "


@dataclass(frozen=True)
class Result:
    """The result of one run. `settings` are those at its end, `kept_step` is the step of its last checkpoint, if
    any."""

    job: Job
    settings: Settings
    ended: RunEnded
    elapsed_s: float
    learned: str = ""
    kept_step: int | None = None
    diverged: Diverged | None = None

    @property
    def lesson(self) -> Lesson[Any]:
        """The lesson that was run."""
        return self.job.lesson

    @property
    def has_log(self) -> bool:
        """Whether it has left a log with results."""
        return self.job.path is not None and (self.ended.outcome is not Outcome.FAILED or self.ended.step > 0)

    @property
    def code(self) -> Exit:
        """The exit code for only this run."""
        match self.ended.outcome:
            case Outcome.DIVERGED:
                return Exit.DIVERGED
            case Outcome.FAILED if self.ended.bad_input:
                return Exit.NO_CHECKPOINT if self.does_not_fit else Exit.USAGE
            case Outcome.FAILED:
                return Exit.FAILED
            case Outcome.DONE if self.lacks_checkpoint:
                return Exit.FAILED
            case _:
                return Exit.DONE

    @property
    def lacks_checkpoint(self) -> bool:
        """Whether it should have left a checkpoint of its last step, and could not."""
        return self.job.leaves_checkpoints and self.kept_step != self.ended.step

    @property
    def does_not_fit(self) -> bool:
        """Whether it could not be resumed from its checkpoint, and never can be."""
        from engine.run.checkpoints import DOES_NOT_FIT

        return self.job.snapshot is not None and self.ended.message.startswith(DOES_NOT_FIT)


def sentences(result: Result, options: HeadlessOptions, log_file: Path | None) -> Iterator[str]:
    """The messages about a run's end, one line each."""
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
    """Report what is kept of a run that ended early, or whose end could not be saved, and how to resume it."""
    last, kept = result.ended.step, result.kept_step
    done = result.ended.outcome is Outcome.DONE
    if (done and not result.lacks_checkpoint) or result.does_not_fit or not result.job.leaves_checkpoints:
        return
    if kept is None:
        if last:
            again = (
                f"; {_WHEN_MENDED}run it again: {_new_command(result.job.settings, result, options)}" if done else ""
            )
            yield f"no checkpoint of it could be saved: its {last} steps are lost{again}"
        return
    lost = f", {_steps(kept + 1, last)} lost" if last > kept else ""
    changes = {}
    if result.diverged is not None and result.diverged.suggested_learning_rate is not None:
        changes = {"learning_rate": rate_text(result.diverged.suggested_learning_rate)}
        lost = ""  # those steps are not worth keeping
    yield how_to_go_on(result.job, kept, options, changes, lost, _WHEN_MENDED if done else "")


def how_to_go_on(
    job: Job,
    step: int,
    options: HeadlessOptions,
    changes: Mapping[str, str] | None = None,
    lost: str = "",
    when: str = "",
) -> str:
    """Report what is kept of a run and the command to resume it."""
    command = resume_command(job.name, job.settings, options, changes or {})
    return f"its checkpoint of step {step} is kept{lost}; {when}go on with: {command}"


def _steps(first: int, last: int) -> str:
    return f"step {first} is" if first == last else f"steps {first} to {last} are"


def _another_rate(result: Result, options: HeadlessOptions) -> str:
    """The command that repeats a run with the suggested learning rate, if its lesson has such a setting."""
    rate = result.diverged.suggested_learning_rate if result.diverged is not None else None
    if rate is None:
        return ""
    try:
        settings = result.settings.changed("learning_rate", rate_text(rate))
    except SettingError:
        return ""
    return _new_command(settings, result, options)


def _new_command(settings: Settings, result: Result, options: HeadlessOptions) -> str:
    """The command that starts a run like this one, with `settings`."""
    command = command_line(result.lesson.id, settings, result.lesson.file)
    return f"{command} --no-ui{_logdir(options)}{'' if options.log else ' --no-log'}"


def rate_text(rate: float) -> str:
    """Format a learning rate to try, with two digits."""
    return f"{float(f'{rate:.2g}'):g}"


def resume_command(run: str, settings: Settings, options: HeadlessOptions, changes: Mapping[str, str]) -> str:
    """The command that resumes a run that had `settings`, with `changes` to its settings."""
    texts = {**to_be_given_again(settings), **changes}
    file = next((texts.pop(name) for name in list(texts) if param_of(type(settings), name).positional), "")
    lesson = f" {run.partition('/')[0]} {shlex.quote(file)}" if file else ""
    given = "".join(f" --{name.replace('_', '-')} {shlex.quote(text)}" for name, text in texts.items())
    own = own_lesson(run.partition("/")[0])
    teacher = f" {OPTION} {shlex.quote(own.lesson.file)}" if own is not None and own.lesson.file else ""
    return f"gdtui{teacher}{lesson} --resume {shlex.quote(run)}{given}{_logdir(options)}"


def _logdir(options: HeadlessOptions) -> str:
    return "" if options.logdir == Path(DEFAULT_LOGDIR) else f" --logdir {shlex.quote(str(options.logdir))}"
