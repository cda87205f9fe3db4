"""Completion in bash, zsh and fish: the scripts, and the values of options and arguments. click does the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import click
from click.shell_completion import CompletionItem, ShellComplete, get_completion_class

from engine.errors import InputError
from engine.lessons import course
from engine.params import Choice, Choices, File, Folder, Switch
from tui.process.options import COMPLETION_VARIABLE
from tui.text.clean import clean
from tui.text.course_texts import languages
from tui.text.glyphs import GlyphSet

SHELLS = ("bash", "zsh", "fish")

MOST_RUNS = 100

Items = list[CompletionItem[str]]


def script(shell: str) -> str:
    """The script that makes a shell complete gdtui. Raises InputError."""
    kind = get_completion_class(shell) if shell in SHELLS else None
    if kind is None:
        raise InputError(f"completion: {clean(shell)[:20]!r} is not accepted; expected one of {', '.join(SHELLS)}")
    # The method of the base class: that of bash first starts a bash to get its version.
    return ShellComplete.source(kind(click.Command("gdtui"), {}, "gdtui", COMPLETION_VARIABLE))


def answer(command: click.Command, around: object, instruction: str) -> str | None:
    """Answer a shell's request, whose `instruction` is such as bash_complete; None if it is unknown."""
    shell, _, asked = instruction.partition("_")
    kind = get_completion_class(shell) if shell in SHELLS else None
    if kind is None or asked != "complete":
        return None
    return kind(command, {"obj": around}, "gdtui", COMPLETION_VARIABLE).complete()


def setting_values(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The words that a lesson's setting accepts, files, or folders. Where both words and files are accepted, files are
    offered once no word begins so."""
    setting = getattr(option, "setting", None)
    match setting:
        case Choice() | Choices():
            found = _beginning(incomplete, setting.options)
            return found or (a_file(context, option, incomplete) if setting.files else [])
        case Switch():
            return _beginning(incomplete, ("on", "off"))
        case File():
            return a_file(context, option, incomplete)
        case Folder():
            return a_folder(context, option, incomplete)
    return []


def a_folder(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """Folders, which the shell itself lists."""
    return [CompletionItem(incomplete, type="dir")]


def a_file(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """Files, which the shell itself lists."""
    return [CompletionItem(incomplete, type="file")]


def a_glyph_set(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The kinds of glyphs."""
    return _beginning(incomplete, get_args(GlyphSet))


def a_language(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The languages of the texts."""
    return _beginning(incomplete, languages())


def a_lesson(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The lessons' ids, each with its summary; the numbers, if one is begun."""
    named = [CompletionItem(each.id, help=each.summary) for each in course() if each.id.startswith(incomplete)]
    return [*named, *a_number(incomplete)]


def a_number(incomplete: str) -> Items:
    """The lessons' numbers, each with the lesson's id, if one is begun."""
    numbers = [CompletionItem(str(each.number), help=each.id) for each in course()]
    return [each for each in numbers if incomplete and each.value.startswith(incomplete)]


def a_shell(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The shells that have a script."""
    return _beginning(incomplete, SHELLS)


def a_run(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The names of the newest runs of the log folder, and folders."""
    # Folders first: at a folder, bash discards the words before it.
    return [CompletionItem(incomplete, type="dir"), *_runs(context, incomplete)]


def a_run_to_resume(context: click.Context, option: click.Parameter, incomplete: str) -> Items:
    """The names of the newest runs that can be resumed."""
    return _runs(context, incomplete, unfinished=True)


def _runs(context: click.Context, incomplete: str, *, unfinished: bool = False) -> Items:
    from engine.run.resuming import can_be_resumed
    from engine.run.runs import past_runs

    above = context.parent.params if context.parent is not None else {}
    try:
        logdir = context.find_root().obj.logdir([above, context.params])
    except InputError:  # the typed line or the configuration is invalid: no run is known
        return []
    items = []
    for record in past_runs(logdir, MOST_RUNS):
        fits = record.name.startswith(incomplete) and record.name.isprintable()
        if fits and (not unfinished or can_be_resumed(record)):
            items.append(CompletionItem(record.name, help=record.outcome))
    return items


def _beginning(incomplete: str, words: Iterable[str]) -> Items:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]
