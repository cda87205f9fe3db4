"""The "Try it" steps of a lesson's text, and their settings and keys that can be applied automatically."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.model.lesson_state import LessonState
from tui.text.course_texts import ENGLISH, course_text
from tui.text.markdown import spans

RATE_UP, RATE_DOWN, OPTIMIZER, CLEAR = "]", "[", "o", "c"
KEYS = (RATE_UP, RATE_DOWN, OPTIMIZER, CLEAR)
"""The keys that change a setting."""
FROM_THE_END = 3
"""The position of the section "Try it", counted from the text's end: steps, common mistakes, answers. Its heading
depends on the language, its position does not."""
_TAKEN = re.compile(r"`([a-z_0-9]+) = ([^`]+)`|\*\*(\S+?)\*\*(?: (\d)\b)?")
_HEADING = re.compile(r"^## .*\n", re.MULTILINE)
_STEPS = re.compile(r"\s*^1\. .*?(?=^```|^\S(?!\. )|\Z)", re.DOTALL | re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")

Change = tuple[str, str]
"""A setting's name and its text; or a key of KEYS, and an empty text."""


def sections_of(text: str) -> list[str]:
    """The parts of a text under its headings of the second level, without these headings, in order."""
    return _HEADING.split(text)[1:]


def steps_of(lesson_id: str, language: str = ENGLISH) -> tuple[str, ...]:
    """The steps of a text's "Try it", each on one line, as Markdown; empty if the text has no such section."""
    sections = sections_of(course_text(lesson_id, language))
    found = _STEPS.match(sections[-FROM_THE_END]) if len(sections) >= FROM_THE_END else None
    if found is None:
        return ()
    return tuple(" ".join(each.split()) for each in re.split(r"^\d+\. ", found[0], flags=re.MULTILINE)[1:])


def parts_of(step: str) -> tuple[str, ...]:
    """Split a step into parts to try one after another: each sentence with a change begins a new part, after the
    effects promised by the sentences before it have been seen."""
    parts: list[list[str]] = []
    changed = False
    for sentence in _SENTENCE_END.split(step):
        changes = next(changes_of(sentence), None) is not None
        if not parts or (changes and changed):
            parts.append([])
        parts[-1].append(sentence)
        changed = changed or changes
    return tuple(" ".join(part) for part in parts)


def changes_of(step: str) -> Iterator[Change]:
    """The changes that a step asks for, in the order of its words; a key with a number after it comes that many
    times."""
    for name, value, key, times in _TAKEN.findall(step):
        if name:
            yield name, value
        elif key in KEYS:
            yield from [(key, "")] * int(times or 1)


def change(lesson_state: LessonState, asked: Change) -> None:
    """Change a setting of the next run. Raises SettingError."""
    name, value = asked
    match name:
        case "]" | "[":
            lesson_state.step_setting("learning_rate", 1 if name == RATE_UP else -1)
        case "o":
            lesson_state.next_optimizer()
        case "c":
            lesson_state.clear()
        case _:
            lesson_state.change(name, value)


def in_words(step: str) -> str:
    """A step without its Markdown marks."""
    return "".join(text for text, _ in spans(step))
