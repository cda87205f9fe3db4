"""The texts of an exercise with its numbers: format strings over the numbers drawn.

An entry has `title`, `question`, `hint`, `explanation`, the steps of a `worked` solution, a text for each of the
`options`, and an answer to each misconception under `wrong`. If one of the numbers is named `case`, `cases` has more
texts for each case, which the others quote by name.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.exercises.exercise import Exercise, Numbers, Question

Entry = Mapping[str, Any]


class TextError(ValueError):
    """A text cannot be filled with the numbers of its exercise; the message names the text."""


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


def asked(exercise: Exercise, entry: Entry, numbers: Numbers) -> Asked:
    """The question with these numbers. Runs no TensorFlow. Raises TextError."""
    words = _with_case(entry, exercise.words_asked(numbers)) if isinstance(exercise, Question) else {}
    options = exercise.options if isinstance(exercise, Question) else ()
    texts = entry.get("options", {})
    return Asked(
        entry["title"],
        _filled("question", entry["question"], words),
        tuple((option, _filled(f"options.{option}", texts[option], words)) for option in options),
        _filled("hint", entry["hint"], words),
    )


def told(exercise: Exercise, entry: Entry, numbers: Numbers) -> Told:
    """The texts after an answer to these numbers; computes the right answer. Raises TextError."""
    if not isinstance(exercise, Question):  # a task has no numbers: its texts are used unchanged
        return Told(entry["explanation"], tuple(entry["worked"]), dict(entry["wrong"]))
    words = _with_case(entry, exercise.words_told(numbers))
    return Told(
        _filled("explanation", entry["explanation"], words),
        tuple(_filled("worked", step, words) for step in entry["worked"]),
        {name: _filled(f"wrong.{name}", text, words) for name, text in entry["wrong"].items()},
    )


def _with_case(entry: Entry, words: Mapping[str, Any]) -> dict[str, Any]:
    """Add the texts of the drawn case, which may quote the words."""
    try:
        texts = dict(entry.get("cases", {}).get(words.get("case"), {}))
    except (AttributeError, TypeError, ValueError):
        raise TextError("cases: expected a table of texts for each case") from None
    return {**words, **{name: _filled(f"cases.{name}", text, words) for name, text in texts.items()}}


def _filled(name: str, text: str, words: Mapping[str, Any]) -> str:
    """Fill the text called `name`. Raises TextError."""
    try:
        return _Formatter().vformat(text, (), words)
    except KeyError as error:
        known = ", ".join(words) or "none"
        raise TextError(f"{name}: there is no number {error}; the exercise has {known}") from None
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        raise TextError(f"{name}: {error}") from None
