"""What is said of a command line that cannot be followed: what is wrong with it, and what may have been meant."""

from __future__ import annotations

from difflib import get_close_matches

import click

from engine.lessons import course
from tui.cli_settings import options_of
from tui.text import clean

COMMANDS = {
    "lessons": "list the lessons",
    "runs": "list the runs of the log folder, and which of them can be resumed",
    "attach": "show a run, live or past, or the log of any program",
}


_LONGEST_MESSAGE = 300


def in_our_words(error: click.ClickException) -> str:
    """What is wrong with a command line, and what may have been meant."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "gdtui"
    if isinstance(error, click.NoSuchOption):
        return f"no option {error.option_name}" + _meant(error.option_name, command, context)
    if isinstance(error, click.exceptions.NoSuchCommand):
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
        return f"; it is a lesson's setting and stands behind the lesson: gdtui LESSON {option} …"
    return f"; see {command} --help"


def one_line(text: str) -> str:
    """`text` on one line that is safe to show, cut where it is long."""
    line = clean(" ".join(text.split()))
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"
