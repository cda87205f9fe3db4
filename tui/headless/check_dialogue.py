"""The exercises as a dialogue in a plain terminal: a question, an answer in one line, a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import fill

from engine.errors import InputError, RunFailed
from engine.exercises.exercise import Exercise, Numbers, Question, Task, Verdict
from engine.exercises.seen import Recipe, perform
from engine.params import quoted
from tui.headless.course_check import recipes
from tui.model.practice import Practice
from tui.text import exercise_texts
from tui.text.curve_bars import curve_bars
from tui.text.exercise_texts import verdict_words
from tui.text.glyphs import UNICODE, Glyphs

WIDEST = 78
HELP = "h hint, w worked solution, n next, q quit"


class Dialogue:
    """Asks one exercise after another. `say` writes a line; `answers` are the typed lines, which end when the learner
    leaves."""

    def __init__(
        self,
        practice: Practice,
        say: Callable[[str], None],
        answers: Iterator[str],
        *,
        language: str,
        glyphs: Glyphs = UNICODE,
    ) -> None:
        self._practice = practice
        self._say = say
        self._answers = answers
        self._language = language
        self._glyphs = glyphs

    def ask(self, exercises: Sequence[Exercise]) -> None:
        """Ask the unsolved ones, in order, until all are solved or the learner leaves."""
        for exercise in exercises:
            if not self._practice.record(exercise).solved and not self._one(exercise):
                return

    def _one(self, exercise: Exercise) -> bool:
        """Ask one exercise until it is solved or skipped; returns False if the learner leaves the dialogue."""
        numbers = self._show(exercise)
        for line in self._answers:
            text = line.strip()
            match text:
                case "q":
                    return False
                case "n":
                    return True
                case "h":
                    self._practice.hint(exercise)
                    self._tell(exercise_texts.asked(exercise, numbers, self._language).hint)
                case "w":
                    self._practice.worked(exercise)
                    for step in exercise_texts.told(exercise, numbers, self._language).worked:
                        self._tell(f"- {step}")
                case "":
                    self._say(HELP)
                case _:
                    if self._answered(exercise, numbers, text):
                        return True
                    numbers = self._show(exercise) if isinstance(exercise, Question) else numbers
            self._practice.save()
        return False

    def _answered(self, exercise: Exercise, numbers: Numbers, text: str) -> bool:
        """Judge a typed answer and write the verdict; returns whether it solved the exercise."""
        try:
            verdict = self._judged(exercise, text)
        except (InputError, RunFailed) as error:
            self._say(str(error))
            return False
        self._practice.save()
        told = exercise_texts.told(exercise, numbers, self._language)
        self._tell(verdict_words(exercise, verdict, told))
        return verdict.solved

    def _judged(self, exercise: Exercise, text: str) -> Verdict:
        if isinstance(exercise, Task):
            return self._run(exercise, text)
        return self._practice.answer(exercise, text)

    def _run(self, task: Task, text: str) -> Verdict:
        """Run the lesson with the typed settings, and judge all runs so far."""
        settings = {}
        for word in text.split() if text != "run" else ():
            name, sign, value = word.partition("=")
            if not sign:
                raise InputError(f"{quoted(word)} is not accepted; expected name=value, or run")
            settings[name.strip().replace("-", "_")] = value.strip()
        recipe: Recipe = recipes(task, settings)[0]
        self._practice.add(perform(task.lesson, recipe))
        if self._practice.record(task).solved:
            return Verdict(True)
        return self._practice.look(task)

    def _show(self, exercise: Exercise) -> Numbers:
        numbers = self._practice.numbers(exercise)
        asked = exercise_texts.asked(exercise, numbers, self._language)
        self._say("")
        self._say(f"{asked.title} ({exercise.lesson}, {exercise.id})")
        self._tell(asked.question)
        curves = exercise.curves(numbers) if isinstance(exercise, Question) and exercise.curves is not None else {}
        rows = curve_bars(curves, self._glyphs)
        if "" in rows:
            self._say(f"   f       {rows['']}")
        for place, (option, text) in enumerate(asked.options, 1):
            self._say(f"{place}  {text}" + (f" {rows[option]}" if option in rows else ""))
        if isinstance(exercise, Task):
            self._say("Type settings as name=value, separated by spaces; the lesson runs with them.")
        self._say(HELP)
        return numbers

    def _tell(self, text: str) -> None:
        for paragraph in text.splitlines():
            indented = paragraph.startswith(" ") or "=" in paragraph[:4]
            self._say(paragraph if indented else fill(paragraph, WIDEST))
