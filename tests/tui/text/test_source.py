"""The source of functions, read and not imported."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from engine.lessons import course, gradients
from tui.source import source_of


def test_a_functions_text_is_that_of_its_file() -> None:
    text, line = source_of("engine.lessons.gradients:autodiff")
    lines, first = inspect.getsourcelines(gradients.autodiff)
    assert (text, line) == ("".join(lines).rstrip("\n"), first)


def test_a_class_is_shown_with_its_decorator() -> None:
    text, _ = source_of("engine.lessons.gradients:Function")
    assert text.startswith("@dataclass")


def test_every_function_that_a_lesson_names_is_there() -> None:
    for lesson in course():
        for place in lesson.code:
            assert source_of(place)[0]


def test_a_name_that_is_not_there_is_said() -> None:
    with pytest.raises(LookupError, match="has no nothing"):
        source_of("engine.descent:nothing")


def test_nothing_is_imported_to_read_a_source() -> None:
    code = (
        "import sys; from tui.source import source_of; source_of('engine.training:Trainer'); "
        "print('engine.training' in sys.modules, 'tensorflow' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]
