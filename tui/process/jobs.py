"""What a command asks to be run, and what each run needs: its folder, its log, where it begins."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.distributed import Role, role
from engine.errors import InputError
from engine.lesson import Lesson
from engine.settings import Settings
from tui.exit_codes import Exit
from tui.options import AppOptions

if TYPE_CHECKING:
    from engine.events import Snapshot
    from engine.keeper import Store
    from engine.runs import RunFolder
    from engine.sinks import Sink


@dataclass(frozen=True)
class NewRun:
    """A run from its start."""

    lesson: Lesson[Any]
    settings: Settings


@dataclass(frozen=True)
class OldRun:
    """A run that goes on: by name or path, or with None the newest that can, of `lesson_id` where one is named.

    `given` are the settings given anew, as texts; `at_hand` are others, whose folders stand in for those the run had.
    """

    name: str | None = None
    lesson_id: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    at_hand: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A run that is ready to begin, or to go on from `snapshot`: see engine.resuming.Resumption.

    One that is `silent` takes its part in a run that another process logs and tells of.
    """

    lesson: Lesson[Any]
    settings: Settings
    folder: RunFolder | None = None
    snapshot: Snapshot | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    anew: bool = False
    notes: tuple[str, ...] = ()
    silent: bool = False

    @property
    def name(self) -> str:
        """The run's name, or the lesson's where nothing is logged."""
        return self.folder.name if self.folder is not None else self.lesson.id

    @property
    def path(self) -> Path | None:
        """The run's folder."""
        return self.folder.path if self.folder is not None else None

    def sinks(self, report: Callable[[str], None]) -> Sequence[Sink]:
        """What keeps the run; `report` is told, in the engine's thread, what of the log could not be written."""
        if self.folder is None:
            return ()
        from engine.runs import RunRecorder
        from engine.summaries import SummaryWriter

        return SummaryWriter(self.folder.path, anew=self.anew, report=report), RunRecorder(self.folder)

    @property
    def leaves_checkpoints(self) -> bool:
        """Whether the run leaves checkpoints: it is logged, and one of its lesson can be resumed."""
        return self.folder is not None and self.lesson.resume is not None

    def store(self) -> Store | None:
        """Where the run leaves its checkpoints, if it leaves any."""
        if self.folder is None or not self.leaves_checkpoints:
            return None
        from engine.checkpoints import Checkpoints

        return Checkpoints(self.folder.path, self.lesson.id)

    def close(self) -> None:
        """Let the folder go."""
        if self.folder is not None:
            self.folder.close()


def begin(new: NewRun, options: AppOptions, now: datetime) -> Job:
    """A job for a new run, with a folder of its own where runs are logged. Raises InputError."""
    me = _role(new.settings)
    if me is not None and not me.is_chief:
        note = f"{me.task} takes its part in the run of {me.tasks[0]}, which logs it"
        return Job(new.lesson, new.settings, notes=(note,), silent=True)
    if not options.log:
        return Job(new.lesson, new.settings)
    from engine.runs import RunFolder

    return Job(new.lesson, new.settings, RunFolder.create(options.logdir, new.lesson.id, now))


def _role(settings: Settings) -> Role | None:
    """Which of the processes that train together this one is; None where it trains alone. Raises InputError."""
    return role(os.environ) if getattr(settings, "strategy", "") == "multi-worker" else None


def go_on(old: OldRun, options: AppOptions) -> Job:
    """A job for a run that was cut short, in its own folder.

    Raises:
        InputError: there is no such run, another process has it, it is over, or what is given anew cannot be.
        NoCheckpoint: no checkpoint of it restores.
    """
    from engine.resuming import resumption, run_to_resume
    from engine.runs import RunFolder, read_record

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
    notes = (*found.skipped, f"{folder.name} goes on behind step {step}{again}")
    return Job(found.lesson, found.settings, folder, found.snapshot, found.changes, found.anew, notes)


def code_of(error: Exception) -> Exit:
    """What a command ends with whose run cannot begin."""
    from engine.checkpoints import NoCheckpoint
    from engine.resuming import HasFinished, WouldDiverge
    from engine.runs import RunInUse

    match error:
        case RunInUse():
            return Exit.IN_USE
        case NoCheckpoint():
            return Exit.NO_CHECKPOINT
        case HasFinished():
            return Exit.DONE
        case WouldDiverge():
            return Exit.DIVERGED
        case InputError():
            return Exit.USAGE
        case _:
            return Exit.FAILED
