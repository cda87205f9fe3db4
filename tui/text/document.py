"""The layout of Markdown in rows of a given width, for lessons, the glossary and a log's texts.

markdown-it parses; the layout is ours. A lesson's text takes rich.markdown 8 to 50 ms to lay out, and Textual's
Markdown 200 to 360 ms of processor time to show, in 64 to 113 widgets. These rows take 1 to 4 ms to lay out and 14 to
21 ms to show: another lesson is there at once, and a pane can be resized while reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len, chop_cells

from tui.text.fit import pad
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.markdown import QUOTE, Block, Code, Grid, Heading, ListItem, Paragraph, Span, Spans, ThematicBreak

Row = tuple[Span, ...]
"""The pieces of one row, each with its role."""

LEAST = 12


def document_rows(found: Sequence[Block], width: int, glyphs: Glyphs = UNICODE) -> list[Row]:
    """Lay out a document; no row is wider than `width` cells, except code."""
    width = max(width, LEAST)
    rows: list[Row] = []
    before: Block | None = None
    for block in found:
        if before is not None and not (isinstance(before, ListItem) and isinstance(block, ListItem)):
            rows.append(())
            if isinstance(block, Heading) and block.level <= 2:
                rows.append(())
        rows += _block(_spelled(block, glyphs), width)
        before = block
    signs = str.maketrans({QUOTE[0]: glyphs.quote, "•": glyphs.bullet, "─": glyphs.rule})
    return [tuple((text.translate(signs), role) for text, role in row) for row in rows] if glyphs.ascii else rows


def _spelled(block: Block, glyphs: Glyphs) -> Block:
    """The block with its words converted to a character set."""

    def spans(text: Spans) -> Spans:
        return tuple((glyphs.spelled(words), role) for words, role in text)

    match block:
        case Code(lines):
            return replace(block, lines=tuple(map(glyphs.spelled, lines)))
        case Grid(rows):
            return replace(block, rows=tuple(tuple(map(spans, row)) for row in rows))
        case ThematicBreak():
            return block
    return replace(block, text=spans(block.text))


def _block(block: Block, width: int) -> list[Row]:
    if block.margin:
        inner = _block(replace(block, margin=""), max(width - cell_len(block.margin), LEAST))
        return [((block.margin, "marker"), *row) for row in inner]
    match block:
        case Heading(level, text):
            role = "title" if level == 1 else "heading"
            return flow([(words, role) for words, _ in text], width)
        case Paragraph(text):
            return flow(text, width)
        case ListItem(marker, text):
            lead = f"{'•' if marker == '-' else marker} "
            lines = flow(text, width - len(lead))
            hang = " " * len(lead)
            return [((lead if n == 0 else hang, "marker"), *line) for n, line in enumerate(lines)]
        case Code(lines):
            longest = max(map(cell_len, lines), default=0)
            indent = " " * min(max(width - longest, 0), 2)
            wide = max(width, longest)
            return [((pad(indent + line, wide), "block"),) for line in ("", *lines, "")]
        case Grid(grid):
            return _grid(grid, width)
        case ThematicBreak():
            return [(("─" * width, "rule"),)]


def flow(pieces: Sequence[Span], width: int) -> list[Row]:
    """Break the spans of a paragraph at spaces into rows of `width` cells, and within a word only if it is wider."""
    breaks = [place for place, (_, role) in enumerate(pieces) if role == "break"]
    starts, ends = [0, *(place + 1 for place in breaks)], [*breaks, len(pieces)]
    return [row for start, end in zip(starts, ends, strict=True) for row in _flow(pieces[start:end], width)]


def _flow(pieces: Sequence[Span], width: int) -> list[Row]:
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
    """The role of the space between two words: theirs if it is the same, else plain text."""
    return before if before == after else "text"


def _words(pieces: Sequence[Span]) -> list[list[Span]]:
    """Split a paragraph into words; the role may change within a word."""
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


def _grid(cells: Sequence[Sequence[Spans]], width: int) -> list[Row]:
    """Lay out a table: columns as wide as their content, the widest narrowed until all fit; cells are wrapped."""
    if not cells:
        return []
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
            rows.append((("─" * (sum(widths) + gap * (len(widths) - 1)), "rule"),))
    return rows
