"""The contract of exercises: a question whose answer is computed, and a task that is judged by the learner's runs.

An exercise is one declaration of data and pure functions. The right answer of a question is not stored: `right`
computes it from the numbers drawn. Its texts are in the language's files, under the exercise's id.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.errors import InputError
from engine.events import FloatArray
from engine.exercises.seen import Recipe, RunSeen
from engine.params import quoted, real

Kind = Literal["number", "choice", "minimum", "curve", "folder", "explain", "do"]
Numbers = Mapping[str, Any]
Answer = float | str
Runs = tuple[RunSeen, ...]
"""Runs of one lesson, the newest last."""

_MOST_DRAWS = 10_000
MOST_RUNS = 12
"""How many of a lesson's last runs are judged for a task."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of judging an answer; `misconception` is the id of the one that a wrong answer shows, if it is known.
    `side` is the side of the right number on which any other wrong number is."""

    solved: bool
    misconception: str = ""
    side: Literal["", "small", "large"] = field(default="", compare=False)


@dataclass(frozen=True)
class Misconception:
    """A known wrong idea about a question: the answer it leads to, or None if it leads to none with these numbers. A
    number within `within` of that answer counts as it; None stands for the question's own tolerance."""

    id: str
    answer: Callable[[Numbers], Answer | None]
    within: Callable[[float], float] | None = None


def picks(option: str) -> Callable[[Numbers], Answer]:
    """Make a misconception that always leads to the same option."""
    return lambda _: option


def share(part: float, least: float = 1e-9) -> Callable[[float], float]:
    """Make a tolerance relative to the right number, and at least `least`."""
    return lambda value: max(abs(value) * part, least)


def within(distance: float) -> Callable[[float], float]:
    """Make a tolerance that is the same for every number."""
    return lambda _: distance


_A_THOUSANDTH = share(0.001)


def _no_numbers(_: np.random.Generator) -> Numbers:
    return {}


def _no_facts(_: Numbers) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Question:
    """An exercise that is answered by a number, an option or a folder.

    - `draw` makes the numbers of an attempt; `right` computes the answer: a float, or the id of an option.
    - `tolerance(right)` is the error allowed in a number. Numbers for which a wrong answer is nearer than `apart` times
      that are drawn again.
    - `facts` are further numbers that its texts quote; `curves` are drawn beside the options of the same name, and the
      one named "" beside the question.
    - `by_tensorflow` says that `right` runs TensorFlow, whose import takes seconds. Its numbers are asked for without
      that: they are never drawn again, so every draw must tell right from wrong.
    - `judge_folder` judges an answer of the kind "folder"; returns "" or a misconception's id.
    """

    id: str
    lesson: str
    kind: Kind
    right: Callable[[Numbers], Answer]
    wrong: tuple[Misconception, ...]
    draw: Callable[[np.random.Generator], Numbers] = _no_numbers
    options: tuple[str, ...] = ()
    tolerance: Callable[[float], float] = _A_THOUSANDTH
    apart: float = 10.0
    facts: Callable[[Numbers], Mapping[str, Any]] = _no_facts
    curves: Callable[[Numbers], Mapping[str, FloatArray]] | None = None
    judge_folder: Callable[[str], str] | None = None
    by_tensorflow: bool = False

    def drawn(self, seed: int, attempt: int) -> Numbers:
        """Draw the numbers of an attempt, the same for a seed. Raises RuntimeError if no numbers tell right from
        wrong."""
        for again in range(_MOST_DRAWS):
            random = np.random.default_rng([seed, attempt, zlib.crc32(self.id.encode()), again])
            numbers = self.draw(random)
            if self.by_tensorflow or self.tells_apart(numbers):
                return numbers
        raise RuntimeError(f"{self.id}: no numbers tell the right answer from the wrong ones")

    def tells_apart(self, numbers: Numbers) -> bool:
        """Whether no misconception leads to the right answer, or nearly, nor to another misconception's answer."""
        right = self.right(numbers)
        wrong = [each for each in (one.answer(numbers) for one in self.wrong) if each is not None]
        if isinstance(right, str):
            return right not in wrong and (not self.options or right in self.options)
        if not math.isfinite(right):
            return False
        numbers_only = [float(each) for each in wrong]
        slack = self.tolerance(right)
        if not all(math.isfinite(each) and abs(each - right) >= self.apart * slack for each in numbers_only):
            return False
        return all(
            abs(one - other) > self.tolerance(one) + self.tolerance(other)
            for place, one in enumerate(numbers_only)
            for other in numbers_only[:place]
        )

    def parse(self, text: str) -> Answer:
        """Parse an answer: an option by its id or its number in the list, or a number. Raises InputError."""
        text = text.strip()
        if self.kind == "folder":
            return text
        if self.options:
            if text in self.options:
                return text
            if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= len(self.options):
                return self.options[int(text) - 1]
            raise InputError(f"{quoted(text)} is not accepted; expected 1 to {len(self.options)}")
        try:
            value = real(text.replace("−", "-").replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InputError(f"{quoted(text)} is not accepted; expected a number")
        return value

    def judge(self, numbers: Numbers, answer: Answer) -> Verdict:
        """Judge a parsed answer."""
        if self.judge_folder is not None:
            found = self.judge_folder(str(answer))
            return Verdict(not found, found)
        right = self.right(numbers)
        if isinstance(right, str) or isinstance(answer, str):
            if answer == right:
                return Verdict(True)
            return Verdict(False, next((each.id for each in self.wrong if each.answer(numbers) == answer), ""))
        if abs(answer - right) <= self.tolerance(right):
            return Verdict(True)
        for each in self.wrong:
            value = each.answer(numbers)
            if value is None or isinstance(value, str):
                continue
            if abs(answer - value) <= (each.within or self.tolerance)(value):
                return Verdict(False, each.id)
        return Verdict(False, side="small" if answer < right else "large")

    def words_asked(self, numbers: Numbers) -> dict[str, Any]:
        """The values that the texts of the question and the hint may quote: the numbers and the facts."""
        return {**numbers, **self.facts(numbers)}

    def words_told(self, numbers: Numbers) -> dict[str, Any]:
        """The values that the explanation may quote: also the right answer as `answer`, and the wrong ones by their
        ids."""
        wrong = {each.id.replace("-", "_"): each.answer(numbers) for each in self.wrong}
        return {**wrong, "answer": self.right(numbers), **self.words_asked(numbers)}


@dataclass(frozen=True)
class Mistake:
    """A known way to miss a task: how to recognise it in the runs, and runs that show it."""

    id: str
    test: Callable[[Runs], bool]
    example: tuple[Recipe, ...]


@dataclass(frozen=True, kw_only=True)
class Task:
    """An exercise that the learner does: `done` judges runs of the lesson, newest last, however they were made.

    `solution` are runs that solve it, shown as the worked solution. `slow` is true if they train a network for seconds.
    `compares` is true if it is judged by several runs, also of earlier sessions; of those only the settings, live
    changes, tests after epochs, arrivals of paths and names of tables are known.
    """

    id: str
    lesson: str
    done: Callable[[Runs], bool]
    wrong: tuple[Mistake, ...]
    solution: tuple[Recipe, ...]
    slow: bool = False
    compares: bool = False
    kind: Kind = "do"

    def judge(self, runs: Runs) -> Verdict:
        """Judge the runs so far."""
        if not runs:
            return Verdict(False)
        if self.done(runs):
            return Verdict(True)
        return Verdict(False, next((each.id for each in self.wrong if each.test(runs)), ""))


Exercise = Question | Task
