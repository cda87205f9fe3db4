"""Fitting text to a width: wrapping, cutting, padding, and choosing pieces by importance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from rich.cells import cell_len, chop_cells, set_cell_size

_Form = TypeVar("_Form")
_Piece = TypeVar("_Piece")

_NUMBER = re.compile(r"(?<![\w.-])[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-−+]?\d+)?%?(?!\w|-\d)")
"""A number that is not part of a name or of a date."""

_FIRST_PARTS = re.compile(r"(?<![\w.])(?:[-−+]?\d[\d.]*(?:[eE][-−+]?\d+)?,\s*)+$")
"""The first coordinates of a point whose last one is cut off."""


def wrap(text: str, width: int) -> list[str]:
    """Wrap `text` to lines of at most `width` cells, at spaces, and within a word only if it is wider than that.

    An empty text gives one empty line.
    """
    width = max(width, 2)
    lines = [""]
    for word in text.split():
        pieces = [word] if cell_len(word) <= width else chop_cells(word, width)
        for number, piece in enumerate(pieces):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if number == 0 and cell_len(joined) <= width:
                lines[-1] = joined
            elif lines == [""]:
                lines = [piece]
            else:
                lines.append(piece)
    return lines


def cut(text: str, width: int, mark: str = "…") -> str:
    """Cut `text` to at most `width` cells; if it is longer, `mark` replaces its end.

    A number is kept or left out, never cut: `1.23…` might be 1.234 or 1.23e+07.
    """
    if cell_len(text) <= width:
        return text
    if width < cell_len(mark):
        return mark[:width]
    kept = set_cell_size(text, width - cell_len(mark)).rstrip()
    for found in _NUMBER.finditer(text):
        if found.start() < len(kept) <= found.end():
            kept = kept[: found.start()].rstrip()
    return _FIRST_PARTS.sub("", kept).rstrip() + mark


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Pad `text` to exactly `width` cells, aligned left or, with `right`, right; a longer text stays unchanged."""
    space = " " * max(width - cell_len(text), 0)
    return space + text if right else text + space


def fullest(forms: Iterable[_Form], width_of: Callable[[_Form], int], room: int) -> _Form:
    """Choose the first form that is at most `room` cells wide, of forms from the fullest to the barest; the barest if
    none is. Forms after the chosen one are neither measured nor, if a generator makes them, made.

    Raises:
        ValueError: there is no form.
    """
    form: _Form | None = None
    for form in forms:
        if width_of(form) <= room:
            return form
    if form is None:
        raise ValueError("there is no form to choose")
    return form


def shortened(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Yield all pieces, then all but the last, and so on to none."""
    return (pieces[:count] for count in range(len(pieces), -1, -1))


def fitting(widths: Sequence[int], room: int, *, gap: int = 0, order: Iterable[int] | None = None) -> list[int]:
    """The indices of the pieces that fit side by side into `room` cells with `gap` cells between two, ascending.

    They are tried in `order`, the most important first, or from left to right. One that does not fit is left out, and
    the next is tried.
    """
    kept: list[int] = []
    used = -gap
    for place in order if order is not None else range(len(widths)):
        if used + gap + widths[place] <= room:
            kept.append(place)
            used += gap + widths[place]
    return sorted(kept)


def joined(ranked: Sequence[tuple[int, str]], room: int, separator: str) -> str:
    """Join texts of pairs (rank, text) to at most `room` cells, in the given order, with a separator between two; those
    with the lowest ranks are kept."""
    order = sorted(range(len(ranked)), key=lambda place: ranked[place][0])
    places = fitting([cell_len(text) for _, text in ranked], room, gap=cell_len(separator), order=order)
    return separator.join(ranked[place][1] for place in places)
