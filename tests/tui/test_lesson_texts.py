"""The lesson texts say what is there.

In a text `name = value` is a setting and the value it takes, bold is a key and nothing else, and a fenced line that
begins with gdtui is a command line.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
from importlib import resources
from typing import Any

import pytest
from textual.binding import Binding
from textual.keys import key_to_character
from textual.widget import Widget

import tui.widgets
from engine.lesson import Lesson
from engine.lessons import course
from engine.settings import param_of, params_of
from tui import actions, cli_parser
from tui.text import clean

FEWEST_WORDS, MOST_WORDS = 350, 700
WIDEST_CODE = 76
TEXTS = resources.files("assets") / "lessons"

each_lesson = pytest.mark.parametrize("lesson", course(), ids=lambda lesson: lesson.id)


def text_of(lesson: Lesson[Any]) -> str:
    return (TEXTS / f"{lesson.id}.md").read_text("utf-8")


def code_of(text: str) -> list[str]:
    """The lines of its fenced blocks."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


def prose_of(text: str) -> str:
    """What stands outside its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def spans_of(text: str) -> list[str]:
    """Its code spans."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose_of(text))]


def section(text: str, heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"no section {heading!r}"
    return found[1]


def bound_keys() -> set[str]:
    """Every key that the app or a widget of its own binds, by name and, where it writes one, by character."""
    bindings: list[Any] = [*actions.BINDINGS]
    for found in pkgutil.iter_modules(tui.widgets.__path__):
        for thing in vars(importlib.import_module(f"tui.widgets.{found.name}")).values():
            if isinstance(thing, type) and issubclass(thing, Widget) and thing.__module__.startswith("tui."):
                bindings += thing.BINDINGS
    keys = {key for each in Binding.make_bindings(bindings) for key in each.key.split(",")}
    return keys | {character for key in keys if (character := key_to_character(key))}


@each_lesson
def test_every_lesson_has_a_text_that_begins_with_its_title(lesson: Lesson[Any]) -> None:
    assert text_of(lesson).startswith(f"# {lesson.title}\n")


def test_every_text_belongs_to_a_lesson() -> None:
    assert {entry.name for entry in TEXTS.iterdir()} == {f"{lesson.id}.md" for lesson in course()}


@each_lesson
def test_a_text_can_be_read_in_a_few_minutes(lesson: Lesson[Any]) -> None:
    words = [word for word in prose_of(text_of(lesson)).split() if re.search(r"\w", word)]
    assert FEWEST_WORDS <= len(words) <= MOST_WORDS


@each_lesson
def test_every_setting_in_a_text_exists_and_takes_its_value(lesson: Lesson[Any]) -> None:
    settings = [span.split(" = ", 1) for span in spans_of(text_of(lesson)) if " = " in span]
    assert settings
    for name, value in settings:
        param_of(lesson.settings, name).parse(value)


@each_lesson
def test_a_name_with_an_underscore_in_a_text_is_a_setting(lesson: Lesson[Any]) -> None:
    known = {param.name for param in params_of(lesson.settings)}
    assert {span for span in spans_of(text_of(lesson)) if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", span)} <= known


@each_lesson
def test_options_are_written_in_command_lines_only(lesson: Lesson[Any]) -> None:
    assert "--" not in re.sub(r"\|[-|]+\|", "", prose_of(text_of(lesson)))


@each_lesson
def test_every_command_line_in_a_text_can_be_followed_without_the_app(lesson: Lesson[Any]) -> None:
    lines = "\n".join(code_of(text_of(lesson))).replace("\\\n", " ").splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("gdtui ")]
    assert commands
    for command in commands:
        asked = cli_parser.parse(command, {})
        assert isinstance(asked, cli_parser.Request)
        assert asked.lesson == lesson.id
        assert asked.headless


@each_lesson
def test_every_key_in_a_text_is_bound(lesson: Lesson[Any]) -> None:
    keys = re.findall(r"\*\*(.+?)\*\*", prose_of(text_of(lesson)))
    assert keys
    assert set(keys) <= bound_keys()


@each_lesson
def test_no_line_of_code_is_wider_than_a_narrow_terminal(lesson: Lesson[Any]) -> None:
    assert all(len(line) <= WIDEST_CODE for line in code_of(text_of(lesson)))


@each_lesson
def test_a_text_ends_with_an_answer_to_each_question(lesson: Lesson[Any]) -> None:
    text = text_of(lesson)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[-2:] == ["Predict, then try", "Answers"]
    questions, answers = (
        re.findall(r"^(\d+)\. ", section(text, heading), re.MULTILINE) for heading in ("Predict, then try", "Answers")
    )
    assert questions == answers == [str(number) for number in range(1, len(questions) + 1)]
    assert len(questions) in (2, 3)


@each_lesson
def test_a_text_has_nothing_that_a_terminal_cannot_show(lesson: Lesson[Any]) -> None:
    text = text_of(lesson)
    assert clean(text, keep_newlines=True) == text
    html = re.search(r"</?[a-z][^>]*>", prose_of(text))
    links = re.search(r"\]\(|https?:", text)
    formulas = re.search(r"\$|\\\(|\\[a-z]", text)
    assert not (html or links or formulas)
