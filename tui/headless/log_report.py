"""The report of log folders without a screen: a table of runs and tags, JSON lines, or every point as CSV."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TextIO

import numpy as np

from engine.log.reader import About, LogdirReader
from engine.log.run_tree import FoundRun
from engine.log.scalar_table import ScalarTable, TagPoints, read_scalars
from tui.headless.output import Output, is_terminal
from tui.headless.tables import aligned
from tui.model.log_filter import Subject, parse
from tui.model.log_names import natural, rises, run_label
from tui.process.options import ReportOptions
from tui.text.clean import clean
from tui.text.words import counted, number
from tui.views.log_views import state_word

_HEADS = ("run", "tag", "last", "best", "", "step", "state")
_MOST_SKIPPED = 20
_CSV_HEAD = "run,tag,step,wall_time,value\n"
_CSV_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class TagReport:
    """One tag of one run. `superseded` points were logged again from an earlier step on; of the other `points` it has
    the steps of the first and the last, the last value, and the least and the greatest finite one (None if there is
    none)."""

    run: str
    tag: str
    points: int
    first_step: int
    last_step: int
    last: float
    min: float | None
    max: float | None
    superseded: int
    state: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run: a label that is safe to show, its state, and its tags."""

    label: str
    state: str
    tags: tuple[TagReport, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that was read: its name, and the points of the requested tags."""

    name: str
    label: str
    state: str
    points: tuple[tuple[str, TagPoints], ...]


def write_report(
    folders: Sequence[Path], only: str, options: ReportOptions, out: TextIO, err: TextIO, *, now: float | None = None
) -> OSError | None:
    """Report the runs below `folders`, or the run called `only`, according to `options`: a table or JSON to `out`, CSV
    to `out` or to its file, and to `err` what could not be read. Returns the error if it could not be written.

    Raises:
        FilterError: the filter cannot be parsed.
    """
    results = Output(out)
    reports: list[RunReport] = []
    try:
        with _csv_output(options, results) as points:
            for run in _read(folders, only, options, Output(err), time.time() if now is None else now):
                if points is not None:
                    _write_points(run, points, safe=points is results and is_terminal(out))
                    if points.failure is not None:
                        break
                if options.json or points is None:
                    report = report_of(run.name, run.label, run.state, run.points)
                    results.write("".join(json_line(each) for each in report.tags) if options.json else "")
                    reports.append(report)
    except OSError as error:
        return error
    if points is None and not options.json:
        results.write(table(reports, folders))
    failure = results.failure or (points.failure if points is not None else None)
    return None if isinstance(failure, BrokenPipeError) else failure


@contextlib.contextmanager
def _csv_output(options: ReportOptions, results: Output) -> Iterator[Output | None]:
    """Open the output for every point, if it is requested. Raises OSError."""
    if not options.csv:
        yield None
    elif options.csv == "-":
        results.write(_CSV_HEAD)
        yield results
    else:
        with Path(options.csv).open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(_CSV_HEAD)
            yield Output(file)


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(folders: Sequence[Path], only: str, options: ReportOptions, err: Output, now: float) -> Iterator[_Run]:
    """The requested runs, by name, each read to its end."""
    reader, passes = LogdirReader(*folders), parse(options.filter).passes
    found: tuple[FoundRun, ...] = ()
    beyond = searching = True
    while searching:
        news = reader.read([])
        found, searching, beyond = news.runs or found, news.searching, news.beyond
    if beyond:
        err.write(f"gdtui: more runs or deeper folders than {len(found):,} are left out\n")
    for run in sorted(found, key=lambda run: natural(run.name)):
        if (only and run.name != only) or not matches(run.name, options.runs):
            continue
        table = read_scalars(run.path)
        about = reader.about([run.name]).get(run.name)
        if not passes(_subject(run.name, table, about)):
            continue
        for line in table.skipped[:_MOST_SKIPPED]:
            err.write(f"gdtui: {clean(run.name)}: {clean(line)}\n")
        state = _state(about, table, now)
        tags = sorted((tag for tag in table.scalars if matches(tag, options.tags)), key=natural)
        if table.scalars and not tags:
            continue
        points = tuple((tag, table.scalars[tag]) for tag in tags)
        yield _Run(run.name, run_label(run.name, run.path.name), state, points)
    reader.close()


def _subject(run: str, table: ScalarTable, about: About | None) -> Subject:
    """A run as the subject of a filter."""
    settings = about.record.settings if about is not None and about.record is not None else {}
    last = {tag: float(points.values[-1]) for tag, points in table.scalars.items()}
    return Subject(run, table.scalars.keys(), {**last, **settings, **table.hparams})


def _state(about: About | None, table: ScalarTable, now: float) -> str:
    record = about.record if about is not None else None
    return state_word(record, table.status, about.written if about is not None else 0.0, now) or "unknown"


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name matches one of the shell patterns; every name does if there is none."""
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def report_of(run: str, label: str, state: str, tags: Iterable[tuple[str, TagPoints]]) -> RunReport:
    """Summarise a run's points."""
    return RunReport(label, state, tuple(_tag_report(run, tag, points, state) for tag, points in tags))


def _tag_report(run: str, tag: str, points: TagPoints, state: str) -> TagReport:
    valid = points.valid
    steps, values = points.steps[valid], points.values[valid]
    finite = values[np.isfinite(values)]
    least, greatest = (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
    superseded = len(points.steps) - len(steps)
    first, last = int(steps[0]), int(steps[-1])
    return TagReport(run, tag, len(steps), first, last, float(values[-1]), least, greatest, superseded, state)


# --- writing ----------------------------------------------------------------------------------------------------------


def json_line(report: TagReport) -> str:
    """Format a tag as one line of ASCII; a last value that is not finite is null."""
    last = report.last if math.isfinite(report.last) else None
    return json.dumps({**asdict(report), "last": last}, allow_nan=False) + "\n"


def table(reports: Sequence[RunReport], folders: Sequence[Path]) -> str:
    """Format a row per run and tag, and below them how many points were superseded."""
    if not reports:
        return f"{', '.join(clean(str(folder)) for folder in folders)}: no run, or none of those asked for\n"
    rows: list[tuple[str, ...]] = []
    for run in reports:
        if not run.tags:
            rows.append((run.label, "(no scalars)", "", "", "", "", run.state))
        for each in run.tags:
            best, which = (each.max, "max") if rises(each.tag) else (each.min, "min")
            told = (number(best), which) if best is not None else ("", "")
            rows.append((run.label, each.tag, number(each.last), *told, f"{each.last_step:,}", run.state))
    lines = aligned(_HEADS, rows, clean)
    superseded = sum(each.superseded for run in reports for each in run.tags)
    if superseded:
        lines.append(f"{counted(superseded, 'earlier point')} superseded: logged again from an earlier step on")
    return "\n".join(lines) + "\n"


def _write_points(run: _Run, out: Output, *, safe: bool) -> None:
    """Write every logged point, including superseded ones. With `safe`, names are made safe for a terminal."""
    for tag, points in run.points:
        start = _csv_cells(*((clean(run.name), clean(tag)) if safe else (run.name, tag)))
        for begin in range(0, len(points.steps), _CSV_ROWS):
            part = slice(begin, begin + _CSV_ROWS)
            columns = (points.steps[part], points.wall_times[part], points.values[part])
            rows = zip(*(column.tolist() for column in columns), strict=True)
            out.write("".join([f"{start}{step},{at!r},{value!r}\n" for step, at, value in rows]))


def _csv_cells(*texts: str) -> str:
    """Format texts as the first cells of a CSV row."""
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow([*texts, ""])
    return row.getvalue()
