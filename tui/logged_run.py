"""What a run writes to while it goes on: its folder, the sinks that keep its log, and where checkpoints go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.events import Snapshot
from engine.lesson import Lesson
from engine.runner import Sink, Store

if TYPE_CHECKING:
    from engine.runs import RunFolder

Report = Callable[[str], None]


@dataclass(frozen=True)
class LoggedRun:
    """An open run folder. `sinks` and `store` are for the runner; `close` lets another process have the folder."""

    folder: RunFolder
    sinks: tuple[Sink, ...]
    store: Store | None

    @property
    def name(self) -> str:
        """`himmelblau/20261124-211754`."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    def close(self) -> None:
        """Let the folder go, when the run has ended."""
        self.folder.close()


@dataclass(frozen=True)
class Resumed:
    """A run to go on with: what its newest whole checkpoint holds. `skipped` says which newer ones are damaged."""

    lesson: str
    settings: Mapping[str, str]
    snapshot: Snapshot
    skipped: tuple[str, ...]


def new_log(logdir: Path, lesson: Lesson[Any], now: datetime, report: Report) -> LoggedRun:
    """A new run folder in `logdir`; `report` is told, in any thread, what of the log could not be written.

    Raises:
        InputError: there can be no folder.
    """
    from engine.runs import RunFolder

    return _opened(RunFolder.create(logdir, lesson.id, now), lesson, report)


def reopened_log(path: Path, lesson: Lesson[Any], report: Report) -> LoggedRun:
    """The folder of an earlier run, to go on with it. Raises InputError."""
    from engine.runs import RunFolder

    return _opened(RunFolder.reopen(path), lesson, report)


def _opened(folder: RunFolder, lesson: Lesson[Any], report: Report) -> LoggedRun:
    from engine.checkpoints import Checkpoints
    from engine.runs import RunRecorder
    from engine.summaries import SummaryWriter

    store = Checkpoints(folder.path, lesson.id) if lesson.resume is not None else None
    return LoggedRun(folder, (SummaryWriter(folder.path, report=report), RunRecorder(folder)), store)


def newest_checkpoint(path: Path) -> Resumed:
    """What the run in a folder left to go on from. Raises NoCheckpoint."""
    from engine.checkpoints import restore

    restored = restore(path)
    return Resumed(restored.lesson, restored.settings, restored.snapshot, restored.skipped)
