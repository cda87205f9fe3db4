"""The request of a command line, from the options before and after the lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import InputError
from engine.lesson import Lesson
from engine.lessons import course, every_lesson
from engine.params import Param
from engine.run.resuming import may_be_given
from engine.settings import Settings, param_of, params_of, parse_settings
from tui.cli.chosen_options import OptionSources, Said, flag, options_of
from tui.process.exit_codes import Exit
from tui.process.options import HeadlessOptions

# The value of --resume if no run is named. No argument of a program can contain this character.
NEWEST = "\0"


@dataclass(frozen=True)
class Resume:
    """A run to resume: the one called `run`; None stands for the newest that can be."""

    run: str | None


@dataclass(frozen=True)
class Request:
    """The request of a command line: a lesson or, with None, all of them; its settings as texts; and how to run.

    With `resume` an interrupted run is resumed, and `texts` are the changed settings; then `lessons` are empty.
    """

    lesson: str | None
    texts: Mapping[str, str]
    options: HeadlessOptions
    headless: bool
    lessons: tuple[Lesson[Any], ...] = ()
    settings: tuple[Settings, ...] = ()
    resume: Resume | None = None


@dataclass(frozen=True)
class CommandResult:
    """Text to print, and the exit code after it."""

    text: str
    code: Exit = Exit.DONE


def resume_params() -> list[Param]:
    """The settings that can be given with --resume, without a lesson."""
    lesson = next(each for each in course() if each.resume is not None)
    return [param for param in params_of(lesson.settings) if may_be_given(lesson, param.name)]


def new_runs(
    lesson: str | None, lessons: Sequence[Lesson[Any]], texts: Mapping[str, str], said: Said, sources: OptionSources
) -> Request:
    """Make a request for new runs. Raises InputError."""
    settings = tuple(parse_settings(each.settings, {**sources.config.settings_of(each), **texts}) for each in lessons)
    options = options_of(said, sources, settings[0].seed if "seed" in texts else None)
    if options.detach and lesson is None:
        raise InputError("--detach is for one run: gdtui LESSON --detach")
    headless = flag(said, "no_ui") or options.json or options.detach
    return Request(lesson, texts, options, headless, tuple(lessons), settings)


def old_run(
    run: str, lesson: Lesson[Any] | None, texts: Mapping[str, str], said: Said, sources: OptionSources
) -> Request:
    """Make a request to resume a run. Raises InputError."""
    kinds = [lesson] if lesson is not None else [each for each in every_lesson() if each.resume is not None]
    for name, text in texts.items():
        param_of(kinds[0].settings, name).parse(text)
    options = options_of(said, sources, None)
    if not options.log:
        raise InputError("--no-log: a resumed run goes on in its own log folder, so it must be logged")
    lesson_id = lesson.id if lesson is not None else None
    return Request(lesson_id, texts, options, True, resume=Resume(None if run == NEWEST else run))


def resume_of(said: Said) -> str | None:
    """The run to resume, the last one named; None if there is none."""
    return next((values["resume"] for values in reversed(said) if values.get("resume") is not None), None)
