"""The texts of the exercises: TOML files in assets/lessons/<language>/exercises/, one per lesson, by exercise id.

Each exercise has `title`, `question`, `hint`, `explanation`, the steps of a `worked` solution, a text for each of its
`options`, and an answer to each misconception under `wrong`. They are format strings over the exercise's numbers. If
one of these is named `case`, `cases` has more texts for each case, which the others quote by name.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.exercises.exercise import Exercise, Numbers, Question, Task, Verdict
from engine.own.lessons import own_lesson
from tui.text.course_texts import ENGLISH, folder

UNRECOGNISED = {"": "Not right.", "small": "Not right: too small.", "large": "Not right: too large."}
NOT_DONE = "Not yet: no run so far does what is asked."


class _Formatter(string.Formatter):
    """Formats numbers with U+2212 as the minus sign."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        return text.replace("-", "−") if isinstance(value, float | int) else text


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its numbers, before an answer; `options` are (id, text)."""

    title: str
    question: str
    options: tuple[tuple[str, str], ...]
    hint: str


@dataclass(frozen=True, slots=True)
class Told:
    """The texts after an answer; `wrong` has one for each misconception, by id."""

    explanation: str
    worked: tuple[str, ...]
    wrong: Mapping[str, str]


@cache
def _texts(lesson: str, language: str) -> Mapping[str, Mapping[str, Any]]:
    """Load the texts of a lesson's exercises. Raises FileNotFoundError if the language has none, TOMLDecodeError."""
    content = (folder() / language / "exercises" / f"{lesson}.toml").read_text("utf-8")
    return tomllib.loads(content)


def _entry(exercise: Exercise, language: str) -> Mapping[str, Any]:
    """An exercise's texts in a language, or in English if that language has none."""
    for each in (language, ENGLISH):
        try:
            found = _texts(exercise.lesson, each).get(exercise.id)
        except (OSError, ValueError):  # no such file, or one that is not TOML
            continue
        if found is not None:
            return found
    own = own_lesson(exercise.lesson)
    if own is None:
        raise KeyError(f"{exercise.lesson}/{exercise.id} has no text")
    return own.words[exercise.id]


def title(exercise: Exercise, language: str = ENGLISH) -> str:
    """The name of an exercise in a list."""
    return str(_entry(exercise, language)["title"])


def _with_case(entry: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Add the texts of the drawn case, which may quote the words."""
    texts = entry.get("cases", {}).get(words.get("case"), {})
    return {**words, **{name: _Formatter().vformat(text, (), words) for name, text in texts.items()}}


def asked(exercise: Exercise, numbers: Numbers, language: str = ENGLISH) -> Asked:
    """The question with these numbers. Runs no TensorFlow."""
    entry = _entry(exercise, language)
    form = _Formatter()
    words = _with_case(entry, exercise.words_asked(numbers)) if isinstance(exercise, Question) else {}
    options = exercise.options if isinstance(exercise, Question) else ()
    texts = entry.get("options", {})
    return Asked(
        entry["title"],
        form.vformat(entry["question"], (), words),
        tuple((option, form.vformat(texts[option], (), words)) for option in options),
        form.vformat(entry["hint"], (), words),
    )


def told(exercise: Exercise, numbers: Numbers, language: str = ENGLISH) -> Told:
    """The texts after an answer to these numbers; computes the right answer."""
    entry = _entry(exercise, language)
    if not isinstance(exercise, Question):  # a task has no numbers: its texts are used unchanged
        return Told(entry["explanation"], tuple(entry["worked"]), dict(entry["wrong"]))
    words, form = _with_case(entry, exercise.words_told(numbers)), _Formatter()
    return Told(
        form.vformat(entry["explanation"], (), words),
        tuple(form.vformat(step, (), words) for step in entry["worked"]),
        {name: form.vformat(text, (), words) for name, text in entry["wrong"].items()},
    )


def verdict_words(exercise: Exercise, verdict: Verdict, told: Told) -> str:
    """The response to an answer."""
    if verdict.solved:
        return f"Right. {told.explanation}"
    if verdict.misconception:
        return told.wrong[verdict.misconception]
    return NOT_DONE if isinstance(exercise, Task) else UNRECOGNISED[verdict.side]
