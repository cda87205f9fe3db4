"""The lesson texts agree with the program.

In a text `name = value` is a setting and the value it takes, bold is only for keys, and a fenced line that begins with
gdtui is a command line.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
from collections.abc import Iterable
from importlib import resources
from typing import Any

import pytest
from textual.binding import Binding
from textual.keys import key_to_character
from textual.widget import Widget

import tui.widgets
from engine.lesson import Lesson
from engine.lessons import course, every_lesson
from engine.settings import param_of, params_of
from tests.tui.app_driver import driven
from tui.cli import parser
from tui.model.try_it import FROM_THE_END, sections_of
from tui.screens.base import bindings_of
from tui.text.clean import clean
from tui.text.course_texts import GLOSSARY, course_text
from tui.widgets.learn.lesson_text import LessonText

SMALL, MOST_SCREENS = (80, 24), 6
QUESTIONS, STEPS, ANSWERS = -4, -FROM_THE_END, -1
"""The positions of these sections in a text's sections."""
WIDEST_CODE = 76
TEXTS = resources.files("assets") / "lessons" / "en"

each_lesson = pytest.mark.parametrize("lesson", every_lesson(), ids=lambda lesson: lesson.id)


def text_of(lesson: Lesson[Any]) -> str:
    return course_text(lesson.id)


