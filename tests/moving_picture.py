"""An animated SVG of a terminal: each frame draws the cells that differ over the frames before it.

Without animation, as in a viewer without CSS animations or for a reader who prefers less motion, it shows the last
frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.strip import Strip

CELL = (12.0, 24.0)
"""Width and height of a cell in pixels."""
_FONT = 20
_BASE = 18.5
_EDGE = 10
_WORD = re.compile("[^ \u2800-\u28ff]+")
_LINE = re.compile("[\u2500-\u257f]")
_BRAILLE = 0x2800
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dot of each bit. Source: The Unicode Standard, block U+2800, Braille Patterns."""
_DOT = 3


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and its colours as #rrggbb. The second cell of a wide character is empty."""

    text: str
    colour: str
    ground: str
    bold: bool = False


@dataclass(frozen=True)
class Frame:
    """Rows of cells, and the duration for which they are shown."""

    rows: tuple[tuple[Cell, ...], ...]
    seconds: float


def frame_of(strips: Sequence[Strip], seconds: float, theme: TerminalTheme) -> Frame:
    """Make a frame of a screen's rows."""
    return Frame(tuple(tuple(_cells(strip, theme)) for strip in strips), seconds)


def _cells(strip: Strip, theme: TerminalTheme) -> Iterator[Cell]:
    for text, style, _ in strip:
        colour, ground = _colours(style or Style.null(), theme)
        bold = bool(style and style.bold)
        for char in text:
            size = cell_len(char)
            if size:
                yield Cell(char, colour, ground, bold)
                yield from [Cell("", colour, ground, bold)] * (size - 1)


def _colours(style: Style, theme: TerminalTheme) -> tuple[str, str]:
    front = _hex(style.color, theme, foreground=True)
    ground = _hex(style.bgcolor, theme, foreground=False)
    return (ground, front) if style.reverse else (front, ground)


def _hex(colour: Color | None, theme: TerminalTheme, *, foreground: bool) -> str:
    return (colour or Color.default()).get_truecolor(theme, foreground=foreground).hex


def animated(scenes: Sequence[Sequence[Frame]], title: str) -> str:
    """Draw the frames of some scenes as one SVG that repeats after its last. The first of each scene is drawn whole,
    which covers glyphs that reach out of their cells."""
    frames = [frame for scene in scenes for frame in scene]
    firsts = [scene[0] for scene in scenes]
    height, width = len(frames[0].rows), len(frames[0].rows[0])
    size = (width * CELL[0] + 2 * _EDGE, height * CELL[1] + 2 * _EDGE)
    whole_s = sum(frame.seconds for frame in frames)
    blank = tuple((Cell("", "", ""),) * width for _ in range(height))
    parts, rules, at_s = [], [], 0.0
    before = blank
    for number, frame in enumerate(frames):
        if any(frame is first for first in firsts):
            before = blank
        drawn = "".join(_changes(before, frame.rows))
        parts.append(f'<g class="f{number}">{drawn}</g>')
        if number:
            rules.append(_rule(number, 100 * at_s / whole_s))
        before, at_s = frame.rows, at_s + frame.seconds
    style = (
        f"text{{font:{_FONT}px monospace}}.b{{font-weight:bold}}"
        f"@media(prefers-reduced-motion:no-preference){{g{{animation-duration:{whole_s:.2f}s;"
        f"animation-iteration-count:infinite;animation-timing-function:step-end}}{''.join(rules)}}}"
    )
    ground = frames[0].rows[0][0].ground
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:g} {size[1]:g}" role="img">'
        f"<title>{escape(title)}</title><style>{style}</style>"
        f'<rect width="{size[0]:g}" height="{size[1]:g}" rx="8" fill="{ground}"/>'
        f'<g transform="translate({_EDGE},{_EDGE})">{"".join(parts)}</g></svg>\n'
    )


def _rule(number: int, percent: float) -> str:
    return (
        f"@keyframes f{number}{{0%{{visibility:hidden}}{percent:.3f}%{{visibility:visible}}}}"
        f".f{number}{{animation-name:f{number}}}"
    )


def _changes(before: Sequence[Sequence[Cell]], after: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """The cells to be drawn, neighbours of one style joined."""
    for y, new in enumerate(after):
        x = 0
        while x < len(new):
            if not _is_drawn(before, after, x, y):
                x += 1
                continue
            start = x
            while x < len(new) and _is_drawn(before, after, x, y) and _alike(new[start], new[x]):
                x += 1
            yield from _piece(start, y, new[start:x])


def _is_drawn(before: Sequence[Sequence[Cell]], after: Sequence[Sequence[Cell]], x: int, y: int) -> bool:
    """Whether a cell differs, or a line that goes from above or below it reached a little into it."""
    if before[y][x] != after[y][x]:
        return True
    beside = [row for row in (y - 1, y + 1) if 0 <= row < len(after)]
    return any(_LINE.fullmatch(before[row][x].text) and before[row][x] != after[row][x] for row in beside)


def _alike(one: Cell, other: Cell) -> bool:
    return (one.colour, one.ground, one.bold) == (other.colour, other.ground, other.bold)


def _piece(x: int, y: int, cells: Sequence[Cell]) -> Iterator[str]:
    left, top, wide = x * CELL[0], y * CELL[1], len(cells) * CELL[0]
    # A little larger than its cells: otherwise a seam would show between neighbours of one colour.
    yield f'<rect x="{left:g}" y="{top:g}" width="{wide + 0.5:g}" height="{CELL[1] + 0.5:g}" fill="{cells[0].ground}"/>'
    text = "".join(cell.text for cell in cells)
    if set(text) == {"▀"}:
        half = CELL[1] / 2
        yield f'<rect x="{left:g}" y="{top:g}" width="{wide + 0.5:g}" height="{half:g}" fill="{cells[0].colour}"/>'
        return
    if dots := "".join(_dots(left, top, cells)):
        yield f'<path fill="{cells[0].colour}" d="{dots}"/>'
    bold = ' class="b"' if cells[0].bold else ""
    # One word each: viewers differ in their treatment of blanks, and in the width of a line of text.
    for word in _WORD.finditer(text):
        at, long = left + cell_len(text[: word.start()]) * CELL[0], cell_len(word[0]) * CELL[0]
        yield (
            f'<text x="{at:g}" y="{top + _BASE:g}" fill="{cells[0].colour}" textLength="{long:g}"'
            f' lengthAdjust="spacingAndGlyphs"{bold}>{escape(word[0])}</text>'
        )


def _dots(left: float, top: float, cells: Sequence[Cell]) -> Iterator[str]:
    """Draw the braille of these cells as squares: many fonts have none."""
    for place, cell in enumerate(cells):
        bits = ord(cell.text) - _BRAILLE if cell.text else 0
        if not 0 < bits < 256:
            continue
        for bit, (column, row) in enumerate(_DOTS):
            if bits >> bit & 1:
                x = left + (place + (2 * column + 1) / 4) * CELL[0] - _DOT / 2
                y = top + (2 * row + 1) / 8 * CELL[1] - _DOT / 2
                yield f"M{x:g} {y:g}h{_DOT}v{_DOT}h-{_DOT}z"
