"""A lesson's table as rows of text: aligned numbers, wrapped words, and the greatest difference named below.

`rich.table` cannot drop digits, align on the decimal point or name the greatest difference. It takes 5 to 6 ms to lay
out the same cells, at each change of the pane's width; these rows take 0.6 to 0.9 ms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.text.fit import fullest, pad, wrap
from tui.text.number_column import aligned, is_numeric

if TYPE_CHECKING:
    from engine.events import Cell, Table

Piece = tuple[str, str]
Row = tuple[Piece, ...]
"""Pieces of text, each with its role, for which a widget has a style: title, header, rule, text, number, ..."""

GAPS = (3, 2, 1)
DIGITS = (6, 5, 4, 3)
"""The digits that are tried if there is too little room, after the space between columns is narrowed."""
_LEAST_TEXT, _LONGEST_WORD = 12, 20
"""The least width of a column of words, and the longest word that is not broken, in cells."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: its heading, its texts, and whether they are aligned right. `least` is its smallest width."""

    heading: str
    texts: tuple[str, ...]
    right: bool
    role: str
    worst: int | None = None

    @property
    def wide(self) -> int:
        """The width of its texts, unbroken, in cells."""
        return max((cell_len(text) for text in self.texts), default=0)

    @property
    def least(self) -> int:
        """The smallest width in cells: numbers are never broken, words and headings only between words."""
        longest = max((cell_len(word) for text in self.texts for word in text.split()), default=0)
        body = self.wide if self.role != "text" else min(self.wide, max(_LEAST_TEXT, min(longest, _LONGEST_WORD)))
        return max([body, 1] + [cell_len(word) for word in self.heading.split()])

    @property
    def two_rows(self) -> int:
        """The smallest width in cells at which the heading takes at most two rows."""
        widths = range(self.least, max(cell_len(self.heading), self.least) + 1)
        return next(width for width in widths if len(wrap(self.heading, width)) <= 2)


def table_rows(table: Table, width: int) -> list[Row]:
    """Lay out the table in rows of at most `width` cells; they are wider only if even its shortest form does not
    fit."""
    gap, columns = _fitted(table, width)
    widths = _widths(columns, width, gap)
    title = [((line, "title"),) for line in wrap(table.title, width)]
    rule = "─" * (sum(widths) + gap * (len(widths) - 1))
    rows: list[Row] = [*title, *_heading(columns, widths, gap), ((rule, "rule"),)]
    for number in range(len(table.rows)):
        rows += _body(columns, widths, gap, number)
    return rows + [((line, "note"),) for line in _notes(table, width)]


def _fitted(table: Table, width: int) -> tuple[int, list[_Column]]:
    """Choose the best form that fits: gaps are narrowed before digits are dropped, and the last gap goes last."""

    def forms() -> Iterator[tuple[int, list[_Column]]]:
        for digits, gaps in [*((digits, GAPS[:2]) for digits in DIGITS), (DIGITS[-1], GAPS[2:])]:
            columns = [_column(table, place, digits) for place in range(len(table.columns))]
            yield from ((gap, columns) for gap in gaps)

    def needed(form: tuple[int, list[_Column]]) -> int:
        gap, columns = form
        return sum(column.least for column in columns) + gap * (len(columns) - 1)

    return fullest(forms(), needed, width)


def _column(table: Table, place: int, digits: int) -> _Column:
    heading, cells = table.columns[place], [row[place] for row in table.rows]
    if is_numeric(cells):
        role = "difference" if is_difference(table.columns[place]) else "number"
        worst = _worst(cells) if role == "difference" else None
        return _Column(heading, tuple(aligned(cells, digits)), True, role, worst)
    texts = tuple(_said(cell) for cell in cells)
    # A word among numbers, such as None, is aligned as they are.
    numbers = sum(not isinstance(cell, str) for cell in cells)
    return _Column(heading, texts, numbers * 2 > len(cells) and max(map(len, texts)) <= _LEAST_TEXT, "text")


def _said(cell: Cell) -> str:
    return "-" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def is_difference(heading: str) -> bool:
    """Whether a column contains the differences of two others."""
    return " − " in heading or " - " in heading


def _worst(cells: Sequence[Cell]) -> int | None:
    """The row of the greatest difference; None if all are zero or none is a number."""
    sizes = [abs(cell) if isinstance(cell, int | float) and math.isfinite(cell) else 0.0 for cell in cells]
    most = max(sizes, default=0.0)
    return sizes.index(most) if most else None


def _widths(columns: Sequence[_Column], width: int, gap: int) -> list[int]:
    """The columns' widths: each gets its least; what is left goes to headings of two rows, texts, whole headings."""
    widths = [column.least for column in columns]
    spare = width - sum(widths) - gap * (len(columns) - 1)
    for wishes, in_part in (
        ([column.two_rows for column in columns], False),
        ([column.wide for column in columns], True),
        ([cell_len(column.heading) for column in columns], False),
    ):
        for place in sorted(range(len(columns)), key=lambda place: wishes[place]):
            more = max(wishes[place] - widths[place], 0)
            if more > spare:
                more = max(spare, 0) if in_part else 0
            widths[place] += more
            spare -= more
    return widths


def _heading(columns: Sequence[_Column], widths: Sequence[int], gap: int) -> list[Row]:
    """The headings, wrapped into as many rows as the longest needs, aligned at the bottom."""
    wrapped = [wrap(column.heading, width) for column, width in zip(columns, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    padded = [[""] * (height - len(lines)) + lines for lines in wrapped]
    return [
        _row([(line[y], "header") for line in padded], columns, widths, gap)
        for y in range(height)
        if any(line[y] for line in padded)
    ]


def _body(columns: Sequence[_Column], widths: Sequence[int], gap: int, number: int) -> list[Row]:
    """Lay out one row of the table, in several rows of text if words had to be wrapped."""
    cells = []
    for column, width in zip(columns, widths, strict=True):
        text = column.texts[number]
        role = "worst" if column.worst == number else column.role
        lines = wrap(text, width) if column.role == "text" else [text]
        cells.append([(line, role) for line in lines])
    height = max(len(lines) for lines in cells)
    return [
        _row([lines[y] if y < len(lines) else ("", "text") for lines in cells], columns, widths, gap)
        for y in range(height)
    ]


def _row(pieces: Sequence[Piece], columns: Sequence[_Column], widths: Sequence[int], gap: int) -> Row:
    row: list[Piece] = []
    for place, ((text, role), column, width) in enumerate(zip(pieces, columns, widths, strict=True)):
        if place:
            row.append((" " * gap, "text"))
        row.append((pad(text, width, right=column.right), role))
    return tuple(row)


def _notes(table: Table, width: int) -> list[str]:
    """The greatest difference of each column of differences, as a sentence."""
    notes = []
    for place, heading in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        if is_difference(heading) and is_numeric(cells):
            worst = _worst(cells)
            size = 0.0 if worst is None else abs(float(cells[worst] or 0.0))
            said = f"{size:.1e}" if size else "0"
            notes.append(f"greatest |{heading}|: {said}")
    return [line for note in notes for line in wrap(note, width)]
