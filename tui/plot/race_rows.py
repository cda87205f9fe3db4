"""The race as rows of text: as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from tui.drawing import path_styles
from tui.drawing.cells import NO_STYLE, Cells
from tui.plain import plain
from tui.standings import Standing
from tui.words import number

_LEFT, _GAP = 4, 2
"""Columns before the label, for the choice and the mark, and before what a path reached."""
_NUMBER, _STEP = 10, 8
"""Columns of a number (four digits, a sign, an exponent) and of a step, with a blank before."""


@dataclass(frozen=True, slots=True)
class RaceLook:
    """Styles of a race's rows, `swatches` those of the paths' marks."""

    swatches: Sequence[Style]
    head: Style = NO_STYLE
    text: Style = NO_STYLE
    chosen: Style = NO_STYLE
    bad: Style = NO_STYLE
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class RaceColumns:
    """Widths of the columns in cells, 0 for one that is left out; `label` never is.

    `detail` is how fully it is said where a path ended: 2 names the minimum, 1 its place shortened, 0 the step alone.
    `gap` are the columns before that. Labels are all whole or all `short`.
    """

    label: int
    step: int = 0
    value: int = 0
    gradient: int = 0
    end: int = 0
    detail: int = 0
    gap: int = _GAP
    short: bool = False


def columns(width: int, rows: Sequence[Standing]) -> RaceColumns:
    """What fits into `width` cells: first the value and the step of arrival, then where, then |∇f|, then the step."""
    full, brief = (max((len(_label(row, short=short)) for row in rows), default=4) for short in (False, True))
    ends = [max([2, *(len(_end(row, detail)) for row in rows)]) for detail in (0, 1, 2)]
    for label, step, gradient, detail, gap in (
        (full, _STEP, _NUMBER, 2, _GAP),
        (full, 0, _NUMBER, 2, _GAP),
        (brief, 0, _NUMBER, 2, _GAP),
        (brief, 0, _NUMBER, 1, _GAP),
        (brief, 0, 0, 1, _GAP),
        (brief, 0, 0, 0, _GAP),
        (brief, 0, 0, 0, 1),
    ):
        if _LEFT + label + step + _NUMBER + gradient + gap + ends[detail] <= width:
            return RaceColumns(label, step, _NUMBER, gradient, ends[detail], detail, gap, label < full)
    if _LEFT + brief + _NUMBER <= width:
        return RaceColumns(brief, value=_NUMBER, short=True)
    return RaceColumns(max(width - _LEFT, 1), short=True)


def draw_rows(
    rows: Sequence[Standing], fit: RaceColumns, width: int, chosen: int, look: RaceLook, first: int, last: int
) -> Cells:
    """A row of column names, then the standings from `first` to before `last`; the path `chosen` stands out."""
    cells = Cells(width, 1 + last - first)
    at = _LEFT + fit.label
    slope = "|grad f|" if look.ascii_only else "|∇f|"
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


def _draw_row(cells: Cells, y: int, row: Standing, fit: RaceColumns, look: RaceLook, *, chosen: bool) -> None:
    style = look.chosen if chosen else look.text
    if chosen:
        cells.put(0, y, ">" if look.ascii_only else "▸", style)
    cells.put(2, y, path_styles.head(row.path, ascii_only=look.ascii_only), look.swatches[row.path])
    said = plain if look.ascii_only else str
    label = said(_label(row, short=fit.short))
    cut = "~" if look.ascii_only else "…"
    cells.put(_LEFT, y, label if len(label) <= fit.label else label[: fit.label - 1] + cut, style)
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


def _label(row: Standing, *, short: bool) -> str:
    """The path's label; a short one has no `from`."""
    return row.label.replace(" from ", " ").removeprefix("from ") if short else row.label


def _end(row: Standing, detail: int) -> str:
    if row.diverged_step is not None:
        return f"diverged at {row.diverged_step:,}" if detail else f"lost {row.diverged_step:,}"
    if row.minimum is None or row.arrived_step is None:
        return ""
    if not detail:
        return f"{row.arrived_step:,}"
    return f"{row.minimum.label if detail == 2 else _place(row.minimum.point)} at {row.arrived_step:,}"


def _place(point: tuple[float, ...]) -> str:
    """A point in two digits each: enough to tell minima apart."""
    return f"({', '.join(f'{part:.2g}'.replace('-', '−') for part in point)})"
