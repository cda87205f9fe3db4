"""The commands `gdtui check` and `gdtui progress`: their options and arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine.errors import InputError
from engine.lessons import course, lesson_named
from engine.params import quoted
from engine.settings import Settings, param_of
from tui.cli.completion import a_file, a_lesson
from tui.process.options import HeadlessOptions


@dataclass(frozen=True, kw_only=True)
class Check:
    """A request to `gdtui check`: a lesson or all; to list, to grade answers, to verify a progress file, or to ask.
    `seed` is None if none was given."""

    lesson: str | None
    answers: Path | None
    verify: Path | None
    listed: bool
    seed: int | None
    options: HeadlessOptions


@dataclass(frozen=True, kw_only=True)
class ShowProgress:
    """A request to `gdtui progress`: to show it, to import a file, or to reset a lesson ("" is all of them)."""

    taken_in: Path | None
    reset: str | None
    options: HeadlessOptions


ALL = ""


def _file_option(form: str, metavar: str, help: str) -> click.Option:
    return click.Option([form], metavar=metavar, shell_complete=a_file, help=help)


def check_params() -> list[click.Parameter]:
    """The options of `gdtui check`."""
    return [
        click.Argument(["lesson"], required=False, metavar="[LESSON]", shell_complete=a_lesson),
        _file_option("--answers", "FILE", "grade this JSON file, without asking"),
        _file_option("--verify", "PROGRESS", "verify all solutions in a progress file"),
        click.Option(["--list", "listed"], is_flag=True, help="list the exercises; with --json with their questions"),
        click.Option(["--json", "json"], is_flag=True, help="one JSON object an exercise, and a summary"),
        click.Option(["--seed", "seed"], metavar="N", help="seed of the questions, with --answers and --list"),
    ]


def progress_params() -> list[click.Parameter]:
    """The options of `gdtui progress`."""
    return [
        click.Option(["--json", "json"], is_flag=True, help="the whole progress file as JSON"),
        click.Option(
            ["--import", "taken_in"], metavar="FILE", shell_complete=a_file, help="add the solutions of a progress file"
        ),
        click.Option(
            ["--reset", "reset"],
            is_flag=False,
            flag_value=ALL,
            metavar="[LESSON]",
            shell_complete=a_lesson,
            help="forget a lesson, or all",
        ),
    ]


def check_asked(values: Mapping[str, Any], options: HeadlessOptions, seed_before: str | None) -> Check:
    """Build the request to `gdtui check`. Raises InputError."""
    given = [name for name in ("answers", "verify", "listed") if values[name]]
    if len(given) > 1:
        raise InputError("check: only one of --answers, --verify and --list can be given")
    seed = values["seed"] if values["seed"] is not None else seed_before
    return Check(
        lesson=_lesson(values["lesson"]) if values["lesson"] is not None else None,
        answers=Path(values["answers"]) if values["answers"] else None,
        verify=Path(values["verify"]) if values["verify"] else None,
        listed=bool(values["listed"]),
        seed=None if seed is None else param_of(Settings, "seed").parse(seed),
        options=options,
    )


def progress_asked(values: Mapping[str, Any], options: HeadlessOptions) -> ShowProgress:
    """Build the request to `gdtui progress`. Raises InputError."""
    reset, taken_in = values["reset"], values["taken_in"]
    if reset is not None and taken_in:
        raise InputError("progress: only one of --import and --reset can be given")
    if reset:
        reset = _lesson(reset)
    return ShowProgress(taken_in=Path(taken_in) if taken_in else None, reset=reset, options=options)


def _lesson(given: str) -> str:
    """The id of a lesson given by its id or its number. Raises InputError."""
    lesson = lesson_named(given)
    if lesson is not None and lesson.in_course:
        return lesson.id
    from engine.exercises import exercises  # here: it takes 50 ms that no other command needs

    found = next((each for each in exercises() if each.id == given), None)
    if found is not None:
        raise InputError(f"{given} is an exercise of the lesson {found.lesson}; give the lesson")
    raise InputError(f"no lesson is called {quoted(given)}; the lessons are {', '.join(each.id for each in course())}")
