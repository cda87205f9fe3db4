"""The command: which rows, how many rounds, where the numbers go. It fails on errors, never because of a duration."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console

from tests.benchmarks import imports, table
from tests.benchmarks.contest import Results, compete
from tests.benchmarks.rows import Figure, figure
from tests.benchmarks.suite import Group, groups


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, save; the exit code: 0 done, 1 if a contestant failed, 2 if no row has that name."""
    asked = _parser().parse_args(argv)
    wanted = [(group, chosen) for group in groups(asked.full) if (chosen := _chosen(group, asked.only))]
    if not wanted:
        print(f"no row is called {' or '.join(asked.only)}; --list tells all", file=sys.stderr)
        return 2
    if asked.list:
        _list(wanted)
        return 0
    began = time.monotonic()
    errors = Console(stderr=True, highlight=False, markup=False)
    figures: list[Figure] = []
    results: dict[str, Results] = {}
    for group, names in wanted:
        rows = [row for row in group.rows if row.name in names]
        needed = {name for row in rows for name in row.needs}
        contestants = [each for each in group.contestants() if each.name in needed]
        found = results[group.name] = compete(contestants, asked.rounds or group.rounds, errors.print)
        figures += [figure(row, found.samples, {**found.missing, **found.failed}) for row in rows]
    errors.print(f"took {time.monotonic() - began:.0f} s")
    if asked.json:
        # Only beside the rows of a start: a single other row must not wait for them.
        starts = any(group.name == "startup" for group, _ in wanted)
        table.save(asked.json, figures, results, imports.measured() if starts else {})
    if asked.markdown:
        sys.stdout.write(table.markdown(figures))
    else:
        table.show(figures, Console())
    broken = {name: why for found in results.values() for name, why in found.failed.items()}
    for name, why in broken.items():
        errors.print(f"{name} broke: {why.splitlines()[0]}")
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure gdtui beside what people would use instead. A quiet machine gives quiet figures.",
    )
    parser.add_argument("--list", action="store_true", help="tell the rows and their targets, and measure nothing")
    parser.add_argument(
        "--only",
        action="extend",
        nargs="+",
        default=[],
        metavar="NAME",
        help="rows, or groups of rows; * and ? stand for letters",
    )
    parser.add_argument("--rounds", type=_rounds, metavar="N", help="rounds of each (by default 5 to 11)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number that was measured")
    parser.add_argument("--markdown", action="store_true", help="print the table as the README has it")
    parser.add_argument(
        "--full", action="store_true", help="have the course's loop train for all 30 epochs: five minutes a round"
    )
    return parser


def _rounds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def _chosen(group: Group, only: Sequence[str]) -> set[str]:
    """The names of the group's requested rows; all if none are requested."""
    if not only or any(fnmatch(group.name, each) for each in only):
        return {row.name for row in group.rows}
    return {row.name for row in group.rows if any(fnmatch(row.name, each) for each in only)}


def _list(wanted: Sequence[tuple[Group, set[str]]]) -> None:
    for group, names in wanted:
        print(group.name)
        for row in group.rows:
            if row.name in names:
                print(f"  {row.name:20} {row.what}: {row.target}")
