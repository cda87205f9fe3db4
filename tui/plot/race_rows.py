"""The race as rows of text, with as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from tui.plot import path_styles
from tui.plot.cells import NO_STYLE, Cells
from tui.text.fit import cut, fullest
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.words import number
from tui.views.standings import RaceStanding

_LEFT, _GAP = 4, 2
"""Columns before the label, for the choice and the mark, and before the end of a path."""
_NUMBER, _STEP = 10, 8
"""Columns of a number and of a step, including a blank before; a long number (-3.199e+38) widens its column."""


@dataclass(frozen=True, slots=True)
class RaceLook:
    """Styles of a race's rows, `swatches` those of the paths' marks."""

    swatches: Sequence[Style]
    head: Style = NO_STYLE
    text: Style = NO_STYLE
    chosen: Style = NO_STYLE
    bad: Style = NO_STYLE
    glyphs: Glyphs = UNICODE


@dataclass(frozen=True, slots=True)
class RaceColumns:
    """Widths of the columns in cells, 0 for one that is left out; `label` never is.

    `detail` is how fully the end of a path is described: 2 names the minimum, 1 its shortened position, 0 only the
    step. `gap` are the columns before that. Labels are either all complete or all `short`.
    """

    label: int
    step: int = 0
    value: int = 0
    gradient: int = 0
    end: int = 0
    detail: int = 0
    gap: int = _GAP
    short: bool = False

    @property
    def width(self) -> int:
        """The cells of a row."""
        end = self.gap + self.end if self.end else 0
        return _LEFT + self.label + self.step + self.value + self.gradient + end


def columns(width: int, rows: Sequence[RaceStanding]) -> RaceColumns:
    """Choose the columns for `width` cells: first the value and the step of arrival, then the minimum, |∇f|, and the
    step."""
    full, brief = (max((len(_label(row, short=short)) for row in rows), default=4) for short in (False, True))
    ends = [max([2, *(len(_end(row, detail)) for row in rows)]) for detail in (0, 1, 2)]
    f, slope = (
        max([_NUMBER, *(1 + len(number(each)) for each in values)])
        for values in ([row.value for row in rows], [row.gradient_norm for row in rows])
    )
    forms = [
        RaceColumns(label, step, f, gradient, ends[detail], detail, gap, label < full)
        for label, step, gradient, detail, gap in (
            (full, _STEP, slope, 2, _GAP),
            (full, 0, slope, 2, _GAP),
            (brief, 0, slope, 2, _GAP),
            (brief, 0, slope, 1, _GAP),
            (brief, 0, 0, 1, _GAP),
            (brief, 0, 0, 0, _GAP),
            (brief, 0, 0, 0, 1),
        )
    ]
    forms += [RaceColumns(brief, value=f, short=True), RaceColumns(max(width - _LEFT, 1), short=True)]
    return fullest(forms, lambda form: form.width, width)


def draw_rows(
    rows: Sequence[RaceStanding], fit: RaceColumns, width: int, chosen: int, look: RaceLook, first: int, last: int
) -> Cells:
    """Draw a row of column names, then the standings from `first` to before `last`; the path `chosen` is bold."""
    cells = Cells(width, 1 + last - first)
    at = _LEFT + fit.label
    slope = look.glyphs.spelled("|∇f|")
    for name, size in (("step", fit.step), ("f", fit.value), (slope, fit.gradient)):
        if size:
            cells.put(at, 0, name.rjust(size), look.head)
        at += size
    cells.put(_LEFT, 0, "path"[: fit.label], look.head)
    if fit.end:
        cells.put(at + fit.gap, 0, "reached" if fit.detail and fit.end >= len("reached") else "at", look.head)
    for y, row in enumerate(rows[first:last], 1):
        _draw_row(cells, y, row, fit, look, chosen=row.path == chosen)
    return cells


def _draw_row(cells: Cells, y: int, row: RaceStanding, fit: RaceColumns, look: RaceLook, *, chosen: bool) -> None:
    style = look.chosen if chosen else look.text
    if chosen:
        cells.put(0, y, look.glyphs.chosen, style)
    cells.put(2, y, path_styles.head(row.path, look.glyphs), look.swatches[row.path])
    said = look.glyphs.spelled
    label = said(_label(row, short=fit.short))
    cells.put(_LEFT, y, cut(label, fit.label, look.glyphs.more), style)
    at = _LEFT + fit.label
    for text, size in (
        (f"{row.step:,}", fit.step),
        (number(row.value), fit.value),
        (number(row.gradient_norm), fit.gradient),
    ):
        if size:
            cells.put(at, y, text.rjust(size), style)
        at += size
    if fit.end:
        bad = row.diverged_step is not None
        cells.put(at + fit.gap, y, said(_end(row, fit.detail)), look.bad if bad else style)


def _label(row: RaceStanding, *, short: bool) -> str:
    """The path's label; a short one lacks `from`."""
    return row.label.replace(" from ", " ").removeprefix("from ") if short else row.label


def _end(row: RaceStanding, detail: int) -> str:
    if row.diverged_step is not None:
        return f"diverged at {row.diverged_step:,}" if detail else f"lost {row.diverged_step:,}"
    if row.minimum is None or row.arrived_step is None:
        return ""
    if not detail:
        return f"{row.arrived_step:,}"
    return f"{row.minimum.label if detail == 2 else _place(row.minimum.point)} at {row.arrived_step:,}"


def _place(point: tuple[float, ...]) -> str:
    """Format a point with two digits each: enough to distinguish minima."""
    return f"({', '.join(f'{part:.2g}'.replace('-', '−') for part in point)})"
