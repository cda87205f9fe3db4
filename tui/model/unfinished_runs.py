"""The unfinished runs that the app offers to resume."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.model.lesson_state import LessonState

if TYPE_CHECKING:
    from engine.run.run_record import RunRecord


@dataclass
class UnfinishedRuns:
    """The newest run of each lesson that can be resumed, newest first; the screen reads them from the disk."""

    records: tuple[RunRecord, ...] = ()

    def offered(self, lesson_state: LessonState) -> RunRecord | None:
        """The run to offer while a lesson is open: the lesson's own, if it is the shown one or none is shown, else the
        newest of all."""
        lesson, state = lesson_state.lesson, lesson_state.state
        if lesson.resume is None or state is None:
            own = (record for record in self.records if record.lesson == lesson.id)
            return next(own, next(iter(self.records), None))
        return next((record for record in self.records if str(record.path) == state.logdir), None)

    def update_offers(self, lesson_states: Iterable[LessonState]) -> None:
        """Read the records of the lessons' shown runs that have ended, and update the list."""
        from engine.run.resuming import can_be_resumed
        from engine.run.run_record import read_record

        states = [each.state for each in lesson_states if each.lesson.resume is not None]
        ended = [Path(state.logdir) for state in states if state is not None and state.ended and state.logdir]
        records = [record for record in map(read_record, ended) if can_be_resumed(record)]
        self.records = (*records, *(each for each in self.records if each.path not in ended))
