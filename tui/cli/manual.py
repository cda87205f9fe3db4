"""The manual page, in man's own macros, from the texts of --help.

Source: man(7) of groff; a hyphen is escaped, or an option could not be copied from the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version

import click

from tui.process.exit_codes import Exit
from tui.process.options import LOGDIR_VARIABLE
from tui.text.course_texts import VARIABLE as LANGUAGE_VARIABLE
from tui.text.plain import plain

EXIT_STATUS: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.FAILED: "a run failed, or there is a problem",
    Exit.USAGE: "the command line or a file given in it cannot be used",
    Exit.DIVERGED: "a run diverged: a number stopped being finite",
    Exit.NO_CHECKPOINT: "there is no checkpoint to resume from",
    Exit.IN_USE: "another process is using the run",
    Exit.UNSOLVED: "some exercises are not solved",
    Exit.PIPE_CLOSED: "the reader of the results closed the pipe",
}

_ENVIRONMENT = {
    LOGDIR_VARIABLE: "where runs are logged, unless --logdir is given",
    LANGUAGE_VARIABLE: "language of the texts, unless --lang is given",
    "NO_COLOR": "no colours, if it is not empty",
}
_FILES = {
    "config.toml": "defaults of options, settings and keys, in the user's configuration folder; "
    "gdtui config shows its path and the values in effect",
}


def manual(context: click.Context) -> str:
    """The page of the command of this context, with all its subcommands."""
    return "\n".join(_page(context)) + "\n"


def _page(context: click.Context) -> Iterator[str]:
    root = context.command
    assert isinstance(root, click.Group)
    first, _, _ = (root.help or "").partition(". ")
    yield f'.TH GDTUI 1 "" "gdtui {version("gdtui")}" "User Commands"'
    yield from (".SH NAME", rf"gdtui \- {_text(first[:1].lower() + first[1:])}")
    yield from (".SH SYNOPSIS", *_usage(root, context))
    yield from (".SH DESCRIPTION", _text(root.help or ""), ".PP", _text(root.epilog or ""))
    yield from (".SH OPTIONS", *_options(root, context))
    common = {record for param in root.get_params(context) if (record := param.get_help_record(context))}
    names = root.list_commands(context)
    commands = [(name, command) for name in names if (command := root.get_command(context, name)) is not None]
    lessons = [pair for pair in commands if pair[1].short_help]
    yield ".SH LESSONS"
    for name, command in lessons:
        yield from _command(name, command, context, common)
    yield ".SH COMMANDS"
    for name, command in commands:
        if not command.short_help:
            yield from _command(name, command, context, set())
    yield from (".SH EXIT STATUS", *_entries((str(int(code)), words) for code, words in EXIT_STATUS.items()))
    yield from (".SH ENVIRONMENT", *_entries(_ENVIRONMENT.items()), ".SH FILES", *_entries(_FILES.items()))


def _command(name: str, command: click.Command, above: click.Context, known: set[tuple[str, str]]) -> Iterator[str]:
    """A lesson or a command: its usage, its description, and its options except those that are `known`."""
    with click.Context(command, info_name=name, parent=above) as context:
        yield from (f".SS {_text(name)}", _text(command.help or ""), ".PP", *_usage(command, context))
        yield from _options(command, context, known)


def _usage(command: click.Command, context: click.Context) -> Iterator[str]:
    yield rf".B {_text(context.command_path)}"
    yield _text(" ".join(command.collect_usage_pieces(context)))


def _options(command: click.Command, context: click.Context, known: Iterable[tuple[str, str]] = ()) -> Iterator[str]:
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    yield from _entries(record for record in records if record not in known)


def _entries(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, words in rows:
        yield from (".TP", rf".B {_text(term)}", _text(words))


def _text(words: str) -> str:
    """Escape a text for man: no character of it is a request or an escape."""
    line = plain(" ".join(words.split())).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{line}" if line[:1] in (".", "'") else line
