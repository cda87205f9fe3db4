"""A dataset from a CSV file: a row an example, with one column of labels, the others numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.training import idx, prepared
from engine.training.dataset import MOST_IMAGES, Array, Dataset, DatasetError
from engine.training.prepared import Part

# `FILE.csv`, or `FILE.csv:COLUMN` with the name or the number, from 1, of the column of labels.
_FORM = re.compile(r"(?P<path>.+\.(?:csv|tsv))(?::(?P<column>.+))?", re.IGNORECASE)

# A column is known to hold the labels by such a name.
LABEL_NAMES = ("label", "labels", "class", "target", "species")

_MOST_FILE_BYTES = 2**31
_SAMPLE_CHARACTERS = 2**16


def is_table(path: Path) -> bool:
    """Whether `path` names a CSV file, with or without a column."""
    return _FORM.fullmatch(str(path)) is not None


@dataclass(frozen=True)
class _Table:
    """How a file is to be read: its delimiter, its columns' names (or numbers), the place of the labels, and how many
    lines precede the first example."""

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    label: int
    skipped: int


def dataset(name: str, given: Path) -> Dataset:
    """The dataset of a CSV file. With `train` in its name, the file with `test` in that place is tested on, where it
    has the same columns; else a fifth of the rows is.

    Raises:
        DatasetError: a row has other columns, or one that holds no number.
        OSError: the file cannot be read.
    """
    form = _FORM.fullmatch(str(given))
    assert form is not None
    path = Path(form["path"])
    table = _looked_at(path, form["column"] or "")
    beside = path.with_name(path.name.replace("train", "test"))
    test = None
    if beside != path and beside.exists():
        other = _looked_at(beside, form["column"] or table.columns[table.label])
        test = _part(other) if other.columns == table.columns else None
    return prepared.dataset(name, _part(table), test)


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its line. Raises DatasetError, OSError."""
    with idx.opened(path) as opened:
        if opened.seek(0, 2) > _MOST_FILE_BYTES:
            raise DatasetError(f"{str(path)!r}: expected at most {_MOST_FILE_BYTES:,} bytes")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        try:
            yield from ((rows.line_num, row) for row in rows if row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DatasetError(f"{str(path)!r}, line {rows.line_num + 1}: expected CSV in UTF-8 ({error})") from None


def _looked_at(path: Path, column: str) -> _Table:
    """How a file is to be read, by its first rows."""
    with idx.opened(path) as opened:
        sample = opened.read(_SAMPLE_CHARACTERS).decode("utf-8-sig", "replace")
    first_line = sample.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    rows = [row for _, row in zip(range(100), (row for _, row in _rows(path, delimiter)), strict=False)]
    if not rows or len(rows[0]) < 2:
        raise DatasetError(f"{str(path)!r}: expected rows of numbers with a column of labels, separated by commas")
    head, body = rows[0], rows[1:]
    numbers = [_is_number(cell) for cell in head]
    below = [bool(body) and place < len(body[0]) and _is_number(body[0][place]) for place in range(len(head))]
    has_head = not any(numbers) or any(beneath and not number for number, beneath in zip(numbers, below, strict=True))
    columns = tuple(cell.strip() for cell in head) if has_head else tuple(str(each + 1) for each in range(len(head)))
    examples = [row for row in (body if has_head else rows) if len(row) == len(columns)]
    if not examples:
        raise DatasetError(f"{str(path)!r}: expected rows of {len(columns)} columns below its names, found none")
    return _Table(path, delimiter, columns, _label(path, column, columns, examples), int(has_head))


def _label(path: Path, column: str, columns: tuple[str, ...], rows: list[list[str]]) -> int:
    """The place of the column of labels: the one given; else one that is called so; else the only one with words; else
    the first, or else the last, of whole numbers."""
    if column:
        if column in columns:
            return columns.index(column)
        if column.isascii() and column.isdigit() and 1 <= int(column[:9]) <= len(columns):
            return int(column) - 1
        raise DatasetError(f"{str(path)!r}: expected one of the columns {prepared.listed(columns)}, found {column!r}")
    called = [place for place, name in enumerate(columns) if name.lower() in LABEL_NAMES]
    words = [place for place in range(len(columns)) if not all(_is_number(row[place]) for row in rows)]
    whole = [place for place in (0, len(columns) - 1) if all(_is_whole(row[place]) for row in rows)]
    for found in (called, words, whole[:1]):
        if len(found) == 1:
            return found[0]
    raise DatasetError(
        f"{str(path)!r}: which column holds the labels is not clear; expected FILE.csv:COLUMN with one of "
        f"{prepared.listed(columns)}"
    )


def _part(table: _Table) -> Part:
    """All rows of a file. Raises DatasetError, OSError."""
    labels = _labels(table)
    features = [place for place in range(len(table.columns)) if place != table.label]
    try:
        numbers = np.loadtxt(
            table.path, np.float32, comments=None, delimiter=table.delimiter, skiprows=table.skipped, usecols=features,
            ndmin=2, encoding="utf-8-sig", quotechar='"',
        )  # fmt: skip
    except ValueError as error:
        raise _not_a_number(table, features, str(error)) from None
    if not np.isfinite(numbers).all():
        raise _not_a_number(table, features)
    whole = np.rint(numbers).astype(np.int64)
    file = repr(str(table.path))
    return Part(whole if np.array_equal(whole, numbers) else numbers, labels, file, file)  # whole ones may be pixels


def _labels(table: _Table) -> Array:
    """The labels of all rows: whole numbers, or words."""
    found = []
    for line, row in _rows(table.path, table.delimiter):
        if len(row) != len(table.columns):
            raise DatasetError(
                f"{str(table.path)!r}, line {line}: expected {len(table.columns)} columns, found {len(row)}"
            )
        found.append(row[table.label].strip())
        if len(found) > MOST_IMAGES:
            raise DatasetError(f"{str(table.path)!r}: expected at most {MOST_IMAGES:,} rows")
    labels = found[table.skipped :]
    if all(map(_is_whole, labels)):
        return np.array([float(each) for each in labels])
    if all(map(_is_number, labels)):
        other = next(each for each in labels if not _is_whole(each))
        raise DatasetError(
            f"{str(table.path)!r}: expected classes, as words or whole numbers, in column "
            f"{table.columns[table.label][:40]!r}, found {other[:40]!r}"
        )
    return np.array(labels)


def _not_a_number(table: _Table, features: list[int], error: str = "") -> DatasetError:
    """The error for the first cell that holds no number, or none that is finite in float32."""
    for place, (line, row) in enumerate(_rows(table.path, table.delimiter)):
        bad = next((each for each in features if not _is_finite(row[each])), None)
        if place >= table.skipped and bad is not None:
            return DatasetError(
                f"{str(table.path)!r}, line {line}: expected a finite number in column {table.columns[bad][:40]!r}, "
                f"found {row[bad][:40]!r}"
            )
    return DatasetError(f"{str(table.path)!r}: expected rows of numbers ({error})")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _is_finite(text: str) -> bool:
    """Whether it is a number that is finite in float32."""
    return _is_number(text) and abs(float(text)) <= float(np.finfo(np.float32).max)


def _is_whole(text: str) -> bool:
    return _is_number(text) and float(text).is_integer()
