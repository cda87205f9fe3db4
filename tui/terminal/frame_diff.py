"""The frame diff: of a frame, only the cells that differ from the terminal's are written.

Textual repaints whole widgets, each piece with its full style and a reset after it. Most of that is on the screen
already: this module keeps every cell that was written, and of a frame writes only the cells that change, with only the
parts of a style that differ from the last one. Running lessons need a seventh to a tenth of the bytes.

Cells whose width differs between terminals (East Asian, emoji, combining marks) are written whenever Textual writes
them. Anything but text, styles and cursor moves is passed through unchanged; the screen counts as unknown after it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, east_asian_width

from rich.cells import cell_len

_TOKEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|(\r?\n)|([^\x00-\x1f\x7f-\x9f]+)")
_HARMLESS = re.compile(r"(\x07|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b\[\?[\d;]*[hl]|\x1b\[\?\d+\$p|\x1b\[[<>][\d;]*u)*\Z")
"""The bell, titles, clipboard and pointer; modes; the keyboard protocol: sequences that change no cell."""

_SAME_CELLS = 4
"""Fewer unchanged cells between two changes are written again: skipping them takes as many bytes."""


class Pen(NamedTuple):
    """The state of the terminal's pen: attributes, and the parameters that set the two colours."""

    attributes: frozenset[str] = frozenset()
    foreground: str = "39"
    background: str = "49"


DEFAULT = Pen()
RESET = "\x1b[m"


class FrameDiff:
    """The cells that one terminal shows, known if they were written through `frame`."""

    def __init__(self) -> None:
        self._characters: list[list[str]] = []
        self._pens: list[list[Pen | None]] = []
        self._cursor: tuple[int, int] | None = None
        self._pen: Pen | None = None
        self._out: list[str] = []

    def forget(self) -> None:
        """Mark the screen, the cursor's position and the pen as unknown."""
        self._characters.clear()
        self._pens.clear()
        self._cursor = self._pen = None

    def frame(self, data: str) -> str:
        """Return the shortest data with the effect of `data` on the terminal; empty if nothing changes."""
        if _HARMLESS.match(data):
            return data
        self._out = []
        row = column = end = 0
        pen = DEFAULT
        for match in _TOKEN.finditer(data):
            if match.start() != end:
                return self._through(data)
            end = match.end()
            row_number, column_number, style, _, text = match.groups()
            if text is not None:
                column = self._text(row, column, pen, text)
            elif style is not None:
                pen = styled(pen, style)
            elif row_number is not None:
                row, column = int(row_number) - 1, int(column_number) - 1
            else:
                row, column = row + 1, 0
        if end != len(data):
            return self._through(data)
        if self._cursor != (row, column):
            self._move(row, column)
        return "".join(self._out)

    def _through(self, data: str) -> str:
        """Pass a sequence through that is not understood."""
        self.forget()
        return f"{RESET}{data}"

    def _text(self, row: int, column: int, pen: Pen, text: str) -> int:
        """Write the cells of a text that change; returns the column after it."""
        if not is_plain(text):
            return self._untidy(row, column, pen, text)
        behind = column + len(text)
        characters, pens = self._row(row, behind)
        old = characters[column:behind]
        new = list(text)
        new_pens = [pen] * len(text)
        if pens[column:behind] != new_pens:
            changed = [i for i, was in enumerate(pens[column:behind]) if was != pen or old[i] != new[i]]
        elif old != new:
            changed = [i for i, was in enumerate(old) if was != new[i]]
        else:
            return behind
        characters[column:behind] = new
        pens[column:behind] = new_pens
        start = last = changed[0]
        for i in changed[1:]:
            if i - last > _SAME_CELLS:
                self._write(row, column + start, pen, text[start : last + 1])
                start = i
            last = i
        self._write(row, column + start, pen, text[start : last + 1])
        return behind

    def _untidy(self, row: int, column: int, pen: Pen, text: str) -> int:
        """Write a text without comparing; the cursor's position and the cells beside it are unknown afterwards."""
        behind = column + cell_len(text)
        _, pens = self._row(row, behind + 1)
        before = max(column - 1, 0)
        pens[before : behind + 1] = [None] * (behind + 1 - before)
        self._write(row, column, pen, text)
        self._cursor = None
        return behind

    def _row(self, row: int, width: int) -> tuple[list[str], list[Pen | None]]:
        """The row, extended to at least `width` cells."""
        while len(self._pens) <= row:
            self._pens.append([])
            self._characters.append([])
        characters, pens = self._characters[row], self._pens[row]
        if (missing := width - len(pens)) > 0:
            pens += [None] * missing
            characters += [""] * missing
        return characters, pens

    def _write(self, row: int, column: int, pen: Pen, text: str) -> None:
        if self._cursor != (row, column):
            self._move(row, column)
        if self._pen is None:
            self._out.append(RESET)
            self._pen = DEFAULT
        if pen != self._pen:
            self._out.append(change(self._pen, pen))
            self._pen = pen
        self._out.append(text)
        self._cursor = (row, column + len(text))

    def _move(self, row: int, column: int) -> None:
        at = self._cursor
        if at is not None and at[0] == row and column > at[1]:
            steps = column - at[1]
            self._out.append(f"\x1b[{steps}C" if steps > 1 else "\x1b[C")
        else:
            self._out.append(f"\x1b[{row + 1};{column + 1}H")
        self._cursor = (row, column)


@lru_cache(maxsize=4096)
def is_plain(text: str) -> bool:
    """Whether each character of a text takes one cell on every terminal."""
    return text.isascii() or all(c.isascii() or _takes_one_cell(c) for c in text)


def _takes_one_cell(character: str) -> bool:
    wide = east_asian_width(character) in "WF"
    return not wide and category(character)[0] not in "MC" and cell_len(character) == 1


@lru_cache(maxsize=4096)
def styled(pen: Pen, parameters: str) -> Pen:
    """The pen after the sequence `CSI parameters m`. Source: ECMA-48 (1991), 8.3.117; ISO 8613-6 for 38 and 48."""
    attributes, foreground, background = pen
    given = parameters.split(";")
    at = 0
    while at < len(given):
        one, size = given[at], 1
        number = int(one or "0")
        if number in (38, 48):
            size = 3 if given[at + 1 : at + 2] == ["5"] else 5
        colour = ";".join(given[at : at + size])
        if number == 0:
            attributes, foreground, background = DEFAULT
        elif 30 <= number <= 39 or 90 <= number <= 97:
            foreground = colour
        elif 40 <= number <= 49 or 100 <= number <= 107:
            background = colour
        else:
            attributes = attributes | {one}
        at += size
    return Pen(attributes, foreground, background)


@lru_cache(maxsize=4096)
def change(old: Pen, new: Pen) -> str:
    """The shortest sequence that changes one pen to another."""
    parameters: list[str] = []
    if old.attributes - new.attributes:  # switching one off would need its own code
        parameters, old = ["0"], DEFAULT
        if new == DEFAULT:
            return RESET
    parameters += sorted(new.attributes - old.attributes)
    if new.foreground != old.foreground:
        parameters.append(new.foreground)
    if new.background != old.background:
        parameters.append(new.background)
    return f"\x1b[{';'.join(parameters)}m"
