"""The source of functions, read without importing them."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from engine.lessons import course, gradients
from tui.text.source import source_of


def test_a_functions_text_is_that_of_its_file() -> None:
    text, line = source_of("engine.lessons.gradients:autodiff")
    lines, first = inspect.getsourcelines(gradients.autodiff)
    assert (text, line) == ("".join(lines).rstrip("\n"), first)


def test_a_class_is_shown_with_its_decorator() -> None:
    text, _ = source_of("engine.descent.curves:Function")
    assert text.startswith("@dataclass")


def test_every_function_that_a_lesson_names_is_there() -> None:
    for lesson in course():
        for place in lesson.code:
            assert source_of(place)[0]


def test_the_code_of_the_last_lesson_names_the_pieces_of_the_course_in_the_order_of_the_text() -> None:
    listener, writer, feed, *_ = ("\n".join(source_of(place)[0].splitlines()[:25]) for place in course()[-1].code)
    assert "Start the listener" in listener and "The summary writer: feeds" in writer
    assert "One image, many images one by one, or many as one grid" in feed


def test_the_code_of_lesson_six_names_the_pieces_of_its_text_in_their_order() -> None:
    (taught,) = (each for each in course() if each.id == "fashion-mnist")
    shown = "\n".join(source_of(place)[0] for place in taught.code)
    pieces = ("pipeline's scaling", "pipeline's shuffling", "pipeline's batching", "keras.Sequential(", "Cross-entropy",
              "tf.GradientTape()", "optimizer.apply", "tf.argmax(")  # fmt: skip
    places = [shown.index(piece) for piece in pieces]
    assert places == sorted(places)


def test_a_name_that_is_not_there_is_reported() -> None:
    with pytest.raises(LookupError, match="has no nothing"):
        source_of("engine.descent.compiled_descent:nothing")


def test_nothing_is_imported_to_read_a_source() -> None:
    code = (
        "import sys; from tui.text.source import source_of; source_of('engine.training.loop:Trainer'); "
        "print('engine.training.loop' in sys.modules, 'tensorflow' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]
