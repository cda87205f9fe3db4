"""Jobs: a run to start or to resume, with its folder, its log and its first step."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError
from engine.lesson import Lesson
from engine.settings import Settings
from engine.training.distributed import Role, role
from tui.process.exit_codes import Exit
from tui.process.options import AppOptions

if TYPE_CHECKING:
    from engine.events import Snapshot
    from engine.run.checkpoint_schedule import Store
    from engine.run.run_folder import RunFolder
    from engine.run.sinks import Sink


@dataclass(frozen=True)
class NewRun:
    """A run from its start."""

    lesson: Lesson[Any]
    settings: Settings


@dataclass(frozen=True)
class OldRun:
    """A run to resume: by name or path; None stands for the newest that can be, of the lesson `lesson_id` if given.

    `given` are the changed settings as texts; `at_hand` are others, whose folders replace those that the run had.
    """

    name: str | None = None
    lesson_id: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    at_hand: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A run that is ready to begin, or to go on from `snapshot`: see engine.run.resuming.Resumption.

    A `silent` one takes part in a run that another process logs and reports.
    """

    lesson: Lesson[Any]
    settings: Settings
    folder: RunFolder | None = None
    snapshot: Snapshot | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    numbers_change: bool = False
    notes: tuple[str, ...] = ()
    silent: bool = False

    @property
    def name(self) -> str:
        """The run's name, or the lesson's if nothing is logged."""
        return self.folder.name if self.folder is not None else self.lesson.id

    @property
    def path(self) -> Path | None:
        """The run's folder."""
        return self.folder.path if self.folder is not None else None

    def sinks(self, report: Callable[[str], None]) -> Sequence[Sink]:
        """The sinks of the run; `report` is called in the engine's thread with a line about what could not be
        logged."""
        if self.folder is None:
            return ()
        from engine.log.summaries import SummaryWriter
        from engine.run.runs import RunRecorder

        return SummaryWriter(self.folder.path, numbers_change=self.numbers_change, report=report), RunRecorder(
            self.folder
        )

    @property
    def leaves_checkpoints(self) -> bool:
        """Whether the run leaves checkpoints: it is logged, and runs of its lesson can be resumed."""
        return self.folder is not None and self.lesson.resume is not None

    def store(self) -> Store | None:
        """The store for the run's checkpoints, if it leaves any."""
        if self.folder is None or not self.leaves_checkpoints:
            return None
        from engine.run.checkpoints import Checkpoints
        from engine.run.resuming import checksums

        return Checkpoints(self.folder.path, self.lesson.id, files=checksums(self.lesson, self.settings))

    def close(self) -> None:
        """Release the folder."""
        if self.folder is not None:
            self.folder.close()


def begin(new: NewRun, options: AppOptions, now: datetime) -> Job:
    """Make a job for a new run, with its own folder if runs are logged. Raises InputError."""
    me = _role(new.settings)
    if me is not None and not me.is_chief:
        note = f"{me.task} takes its part in the run of {me.tasks[0]}, which logs it"
        return Job(new.lesson, new.settings, notes=(note,), silent=True)
    if not options.log:
        return Job(new.lesson, new.settings)
    from engine.run.run_folder import RunFolder

    return Job(new.lesson, new.settings, RunFolder.create(options.logdir, new.lesson.id, now))


def _role(settings: Settings) -> Role | None:
    """This process's role among those that train together; None if it trains alone. Raises InputError."""
    return role(os.environ) if getattr(settings, "strategy", "") == "multi-worker" else None


def go_on(old: OldRun, options: AppOptions) -> Job:
    """Make a job for an interrupted run, in its own folder.

    Raises:
        InputError: there is no such run, another process holds it, it has finished, or a changed setting is not
            possible.
        NoCheckpoint: none of its checkpoints can be restored.
    """
    from engine.run.resuming import resumption, run_to_resume
    from engine.run.run_folder import RunFolder
    from engine.run.run_record import read_record

    path = run_to_resume(options.logdir, old.name, old.lesson_id, old.given)
    folder = RunFolder.reopen(path)
    try:
        reached = read_record(path).step
        found = resumption(path, old.given, old.at_hand)
        me = _role(found.settings)
        if me is not None and not me.is_chief:
            raise InputError(
                f"only {me.tasks[0]} goes on with its run; start {me.task} as for a new one, with the same settings"
            )
    except BaseException:
        folder.close()
        raise
    step = found.snapshot.step
    again = f"; steps {step + 1} to {reached} are taken again" if reached > step else ""
    notes = (*found.skipped, *found.changed_files, f"{folder.name} goes on after step {step}{again}")
    return Job(found.lesson, found.settings, folder, found.snapshot, found.changes, found.numbers_change, notes)


def code_of(error: Exception) -> Exit:
    """The exit code of a command whose run cannot begin."""
    from engine.run.checkpoints import NoCheckpoint
    from engine.run.resuming import HasFinished, WouldDiverge
    from engine.run.run_folder import RunInUse, RunUnsafe

    match error:
        case RunInUse():
            return Exit.IN_USE
        case NoCheckpoint() | RunUnsafe():
            return Exit.NO_CHECKPOINT
        case HasFinished():
            return Exit.DONE
        case WouldDiverge():
            return Exit.DIVERGED
        case InputError():
            return Exit.USAGE
        case _:
            return Exit.FAILED
