"""The lessons, one file each. A file that defines LESSON is found automatically; the heading of a lesson of the
course is a line of engine/contents.py."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from engine.lesson import Lesson

_sources: list[Callable[[], tuple[Lesson[Any], ...]]] = []


def add_source(lessons: Callable[[], tuple[Lesson[Any], ...]]) -> None:
    """Have `every_lesson` ask for further lessons. `engine.own.lessons` adds itself when it is imported; this package
    does not import it, as it checks a teacher's lesson against the course."""
    _sources.append(lessons)


def course() -> tuple[Lesson[Any], ...]:
    """Every lesson in course order, followed by the lessons of packages and of teachers' own files."""
    return tuple(each for each in every_lesson() if each.in_course)


def every_lesson() -> tuple[Lesson[Any], ...]:
    """The lessons of `course`, followed by `gdtui train FILE.py`, which runs like a lesson."""
    return (*_ours(), *(each for source in _sources for each in source()))


@cache
def _ours() -> tuple[Lesson[Any], ...]:
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(
        sorted((module.LESSON for module in modules if hasattr(module, "LESSON")), key=lambda each: each.number)
    )


def lesson_named(text: str) -> Lesson[Any] | None:
    """Return the lesson of this id, or the course's lesson of this number; None if there is none."""
    return next(
        (each for each in every_lesson() if text == each.id or (each.in_course and text == str(each.number))), None
    )


def lesson(lesson_id: str) -> Lesson[Any]:
    """Return the lesson called `lesson_id`. Raises KeyError if there is none."""
    for each in every_lesson():
        if each.id == lesson_id:
            return each
    raise KeyError(lesson_id)
