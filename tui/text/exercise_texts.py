"""The texts of the exercises: TOML files in assets/lessons/<language>/exercises/, one per lesson, by exercise id."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.exercises import texts
from engine.exercises.exercise import Exercise, Numbers, Task, Verdict
from engine.exercises.texts import Asked, Told
from engine.own.lessons import own_lesson
from tui.text.course_texts import ENGLISH, folder

UNRECOGNISED = {"": "Not right.", "small": "Not right: too small.", "large": "Not right: too large."}
NOT_DONE = "Not yet: no run so far does what is asked."


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


def asked(exercise: Exercise, numbers: Numbers, language: str = ENGLISH) -> Asked:
    """The question with these numbers. Runs no TensorFlow."""
    return texts.asked(exercise, _entry(exercise, language), numbers)


def told(exercise: Exercise, numbers: Numbers, language: str = ENGLISH) -> Told:
    """The texts after an answer to these numbers; computes the right answer."""
    return texts.told(exercise, _entry(exercise, language), numbers)


def verdict_words(exercise: Exercise, verdict: Verdict, told: Told) -> str:
    """The response to an answer."""
    if verdict.solved:
        return f"Right. {told.explanation}"
    if verdict.misconception:
        return told.wrong[verdict.misconception]
    return NOT_DONE if isinstance(exercise, Task) else UNRECOGNISED[verdict.side]
