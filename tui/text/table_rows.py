"""A lesson's table as rows of text: aligned numbers, wrapped words, and the greatest difference named below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from engine.events import Cell, Table
from tui.drawing.number_column import aligned, is_numeric
from tui.drawing.prose import pad, wrap
from tui.plain import plain

Piece = tuple[str, str]
Row = tuple[Piece, ...]
"""A row is pieces of text, each with its role, which a widget gives a style: title, header, rule, text, number, ..."""

GAPS = (3, 2, 1)
DIGITS = (6, 5, 4, 3)
"""What is given up where there is no room: space between columns first, then digits."""
_LEAST_TEXT, _LONGEST_WORD = 12, 20
"""Cells a column of words keeps at least, and the longest word that is not broken."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: its heading, its texts, and whether they stand at the right. `least` is how narrow it may become."""

    heading: str
    texts: tuple[str, ...]
    right: bool
    role: str
    worst: int | None = None

    @property
    def wide(self) -> int:
        """The cells its texts need, unbroken."""
        return max((cell_len(text) for text in self.texts), default=0)

    @property
    def least(self) -> int:
        """The fewest cells it can do with: numbers are never broken, words and headings between words."""
        longest = max((cell_len(word) for text in self.texts for word in text.split()), default=0)
        body = self.wide if self.role != "text" else min(self.wide, max(_LEAST_TEXT, min(longest, _LONGEST_WORD)))
        return max([body, 1] + [cell_len(word) for word in self.heading.split()])

    @property
    def two_rows(self) -> int:
        """The fewest cells in which the heading takes two rows at most."""
        widths = range(self.least, max(cell_len(self.heading), self.least) + 1)
        return next(width for width in widths if len(wrap(self.heading, width)) <= 2)


def table_rows(table: Table, width: int, *, ascii_only: bool = False) -> list[Row]:
    """The table in rows of `width` cells at most; wider ones only where not even its shortest form fits."""
    text = plain if ascii_only else str
    gap, columns = _fitted(table, width, ascii_only)
    widths = _widths(columns, width, gap)
    title = [((line, "title"),) for line in wrap(text(table.title), width)]
    rule = ("-" if ascii_only else "─") * (sum(widths) + gap * (len(widths) - 1))
    rows: list[Row] = [*title, *_heading(columns, widths, gap), ((rule, "rule"),)]
    for number in range(len(table.rows)):
        rows += _body(columns, widths, gap, number)
    return rows + [((line, "note"),) for line in _notes(table, ascii_only, width)]


def _fitted(table: Table, width: int, ascii_only: bool) -> tuple[int, list[_Column]]:
    """The columns in the best form that fits: gaps are narrowed before digits are given up, and the last gap last."""
    for digits, gaps in [*((digits, GAPS[:2]) for digits in DIGITS), (DIGITS[-1], GAPS[2:])]:
        columns = [_column(table, place, digits, ascii_only) for place in range(len(table.columns))]
        for gap in gaps:
            if sum(column.least for column in columns) + gap * (len(columns) - 1) <= width:
                return gap, columns
    return GAPS[-1], columns


def _column(table: Table, place: int, digits: int, ascii_only: bool) -> _Column:
    text = plain if ascii_only else str
    heading, cells = text(table.columns[place]), [row[place] for row in table.rows]
    if is_numeric(cells):
        role = "difference" if is_difference(table.columns[place]) else "number"
        worst = _worst(cells) if role == "difference" else None
        return _Column(heading, tuple(aligned(cells, digits)), True, role, worst)
    texts = tuple(text(_said(cell)) for cell in cells)
    # A word among numbers, such as None, stands where they stand.
    numbers = sum(not isinstance(cell, str) for cell in cells)
    return _Column(heading, texts, numbers * 2 > len(cells) and max(map(len, texts)) <= _LEAST_TEXT, "text")


def _said(cell: Cell) -> str:
    return "-" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def is_difference(heading: str) -> bool:
    """Whether a column says how far two others are apart."""
    return " − " in heading or " - " in heading


def _worst(cells: Sequence[Cell]) -> int | None:
    """The row of the greatest difference; None where all are zero or none is a number."""
    sizes = [abs(cell) if isinstance(cell, int | float) and math.isfinite(cell) else 0.0 for cell in cells]
    most = max(sizes, default=0.0)
    return sizes.index(most) if most else None


def _widths(columns: Sequence[_Column], width: int, gap: int) -> list[int]:
    """How wide each column is: at its least, then what is left goes to headings of two rows, texts, whole headings."""
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
    """The headings, wrapped into as many rows as the longest needs, the last of each next to its column."""
    wrapped = [wrap(column.heading, width) for column, width in zip(columns, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    padded = [[""] * (height - len(lines)) + lines for lines in wrapped]
    return [
        _row([(line[y], "header") for line in padded], columns, widths, gap)
        for y in range(height)
        if any(line[y] for line in padded)
    ]


def _body(columns: Sequence[_Column], widths: Sequence[int], gap: int, number: int) -> list[Row]:
    """One row of the table, in more than one row of text where words had to be wrapped."""
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


def _notes(table: Table, ascii_only: bool, width: int) -> list[str]:
    """The greatest difference of each column of differences, in words."""
    notes = []
    for place, heading in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        if is_difference(heading) and is_numeric(cells):
            worst = _worst(cells)
            size = 0.0 if worst is None else abs(float(cells[worst] or 0.0))
            said = f"{size:.1e}" if size else "0"
            notes.append(f"greatest |{plain(heading) if ascii_only else heading}|: {said}")
    return [line for note in notes for line in wrap(note, width)]
