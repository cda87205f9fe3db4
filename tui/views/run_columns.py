"""Columns of the table of past runs: their texts, and which of them fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.model.history import PastRun, setting_words
from tui.text.clean import clean
from tui.text.fit import cut, fullest, pad, shortened
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.words import duration, number

MARK = 2
"""Cells before the first column, for a marked run's line sample."""
_GAP = 2
_LEAST_SETTINGS = 14
_WITH_YEAR, _SHORT_TIME = 100, 11
"""The width in cells from which times are shown with their year, and the width of a time without."""
_OPTIONAL = ("accuracy", "outcome", "when", "steps", "time")
"""The columns that are left out if there is no room, the last first."""
_TITLES = {"value": "loss/f", "accuracy": "acc", "settings": "changed settings"}
_RIGHT = ("steps", "value", "accuracy", "time")


@dataclass(frozen=True, slots=True)
class RunColumn:
    """One column: its `name` in tui.model.history, its title, its width in cells, whether it is aligned right."""

    name: str
    title: str
    width: int
    right: bool


def cell(run: PastRun, name: str, *, glyphs: Glyphs = UNICODE, year: bool = True) -> str:
    """The text of a run's cell; empty if there is none."""
    match name:
        case "when":
            said = run.started.strftime("%Y-%m-%d %H:%M" if year else "%m-%d %H:%M") if run.started else "?"
        case "lesson":
            said = run.lesson
        case "outcome":
            said = f"{glyphs.run_sign(run.outcome, '?')} {run.outcome}"
        case "steps":
            said = f"{run.steps:,}"
        case "value":
            said = "" if run.value is None else number(run.value)
        case "accuracy":
            said = "" if run.accuracy is None else f"{run.accuracy:.2%}"
        case "time":
            said = "" if run.duration_s is None else duration(run.duration_s)
        case _:
            said = setting_words(run.changed)
    return glyphs.spelled(clean(said))


def measured(runs: Sequence[PastRun], *, glyphs: Glyphs = UNICODE) -> dict[str, int]:
    """The widths that each column except the settings needs for these runs and its title with an arrow."""
    widths = {}
    for name in ("when", "lesson", "outcome", "steps", "value", "accuracy", "time"):
        texts = {cell(run, name, glyphs=glyphs) for run in runs}
        widths[name] = max([cell_len(_TITLES.get(name, name)) + 2, *(cell_len(text) for text in texts)])
    widths["lesson"] = min(widths["lesson"], 16)
    widths["outcome"] = min(widths["outcome"], 12)
    return widths


def fitted(sizes: Mapping[str, int], width: int) -> list[RunColumn]:
    """The columns for `width` cells: as wide as `measured`, and the settings get the rest."""
    widths = dict(sizes)
    if width < _WITH_YEAR:
        widths["when"] = min(widths["when"], _SHORT_TIME)

    def used(shown: Mapping[str, int]) -> int:
        return MARK + sum(shown.values()) + _GAP * (len(shown) + 1)

    forms = (
        {name: size for name, size in widths.items() if name in kept or name not in _OPTIONAL}
        for kept in shortened(_OPTIONAL)
    )
    shown = fullest(forms, used, width - _LEAST_SETTINGS)
    columns = [RunColumn(name, _TITLES.get(name, name), size, name in _RIGHT) for name, size in shown.items()]
    return [*columns, RunColumn("settings", _TITLES["settings"], max(width - used(shown), 1), False)]


def heading(columns: Sequence[RunColumn], sorted_by: str, *, descending: bool, glyphs: Glyphs = UNICODE) -> list[str]:
    """The titles, each in its column's width with a gap before it, and an arrow on the sorted one."""
    arrow = glyphs.edges[3 if descending else 2]
    titles = [f"{column.title} {arrow}" if column.name == sorted_by else column.title for column in columns]
    return _in_columns(titles, columns, glyphs)


def row(run: PastRun, columns: Sequence[RunColumn], *, glyphs: Glyphs = UNICODE) -> list[str]:
    """A run's cells, each in its column's width with a gap before it."""
    year = any(column.name == "when" and column.width > _SHORT_TIME for column in columns)
    texts = [cell(run, column.name, glyphs=glyphs, year=year) for column in columns]
    return _in_columns(texts, columns, glyphs)


def _in_columns(texts: Sequence[str], columns: Sequence[RunColumn], glyphs: Glyphs) -> list[str]:
    return [
        " " * _GAP + pad(cut(text, column.width, glyphs.more), column.width, right=column.right)
        for text, column in zip(texts, columns, strict=True)
    ]


def column_at(columns: Sequence[RunColumn], x: int) -> str | None:
    """The name of the column at cell `x` of a row; None to the left of the first."""
    start = MARK
    for column in columns:
        if start <= x < start + _GAP + column.width:
            return column.name
        start += _GAP + column.width
    return None
