"""The open exercise: its question, the verdict on the last answer, and how much of the solution has been shown."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, replace

from engine.events import Event, RunEnded
from engine.exercises import exercises_of
from engine.exercises.exercise import Exercise, Numbers, Question, Task, Verdict
from engine.exercises.texts import Asked
from tui.model.practice import Practice
from tui.text import exercise_texts
from tui.text.course_texts import ENGLISH
from tui.text.exercise_texts import verdict_words


@dataclass(frozen=True, slots=True)
class OpenExercise:
    """An exercise with its present question and what has been shown since: the hint, the worked solution, a verdict."""

    exercise: Exercise
    numbers: Numbers
    asked: Asked
    hinted: bool = False
    worked: tuple[str, ...] = ()
    verdict: Verdict | None = None
    words: str = ""
    given: str = ""
    """The last answer, as text or as the text of the chosen option; empty before any."""

    @property
    def solved(self) -> bool:
        """Whether the last answer was right."""
        return self.verdict is not None and self.verdict.solved


class ExerciseState:
    """The open exercise of each lesson. `shown` is true while the learner has the exercises open."""

    def __init__(self, practice: Practice, language: str = ENGLISH, problem: str = "") -> None:
        self.practice = practice
        self.problem = problem
        """Why the saved progress could not be used; empty if it could."""
        self.shown = False
        self._language = language
        self._places: dict[str, int] = {}
        self._open: dict[str, OpenExercise] = {}
        self._hears = True

    def has(self, lesson: str) -> bool:
        """Whether a lesson has exercises; only of those that have is one open."""
        return bool(exercises_of(lesson))

    def of(self, lesson: str) -> OpenExercise:
        """The open exercise of a lesson: at first the first unsolved one."""
        mine = exercises_of(lesson)
        if lesson not in self._places:
            unsolved = (place for place, each in enumerate(mine) if not self.practice.record(each).solved)
            self._places[lesson] = next(unsolved, 0)
        exercise = mine[self._places[lesson]]
        there = self._open.get(lesson)
        if there is None or there.exercise is not exercise:
            there = self._open[lesson] = self._ask(exercise)
        return there

    def place(self, lesson: str) -> tuple[int, int]:
        """The number of the lesson's open exercise, from 1, and how many there are."""
        self.of(lesson)
        return self._places[lesson] + 1, len(exercises_of(lesson))

    def go(self, lesson: str, by: int) -> None:
        """Open the exercise `by` places further, cyclically."""
        self.of(lesson)
        self._places[lesson] = (self._places[lesson] + by) % len(exercises_of(lesson))
        self._open.pop(lesson, None)

    def again(self, lesson: str) -> None:
        """Ask the open exercise again, with the next numbers."""
        self._open[lesson] = self._ask(self.of(lesson).exercise)

    def answer(self, lesson: str, text: str) -> Verdict:
        """Judge an answer to the open question. Raises InputError if it cannot be parsed."""
        now = self.of(lesson)
        assert isinstance(now.exercise, Question)
        verdict = self.practice.answer(now.exercise, text)
        told = exercise_texts.told(now.exercise, now.numbers, self._language)
        given = dict(now.asked.options).get(str(now.exercise.parse(text)), text.strip())
        self._show(lesson, verdict=verdict, words=verdict_words(now.exercise, verdict, told), given=given)
        return verdict

    def hint(self, lesson: str) -> None:
        """Show the hint."""
        self.practice.hint(self.of(lesson).exercise)
        self._show(lesson, hinted=True)

    def work(self, lesson: str) -> None:
        """Show one more step of the worked solution."""
        now = self.of(lesson)
        steps = exercise_texts.told(now.exercise, now.numbers, self._language).worked
        self.practice.worked(now.exercise)
        self._show(lesson, worked=steps[: len(now.worked) + 1])

    def hear(self, event: Event) -> tuple[Task, ...]:
        """Judge a run's event; returns the tasks that it solved, at the end of the run. An error in a task ends judging
        for the session, and its traceback goes to the log: the run and the screen go on."""
        if not self._hears:
            return ()
        try:
            solved = self.practice.hear(event)
            if isinstance(event, RunEnded):
                self._look(self.practice.heard)
            return solved
        except Exception:
            traceback.print_exc(file=sys.stderr)
            self._hears = False
            return ()

    def _look(self, lesson: str) -> None:
        """A run of a lesson has ended: show the verdict in the lesson's open task."""
        now = self._open.get(lesson)
        if now is not None and isinstance(now.exercise, Task):
            solved = self.practice.record(now.exercise).solved
            verdict = Verdict(True) if solved else self.practice.look(now.exercise)
            told = exercise_texts.told(now.exercise, now.numbers, self._language)
            words = self.practice.problems.get(now.exercise.id) or verdict_words(now.exercise, verdict, told)
            self._show(lesson, verdict=verdict, words=words)

    def _ask(self, exercise: Exercise) -> OpenExercise:
        """The exercise in its present state; a task that runs have solved meanwhile is shown with its explanation."""
        numbers = self.practice.numbers(exercise)
        asked = OpenExercise(exercise, numbers, exercise_texts.asked(exercise, numbers, self._language))
        if not isinstance(exercise, Task) or not self.practice.record(exercise).solved:
            return asked
        told = exercise_texts.told(exercise, numbers, self._language)
        return replace(asked, verdict=Verdict(True), words=verdict_words(exercise, Verdict(True), told))

    def _show(
        self,
        lesson: str,
        *,
        hinted: bool | None = None,
        worked: tuple[str, ...] | None = None,
        verdict: Verdict | None = None,
        words: str = "",
        given: str = "",
    ) -> None:
        now = self.of(lesson)
        self._open[lesson] = OpenExercise(
            now.exercise,
            now.numbers,
            now.asked,
            now.hinted if hinted is None else hinted,
            now.worked if worked is None else worked,
            verdict or now.verdict,
            words or now.words,
            given or now.given,
        )
