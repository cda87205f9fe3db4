"""Settings as rows of a given width: names, values, and the position of each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.params import Choice, Choices, Number, Param, Starts, Switch
from engine.training_params import Widths
from tui.model.stepping import words_of
from tui.text.fit import cut
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.words import rounded

NAME_WIDTH = 14
GROUP_GAP = 1

Piece = tuple[str, str]
"""A text and its role: name, changed, live, value, on, off, group, mark."""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row. `param` is the index of its setting, -1 for a heading; `options` are the words on it with their columns
    [first, last); `value_at` is the column where its value begins."""

    pieces: tuple[Piece, ...]
    param: int = -1
    options: tuple[tuple[str, int, int], ...] = ()
    value_at: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """The content of a form: settings in order, their exact texts, which were changed, which choice is `opened`."""

    params: tuple[Param, ...]
    texts: Mapping[str, str]
    changed: frozenset[str] = frozenset()
    opened: str = ""


def form_rows(form: Form, width: int, glyphs: Glyphs = UNICODE) -> list[FormRow]:
    """Lay out a form in `width` cells."""
    rows: list[FormRow] = []
    group = ""
    for place, param in enumerate(form.params):
        if param.group != group:
            group = param.group
            rows += [FormRow(())] * (GROUP_GAP if rows else 0) + [FormRow(((group, "group"),))]
        rows += _rows_of(form, place, param, width, glyphs)
    return rows


def _rows_of(form: Form, place: int, param: Param, width: int, glyphs: Glyphs) -> list[FormRow]:
    name, text = param.name.replace("_", " "), form.texts[param.name]
    role = "changed" if param.name in form.changed else "name"
    if isinstance(param, Choices):
        head = FormRow(((name.ljust(NAME_WIDTH + 1), role),), place, value_at=NAME_WIDTH + 1)
        return [head, *_words(words_of(param, text), param.parse(text), place, width, glyphs)]
    live = glyphs.bullet if param.live else " "
    lead = ((cut(name, NAME_WIDTH, glyphs.ellipsis).ljust(NAME_WIDTH), role), (live, "live"))
    room = max(width - NAME_WIDTH - 1, 1)
    text = rounded(text) if isinstance(param, Number | Starts) else text
    if isinstance(param, Widths):
        text = _widths(text, room, glyphs.ellipsis)
    if isinstance(param, Switch):
        text = f"{glyphs.on if text == 'on' else glyphs.off} {text}"
    if not isinstance(param, Choice):
        return [FormRow((*lead, (cut(text, room, glyphs.ellipsis), "value")), place, value_at=NAME_WIDTH + 1)]
    shown = cut(text, room - 2, glyphs.ellipsis)
    row = FormRow((*lead, (shown, "value"), (f" {glyphs.opens}", "mark")), place, value_at=NAME_WIDTH + 1)
    return [row, *_words(words_of(param, text), [text], place, width, glyphs)] if form.opened == param.name else [row]


def _widths(text: str, room: int, mark: str) -> str:
    """As many of the widths as fit into `room` cells, from the first on."""
    if len(text) <= room:
        return text
    parts = text.split(",")
    while parts and len(",".join(parts)) + 1 + len(mark) > room:
        parts.pop()
    return f"{','.join(parts)} {mark}".lstrip()


def _words(options: Sequence[str], chosen: Sequence[str], place: int, width: int, glyphs: Glyphs) -> list[FormRow]:
    """Lay out words with a mark each, in as many columns as fit."""
    wide = min(max(map(len, options)) + len(glyphs.on) + 3, width + 2)
    columns = max((width + 2) // wide, 1)
    rows = []
    for first in range(0, len(options), columns):
        pieces: list[Piece] = []
        found = []
        for column, option in enumerate(options[first : first + columns]):
            on = option in chosen
            shown = cut(f"{glyphs.on if on else glyphs.off} {option}", wide - 2, glyphs.ellipsis)
            pieces += [(shown, "on" if on else "off"), (" " * (wide - len(shown)), "off")]
            found.append((option, column * wide, column * wide + len(shown)))
        rows.append(FormRow(tuple(pieces), place, tuple(found)))
    return rows
