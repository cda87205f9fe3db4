"""The course's texts: Markdown files in assets/lessons/<language>/, one folder per language."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING

from tui.text.clean import clean

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENGLISH = "en"
VARIABLE = "GDTUI_LANG"
GLOSSARY = "glossary"
"""The text that explains the course's terms."""


def folder() -> Traversable:
    """The folder that holds the languages' folders."""
    return resources.files("assets") / "lessons"


def languages() -> tuple[str, ...]:
    """The languages that have a folder, in alphabetical order."""
    return tuple(sorted(entry.name for entry in folder().iterdir() if entry.is_dir()))


def language(given: str | None, environ: Mapping[str, str]) -> str:
    """Choose the language of the texts: the one given, else $GDTUI_LANG, else the locale's if there is a folder for it,
    else English.

    Raises:
        InputError: there is no folder for the one given or named by $GDTUI_LANG.
    """
    from engine.errors import InputError

    for where, asked in (("--lang", given), (f"${VARIABLE}", environ.get(VARIABLE) or None)):
        if asked is not None:
            if asked not in languages():
                shown = asked if len(asked) <= 20 else asked[:17] + "..."
                raise InputError(f"{where}: there are no texts in {shown!r}; expected {' or '.join(languages())}")
            return asked
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    spoken = locale.partition(".")[0].partition("_")[0].lower()
    return spoken if spoken in languages() else ENGLISH


def course_text(name: str, spoken: str = ENGLISH) -> str:
    """Read the Markdown of a text, in English if the language has no such file.

    `name` is a lesson's id or GLOSSARY. If no language has the file, the result is one line about that.
    """
    for each in (spoken, ENGLISH):
        try:
            return clean((folder() / each / f"{name}.md").read_text("utf-8"), keep_newlines=True)
        except (OSError, UnicodeDecodeError):
            continue
    from engine.own.lessons import own_lesson

    own = own_lesson(name)
    return f"*There is no text for {name}.*" if own is None else clean(own.text, keep_newlines=True)
