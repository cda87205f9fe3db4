"""The columns of the table of past runs: what each says of a run, and which there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.drawing.prose import cut, pad
from tui.history import PastRun, setting_words
from tui.plain import plain
from tui.text import clean
from tui.words import duration, number

MARK = 2
"""Cells before the first column, for the sample of a marked run's line."""
_GAP = 2
_LEAST_SETTINGS = 14
_WITH_YEAR, _SHORT_TIME = 100, 11
"""Cells from which on a time is told with its year, and how wide one without is."""
_DROPPED = ("time", "steps", "when", "outcome", "accuracy")
"""What is left out where there is no room, the first first."""
_TITLES = {"value": "loss/f", "accuracy": "acc", "settings": "changed settings"}
_RIGHT = ("steps", "value", "accuracy", "time")
_SIGNS = {
    "done": "✓", "stopped": "■", "diverged": "✗", "failed": "!", "crashed": "!", "running": "▸",
}  # fmt: skip
_ASCII_SIGNS = {"done": "+", "stopped": "=", "diverged": "x", "failed": "!", "crashed": "!", "running": ">"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its `name` in tui.history, its title, its width in cells, and whether it stands at the right."""

    name: str
    title: str
    width: int
    right: bool


def cell(run: PastRun, name: str, *, ascii_only: bool = False, year: bool = True) -> str:
    """What a column says of a run; empty where there is nothing to say."""
    match name:
        case "when":
            said = run.started.strftime("%Y-%m-%d %H:%M" if year else "%m-%d %H:%M") if run.started else "?"
        case "lesson":
            said = run.lesson
        case "outcome":
            signs = _ASCII_SIGNS if ascii_only else _SIGNS
            said = f"{signs.get(run.outcome, '?')} {run.outcome}"
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
    return plain(clean(said)) if ascii_only else clean(said)


def measured(runs: Sequence[PastRun], *, ascii_only: bool = False) -> dict[str, int]:
    """How wide each column but the settings needs to be for these runs and its title with an arrow."""
    widths = {}
    for name in ("when", "lesson", "outcome", "steps", "value", "accuracy", "time"):
        texts = {cell(run, name, ascii_only=ascii_only) for run in runs}
        widths[name] = max([cell_len(_TITLES.get(name, name)) + 2, *(cell_len(text) for text in texts)])
    widths["lesson"] = min(widths["lesson"], 16)
    widths["outcome"] = min(widths["outcome"], 12)
    return widths


def fitted(sizes: Mapping[str, int], width: int) -> list[Column]:
    """The columns for `width` cells: as wide as was `measured`, the settings what is left."""
    widths = dict(sizes)
    if width < _WITH_YEAR:
        widths["when"] = min(widths["when"], _SHORT_TIME)
    for name in ("", *_DROPPED):
        widths.pop(name, None)
        rest = width - MARK - sum(widths.values()) - _GAP * (len(widths) + 1)
        if rest >= _LEAST_SETTINGS:
            break
    columns = [Column(name, _TITLES.get(name, name), size, name in _RIGHT) for name, size in widths.items()]
    return [*columns, Column("settings", _TITLES["settings"], max(rest, 1), False)]


def heading(columns: Sequence[Column], sorted_by: str, *, descending: bool, ascii_only: bool = False) -> list[str]:
    """The titles, each in its column's width and a gap before it, an arrow on the one that is sorted by."""
    arrow = ("v" if descending else "^") if ascii_only else ("▼" if descending else "▲")
    titles = [f"{column.title} {arrow}" if column.name == sorted_by else column.title for column in columns]
    return _in_columns(titles, columns, ascii_only)


def row(run: PastRun, columns: Sequence[Column], *, ascii_only: bool = False) -> list[str]:
    """A run's cells, each in its column's width and a gap before it."""
    year = any(column.name == "when" and column.width > _SHORT_TIME for column in columns)
    texts = [cell(run, column.name, ascii_only=ascii_only, year=year) for column in columns]
    return _in_columns(texts, columns, ascii_only)


def _in_columns(texts: Sequence[str], columns: Sequence[Column], ascii_only: bool) -> list[str]:
    more = "~" if ascii_only else "…"
    return [
        " " * _GAP + pad(cut(text, column.width, more), column.width, right=column.right)
        for text, column in zip(texts, columns, strict=True)
    ]


def column_at(columns: Sequence[Column], x: int) -> str | None:
    """The name of the column at cell `x` of a row; None left of the first."""
    start = MARK
    for column in columns:
        if start <= x < start + _GAP + column.width:
            return column.name
        start += _GAP + column.width
    return None
