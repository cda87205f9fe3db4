"""Settings as rows of a given width: names, values, and where each setting stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.params import Choice, Choices, Param, Switch
from tui.drawing.prose import cut

NAME_WIDTH = 14
GROUP_GAP = 1

Piece = tuple[str, str]
"""A text and its role: name, changed, live, value, on, off, group, mark."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs of a form."""

    live: str = "•"
    on: str = "■"
    off: str = "□"
    opens: str = "▾"
    cut: str = "…"


UNICODE = Marks()
ASCII = Marks("*", "[x]", "[ ]", "v", "...")


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row. `param` is the place of its setting, -1 for a heading; `options` are the words on it with their columns
    [first, last); `value_at` is the column where its value begins."""

    pieces: tuple[Piece, ...]
    param: int = -1
    options: tuple[tuple[str, int, int], ...] = ()
    value_at: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """All that a form shows: settings in order, their texts, which were changed, which choice is `opened`."""

    params: tuple[Param, ...]
    texts: Mapping[str, str]
    changed: frozenset[str] = frozenset()
    opened: str = ""


def form_rows(form: Form, width: int, marks: Marks = UNICODE) -> list[FormRow]:
    """The rows of a form in `width` cells."""
    rows: list[FormRow] = []
    group = ""
    for place, param in enumerate(form.params):
        if param.group != group:
            group = param.group
            rows += [FormRow(())] * (GROUP_GAP if rows else 0) + [FormRow(((group, "group"),))]
        rows += _rows_of(form, place, param, width, marks)
    return rows


def _rows_of(form: Form, place: int, param: Param, width: int, marks: Marks) -> list[FormRow]:
    name, text = param.name.replace("_", " "), form.texts[param.name]
    role = "changed" if param.name in form.changed else "name"
    if isinstance(param, Choices):
        return [FormRow(((name, role),), place), *_words(param.options, text.split(","), place, width, marks)]
    live = marks.live if param.live else " "
    lead = ((cut(name, NAME_WIDTH, marks.cut).ljust(NAME_WIDTH), role), (live, "live"))
    room = max(width - NAME_WIDTH - 1, 1)
    if isinstance(param, Switch):
        text = f"{marks.on if text == 'on' else marks.off} {text}"
    if not isinstance(param, Choice):
        return [FormRow((*lead, (cut(text, room, marks.cut), "value")), place, value_at=NAME_WIDTH + 1)]
    shown = cut(text, room - 2, marks.cut)
    row = FormRow((*lead, (shown, "value"), (f" {marks.opens}", "mark")), place, value_at=NAME_WIDTH + 1)
    return [row, *_words(param.options, [text], place, width, marks)] if form.opened == param.name else [row]


def _words(options: Sequence[str], chosen: Sequence[str], place: int, width: int, marks: Marks) -> list[FormRow]:
    """Words with a mark each, in as many columns as fit."""
    wide = max(map(len, options)) + len(marks.on) + 3
    columns = max((width + 2) // wide, 1)
    rows = []
    for first in range(0, len(options), columns):
        pieces: list[Piece] = []
        found = []
        for column, option in enumerate(options[first : first + columns]):
            on = option in chosen
            shown = f"{marks.on if on else marks.off} {option}"
            pieces += [(shown, "on" if on else "off"), (" " * (wide - len(shown)), "off")]
            found.append((option, column * wide, column * wide + len(shown)))
        rows.append(FormRow(tuple(pieces), place, tuple(found)))
    return rows
