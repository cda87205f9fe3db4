"""The work on exercises: the numbers of questions, the answers, the runs that are judged, and the saved progress."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from threading import Lock

from engine.errors import InputError
from engine.events import Event, RunEnded, RunStarted
from engine.exercises import exercises_of
from engine.exercises.exercise import MOST_RUNS, Exercise, Numbers, Question, Runs, Task, Verdict
from engine.exercises.seen import RunSeen, see
from tui.model import kept_runs
from tui.model import progress as progress_file
from tui.model.progress import CourseProgress, Record, Solution


class Practice:
    """A learner's progress, and the runs of this session and of earlier ones. `path` is the progress file, if any;
    the runs are saved next to it."""

    def __init__(self, progress: CourseProgress, path: Path | None = None) -> None:
        self.progress = progress
        self._path = path
        self._saved = progress
        self._runs: dict[str, list[RunSeen]] = {}
        self._earlier: dict[str, Runs] | None = None
        self._to_keep: list[RunSeen] = []
        self._saving = Lock()
        self._heard = ""
        self.problems: dict[str, str] = {}
        """Why tasks of a teacher's own cannot be judged, by their ids."""

    @classmethod
    def of_this_user(cls) -> Practice:
        """Load the progress in the user's state folder."""
        path = progress_file.default_path()
        return cls(progress_file.load(path)[0], path)

    # --- questions ------------------------------------------------------------------------------------------------

    def record(self, exercise: Exercise) -> Record:
        """The record of an exercise."""
        return self.progress.of(exercise.id)

    def numbers(self, exercise: Exercise) -> Numbers:
        """The numbers of the present question, or of the solved one; a task has none."""
        if not isinstance(exercise, Question):
            return {}
        record = self.record(exercise)
        return exercise.drawn(record.seed if record.solved else self.progress.seed, record.draw)

    def solved(self, lesson: str) -> tuple[int, int]:
        """How many of a lesson's exercises are solved, and how many there are."""
        mine = exercises_of(lesson)
        return sum(self.record(each).solved for each in mine), len(mine)

    # --- answers --------------------------------------------------------------------------------------------------

    def answer(self, exercise: Question, text: str) -> Verdict:
        """Judge a typed answer, and count it. Raises InputError if it cannot be parsed."""
        answer = exercise.parse(text)
        verdict = exercise.judge(self.numbers(exercise), answer)
        self._count(exercise, verdict, answer)
        return verdict

    def look(self, exercise: Task) -> Verdict:
        """Judge a task by the runs so far. Only a success is counted here, because each run is counted when it ends."""
        return self._verdict(exercise, self._runs_for(exercise))

    def _verdict(self, task: Task, runs: Runs) -> Verdict:
        """Judge a task; one that fails is not solved, and the reason is in `problems`."""
        try:
            return task.judge(runs)
        except InputError as error:
            self.problems[task.id] = str(error)
            return Verdict(False)

    @property
    def heard(self) -> str:
        """The lesson of the last run whose events were heard; empty before any."""
        return self._heard

    @property
    def is_kept(self) -> bool:
        """Whether the progress is saved for another session."""
        return self._path is not None

    def offer_walk(self) -> None:
        """Note that the first five minutes were offered: it is done only once, over all sessions."""
        self.progress = replace(self.progress, walked=True)

    def hint(self, exercise: Exercise) -> None:
        """Note that the hint was shown."""
        self._keep(exercise, replace(self.record(exercise), hint=True))

    def worked(self, exercise: Exercise) -> None:
        """Note that the worked solution was shown."""
        if not self.record(exercise).solved:
            self._keep(exercise, replace(self.record(exercise), worked=True))

    # --- runs -----------------------------------------------------------------------------------------------------

    def runs(self, lesson: str) -> Runs:
        """The runs of a lesson in this session, newest last; as many as tasks may use."""
        return tuple(self._runs.get(lesson, ()))

    def add(self, run: RunSeen) -> tuple[Task, ...]:
        """Judge the lesson's tasks after a run; returns those that it solved."""
        self._runs[run.lesson] = [*self._runs.get(run.lesson, []), run][-MOST_RUNS:]
        return self._ended(run.lesson)

    def hear(self, event: Event) -> tuple[Task, ...]:
        """Record an event of a run of the session; returns the tasks that the run solved, at its end."""
        if isinstance(event, RunStarted):
            mine = self._runs.setdefault(event.lesson, [])
            self._runs[event.lesson] = [*mine, RunSeen(event.lesson, dict(event.settings))][-MOST_RUNS:]
            self._heard = event.lesson
            return ()
        lesson = self._heard
        if not self._runs.get(lesson):
            return ()
        self._runs[lesson][-1] = see(self._runs[lesson][-1], event)
        return self._ended(lesson) if isinstance(event, RunEnded) else ()

    def _ended(self, lesson: str) -> tuple[Task, ...]:
        if self._compares(lesson):
            self._to_keep.append(self._runs[lesson][-1])
        return self._judged(lesson)

    def _compares(self, lesson: str) -> bool:
        """Whether a task of the lesson that compares runs is still to be solved."""
        tasks = [each for each in exercises_of(lesson) if isinstance(each, Task) and each.compares]
        return not all(self.record(each).solved for each in tasks)

    def _runs_for(self, task: Task) -> Runs:
        """The runs that a task looks at, the newest last."""
        if not task.compares or self._path is None:
            return self.runs(task.lesson)
        if self._earlier is None:
            self._earlier = kept_runs.load(kept_runs.beside(self._path))
        return (*self._earlier.get(task.lesson, ()), *self.runs(task.lesson))[-MOST_RUNS:]

    def _judged(self, lesson: str) -> tuple[Task, ...]:
        """Judge a lesson's tasks by the newest run; it counts as an attempt at a task that it has to do with."""
        found = []
        for task in exercises_of(lesson):
            if not isinstance(task, Task) or self.record(task).solved:
                continue
            runs = self._runs_for(task)
            verdict = self._verdict(task, runs)
            if verdict.solved or verdict.misconception:
                self._count(task, verdict, tuple(run.recipe for run in runs))
            if verdict.solved:
                found.append(task)
        return tuple(found)

    # --- saving -----------------------------------------------------------------------------------------------

    def _count(self, exercise: Exercise, verdict: Verdict, solution: Solution) -> None:
        self.progress = self.progress.attempted(exercise.id, verdict.solved, verdict.misconception, solution)

    def _keep(self, exercise: Exercise, record: Record) -> None:
        self.progress = self.progress.with_record(exercise.id, record)

    @property
    def unsaved(self) -> bool:
        """Whether there is something to save."""
        return self.progress is not self._saved or bool(self._to_keep)

    def save(self) -> None:
        """Write the progress, merged with what another session saved meanwhile, and the new runs that tasks compare;
        from any thread. Raises OSError."""
        if self._path is None:
            return
        with self._saving:  # an earlier call would write an older progress after a later one
            progress = written = self.progress
            with contextlib.suppress(InputError):  # there is no file yet, or it cannot be used
                written = progress_file.merged(progress, progress_file.read(self._path))
            progress_file.save(self._path, written)
            self._saved = progress
            runs = tuple(self._to_keep)
            if runs:
                done = frozenset(run.lesson for run in runs if not self._compares(run.lesson))
                kept_runs.add(kept_runs.beside(self._path), runs, done)
                del self._to_keep[: len(runs)]
