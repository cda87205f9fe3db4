"""Messages about a wrong command line: what is wrong, and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click

from engine.lessons import course
from engine.own.lessons import OPTION
from tui.cli.setting_options import options_of
from tui.text.clean import clean

TRAIN = "train"

COMMANDS = {
    TRAIN: "train a Keras model of your own, from a Python file",
    "lessons": "list the lessons",
    "runs": "list the runs of the log folder, and which of them can be resumed",
    "check": "ask the exercises of a lesson or of all, or grade a file of answers",
    "progress": "show, export, import or reset what is solved",
    "new": "write the file of a lesson of your own",
    "attach": "show a run, live or past, or the log of any program",
    "config": "show the options in effect here, each with its source",
    "doctor": "show versions, the terminal's abilities, folders and problems",
    "completion": "print the script that completes gdtui in bash, zsh or fish",
    "manual": "print the manual page, for man",
}


_LONGEST_MESSAGE = 300


def in_our_words(error: click.ClickException, argv: Sequence[str]) -> str:
    """Explain what is wrong with a command line `argv`, with a suggestion if there is one."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "gdtui"
    if isinstance(error, click.NoSuchOption):
        return f"no option {error.option_name}" + _meant(error.option_name, command, context)
    if isinstance(error, click.exceptions.NoSuchCommand):
        if any(word.partition("=")[0] == OPTION for word in argv[argv.index(error.command_name) :]):
            return f"no lesson is called {error.command_name!r}; {OPTION} stands before the lesson"
        lessons = [lesson.id for lesson in course()]
        near = get_close_matches(error.command_name, [*lessons, *COMMANDS], 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"the lessons are {', '.join(lessons)}"
        return f"no lesson is called {error.command_name!r}; {hint}"
    return f"{error.format_message().rstrip('.')}; see {command} --help"


def _meant(option: str, command: str, context: click.Context | None) -> str:
    known = [form for each in (context.command.params if context else []) for form in each.opts + each.secondary_opts]
    near = get_close_matches(option, known, 1, 0.7)
    if near:
        return f"; did you mean {near[0]}?"
    if command == "gdtui" and any(option in setting.opts for each in course() for setting in options_of(each.settings)):
        return f"; it is a lesson's setting and stands after the lesson: gdtui LESSON {option} …"
    return f"; see {command} --help"


def one_line(text: str) -> str:
    """Put `text` on one line that is safe to show, cut if it is long."""
    line = clean(" ".join(text.split()))
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"
