"""The exercises, one file per lesson. A file that defines EXERCISES is found automatically: no list has to be
changed."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from engine.exercises.exercise import Exercise
from engine.lessons import course
from engine.own.lessons import own_lessons


def exercises() -> tuple[Exercise, ...]:
    """Every exercise in the order of the course, followed by those of lessons that do not ship with gdtui."""
    return (*_ours(), *(exercise for each in own_lessons() for exercise in each.exercises))


@cache
def _ours() -> tuple[Exercise, ...]:
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found = [each for module in modules for each in getattr(module, "EXERCISES", ())]
    places = {lesson.id: lesson.number for lesson in course()}
    return tuple(sorted(found, key=lambda each: places[each.lesson]))  # stable: in their file's order


def exercises_of(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in order; none where it has none."""
    return tuple(each for each in exercises() if each.lesson == lesson)


def exercise(exercise_id: str) -> Exercise:
    """Return the exercise called `exercise_id`. Raises KeyError if there is none."""
    for each in exercises():
        if each.id == exercise_id:
            return each
    raise KeyError(exercise_id)
