"""The command `gdtui new lesson NAME`: writes the file of a new lesson, which runs unchanged."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from engine.errors import InputError
from engine.lessons import course
from engine.own.lessons import ID, OPTION
from engine.params import quoted
from tui.cli.messages import COMMANDS

_KINDS = ("lesson",)
_NAME, _TITLE = "my-lesson", "My lesson"


def new_params() -> list[click.Parameter]:
    """The arguments of `gdtui new`."""
    return [click.Argument(["kind"], metavar="lesson", type=click.Choice(_KINDS)), click.Argument(["name"])]


def write_new(kind: str, name: str) -> str:
    """Write NAME.py into the folder in which gdtui was started; returns the message. Raises InputError."""
    if not ID.fullmatch(name):
        raise InputError(f"new {kind}: {quoted(name)} is not accepted; expected small letters, digits and '-'")
    if name in COMMANDS or name in {each.id for each in course()}:
        raise InputError(f"new {kind}: {name!r} is a lesson or a command already; expected another name")
    text = (resources.files("assets") / "templates" / f"{kind}.py").read_text("utf-8")
    text = text.replace(_NAME, name).replace(_TITLE, name.replace("-", " ").capitalize())
    path = Path(f"{name}.py")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"new {kind}: {path} exists already; expected another name") from None
    except OSError as error:
        raise InputError(f"new {kind}: {path} cannot be written: {error.strerror}") from None
    return f"{path} is written. gdtui {OPTION} {path} opens it."
