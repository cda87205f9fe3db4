"""The lessons, one file each. A file that defines LESSON is a lesson; nothing else needs to know of it."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from engine.lesson import Lesson


@cache
def course() -> tuple[Lesson[Any], ...]:
    """Every lesson in course order."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(
        sorted((module.LESSON for module in modules if hasattr(module, "LESSON")), key=lambda each: each.number)
    )


def lesson(lesson_id: str) -> Lesson[Any]:
    """The lesson called `lesson_id`. Raises KeyError where there is none."""
    for each in course():
        if each.id == lesson_id:
            return each
    raise KeyError(lesson_id)
