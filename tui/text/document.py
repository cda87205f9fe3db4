"""A text's blocks as rows of a given width."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells

from tui.drawing.prose import pad
from tui.markdown import Block, Code, Grid, Heading, Item, Paragraph, Span, spans
from tui.plain import plain

Row = tuple[Span, ...]
"""The pieces of one row, each with its role."""

LEAST = 12


def document_rows(found: Sequence[Block], width: int, *, ascii_only: bool = False) -> list[Row]:
    """The rows of a document; no row is wider than `width` cells, but for code."""
    width = max(width, LEAST)
    rows: list[Row] = []
    before: Block | None = None
    for block in found:
        if before is not None and not (isinstance(before, Item) and isinstance(block, Item)):
            rows.append(())
            if isinstance(block, Heading) and block.level <= 2:
                rows.append(())
        rows += _block(block, width, ascii_only)
        before = block
    return rows


def _block(block: Block, width: int, ascii_only: bool) -> list[Row]:
    match block:
        case Heading(level, text):
            role = "title" if level == 1 else "heading"
            return flow([(words, role) for words, _ in _read(text, ascii_only)], width)
        case Paragraph(text):
            return flow(_read(text, ascii_only), width)
        case Item(marker, text, depth):
            shown = marker if marker != "-" else ("*" if ascii_only else "•")
            indent = " " * (2 * depth)
            lead = f"{indent}{shown} "
            lines = flow(_read(text, ascii_only), width - len(lead))
            hang = " " * len(lead)
            return [((lead if n == 0 else hang, "marker"), *line) for n, line in enumerate(lines)]
        case Code(lines):
            shown_lines = [plain(line) if ascii_only else line for line in lines]
            longest = max(map(cell_len, shown_lines), default=0)
            indent = " " * min(max(width - longest, 0), 2)
            wide = max(width, longest)
            return [((pad(indent + line, wide), "block"),) for line in ("", *shown_lines, "")]
        case Grid(grid):
            return _grid(grid, width, ascii_only)


def _read(text: str, ascii_only: bool) -> list[Span]:
    return [(plain(words), role) for words, role in spans(text)] if ascii_only else spans(text)


def flow(pieces: Sequence[Span], width: int) -> list[Row]:
    """Pieces of a paragraph broken at spaces into rows of `width` cells; a word that is wider is broken within."""
    rows: list[list[Span]] = [[]]
    used = 0
    for words in _words(pieces):
        size = sum(cell_len(text) for text, _ in words)
        if size > width:
            for part in [(piece, role) for text, role in words for piece in chop_cells(text, width)]:
                if used and used + cell_len(part[0]) > width:
                    rows.append([])
                    used = 0
                rows[-1].append(part)
                used += cell_len(part[0])
            continue
        space = 1 if used else 0
        if used + space + size > width:
            rows.append([])
            used = space = 0
        if space:
            rows[-1].append((" ", _between(rows[-1][-1][1], words[0][1])))
        rows[-1] += words
        used += space + size
    return [tuple(row) for row in rows]


def _between(before: str, after: str) -> str:
    """The role of the space between two words: that of both, where it is the same."""
    return before if before == after else "text"


def _words(pieces: Sequence[Span]) -> list[list[Span]]:
    """The words of a paragraph; one may change its role within."""
    words: list[list[Span]] = []
    glued = False
    for text, role in pieces:
        parts = text.split(" ")
        for place, part in enumerate(parts):
            if place or not glued:
                if part:
                    words.append([(part, role)])
            elif part:
                words[-1].append((part, role))
            if place == 0 and not part and text:
                glued = False
        glued = bool(parts[-1]) and bool(words)
    return words


def _grid(grid: Sequence[Sequence[str]], width: int, ascii_only: bool) -> list[Row]:
    """A table: columns as wide as they need, the widest made narrower until they fit; its cells flow."""
    if not grid:
        return []
    cells = [[_read(cell, ascii_only) for cell in row] for row in grid]
    widths = [max(sum(cell_len(text) for text, _ in row[n]) for row in cells) for n in range(len(cells[0]))]
    gap = 2
    while sum(widths) + gap * (len(widths) - 1) > width and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    rows: list[Row] = []
    for number, row in enumerate(cells):
        named = [[(text, "column") for text, _ in cell] for cell in row] if number == 0 else row
        columns = [flow(cell, size) for cell, size in zip(named, widths, strict=True)]
        for line in range(max(map(len, columns))):
            made: list[Span] = []
            for column, size in zip(columns, widths, strict=True):
                pieces = column[line] if line < len(column) else ()
                made += pieces
                made.append((" " * (size - sum(cell_len(text) for text, _ in pieces) + gap), "text"))
            rows.append(tuple(made))
        if number == 0:
            dash = "-" if ascii_only else "─"
            rows.append(((dash * (sum(widths) + gap * (len(widths) - 1)), "rule"),))
    return rows