def code_of(text: str) -> list[str]:
    """The lines of its fenced blocks."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


def prose_of(text: str) -> str:
    """The text outside its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def spans_of(text: str) -> list[str]:
    """Its code spans."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose_of(text))]


def headings_of(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def bound_keys() -> set[str]:
    """Every key that the app or one of its widgets binds, by name and, if it types a character, by character."""
    bindings: list[Any] = [*bindings_of("lab"), *bindings_of("log")]
    for found in pkgutil.walk_packages(tui.widgets.__path__, "tui.widgets."):
        for thing in vars(importlib.import_module(found.name)).values():
            if isinstance(thing, type) and issubclass(thing, Widget) and thing.__module__.startswith("tui."):
                bindings += thing.BINDINGS
    keys = {key for each in Binding.make_bindings(bindings) for key in each.key.split(",")}
    return keys | {character for key in keys if (character := key_to_character(key))}


@each_lesson
def test_every_lesson_has_a_text_that_begins_with_its_title(lesson: Lesson[Any]) -> None:
    assert text_of(lesson).startswith(f"# {lesson.title}\n")


def test_every_text_belongs_to_a_lesson() -> None:
    assert {entry.name for entry in TEXTS.iterdir() if entry.is_file()} == {
        f"{name}.md" for name in (GLOSSARY, *(lesson.id for lesson in every_lesson()))
    }


async def test_every_text_fits_on_six_small_screens_with_the_answers_apart_from_the_questions() -> None:
    async with driven("gradients", size=SMALL) as app:
        view = app.screen.query_one(LessonText)
        for number, lesson in enumerate(course(), 1):
            await app.press(str(number))
            await app.until(lambda title=lesson.title: view.text and view.text[0] == title)
            screen = view.scrollable_content_region.height
            assert view.virtual_size.height <= MOST_SCREENS * screen, lesson.id
            headings = headings_of(text_of(lesson))
            asked, done, answered = (view.text.index(headings[place]) for place in (QUESTIONS, STEPS, ANSWERS))
            assert asked < done and answered - done >= screen, lesson.id


@each_lesson
def test_every_setting_in_a_text_exists_and_takes_its_value(lesson: Lesson[Any]) -> None:
    settings = [span.split(" = ", 1) for span in spans_of(text_of(lesson)) if " = " in span]
    assert settings
    for name, value in settings:
        param_of(lesson.settings, name).parse(value)


@each_lesson
def test_a_name_with_an_underscore_in_a_text_is_a_setting_or_in_its_code(lesson: Lesson[Any]) -> None:
    text = text_of(lesson)
    known = {param.name for param in params_of(lesson.settings)} | set(re.findall(r"\w+", "\n".join(code_of(text))))
    assert {span for span in spans_of(text) if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", span)} <= known


@each_lesson
def test_options_are_written_in_command_lines_only(lesson: Lesson[Any]) -> None:
    assert "--" not in re.sub(r"\|[-|]+\|", "", prose_of(text_of(lesson)))


def test_every_command_line_in_a_text_can_be_followed_without_the_app() -> None:
    followed = []
    for lesson in course():
        for line in code_of(text_of(lesson)):
            if line.startswith("gdtui "):
                asked = parser.parse(shlex.split(line)[1:], {})
                assert isinstance(asked, parser.Request)
                assert asked.lesson == lesson.id and asked.headless
                followed.append(line)
    assert followed


@each_lesson
def test_every_key_in_a_text_is_bound(lesson: Lesson[Any]) -> None:
    keys = re.findall(r"\*\*(.+?)\*\*", prose_of(text_of(lesson)))
    assert keys
    assert set(keys) <= bound_keys()


@each_lesson
def test_no_line_of_code_is_wider_than_a_narrow_terminal(lesson: Lesson[Any]) -> None:
    assert all(len(line) <= WIDEST_CODE for line in code_of(text_of(lesson)))


@each_lesson
def test_a_text_ends_with_questions_steps_mistakes_and_an_answer_to_each_question(lesson: Lesson[Any]) -> None:
    text = text_of(lesson)
    assert headings_of(text)[QUESTIONS:] == ["Predict, then try", "Try it", "Common mistakes", "Answers"]
    sections = sections_of(text)
    questions, answers = (re.findall(r"^(\d+)\. ", sections[place], re.MULTILINE) for place in (QUESTIONS, ANSWERS))
    assert questions == answers == [str(number) for number in range(1, len(questions) + 1)]
    assert len(questions) in (2, 3)


@each_lesson
def test_every_term_in_italics_is_in_the_glossary(lesson: Lesson[Any]) -> None:
    explained = {term.casefold() for term in re.findall(r"^- \*([^*]+)\*:", course_text(GLOSSARY), re.MULTILINE)}
    prose = re.sub(r"`[^`]*`|\*\*.+?\*\*", "", prose_of(text_of(lesson)))
    terms = {" ".join(term.split()).casefold() for term in re.findall(r"\*([^*]+)\*", prose)}
    assert len(terms) >= 2
    assert {term for term in terms if term not in explained and term.removesuffix("s") not in explained} == set()


@each_lesson
def test_a_text_has_nothing_that_a_terminal_cannot_show(lesson: Lesson[Any]) -> None:
    text = text_of(lesson)
    assert clean(text, keep_newlines=True) == text
    html = re.search(r"</?[a-z][^>]*>", prose_of(text))
    links = re.search(r"\]\(|https?:", text)
    formulas = re.search(r"\$|\\\(|\\[a-z]", text)
    assert not (html or links or formulas)


def positions(text: str, phrases: Iterable[str]) -> list[int]:
    """The position of each phrase in the text, ignoring line breaks."""
    flowing = " ".join(text.split())
    assert all(phrase in flowing for phrase in phrases), [each for each in phrases if each not in flowing]
    return [flowing.index(phrase) for phrase in phrases]


@pytest.mark.parametrize(
    ("lesson_id", "told"),
    [
        (
            "autograd",
            {
                "linear_gradients": "a constant has to be watched",
                "tape_of_a_loss": "Put a loss on top, L = (y − t)²",
                "second_of_linear": "Ask for d²y/dw² of y = x·w + b",
                "ask_twice": "A tape drops its record after one call",
                "second_order": "an outer tape can record the inner",
            },
        ),
        (
            "activations",
            {
                "bend": "| sigmoid | 1/(1 + e⁻ˣ) |",
                "value_and_slope": "The sigmoid's slope is at most 0.25",
                "saturation": "lie far out, where it is saturated",
            },
        ),
    ],
)
def test_the_code_pane_shows_what_the_text_tells_in_its_order(lesson_id: str, told: dict[str, str]) -> None:
    (taught,) = (each for each in course() if each.id == lesson_id)
    shown = [place.partition(":")[2] for place in taught.code]
    assert shown == [*told, "run"]
    places = positions(text_of(taught), told.values())
    assert places == sorted(places)
